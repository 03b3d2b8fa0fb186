//! The language of sources, tests and documents: plain English, without phrases that a stranger stumbles over.

use crate::rust_source::{Part, joined, parts};
use crate::{our_texts, our_texts_in};

/// Words and phrases to avoid, in lower case. They have to be whole words, except in [`UNUSED_ANYWHERE`].
const UNUSED: [&str; 22] = [
    "is no",
    "are no",
    "is none",
    "are none",
    "of who",
    "for who",
    "to who",
    "anew",
    "lately",
    "go on with",
    "goes on with",
    "gone on with",
    "rides on",
    "ride on",
    "ridden",
    "by read-back",
    "in so many words",
    "amiss",
    "beware",
    "deed",
    "deeds",
    "a hand at",
];

/// More of them, also as parts of longer words and of names.
const UNUSED_ANYWHERE: [&str; 8] = [
    "whoever",
    "meanwhile",
    "somebody",
    "nobody",
    "everybody",
    "written down",
    "write down",
    "writes down",
];

/// What can follow "is no" and "are no".
const NO_LONGER: &str = " longer";

/// Words to avoid on pages. The scope `jobs` is the vendor's word.
const UNUSED_ON_PAGES: [&str; 4] = ["live token", "a job", "this job", "Jobs"];

/// The words after "may" that make it a possibility. For a permission, "can" is used.
const POSSIBILITIES: [&str; 11] = [
    "already", "also", "be", "change", "have", "keep", "lack", "lose", "not", "still", "stop",
];

/// Text that is stored, or the vendor's, and cannot change.
const FIXED: [&str; 5] = [
    "how it ended was not written down",
    "this session rides on it",
    "removed nobody",
    "added nobody",
    "&str = \"nobody\"",
];

/// Paths of files that contain only such text.
const FIXED_FILES: [&str; 5] = [
    "crates/store/migrations",
    "crates/store/src/activity/detail/error.rs",
    "crates/demo-workspace/src/seed",
    "crates/workspace-client/src/error/classify.rs",
    "crates/workspace-client/src/error/creation_refusal.rs",
];

/// This file lists the words.
const THIS_FILE: &str = "server/tests/repository/wording.rs";

/// Extensions of files with English in them.
const EXTENSIONS: [&str; 15] = [
    "Dockerfile",
    "c",
    "css",
    "html",
    "js",
    "json",
    "md",
    "mjs",
    "py",
    "rs",
    "toml",
    "ts",
    "txt",
    "webmanifest",
    "yml",
];

/// Path and text of every file with English text that can change.
fn english_texts() -> Vec<(String, String)> {
    let texts: Vec<_> = our_texts_in("", &EXTENSIONS)
        .into_iter()
        .filter(|(path, _)| !FIXED_FILES.iter().any(|fixed| path.starts_with(fixed)) && path != THIS_FILE)
        .collect();
    assert!(texts.len() > 300, "{} files", texts.len());
    texts
}

/// A text in lower case and on one line, so that phrases across a line break are found.
struct Flow {
    text: String,
    /// The offset of each line in `text`.
    lines: Vec<usize>,
}

impl Flow {
    /// Leaves out comment markers and indentation. Splits the names of functions, modules and constants into words,
    /// because test names are sentences.
    fn new(source: &str) -> Self {
        let (mut text, mut lines) = (String::with_capacity(source.len()), Vec::new());
        for line in source.lines() {
            lines.push(text.len());
            let line = line.trim().trim_start_matches(['/', '!', '*', '#', '>']).trim_start();
            let has_name = ["fn ", "mod ", "const ", "static "]
                .iter()
                .any(|word| line.contains(word));
            let mut before = ' ';
            for character in line.chars() {
                if before.is_lowercase() && character.is_uppercase() {
                    // Split camel case into words, but not into phrases.
                    text.push('\n');
                }
                before = character;
                match character {
                    '_' if has_name => text.push(' '),
                    _ => text.extend(character.to_lowercase()),
                }
            }
            text.push(' ');
        }
        for fixed in FIXED {
            text = text.replace(fixed, &"\n".repeat(fixed.len()));
        }
        Self { text, lines }
    }

    /// The line number and the surroundings of each occurrence of `phrase`.
    fn find<'a>(&'a self, phrase: &'a str, only_words: bool) -> impl Iterator<Item = String> + 'a {
        let is_part_of_word = |c: char| c.is_alphanumeric();
        let found = self.text.match_indices(phrase).filter(move |(at, _)| {
            let (before, after) = (&self.text[..*at], &self.text[at + phrase.len()..]);
            let is_word = !before.ends_with(is_part_of_word) && !after.starts_with(is_part_of_word);
            let is_no_longer = phrase.ends_with("no") && after.starts_with(NO_LONGER);
            (is_word || !only_words) && !is_no_longer
        });
        found.map(|(at, _)| {
            let line = self.lines.partition_point(|begin| *begin <= at);
            let before: String = self.text[..at].chars().rev().take(40).collect();
            let before: String = before.chars().rev().collect();
            let after: String = self.text[at..].chars().take(phrase.len() + 20).collect();
            format!("{line}: …{before}{after}…").replace('\n', " ")
        })
    }
}

/// The words to avoid in a text, with their places.
fn unused_words(source: &str) -> Vec<String> {
    let flow = Flow::new(source);
    let words = UNUSED.into_iter().flat_map(|phrase| flow.find(phrase, true));
    let anywhere = UNUSED_ANYWHERE.into_iter().flat_map(|phrase| flow.find(phrase, false));
    words.chain(anywhere).collect()
}

#[test]
fn unused_words_are_found_in_every_kind_of_text() {
    for text in [
        "This is no page.",
        "> What\n> is\n> no page.",
        "//! Every token is none.",
        "# Somebody else",
        "- it read them anew",
        "| cell | lately |",
        "fn a_path_that_is_no_page() {",
        "async fn it_is_written_down() {",
        "    enum Persona { NobodyElse }",
        "let nobody = 1;",
        "\"Whoever\"",
        "* so it goes\n * on with it",
    ] {
        assert!(!unused_words(text).is_empty(), "{text}");
    }
    for text in [
        "This is no longer so.",
        "It is. No one",
        "Indeed",
        "if text.is_none() {",
        "removed nobody",
    ] {
        assert_eq!(unused_words(text), <[String; 0]>::default(), "{text}");
    }
    assert_eq!(
        unused_words("one\ntwo, and\nthen anew"),
        ["3: …one two, and then anew …"],
        "with its line"
    );
}

#[test]
fn the_language_is_plain() {
    let mut found = Vec::new();
    for (path, text) in english_texts() {
        found.extend(unused_words(&text).into_iter().map(|place| format!("{path}:{place}")));
    }
    assert!(found.is_empty(), "{} times:\n{}", found.len(), found.join("\n"));
}

#[test]
fn every_fixed_text_still_exists() {
    let texts = our_texts();
    for fixed in FIXED {
        let exists = texts
            .iter()
            .any(|(path, text)| path != THIS_FILE && text.to_lowercase().contains(fixed));
        assert!(exists, "{fixed:?} can be checked again");
    }
    for fixed in FIXED_FILES {
        assert!(texts.iter().any(|(path, _)| path.starts_with(fixed)), "{fixed} is gone");
    }
}

/// Every string literal in the sources below `start`: its path and line, whether it is raw, and its text.
fn literals(start: &str) -> Vec<(String, bool, String)> {
    let mut literals = Vec::new();
    for (path, source) in our_texts_in(start, &["rs"]) {
        for (part, line, text) in parts(&source) {
            match part {
                Part::Text => literals.push((format!("{path}:{line}"), false, joined(text))),
                Part::RawText => literals.push((format!("{path}:{line}"), true, text.to_owned())),
                Part::Code | Part::Comment => {}
            }
        }
    }
    literals
}

#[test]
fn pages_call_a_permission_can_and_a_revocation_by_its_name() {
    let literals = literals("app/src/");
    assert!(literals.len() > 1000, "{} literals", literals.len());
    let mut found = Vec::new();
    for (place, _, literal) in literals {
        for word in UNUSED_ON_PAGES.iter().filter(|word| literal.contains(**word)) {
            found.push(format!("{place}: {word} in {literal}"));
        }
        for after in literal.split(" may ").skip(1) {
            let next = after.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
            if !POSSIBILITIES.contains(&next) {
                found.push(format!("{place}: may {next} in {literal}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// In a literal that is not raw, a line break without a backslash leaves the indentation in the sentence.
#[test]
fn no_literal_has_two_blanks_in_a_row() {
    let dirs = ["app/src/", "server/src/", "crates/console/src/"];
    for (place, is_raw, literal) in dirs.into_iter().flat_map(literals) {
        // Lines of a raw literal can be indented, and HCL aligns its values.
        let line_end = if is_raw { "\n" } else { "\\n" };
        let has_two = literal.split(line_end).any(|line| line.trim().contains("  "));
        let is_hcl = place.starts_with("app/src/snippets/");
        assert!(!has_two || is_hcl, "{place}: {literal}");
    }
}
