//! Splits a Rust source into code, comments and string literals, as far as the tests of this directory need it.

/// A part of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    Code,
    Comment,
    /// A string literal that is not raw, with its escapes.
    Text,
    /// A raw string literal.
    RawText,
}

/// The parts of a source in order, without quotes, each with the number of its first line.
pub(crate) fn parts(source: &str) -> Vec<(Part, usize, &str)> {
    let mut parts = Vec::new();
    let (mut at, mut begin) = (0, 0);
    while at < source.len() {
        let rest = &source[at..];
        let after_word = source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let found = if rest.starts_with("//") {
            Some((Part::Comment, 0, rest.find('\n').unwrap_or(rest.len()), 0))
        } else if rest.starts_with("/*") {
            Some((Part::Comment, 0, rest.find("*/").map_or(rest.len(), |end| end + 2), 0))
        } else if let Some(hashes) = raw_string(rest).filter(|_| !after_word || source[..at].ends_with('b')) {
            let (open, close) = (hashes + 2, format!("\"{}", "#".repeat(hashes)));
            let end = rest[open..].find(&close).map_or(rest.len(), |end| open + end);
            Some((Part::RawText, open, end, close.len()))
        } else if rest.starts_with('"') {
            Some((Part::Text, 1, string_end(rest), 1))
        } else {
            None
        };
        if let Some((part, open, end, close)) = found {
            parts.push((Part::Code, begin, at));
            parts.push((part, at + open, at + end));
            at = (at + end + close).min(source.len());
            begin = at;
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            // A quote character literal does not start a string.
            at += rest[1..].find('\'').map_or(1, |end| end + 2);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    parts.push((Part::Code, begin, source.len()));
    let mut lines = 1;
    let mut counted = 0;
    let numbered = parts.into_iter().map(|(part, begin, end)| {
        lines += source[counted..begin].matches('\n').count();
        counted = begin;
        (part, lines, &source[begin..end])
    });
    numbered.filter(|(.., text)| !text.is_empty()).collect()
}

/// The number of `#` of a raw string that starts here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// The position of the closing quote of a string that starts at the first character.
fn string_end(rest: &str) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !escaped => return at,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    rest.len()
}

/// A string literal in one line: a line that ends in a backslash continues with the next one, without its indentation.
pub(crate) fn joined(literal: &str) -> String {
    let mut pieces = literal.split("\\\n");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + piece.trim_start())
}

#[test]
fn sources_are_split_at_comments_and_strings() {
    let source = r##"let a = "x // \" y"; // "no" text
let b = ['"', '\"', '\\']; let c = br#"raw " text"#; /* "no" */ let d = "\\";
let e = "last";"##;
    let found: Vec<_> = parts(source)
        .into_iter()
        .filter(|(part, ..)| *part != Part::Code)
        .collect();
    assert_eq!(
        found,
        [
            (Part::Text, 1, r#"x // \" y"#),
            (Part::Comment, 1, r#"// "no" text"#),
            (Part::RawText, 2, r#"raw " text"#),
            (Part::Comment, 2, r#"/* "no" */"#),
            (Part::Text, 2, r"\\"),
            (Part::Text, 3, "last"),
        ]
    );
    assert_eq!(joined("one \\\n        two"), "one two");
}
