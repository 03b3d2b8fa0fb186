//! The script that starts the islands is a copy of leptos' own with a few intended differences.

use std::path::Path;

use serde_json::Value;

use crate::{cargo, read};

/// The function of `script` that begins with `head`, without its closing brace.
fn function<'a>(script: &'a str, head: &str) -> &'a str {
    let start = script.find(head).unwrap();
    let length = script[start..].find("\n\t}\n").unwrap();
    &script[start..start + length]
}

/// The script in one line, with single blanks.
fn one_line(script: &str) -> String {
    script.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Starts every island of a page.
const ALL: &str = "\tasync function hydrateIslands(";
/// Starts one island.
const ONE: &str = "\tasync function hydrateIsland(";

#[test]
fn the_script_of_the_islands_follows_that_of_leptos() {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--locked", "--format-version", "1"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let leptos = packages.iter().find(|package| package["name"] == "leptos").unwrap();
    let manifest = Path::new(leptos["manifest_path"].as_str().unwrap());
    let theirs = std::fs::read_to_string(manifest.with_file_name("src/hydration/island_script.js")).unwrap();
    let ours = read("app/src/layout/island_script.js");
    assert_eq!(function(&ours, ONE), function(&theirs, ONE));
    // Theirs walks through every element, starts the islands in the order of the document, and remembers the nearest
    // `leptos-children` around each. Ours finds the islands in the same order, and the nearest `leptos-children` of
    // each. If theirs changes, ours has to be reviewed.
    assert_eq!(
        one_line(function(&theirs, ALL)),
        "async function hydrateIslands(rootNode, mod) { async function traverse(node) { \
         if (node.nodeType === Node.ELEMENT_NODE) { const tag = node.tagName.toLowerCase(); \
         if(tag === 'leptos-island') { const children = []; const id = node.dataset.component || null; \
         await hydrateIsland(node, id, mod); for(const child of node.children) { await traverse(child, children); } \
         } else { if (tag === 'leptos-children') { MOST_RECENT_CHILDREN_CB.push(node.$$on_hydrate); \
         for(const child of node.children) { await traverse(child); }; \
         // un-set the \"most recent children\" MOST_RECENT_CHILDREN_CB.pop(); } else { \
         for(const child of node.children) { await traverse(child); }; } } } } await traverse(rootNode);"
    );
    // What ours leaves out on purpose, and how it starts.
    for left_out in ["requestIdleCallback", "__hydrateIsland"] {
        assert!(theirs.contains(left_out) && !ours.contains(left_out), "{left_out}");
    }
    assert_eq!(
        one_line(&ours.replace(function(&ours, ONE), "")),
        "((js, wasm) => { let MOST_RECENT_CHILDREN_CB = []; async function hydrateIslands(mod) { \
         for (const island of document.querySelectorAll(\"leptos-island\")) { \
         const children = island.closest(\"leptos-children\"); \
         MOST_RECENT_CHILDREN_CB = children ? [children.$$on_hydrate] : []; \
         await hydrateIsland(island, island.dataset.component, mod); } } } \
         import(js).then(async mod => { await mod.default({module_or_path: wasm}); mod.hydrate(); \
         await hydrateIslands(mod); document.documentElement.dataset.ready = \"\"; }); })"
    );
    assert!(theirs.contains("MOST_RECENT_CHILDREN_CB = []") && theirs.contains("mod.hydrate();"));
}
