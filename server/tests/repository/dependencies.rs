//! Dependencies point one way, and the browser gets little of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{cargo, our_texts};

/// Which crates of the workspace each may know. The demo workspace knows none, so that a field name that is wrong in
/// the console cannot be wrong on both sides and pass every test.
const ALLOWED_DEPENDENCIES: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("workspace-client", &["domain"]),
    ("store", &["domain"]),
    ("console", &["domain", "store", "workspace-client"]),
    ("app", &["console", "domain"]),
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

/// Which modules of a crate each of its modules may name. What has no line may name all of them.
const ALLOWED_MODULES: [(&str, &str, &[&str]); 6] = [
    ("app/src", "islands", &["islands"]),
    ("app/src", "snippets", &["snippets"]),
    ("app/src", "http", &["http", "problem"]),
    ("app/src", "problem", &["http", "problem"]),
    (
        "app/src",
        "components",
        &["components", "http", "islands", "problem", "snippets"],
    ),
    (
        "app/src",
        "layout",
        &["components", "http", "islands", "layout", "problem"],
    ),
];

#[test]
fn modules_of_the_pages_point_one_way() {
    for (path, text) in our_texts() {
        let path = path.display().to_string();
        for (root, module, allowed) in ALLOWED_MODULES {
            if !path.starts_with(&format!("{root}/{module}/")) && path != format!("{root}/{module}.rs") {
                continue;
            }
            for rest in text.split("crate::").skip(1) {
                let named = rest
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or_default();
                assert!(allowed.contains(&named), "{path} must not name {named}");
            }
        }
    }
}

/// Where the program may name the crates below `console`.
const BELOW_CONSOLE: [&str; 4] = [
    "server/src/cli/",
    "server/src/config/",
    "server/src/middleware/access_log.rs",
    "server/src/routes/metrics.rs",
];

#[test]
fn the_program_reaches_below_the_console_in_few_places() {
    for (path, text) in our_texts() {
        let path = path.display().to_string();
        if path.starts_with("server/src") && !BELOW_CONSOLE.iter().any(|place| path.starts_with(place)) {
            for below in ["store::", "workspace_client::"] {
                let names_it = text.split(below).collect::<Vec<_>>();
                let is_path = |before: &&str| !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
                let named = names_it[..names_it.len() - 1].iter().any(is_path);
                assert!(!named, "{path} names {below}");
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
