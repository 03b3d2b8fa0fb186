//! Repairs JSON in which only the text is malformed.
//!
//! Anyone can write comments and names. It is not documented whether a workspace passes on half a surrogate pair, bytes
//! that are not UTF-8 or control bytes, and one such text must not make a list of thousands unreadable.

/// Replaces malformed text with U+FFFD: bytes that are not UTF-8, surrogate escapes without their other half, and
/// escapes that JSON does not know. Control bytes in strings become escapes. Everything else stays as it is.
pub(crate) fn repair(json: &[u8]) -> String {
    let json = String::from_utf8_lossy(json);
    let mut out = String::with_capacity(json.len());
    let mut rest: &str = &json;
    let mut in_string = false;
    while let Some(c) = rest.chars().next() {
        let used = match c {
            '"' => {
                in_string = !in_string;
                out.push(c);
                1
            }
            '\\' if in_string => escape(rest, &mut out),
            c if in_string && u32::from(c) < 0x20 => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
                1
            }
            c => {
                out.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[used..];
    }
    out
}

/// Copies or replaces the escape at the beginning of `text`, and returns its length.
fn escape(text: &str, out: &mut String) -> usize {
    const UNKNOWN: &str = "\\ufffd";
    match text.as_bytes().get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
            out.push_str(&text[..2]);
            2
        }
        Some(b'u') => match code_unit(&text[2..]) {
            Some(0xD800..=0xDBFF) => {
                let other = text[6..].strip_prefix("\\u").and_then(code_unit);
                if matches!(other, Some(0xDC00..=0xDFFF)) {
                    out.push_str(&text[..12]);
                    return 12;
                }
                out.push_str(UNKNOWN);
                6
            }
            Some(0xDC00..=0xDFFF) => {
                out.push_str(UNKNOWN);
                6
            }
            Some(_) => {
                out.push_str(&text[..6]);
                6
            }
            None => {
                out.push_str(UNKNOWN);
                2
            }
        },
        // The text ends here, in the middle of a string.
        None => 1,
        Some(_) => {
            out.push_str(UNKNOWN);
            1
        }
    }
}

/// The number in the four hexadecimal digits at the beginning of `text`.
fn code_unit(text: &str) -> Option<u32> {
    let digits = text.get(..4)?;
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

/// The length of the value at the beginning of `bytes`, even if its strings are malformed. `None` if its end is not in
/// `bytes`; 0 if they do not begin with a value.
pub(crate) fn value_length(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' => {
                depth -= 1;
                at += 1;
            }
            b',' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return Some(at),
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// The position after the end of a string whose contents begin at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Removes U+0000, which databases and terminals treat as the end of a text.
pub(crate) fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn malformed_text_becomes_the_replacement_character() {
        let cases: [(&[u8], &str); 11] = [
            (br#""a\ud83db""#, "a\u{fffd}b"),
            (br#""\ude80\ud83d""#, "\u{fffd}\u{fffd}"),
            (br#""\ud83d\ud83d\ude80""#, "\u{fffd}\u{1f680}"),
            (br#""\ud83d\u0041""#, "\u{fffd}A"),
            (b"\"z\xfc\x80\"", "z\u{fffd}\u{fffd}"),
            (b"\"a\tb\nc\x01\"", "a\tb\nc\u{1}"),
            (br#""\u12""#, "\u{fffd}12"),
            (br#""\u12\"5""#, "\u{fffd}12\"5"),
            (br#""\x41""#, "\u{fffd}x41"),
            (br#""\"\\\u00e4\/""#, "\"\\ä/"),
            (br#""\u0000""#, "\0"),
        ];
        for (json, text) in cases {
            let repaired = repair(json);
            assert_eq!(serde_json::from_str::<String>(&repaired).unwrap(), text, "{repaired}");
        }
    }

    #[test]
    fn the_length_of_a_value_is_found_even_if_its_strings_are_malformed() {
        let cases: [(&str, Option<usize>); 10] = [
            (r#"{"a":"}\"]"} , 1"#, Some(12)),
            (r#"[[1],{"b":"\ud800"}],"#, Some(20)),
            (r#""a\\","#, Some(5)),
            ("null]", Some(4)),
            ("12,", Some(2)),
            ("12", None),
            ("]", Some(0)),
            (",", Some(0)),
            (r#"{"a":"}"#, None),
            (r#"{"a":"\"#, None),
        ];
        for (text, length) in cases {
            assert_eq!(value_length(text.as_bytes()), length, "{text}");
        }
    }

    #[test]
    fn nul_is_removed() {
        assert_eq!(without_nul("a\0b".to_owned()), "ab");
    }

    proptest! {
        #[test]
        fn valid_json_stays_the_same(text in ".{0,40}", other in "\\PC{0,20}") {
            let json = serde_json::json!({ "a": [text, { "b": other }], "c": -1.5 }).to_string();
            prop_assert_eq!(repair(json.as_bytes()), json.clone());
            prop_assert_eq!(value_length(json.as_bytes()), Some(json.len()));
        }

        #[test]
        fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            repair(&bytes);
            value_length(&bytes);
        }
    }
}
