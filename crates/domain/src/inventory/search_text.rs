//! Searchable text of tokens and owners.

/// Pairs of texts in lower case, all in one buffer, so that one scan searches all of them. A pair consists of a token's
/// comment and ID, or of an owner's two names.
#[derive(Debug)]
pub(super) struct SearchText {
    text: String,
    /// The offset at which the second text of each pair begins.
    seconds: Vec<usize>,
    /// The offset at which each pair ends.
    ends: Vec<usize>,
}

impl SearchText {
    /// Ends each text. Filters contain no control characters, so no match spans two texts.
    const SEPARATOR: char = '\u{0}';

    pub(super) fn new<'a>(pairs: impl ExactSizeIterator<Item = (&'a str, &'a str)> + Clone) -> Self {
        // The exact size, unless a letter is longer in lower case. Growing the buffer would copy all of it, while the
        // previous snapshot may still be in memory.
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
        &self.text[self.start(i)..self.ends[i]]
    }

    fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends[i - 1] }
    }

    /// The first text of each pair.
    pub(super) fn firsts(&self) -> impl ExactSizeIterator<Item = &str> {
        let seconds = self.seconds.iter().enumerate();
        seconds.map(|(i, second)| &self.text[self.start(i)..second - Self::SEPARATOR.len_utf8()])
    }

    /// For each pair, whether it contains `needle`, ignoring case.
    pub(super) fn find(&self, needle: &str) -> Vec<bool> {
        let mut found = vec![false; self.ends.len()];
        let needle = needle.to_lowercase();
        let finder = memchr::memmem::Finder::new(&needle);
        let (mut pair, mut from) = (0, 0);
        while let Some(at) = finder.find(&self.text.as_bytes()[from..]) {
            // If many pairs match, the next match is close, so stepping to it is faster than a binary search.
            while self.ends[pair] <= from + at {
                pair += 1;
            }
            found[pair] = true;
            from = self.ends[pair];
        }
        found
    }

    /// For each pair, whether its second text starts with `prefix`, ignoring case.
    pub(super) fn second_begins(&self, prefix: &str) -> impl Iterator<Item = bool> {
        let prefix = prefix.to_lowercase();
        let text = self.text.as_bytes();
        self.seconds
            .iter()
            .map(move |start| text[*start..].starts_with(prefix.as_bytes()))
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
