//! Dependencies point one way, and the browser gets little of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::cargo;

/// Which crates of the workspace each may know. The demo workspace knows none, so that a field name that is wrong in
/// the console cannot be wrong on both sides and pass every test.
const ALLOWED_DEPENDENCIES: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("workspace-client", &["domain"]),
    ("store", &["domain"]),
    ("console", &["domain", "store", "workspace-client"]),
    ("app", &["console", "domain", "store", "workspace-client"]),
    ("server", &["app", "console", "domain", "store", "workspace-client"]),
    ("frontend", &["app"]),
    ("demo-workspace", &[]),
    ("xtask", &[]),
    (
        "bench",
        &[
            "app",
            "console",
            "demo-workspace",
            "domain",
            "server",
            "store",
            "workspace-client",
        ],
    ),
];

/// Crates that only tests may know beside these.
const FOR_TESTS: &str = "demo-workspace";

#[test]
fn dependencies_point_one_way() {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--no-deps", "--locked", "--format-version", "1"])).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let members: BTreeSet<String> = packages.iter().map(name).collect();
    let allowed_dependencies = BTreeMap::from(ALLOWED_DEPENDENCIES);
    for package in packages {
        let member = name(package);
        let allowed = allowed_dependencies.get(member.as_str());
        let allowed = allowed.unwrap_or_else(|| unreachable!("{member} has no line in ALLOWED_DEPENDENCIES"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let known = name(dependency);
            let test_only = dependency["kind"] == "dev" && known == FOR_TESTS && member != FOR_TESTS;
            if members.contains(&known) {
                assert!(
                    allowed.contains(&known.as_str()) || test_only,
                    "{member} must not know {known}"
                );
            }
        }
    }
}

#[test]
fn the_browser_gets_no_server() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "-p",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "-e",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "-f",
        "{p}",
    ]);
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains("app") && names.contains("leptos"), "{names:?}");
    for heavy in [
        "axum",
        "chrono",
        "console",
        "hyper",
        "leptos_axum",
        "leptos_router",
        "reqwest",
        "rustls",
        "sqlx",
        "store",
        "time",
        "tokio",
        "uuid",
        "workspace-client",
    ] {
        assert!(!names.contains(heavy), "{heavy} is in the browser's tree");
    }
}

/// Leptos itself brings it for its configuration, which the browser never reads, so that none of it is linked.
#[test]
fn regular_expressions_come_with_leptos_alone() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "-p",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "-e",
        "normal,no-proc-macro",
        "--prefix",
        "none",
        "-f",
        "{p}",
        "--invert",
        "regex",
        "--depth",
        "1",
    ]);
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, ["regex", "leptos_config"]);
}
