//! The language of sources, tests and documents: plain English, without the turns that a stranger stumbles over.

use std::path::Path;

use crate::our_texts;

/// Words and turns that are not used, in lower case.
const UNUSED: [&str; 27] = [
    " is no ",
    " are no ",
    " is none",
    " of who ",
    " for who ",
    " to who ",
    "whoever",
    " anew",
    " lately",
    "meanwhile",
    "somebody",
    "nobody",
    "everybody",
    "go on with",
    "goes on with",
    "gone on with",
    "written down",
    "write down",
    "writes down",
    "rides on",
    "ridden",
    "by read-back",
    "in so many words",
    " amiss",
    " beware",
    " deed",
    "a hand at",
];

/// Turns that no page uses. The scope `jobs` is the vendor's word.
const UNUSED_ON_PAGES: [&str; 4] = ["live token", "a job", "this job", "Jobs"];

/// What "may" stands before if it means a possibility. A permission is "can".
const POSSIBILITIES: [&str; 7] = ["be", "have", "lack", "not", "still", "also", "change"];

/// Text that is stored, or the vendor's, and stays as it is.
const FIXED: [&str; 4] = [
    "how it ended was not written down",
    "this session rides on it",
    "removed nobody",
    "it goes on with",
];

/// Files with such texts alone.
const FIXED_FILES: [&str; 5] = [
    "crates/store/migrations",
    "crates/store/src/activity/label.rs",
    "crates/demo-workspace/src/seed",
    "crates/workspace-client/src/error/classify.rs",
    "crates/workspace-client/src/error/creation_refusal.rs",
];

/// Path and text of everything that is held to it.
fn held() -> Vec<(String, String)> {
    let extensions = ["c", "css", "html", "js", "md", "mjs", "rs", "toml", "ts", "yml"];
    let texts = our_texts().into_iter().filter(|(path, _)| {
        let is_fixed = FIXED_FILES.iter().any(|fixed| path.starts_with(fixed));
        let is_text = path
            .extension()
            .is_some_and(|e| extensions.iter().any(|known| e == *known));
        is_text && !is_fixed && path != Path::new("server/tests/repository/wording.rs")
    });
    let texts = texts.map(|(path, text)| (path.display().to_string(), text));
    let texts: Vec<_> = texts.collect();
    assert!(texts.len() > 300, "{}", texts.len());
    texts
}

/// A text in one line, without the marks of comments, where words meet that stand in two lines. Names of functions are
/// sentences too.
fn flowing(text: &str) -> String {
    let mut flow = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['/', '!', '*', '#']).trim_start();
        match line.contains("fn ") {
            true => flow.push_str(&line.replace('_', " ")),
            false => flow.push_str(line),
        }
        flow.push(' ');
    }
    for fixed in FIXED {
        flow = flow.replace(fixed, "");
    }
    flow
}

/// The string literals of a Rust source, without the breaks of a line that ends in a backslash.
fn literals(source: &str) -> Vec<String> {
    let code = source.lines().map(|line| match line.trim_start().starts_with("//") {
        true => "",
        false => line,
    });
    let code = code
        .collect::<Vec<_>>()
        .join("\n")
        .replace("\\\"", "")
        .replace("'\"'", "");
    let mut literals = Vec::new();
    for (index, part) in code.split('"').enumerate() {
        if index % 2 == 1 {
            let mut pieces = part.split("\\\n");
            let first = pieces.next().unwrap_or_default().to_owned();
            literals.push(pieces.fold(first, |text, piece| text + piece.trim_start()));
        }
    }
    literals
}

#[test]
fn the_language_is_plain() {
    let mut found = Vec::new();
    for (path, text) in held() {
        let flow = flowing(&text).to_lowercase();
        for word in UNUSED {
            let mut rest = flow.as_str();
            while let Some(at) = rest.find(word) {
                let after = &rest[at + word.len()..];
                let is_word = !word.starts_with(' ') || word.ends_with(' ') || !after.starts_with(char::is_alphabetic);
                if is_word && !after.starts_with("longer") {
                    let place: String = rest[..at].chars().rev().take(40).collect();
                    let place: String = place.chars().rev().collect();
                    found.push(format!(
                        "{path}: {place}{word}{}",
                        after.chars().take(20).collect::<String>()
                    ));
                }
                rest = after;
            }
        }
    }
    assert!(found.is_empty(), "{} times:\n{}", found.len(), found.join("\n"));
}

#[test]
fn pages_speak_of_permission_and_tokens_in_one_way() {
    let mut found = Vec::new();
    for (path, text) in held()
        .iter()
        .filter(|(path, _)| path.starts_with("app/src") && path.ends_with(".rs"))
    {
        for literal in literals(text) {
            for word in UNUSED_ON_PAGES.iter().filter(|word| literal.contains(**word)) {
                found.push(format!("{path}: {word} in {literal}"));
            }
            for after in literal.split(" may ").skip(1) {
                let next = after.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
                if !POSSIBILITIES.contains(&next) {
                    found.push(format!("{path}: may {next} in {literal}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A line break without a backslash leaves the indentation in the sentence.
#[test]
fn no_sentence_has_two_blanks_in_a_row() {
    for (path, text) in held()
        .iter()
        .filter(|(path, _)| path.starts_with("app/src") && path.ends_with(".rs"))
    {
        for literal in literals(text) {
            assert!(!literal.trim().contains("  "), "{path}: {literal}");
        }
    }
}
