//! What the packages depend on: everything that is listed is used, comes from crates.io under a known licence, and the
//! frameworks are there once.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{cargo, our_texts, read};

/// The licences that may occur, by their SPDX identifiers.
const LICENCES: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Offers that name other licences too, and the one that is chosen.
const CHOICES: [(&str, &str); 1] = [("MIT OR Apache-2.0 OR LGPL-2.1-or-later", "MIT")];

/// Dependencies that no source names, and why they are there.
const UNNAMED: [(&str, &str); 0] = [];

fn metadata(arguments: &[&str]) -> Value {
    let all = [&["metadata", "--locked", "--format-version", "1"], arguments].concat();
    serde_json::from_str(&cargo(&all)).unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

#[test]
fn every_dependency_is_used() {
    let sources = our_texts();
    for package in metadata(&["--no-deps"])["packages"].as_array().unwrap() {
        let name = text(package, "name");
        let manifest = text(package, "manifest_path");
        let dir = manifest.trim_end_matches("Cargo.toml");
        let root = format!("{}/", crate::root().canonicalize().unwrap().display());
        let dir = dir.strip_prefix(&root).unwrap_or(dir);
        let own = sources.iter().filter(|(path, _)| path.starts_with(dir));
        let own: String = own
            .filter(|(path, _)| path.extension().is_some_and(|e| e == "rs"))
            .map(|(_, text)| text.as_str())
            .collect();
        for dependency in package["dependencies"].as_array().unwrap() {
            let dependency = dependency["rename"].as_str().unwrap_or(text(dependency, "name"));
            // `hcl-rs` calls its library `hcl`.
            let library = dependency.trim_end_matches("-rs").replace('-', "_");
            let words = own.split(|c: char| !c.is_alphanumeric() && c != '_');
            let is_named = words.into_iter().any(|word| word == library);
            let is_known = UNNAMED.iter().any(|(unnamed, _)| *unnamed == dependency);
            assert!(is_named || is_known, "{name} lists {dependency} and does not use it");
        }
    }
}

#[test]
fn every_dependency_of_the_workspace_has_a_user() {
    let listed = read("Cargo.toml");
    let listed = listed.split("[workspace.dependencies]").nth(1).unwrap();
    let listed = listed.split("\n[").next().unwrap();
    let manifests: String = our_texts()
        .into_iter()
        .filter(|(path, _)| path.ends_with("Cargo.toml") && path.components().count() > 1)
        .map(|(_, text)| text)
        .collect();
    let mut names = 0;
    for line in listed.lines().filter(|line| line.contains(" = ")) {
        let name = line.split(" = ").next().unwrap();
        let is_used = [format!("\n{name}.workspace"), format!("\n{name} = {{ workspace")]
            .iter()
            .any(|use_of_it| manifests.contains(use_of_it));
        assert!(is_used, "no package uses {name}");
        names += 1;
    }
    assert!(names > 40, "{names}");
}

#[test]
fn every_package_comes_from_crates_io_under_a_known_licence() {
    for package in metadata(&[])["packages"].as_array().unwrap() {
        let name = text(package, "name");
        let Some(source) = package["source"].as_str() else {
            continue;
        };
        assert_eq!(
            source, "registry+https://github.com/rust-lang/crates.io-index",
            "{name}"
        );
        let licence = text(package, "license");
        let chosen = CHOICES.iter().find(|(offer, _)| *offer == licence);
        let licence = chosen.map_or(licence, |(_, chosen)| chosen);
        let expression = licence
            .replace(['(', ')'], "")
            .replace('/', " OR ")
            .replace(" AND ", " OR ");
        for one in expression.split(" OR ") {
            assert!(LICENCES.contains(&one.trim()), "{name}: {licence}");
        }
    }
}

#[test]
fn every_framework_is_there_once() {
    let metadata = metadata(&[]);
    let packages = metadata["packages"].as_array().unwrap();
    for single in [
        "axum",
        "leptos",
        "reqwest",
        "server_fn",
        "sqlx",
        "tower-sessions",
        "wasm-bindgen",
    ] {
        let versions: BTreeSet<&str> = packages
            .iter()
            .filter(|package| package["name"] == single)
            .map(|package| text(package, "version"))
            .collect();
        assert_eq!(versions.len(), 1, "{single}: {versions:?}");
    }
}
