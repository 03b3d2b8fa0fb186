//! Token values and token IDs in a text that someone pasted, such as a line of a script or a whole log.
//!
//! The format of values is not documented. This is what secret scanners look for: `dapi`, 32 hexadecimal digits, and on
//! some clouds a hyphen with one digit (<https://github.com/secretlint/secretlint/pull/1445>).

use crate::TokenId;

const PREFIX: &str = "dapi";

/// Hexadecimal digits after the prefix.
const VALUE_DIGITS: usize = 32;

/// Hexadecimal digits of an ID.
const ID_DIGITS: usize = 64;

/// Something in a text that may be a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PastedToken {
    /// The possible values, the most likely first: with the suffix of some clouds, and without it.
    Value(Vec<String>),
    /// An ID.
    Id(TokenId),
}

/// How many tokens are found in one text: their possible IDs have to fit into one request.
pub const MAX_PASTED_TOKENS: usize = 50;

/// The tokens that a text may contain, in order and without duplicates; at most [`MAX_PASTED_TOKENS`].
pub fn pasted_tokens(text: &str) -> Vec<PastedToken> {
    let text = text.to_ascii_lowercase();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|_| found.len() < MAX_PASTED_TOKENS) {
        let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) else {
            break;
        };
        let word = &rest[start..];
        let (token, length) = match value(word).or_else(|| id(word)) {
            Some((token, length)) => (Some(token), length),
            // An ID cannot start within a word, but the prefix of a value can be anywhere.
            None => (None, skipped(word)),
        };
        if let Some(token) = token.filter(|token| !found.contains(token)) {
            found.push(token);
        }
        at += start + length;
    }
    found
}

/// Whether a text may contain a token value or a part of one. Such a text must not be stored, logged or put into a URL.
pub fn can_contain_token_value(text: &str) -> bool {
    text.to_ascii_lowercase().contains(PREFIX)
}

/// The token value at the start of a text, and its length.
fn value(text: &str) -> Option<(PastedToken, usize)> {
    let digits = text.strip_prefix(PREFIX)?;
    if hex_digits(digits) < VALUE_DIGITS || !is_end(&digits[VALUE_DIGITS..]) {
        return None;
    }
    let length = PREFIX.len() + VALUE_DIGITS;
    let plain = &text[..length];
    let with_suffix = |digit: char| format!("{plain}-{digit}");
    let mut after = text[length..].chars();
    let ending = match (after.next(), after.next()) {
        (Some('-'), Some(digit @ '0'..='9')) if is_end(after.as_str()) => Some(digit),
        _ => None,
    };
    let (values, length) = match ending {
        Some(digit) => (vec![with_suffix(digit), plain.to_owned()], length + 2),
        None => {
            let endings = ('0'..='9').map(with_suffix);
            (std::iter::once(plain.to_owned()).chain(endings).collect(), length)
        }
    };
    Some((PastedToken::Value(values), length))
}

/// The ID at the start of a text, and its length.
fn id(text: &str) -> Option<(PastedToken, usize)> {
    let is_id = hex_digits(text) >= ID_DIGITS && is_end(&text[ID_DIGITS..]);
    is_id.then(|| (PastedToken::Id(TokenId::new(&text[..ID_DIGITS])), ID_DIGITS))
}

/// How much of a text that starts with a digit can be skipped: all digits before the next prefix.
fn skipped(text: &str) -> usize {
    let digits = hex_digits(text).max(1);
    match text[1..].find(PREFIX) {
        Some(next) => digits.min(next + 1),
        None => digits,
    }
}

fn hex_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_hexdigit).count()
}

/// Whether a value or an ID can end before this text. A field of one line joins the lines that are pasted into it, so
/// that the next value can follow directly.
fn is_end(text: &str) -> bool {
    text.starts_with(PREFIX) || !text.chars().next().is_some_and(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEX: &str = "0123456789abcdef0123456789abcdef";

    fn values(text: &str) -> Vec<String> {
        let tokens = pasted_tokens(text).into_iter();
        let first = tokens.map(|token| match token {
            PastedToken::Value(values) => values[0].clone(),
            PastedToken::Id(id) => id.to_string(),
        });
        first.collect()
    }

    #[test]
    fn a_value_is_found_in_what_people_paste() {
        let value = format!("dapi{HEX}");
        for text in [
            value.clone(),
            format!("export DATABRICKS_TOKEN=\"{value}\""),
            format!("Authorization: Bearer {value}\r\n"),
            format!("'{value}',"),
            format!("https://x.example/?token={value}&a=b"),
            format!("first line\n\ttoken: {value}\nlast line"),
            format!("{{\"token_value\":\"{value}\"}}"),
            value.to_uppercase(),
            format!("token{value}"),
            format!("\u{201c}{value}\u{201d}\u{200b}"),
            format!("{value}-"),
            format!("{value}_x"),
            format!("ab{value}"),
            format!("{HEX}{value}"),
        ] {
            assert_eq!(values(&text), [value.as_str()], "{text}");
        }
    }

    #[test]
    fn values_are_looked_up_with_and_without_the_suffix_of_some_clouds() {
        let value = format!("dapi{HEX}");
        let with = pasted_tokens(&format!("{value}-3;"));
        assert_eq!(with, [PastedToken::Value(vec![format!("{value}-3"), value.clone()])]);
        let tokens = pasted_tokens(&value);
        let [PastedToken::Value(without)] = tokens.as_slice() else {
            panic!("{tokens:?}")
        };
        assert_eq!(without.len(), 11);
        assert_eq!((&without[0], &without[3]), (&value, &format!("{value}-2")));
        assert_eq!(
            values(&format!("{value}-23")),
            [value.as_str()],
            "a hyphen with more digits does not belong to it"
        );
    }

    #[test]
    fn anything_too_short_too_long_or_else_has_no_value() {
        for text in [
            "",
            "hunter2",
            "dapi",
            "dapi token of Mia",
            &format!("dapi{}", &HEX[1..]),
            &format!("dapi{HEX}0"),
            &format!("dapi{HEX}xyz"),
            &format!("d api{HEX}"),
            HEX,
            &format!("{HEX}{HEX}a"),
        ] {
            assert_eq!(values(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn several_values_and_ids_are_found_each_once() {
        let (one, other, id) = (
            format!("dapi{HEX}"),
            format!("dapi{}", HEX.replace('0', "f")),
            HEX.repeat(2),
        );
        let text = format!("{one} {other}\n{one}, id {id}; {id}");
        assert_eq!(values(&text), [&*one, &*other, &*id]);
        // A field of one line has joined what was on lines of its own.
        assert_eq!(values(&format!("{one}{other}")), [&*one, &*other]);
        assert_eq!(values(&format!("{one}-2{other}")), [&*format!("{one}-2"), &*other]);
        assert_eq!(values(&format!("{id}{one}")), [&*id, &*one]);
    }

    #[test]
    fn any_part_of_a_value_is_kept_out_of_urls() {
        for text in ["dapi", "xDAPI12", "my dapi0", &format!("Bearer dapi{HEX}")] {
            assert!(can_contain_token_value(text), "{text}");
        }
        assert!(!can_contain_token_value("ci deploys"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic_and_a_value_in_it_is_found(
            before in "\\PC{0,40}", after in "\\PC{0,40}", digits in "[0-9a-f]{32}",
        ) {
            pasted_tokens(&format!("{before}dapi{after}"));
            let found = values(&format!("{before}\ndapi{digits}\n{after}"));
            let value = format!("dapi{digits}");
            prop_assert!(found.contains(&value), "{:?}", found);
        }
    }
}
