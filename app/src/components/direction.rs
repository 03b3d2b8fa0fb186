//! Bidirectional control characters in a rendered page. Anyone can put them into names and comments, where they reverse
//! the text around them.

use domain::{has_directions, with_visible_directions};

/// Attributes that people see or that screen readers read.
const SHOWN_ATTRIBUTES: [&str; 3] = [" title=\"", " aria-label=\"", " alt=\""];

/// Makes these characters visible in all text that people see. Other attributes stay as they are, since forms send them
/// back.
pub(crate) fn show_directions(html: String) -> String {
    if !has_directions(&html) {
        return html;
    }
    let mut out = String::with_capacity(html.len() + 64);
    let mut rest: &str = &html;
    while let Some(tag) = rest.find('<') {
        out.push_str(&with_visible_directions(&rest[..tag]));
        rest = &rest[tag..];
        // Leptos does not escape `>` in attributes, so a tag ends at the first one outside quotes.
        let end = tag_length(rest);
        out.push_str(&show_in_tag(&rest[..end]));
        rest = &rest[end..];
    }
    out.push_str(&with_visible_directions(rest));
    out
}

fn tag_length(html: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in html.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    html.len()
}

fn show_in_tag(tag: &str) -> String {
    let mut tag = tag.to_owned();
    if !has_directions(&tag) {
        return tag;
    }
    for attribute in SHOWN_ATTRIBUTES {
        let Some(start) = tag.find(attribute).map(|at| at + attribute.len()) else {
            continue;
        };
        let end = tag[start..].find('"').map_or(tag.len(), |length| start + length);
        let shown = with_visible_directions(&tag[start..end]).into_owned();
        tag.replace_range(start..end, &shown);
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_are_visible_in_text_and_unchanged_in_form_values() {
        let parts = [
            ("<p title=\"a\u{202e}b\" class=x>", "<p title=\"a[U+202E]b\" class=x>"),
            ("c\u{2066}d</p>", "c[U+2066]d</p>"),
            ("<input value=\"e\u{202e}f>\" ", "<input value=\"e\u{202e}f>\" "),
            (
                "aria-label=\"g\u{200f}\">h\u{202c}",
                "aria-label=\"g[U+200F]\">h[U+202C]",
            ),
        ];
        let page = parts.map(|(html, _)| html).concat();
        assert_eq!(show_directions(page), parts.map(|(_, shown)| shown).concat());
    }
}
