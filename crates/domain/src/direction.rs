//! Controls of the direction of text, which somebody may put in a name to turn around what stands beside it.

use std::borrow::Cow;

/// Controls of the direction of text (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>): written out,
/// so that a name cannot turn around what stands beside it.
pub fn with_visible_directions(text: &str) -> Cow<'_, str> {
    if !has_directions(text) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match is_direction(c) {
            true => out.push_str(&format!("[U+{:04X}]", u32::from(c))),
            false => out.push(c),
        }
    }
    out.into()
}

/// Whether a text has one of them. By the first bytes of their encodings, which are rare: a page is looked through each time.
pub fn has_directions(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(0xD8, 0xE2, bytes).any(|at| {
        let direction = bytes[at..].first_chunk::<2>() == Some(&[0xD8, 0x9C]);
        direction
            || matches!(
                bytes[at..],
                [0xE2, 0x80, 0x8E | 0x8F | 0xAA..=0xAE, ..] | [0xE2, 0x81, 0xA6..=0xA9, ..]
            )
    })
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_written_out() {
        assert_eq!(with_visible_directions("a\u{202e}gpj.exe"), "a[U+202E]gpj.exe");
        assert_eq!(with_visible_directions("plain ä"), "plain ä");
    }

    #[test]
    fn every_direction_is_found_and_nothing_else() {
        for c in '\0'..=char::MAX {
            assert_eq!(has_directions(&format!("a{c}")), is_direction(c), "{c:?}");
        }
    }
}
