//! The script that starts the islands is leptos' own, with a few differences that are ours.

use std::path::Path;

use serde_json::Value;

use crate::{cargo, read};

/// The two functions that do the work: from the first one's head to the end of the second.
fn functions(script: &str) -> &str {
    let start = script.find("\tasync function hydrateIslands(").unwrap();
    let second = start + script[start..].find("\tasync function hydrateIsland(").unwrap();
    let end = second + script[second..].find("\n\t}\n").unwrap();
    &script[start..end]
}

#[test]
fn what_wakes_the_islands_is_what_leptos_does() {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--locked", "--format-version", "1"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let leptos = packages.iter().find(|package| package["name"] == "leptos").unwrap();
    let manifest = Path::new(leptos["manifest_path"].as_str().unwrap());
    let theirs = std::fs::read_to_string(manifest.with_file_name("src/hydration/island_script.js")).unwrap();
    let ours = read("app/src/island_script.js");
    assert_eq!(functions(&ours), functions(&theirs));
    // The rest: what ours leaves out on purpose, and how it starts.
    let rest = |script: &str| script.replace(functions(script), "");
    for left_out in ["requestIdleCallback", "__hydrateIsland"] {
        assert!(theirs.contains(left_out) && !ours.contains(left_out), "{left_out}");
    }
    assert_eq!(
        rest(&ours).split_whitespace().collect::<Vec<_>>().join(" "),
        "((js, wasm) => { let MOST_RECENT_CHILDREN_CB = []; } import(js).then(async mod => { await mod.default({module_or_path: wasm}); \
         mod.hydrate(); await hydrateIslands(document.body, mod); document.documentElement.dataset.ready = \"\"; }); })"
    );
    assert!(rest(&theirs).contains("MOST_RECENT_CHILDREN_CB = []") && rest(&theirs).contains("mod.hydrate();"));
}
