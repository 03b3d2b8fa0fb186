//! Rules for the whole repository that no compiler checks: the dependencies of crates, the packages, the layout and
//! wording of sources, and the contrast of colours.

#![expect(
    clippy::unwrap_used,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

/// Contrast of the colours in the style sheets.
mod contrast;
/// The allowed dependencies of crates and modules.
mod dependencies;
/// Unused packages, licences and duplicates.
mod packages;
/// A small parser of Rust sources: comments and string literals.
mod rust_source;
/// The layout of sources, and forbidden content.
mod sources;
/// Words that are not used.
mod wording;

use std::path::Path;
use std::process::Command;

/// The repository's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The standard output of a program that runs in the repository's root.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The standard output of Cargo, the one that runs this test.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    output(&cargo, arguments)
}

/// The path from the root and the text of every text file of the repository that is not generated, including files that
/// git does not track yet and does not ignore.
fn our_texts() -> Vec<(String, String)> {
    let listed = output("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    let ours = listed
        .lines()
        .filter(|path| !path.ends_with("Cargo.lock") && !path.ends_with("package-lock.json"));
    let texts = ours.filter_map(|path| {
        let text = String::from_utf8(std::fs::read(root().join(path)).ok()?).ok()?;
        Some((path.to_owned(), text))
    });
    texts.collect()
}

/// The files of [`our_texts`] whose path starts with `start` and that have one of these extensions. Panics without
/// any such file, so that a test does not silently check nothing after a file has moved.
fn our_texts_in(start: &str, extensions: &[&str]) -> Vec<(String, String)> {
    let texts: Vec<_> = our_texts()
        .into_iter()
        .filter(|(path, _)| path.starts_with(start) && extensions.contains(&extension(path)))
        .collect();
    assert!(!texts.is_empty(), "{start} has no file with {extensions:?}");
    texts
}

/// The extension of a file name; the name itself if it has none, as in `Dockerfile`.
fn extension(path: &str) -> &str {
    path.rsplit(['/', '.']).next().unwrap_or_default()
}
