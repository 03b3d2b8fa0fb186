//! Text to search in, in one buffer.

/// Pairs of texts in lower case, in one buffer: one search walks it from end to end. Of a token its comment and id, of an
/// owner its two names.
#[derive(Debug)]
pub(super) struct SearchText {
    text: String,
    /// Where each pair's second text begins.
    seconds: Vec<usize>,
    /// Where each pair ends.
    ends: Vec<usize>,
}

impl SearchText {
    /// After each text; filters hold no control characters, so that none matches across.
    const SEPARATOR: char = '\u{0}';

    pub(super) fn new<'a>(pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        // Exactly, as long as no letter's lower case is longer: growing would copy all of it, beside the last list.
        let bytes = pairs.clone().map(|(first, second)| first.len() + second.len() + 2);
        let mut text = String::with_capacity(bytes.sum());
        let mut seconds = Vec::with_capacity(pairs.len());
        let mut ends = Vec::with_capacity(pairs.len());
        for (first, second) in pairs {
            push_lowercase(&mut text, first);
            text.push(Self::SEPARATOR);
            seconds.push(text.len());
            push_lowercase(&mut text, second);
            text.push(Self::SEPARATOR);
            ends.push(text.len());
        }
        Self { text, seconds, ends }
    }

    pub(super) fn of(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start..self.ends[i]]
    }

    /// For each pair, whether it holds `needle` in any case.
    pub(super) fn find(&self, needle: &str) -> Vec<bool> {
        let mut found = vec![false; self.ends.len()];
        let needle = needle.to_lowercase();
        let finder = memchr::memmem::Finder::new(&needle);
        let (mut pair, mut from) = (0, 0);
        while let Some(at) = finder.find(&self.text.as_bytes()[from..]) {
            // Where many match the next is near: stepping there is faster than searching for it.
            while self.ends[pair] <= from + at {
                pair += 1;
            }
            found[pair] = true;
            from = self.ends[pair];
        }
        found
    }

    /// For each pair, whether its second text begins with `beginning` in any case.
    pub(super) fn second_begins(&self, beginning: &str) -> impl Iterator<Item = bool> {
        let beginning = beginning.to_lowercase();
        let text = self.text.as_bytes();
        self.seconds
            .iter()
            .map(move |start| text[*start..].starts_with(beginning.as_bytes()))
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
