//! What holds for the repository as a whole and no compiler checks: which crate may know which, what reaches the
//! browser, what pages must not be written like, and that colours can be told apart.

#![expect(
    clippy::unwrap_used,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

mod contrast;
mod dependencies;
mod island_script;
mod packages;
mod sources;
mod wording;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// What a program prints, run in the repository's root.
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

/// What Cargo prints. It tells its tests which Cargo runs them.
fn cargo(arguments: &[&str]) -> String {
    output(
        &std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()),
        arguments,
    )
}

/// The files that were written here, by their paths from the root: known to git or not ignored by it, and made by no
/// tool.
fn our_files() -> Vec<PathBuf> {
    let listed = output("git", &["ls-files", "--cached", "--others", "--exclude-standard"]);
    let ours = listed
        .lines()
        .filter(|path| !path.ends_with("Cargo.lock") && !path.ends_with("package-lock.json"));
    ours.map(PathBuf::from)
        .filter(|path| root().join(path).is_file())
        .collect()
}

/// Their text; files that are none are left out.
fn our_texts() -> Vec<(PathBuf, String)> {
    let texts = our_files().into_iter().filter_map(|path| {
        let text = String::from_utf8(std::fs::read(root().join(&path)).ok()?).ok()?;
        Some((path, text))
    });
    texts.collect()
}
