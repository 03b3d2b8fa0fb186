//! Makes text of the workspace safe for pages and logs.

use domain::with_visible_directions;

/// One line of at most `max` characters, without control characters and without anything that looks like a credential.
pub(crate) fn sanitize(text: &str, max: usize) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let redacted = redact(&with_visible_directions(line.trim()));
    match redacted.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &redacted[..end]),
        None => redacted,
    }
}

/// Replaces what looks like a personal access token (`dapi…`) or a JSON web token (`eyJ…`).
fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = ["dapi", "eyJ"].iter().filter_map(|p| rest.find(p)).min() {
        let (before, candidate) = rest.split_at(start);
        let end = candidate
            .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
            .unwrap_or(candidate.len());
        let (word, after) = candidate.split_at(end);
        out.push_str(before);
        // Shorter ones are ordinary words: "dapi token", "dapi-cleanup".
        out.push_str(if word.len() >= 16 { "[redacted]" } else { word });
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anything_that_looks_like_a_credential_is_redacted() {
        let pat = format!("dapi{}-2", "0f1e2d3c".repeat(4));
        assert_eq!(
            sanitize(&format!("Bearer {pat}, and \"{pat}\""), 500),
            "Bearer [redacted], and \"[redacted]\""
        );
        assert_eq!(sanitize("x eyJhbGciOi.eyJzdWIiOi.c2ln_-. y", 500), "x [redacted] y");
        assert_eq!(
            sanitize("dapi token of dapi-cleanup", 500),
            "dapi token of dapi-cleanup"
        );
    }

    #[test]
    fn the_result_is_one_line_of_limited_length() {
        assert_eq!(sanitize("a\r\nb\u{1b}[31m\u{7f}", 500), "a  b [31m");
        assert_eq!(sanitize("a\u{202e}b", 500), "a[U+202E]b");
        assert_eq!(sanitize("ääää", 3), "äää…");
        assert_eq!(sanitize("äää", 3), "äää");
    }
}
