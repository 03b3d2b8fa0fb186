//! Characters that control the direction of text. A name that contains them can change how the text next to it looks.

use std::borrow::Cow;

/// Replaces each directional formatting character
/// (<https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>) with its code point as visible text, such
/// as `[U+202E]`.
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

/// Whether a text contains a directional formatting character. Searches for the first bytes of their encodings, which
/// are rare, because this runs over every page.
pub fn has_directions(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(0xD8, 0xE2, bytes).any(|at| {
        matches!(
            bytes[at..],
            [0xD8, 0x9C, ..] | [0xE2, 0x80, 0x8E | 0x8F | 0xAA..=0xAE, ..] | [0xE2, 0x81, 0xA6..=0xA9, ..]
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
    fn directional_characters_become_visible() {
        assert_eq!(with_visible_directions("a\u{202e}gpj.exe"), "a[U+202E]gpj.exe");
        assert_eq!(with_visible_directions("plain ä"), "plain ä");
    }

    #[test]
    fn every_directional_character_is_found_and_no_other() {
        for c in '\0'..=char::MAX {
            assert_eq!(has_directions(&format!("a{c}")), is_direction(c), "{c:?}");
        }
    }
}
