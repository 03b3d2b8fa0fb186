//! What the search looks through.

use crate::Token;

/// Comment and id of every token in lower case, in one buffer: one search walks it from end to end.
#[derive(Debug)]
pub(super) struct SearchText {
    text: String,
    /// Where each token's text ends.
    ends: Vec<usize>,
}

impl SearchText {
    /// Between texts and between comment and id; filters hold no control characters, so that none matches across.
    const SEPARATOR: char = '\u{0}';

    pub(super) fn new(tokens: &[Token]) -> Self {
        // Exactly, as long as no letter's lower case is longer: growing would copy all of it, beside the last list.
        let bytes = tokens.iter().map(|t| t.comment.len() + t.id.as_str().len() + 2);
        let mut text = String::with_capacity(bytes.sum());
        let mut ends = Vec::with_capacity(tokens.len());
        for token in tokens {
            push_lowercase(&mut text, &token.comment);
            text.push(Self::SEPARATOR);
            push_lowercase(&mut text, token.id.as_str());
            text.push(Self::SEPARATOR);
            ends.push(text.len());
        }
        Self { text, ends }
    }

    pub(super) fn of(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }

    /// For each token, whether its text holds `needle` in any case.
    pub(super) fn find(&self, needle: &str) -> Vec<bool> {
        let mut found = vec![false; self.ends.len()];
        let needle = needle.to_lowercase();
        let finder = memchr::memmem::Finder::new(&needle);
        let (mut token, mut from) = (0, 0);
        while let Some(at) = finder.find(&self.text.as_bytes()[from..]) {
            // Where many match the next is near: stepping there is faster than searching for it.
            while self.ends[token] <= from + at {
                token += 1;
            }
            found[token] = true;
            from = self.ends[token];
        }
        found
    }
}

fn push_lowercase(out: &mut String, text: &str) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        out.push_str(&text.to_lowercase());
    }
}
