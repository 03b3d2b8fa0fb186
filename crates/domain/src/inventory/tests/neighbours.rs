//! The position of a token in a list.

use super::*;

fn places(all: &Inventory, query: &str, id: &str) -> (usize, Option<usize>, Option<String>, Option<String>) {
    let found = all.neighbours(&parse(query), &TokenId::new(id));
    let name = |token: Option<&Token>| token.map(|token| token.id.to_string());
    (found.matching, found.position, name(found.previous), name(found.next))
}

fn some(id: &str) -> Option<String> {
    Some(id.to_owned())
}

#[test]
fn a_token_has_neighbours_in_the_order_of_the_list() {
    let all = inventory(vec![
        token("aa", "c", 1, Expiry::Never),
        token("bb", "a", 2, Expiry::Never),
        token("cc", "b", 1, Expiry::Never),
    ]);
    assert_eq!(places(&all, "sort=comment", "cc"), (3, Some(1), some("bb"), some("aa")));
    assert_eq!(places(&all, "sort=comment", "bb"), (3, Some(0), None, some("cc")));
    assert_eq!(
        places(&all, "sort=comment&owner=1", "aa"),
        (2, Some(1), some("cc"), None)
    );
}

#[test]
fn a_token_that_has_left_the_list_still_has_neighbours() {
    let all = inventory(vec![
        token("aa", "a", 1, Expiry::Never),
        token("bb", "b", 2, Expiry::Never),
        token("cc", "c", 1, Expiry::Never),
    ]);
    assert_eq!(
        places(&all, "sort=comment&owner=1", "bb"),
        (2, None, some("aa"), some("cc"))
    );
    let rest = all.excluding([&TokenId::new("cc")]);
    assert_eq!(places(&rest, "sort=comment", "bb"), (2, Some(1), some("aa"), None));
    assert_eq!(places(&all, "", "unknown"), (3, None, None, None));
}

#[test]
fn the_list_opens_at_the_page_of_the_token() {
    let tokens = (0..120).map(|n| token(&format!("{n:03}"), &format!("{n:03}"), 1, Expiry::Never));
    let all = inventory(tokens.collect());
    let found = all.neighbours(&parse("sort=comment"), &TokenId::new("100"));
    assert_eq!(found.position, Some(100));
    assert_eq!(found.list_at(99).page, 1);
    assert_eq!(found.list_at(100).page, 2);
}
