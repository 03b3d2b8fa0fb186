//! The packages that the workspace depends on: each is used, comes from crates.io under a known licence, and each
//! framework has a single version.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::rust_source::{Part, parts};
use crate::{cargo, our_texts_in, read};

/// The licences that a package can have, by their SPDX identifiers.
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

/// The licence that is used of packages that offer several.
const CHOICES: [(&str, &str); 1] = [("MIT OR Apache-2.0 OR LGPL-2.1-or-later", "MIT")];

/// Packages that must have a single version, because types of different versions are incompatible.
const FRAMEWORKS: [&str; 7] = [
    "axum",
    "leptos",
    "reqwest",
    "server_fn",
    "sqlx",
    "tower-sessions",
    "wasm-bindgen",
];

/// Dependencies that no source names, each with the reason for it.
const UNNAMED: [(&str, &str); 0] = [];

/// What `cargo metadata` reports, with every package of the lock file.
fn metadata() -> Value {
    serde_json::from_str(&cargo(&["metadata", "--locked", "--format-version", "1"])).unwrap()
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The packages of this workspace: those without a source.
fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    list(metadata, "packages")
        .iter()
        .filter(|package| package["source"].is_null())
}

/// The library name of each package: that of `hcl-rs` is `hcl`.
fn libraries(metadata: &Value) -> BTreeMap<&str, String> {
    let mut libraries = BTreeMap::new();
    for package in list(metadata, "packages") {
        let kinds = ["lib", "rlib", "cdylib", "proc-macro"];
        let is_library = |target: &&Value| {
            list(target, "kind")
                .iter()
                .any(|kind| kinds.iter().any(|known| kind == known))
        };
        if let Some(library) = list(package, "targets").iter().find(is_library) {
            libraries.insert(text(package, "name"), text(library, "name").replace('-', "_"));
        }
    }
    libraries
}

/// Every word in the code of the sources below these paths, without comments and literals, which do not use a
/// dependency.
fn words(dirs: &[String]) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for dir in dirs {
        for (_, source) in our_texts_in(dir, &["rs"]) {
            for (_, _, code) in parts(&source).iter().filter(|(part, ..)| *part == Part::Code) {
                let found = code.split(|c: char| !c.is_alphanumeric() && c != '_');
                words.extend(found.map(str::to_owned));
            }
        }
    }
    words
}

#[test]
fn every_dependency_is_used() {
    let metadata = metadata();
    let libraries = libraries(&metadata);
    let root = format!("{}/", crate::root().canonicalize().unwrap().display());
    let mut unused = Vec::new();
    for package in members(&metadata) {
        let manifest = text(package, "manifest_path").strip_prefix(&root).unwrap();
        let dir = manifest.strip_suffix("Cargo.toml").unwrap();
        // A dependency that only tests use is a development dependency.
        let (everything, sources) = (words(&[dir.to_owned()]), words(&[format!("{dir}src/")]));
        for dependency in list(package, "dependencies") {
            let name = text(dependency, "name");
            let library = dependency["rename"].as_str().map(|name| name.replace('-', "_"));
            let library = library.unwrap_or_else(|| libraries[name].clone());
            let words = if dependency["kind"].is_null() {
                &sources
            } else {
                &everything
            };
            if !words.contains(&library) && !UNNAMED.iter().any(|(unnamed, _)| *unnamed == name) {
                unused.push(format!("{manifest}: {name}"));
            }
        }
    }
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}

#[test]
fn every_dependency_of_the_workspace_has_a_user() {
    let metadata = metadata();
    let used: BTreeSet<_> = members(&metadata)
        .flat_map(|package| list(package, "dependencies"))
        .map(|dependency| text(dependency, "name"))
        .collect();
    let manifest: toml::Table = toml::from_str(&read("Cargo.toml")).unwrap();
    let listed = manifest["workspace"]["dependencies"].as_table().unwrap();
    assert!(listed.len() > 40, "{} dependencies", listed.len());
    let unused: Vec<_> = listed.keys().filter(|name| !used.contains(name.as_str())).collect();
    assert!(unused.is_empty(), "no package uses {unused:?}");
}

#[test]
fn every_package_comes_from_crates_io_under_a_known_licence() {
    let metadata = metadata();
    let (mut packages, mut chosen) = (0, BTreeSet::new());
    for package in list(&metadata, "packages")
        .iter()
        .filter(|package| package["source"].is_string())
    {
        let name = text(package, "name");
        let crates_io = "registry+https://github.com/rust-lang/crates.io-index";
        assert_eq!(text(package, "source"), crates_io, "{name}");
        let offered = text(package, "license");
        let choice = CHOICES.iter().find(|(offer, _)| *offer == offered);
        chosen.extend(choice.map(|(offer, _)| *offer));
        let licence = choice.map_or(offered, |(_, choice)| choice);
        // Every licence of the expression has to be known, even if one of them would be enough.
        let all = licence
            .replace(['(', ')'], "")
            .replace('/', " OR ")
            .replace(" AND ", " OR ");
        for one in all.split(" OR ") {
            assert!(LICENCES.contains(&one.trim()), "{name}: {offered:?}");
        }
        packages += 1;
    }
    assert!(packages > 200, "{packages} packages");
    assert_eq!(chosen.len(), CHOICES.len(), "a choice that no package needs");
}

#[test]
fn every_framework_has_a_single_version() {
    let metadata = metadata();
    for framework in FRAMEWORKS {
        let packages = list(&metadata, "packages").iter();
        let versions: BTreeSet<_> = packages
            .filter(|package| package["name"] == framework)
            .map(|package| text(package, "version"))
            .collect();
        assert_eq!(versions.len(), 1, "{framework}: {versions:?}");
    }
}
