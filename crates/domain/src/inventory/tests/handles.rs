//! The handles that represent tokens in URLs.

use super::*;

#[test]
fn a_handle_stands_for_one_token_only() {
    let hash = |end: &str| format!("{}{end}", "0123456789abcdef".repeat(4).split_at(64 - end.len()).0);
    let (other, twin) = ("f".repeat(64), "e".repeat(64));
    let tokens = [&hash("1"), &hash("2"), &other, &twin, &twin[..16]].map(|id| token(id, "", 1, Expiry::Never));
    let all = inventory(tokens.to_vec());
    let short = |id: &str| all.short_id(&TokenId::new(id)).to_string();
    assert_eq!(short(&other), "f".repeat(16));
    assert_eq!(all.ids_with_handle(&"f".repeat(16)), [&TokenId::new(&*other)]);
    for whole in [&hash("1"), &hash("2"), &twin, &twin[..16], "abc"] {
        assert_eq!(short(whole), *whole, "not alone, or no hash");
        assert!(whole.len() < 64 || all.get(&TokenId::new(whole)).is_some(), "{whole}");
    }
    assert_eq!(all.ids_with_handle("0123456789abcdef").len(), 2);
    assert!(all.ids_with_handle("fffffff").is_empty() && all.ids_with_handle("").is_empty());
    // Links to a removed token must not lead to another token.
    let fewer = all.excluding(&[TokenId::new(hash("1"))]);
    assert_eq!(fewer.ids_with_handle("0123456789abcdef").len(), 2);
}
