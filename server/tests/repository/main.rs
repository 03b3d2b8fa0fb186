//! What holds for the whole repository and no compiler checks: which crate can depend on which, which packages are
//! used, how sources are laid out and worded, and that colours have enough contrast.

#![expect(
    clippy::unwrap_used,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

/// Contrast of the colours in the style sheets.
mod contrast;
/// Which crate and which module can depend on which.
mod dependencies;
/// Unused packages, licences and duplicates.
mod packages;
/// A small reader of Rust sources: comments and string literals.
mod rust_source;
/// The layout of sources, and what they cannot contain.
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

/// The standard output of the Cargo that runs this test.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    output(&cargo, arguments)
}

/// Every text file of the repository that no tool has made: its path from the root, and its text. Files that git does
/// not know yet and does not ignore are among them.
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

/// Those of [`our_texts`] whose path begins with `start` and that have one of these extensions. There has to be one, so
/// that a test does not look at nothing after a file has moved.
fn our_texts_in(start: &str, extensions: &[&str]) -> Vec<(String, String)> {
    let texts: Vec<_> = our_texts()
        .into_iter()
        .filter(|(path, _)| path.starts_with(start) && extensions.contains(&extension(path)))
        .collect();
    assert!(!texts.is_empty(), "{start} has no file with {extensions:?}");
    texts
}

/// The extension of a file's name; the name itself if it has none, as in `Dockerfile`.
fn extension(path: &str) -> &str {
    path.rsplit(['/', '.']).next().unwrap_or_default()
}
