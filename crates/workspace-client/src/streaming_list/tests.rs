//! The streaming decoder, fed byte by byte and row by row.

use domain::Token;
use proptest::prelude::*;

use super::*;
use crate::wire::TokenRow;

fn rows() -> ListDecoder<TokenRow, Token> {
    ListDecoder::new("token_infos")
}

/// Decodes a response that arrives in `parts`.
fn decoded<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Token>, ErrorKind> {
    let mut rows = rows();
    for part in parts {
        rows.push(part).map_err(|error| error.kind)?;
    }
    rows.finish().map(|list| list.rows).map_err(|error| error.kind)
}

#[test]
fn an_unreadable_row_does_not_affect_other_rows() {
    let good = |n: u32| format!("{{\"token_id\":\"t{n}\",\"comment\":\"c{n}\"}}");
    let cases: [(&[u8], Option<&str>); 14] = [
        (b"{\"token_id\":\"..\"}", None),
        (b"{\"token_id\":\"a\\nb\"}", None),
        (b"null", None),
        (b"12", None),
        (b"[[7]]", None),
        (b"{}", None),
        (b"{\"token_id\":\"\"}", None),
        (b"{\"token_id\":7}", None),
        (b"{\"token_id\":\"a\\ud800\"}", None),
        (b"{\"token_id\":\"a\xff\"}", None),
        (b"{\"token_id\":\"a\\u0000\"}", None),
        (b"{\"token_id\":\"a\",\"scopes\":[7]}", Some("a")),
        (
            b"{\"token_id\":\"a\",\"creation_time\":\"soon\",\"comment\":\"\\ud800\"}",
            Some("a"),
        ),
        (b"{\"token_id\":\"a\",\"x\":nulp}", None),
    ];
    for (row, id) in cases {
        let mut body = format!("{{\"token_infos\":[{},", good(1)).into_bytes();
        body.extend_from_slice(row);
        body.extend_from_slice(format!(",{}]}}", good(3)).as_bytes());
        for size in [body.len(), 1] {
            let mut rows = rows();
            for part in body.chunks(size) {
                rows.push(part).unwrap();
            }
            let list = rows.finish().unwrap();
            assert_eq!(list.rows.len(), 2, "{}", String::from_utf8_lossy(row));
            let [unreadable] = &list.unreadable[..] else {
                panic!("{:?}", list.unreadable)
            };
            assert_eq!((unreadable.position, unreadable.id.as_deref()), (2, id));
            assert!(unreadable.path.starts_with("token_infos[1]"), "{}", unreadable.path);
        }
    }
}

#[test]
fn malformed_text_is_repaired_and_its_row_is_read() {
    let cases: [(&[u8], &str); 6] = [
        (b"a\\ud83d", "a\u{fffd}"),
        (b"\\ude80\\ud83d!", "\u{fffd}\u{fffd}!"),
        (b"z\xfcrich", "z\u{fffd}rich"),
        (b"a\tb\x01", "a\tb\u{1}"),
        (b"a\\u0000b", "ab"),
        (b"\\q", "\u{fffd}q"),
    ];
    for (text, expected) in cases {
        let body = [
            b"{\"token_infos\":[{\"comment\":\"".as_slice(),
            text,
            b"\",\"token_id\":\"a\"}]}",
        ]
        .concat();
        for size in [body.len(), 1] {
            let tokens = decoded(body.chunks(size)).unwrap();
            assert_eq!((tokens[0].id.as_str(), tokens[0].comment.as_str()), ("a", expected));
        }
    }
}

const GOOD: &str = "\r\n {\"next_page_token\" : 1234, \"x\":{\"token_infos\":[{\"token_id\":7}]}, \"token_infos\": [
    {\"token_id\":\"aä\\\"b]}\\ud83d\\ude80\",\"comment\":\"Zürich 🚀\",\"owner_id\":9007199254740993,\"a\":-1.5e3},
    {\"token_id\":\"c\",\"creation_time\":\"-12\",\"scopes\":[\"sql\"],\"more\":[true,null,{}]}],\"last\":false }\n";

#[test]
fn a_list_may_arrive_byte_by_byte() {
    let whole = decoded([GOOD.as_bytes()]).unwrap();
    assert_eq!(whole.len(), 2);
    assert_eq!(whole[0].comment, "Zürich 🚀");
    assert_eq!(whole[0].id.as_str(), "aä\"b]}🚀");
    assert_eq!(whole[0].owner.unwrap().to_string(), "9007199254740993");
    assert_eq!(decoded(GOOD.as_bytes().chunks(1)).unwrap(), whole);
}

#[test]
fn rows_are_decoded_before_the_response_ends() {
    let mut rows = rows();
    let row = format!("{{\"token_id\":\"{}\"}}", "a".repeat(64));
    rows.push(format!("{{\"token_infos\":[{row}").as_bytes()).unwrap();
    for n in 1..=50_000 {
        rows.push(format!(",{row}").as_bytes()).unwrap();
        assert_eq!(rows.list.rows.len(), n);
        assert!(rows.rest.len() <= row.len());
    }
}

#[test]
fn a_truncated_response_is_an_error_wherever_it_ends() {
    let end = GOOD.trim_end().len();
    for length in 0..end {
        let cut = decoded([&GOOD.as_bytes()[..length]]);
        assert!(matches!(cut, Err(ErrorKind::Undecodable { .. })), "{length}: {cut:?}");
    }
    assert!(decoded([&GOOD.as_bytes()[..end]]).is_ok());
}

#[test]
fn an_error_has_the_path_at_which_decoding_failed() {
    for (body, path) in [
        ("", "."),
        ("null", "."),
        ("[]", "."),
        ("{\"token_infos\":[]} x", "."),
        ("{\"token_infos\":[]}{}", "."),
        ("{\"token_infos\":[],}", "."),
        ("{\"a\":1 2}", "."),
        ("{\"a\":nulp}", "."),
        ("{1:2}", "."),
        ("{,}", "."),
        ("{\"token_infos\":{}}", "token_infos"),
        ("{\"token_infos\":\"\"}", "token_infos"),
        ("{\"token_infos\" []}", "token_infos"),
        ("{\"token_infos\":[],\"token_infos\":[]}", "token_infos"),
        ("{\"token_infos\":[{\"token_id\":\"a\"} {}]}", "token_infos"),
        ("{\"token_infos\":[{\"token_id\":\"a\"},]}", "token_infos[1]"),
        ("{\"token_infos\":[null]}", "token_infos[0]"),
        ("{\"token_infos\":[12]}", "token_infos[0]"),
        ("{\"token_infos\":[[7]]}", "token_infos[0][0]"),
        ("{\"token_infos\":[{\"token_id\":\"b4", "token_infos[0].token_id"),
        ("{\"token_infos\":[{\"token_id\":\"a\"},", "token_infos"),
    ] {
        let path = path.to_owned();
        for parts in [body.len().max(1), 1] {
            let expected = Err(ErrorKind::Undecodable { path: path.clone() });
            assert_eq!(decoded(body.as_bytes().chunks(parts)), expected, "{body}");
        }
    }
    assert_eq!(decoded([b" <html>".as_slice()]), Err(ErrorKind::UnexpectedHtml));
}

#[test]
fn the_size_of_one_value_is_limited() {
    let mut rows = rows();
    rows.push(b"{\"token_infos\":[{\"token_id\":\"").unwrap();
    let part = [b'x'; 4096];
    let error = (0..=MAX_RESPONSE_BYTES / part.len()).find_map(|_| rows.push(&part).err());
    assert_eq!(error.map(|error| error.kind), Some(ErrorKind::TooLarge));
}

proptest! {
    #[test]
    fn the_split_of_a_response_into_parts_makes_no_difference(
        ids in proptest::collection::vec("[^\\p{Cc}\u{fffd}.]{1,12}", 0..12),
        cuts in proptest::collection::vec(1usize..80, 1..20),
    ) {
        let list: Vec<_> = ids.iter().map(|id| serde_json::json!({ "token_id": id, "comment": id })).collect();
        let body = serde_json::json!({ "a": ids, "token_infos": list, "z": 12 }).to_string();
        let (mut parts, mut rest) = (Vec::new(), body.as_bytes());
        for cut in cuts.iter().cycle() {
            let (part, remaining) = rest.split_at(rest.len().min(*cut));
            parts.push(part);
            rest = remaining;
            if rest.is_empty() {
                break;
            }
        }
        let tokens = decoded(parts).unwrap();
        let seen: Vec<_> = tokens.iter().map(|token| token.id.as_str().to_owned()).collect();
        prop_assert_eq!(seen, ids);
    }
}
