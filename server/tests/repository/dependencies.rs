//! Dependencies between crates and modules go in one direction, and few of them reach the browser.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::rust_source::{Part, parts};
use crate::{cargo, our_texts_in};

/// The workspace crates that each crate can depend on. The demo workspace depends on none: with shared code, a field
/// with a wrong name would be wrong in the console and in the demo workspace, and pass every test.
const ALLOWED_DEPENDENCIES: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("workspace-client", &["domain"]),
    ("store", &["domain"]),
    ("console", &["domain", "store", "workspace-client"]),
    ("app", &["console", "domain"]),
    ("server", &["app", "console", "domain", "store", "workspace-client"]),
    ("frontend", &["app"]),
    ("demo-workspace", &[]),
    ("test-postgres", &[]),
    ("xtask", &["test-postgres"]),
    (
        "bench",
        &[
            "app",
            "console",
            "demo-workspace",
            "domain",
            "server",
            "store",
            "test-postgres",
            "workspace-client",
        ],
    ),
];

/// The crates that all tests can use in addition.
const FOR_TESTS: [&str; 2] = ["demo-workspace", "test-postgres"];

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
        let allowed = allowed.unwrap_or_else(|| unreachable!("{member} is not in ALLOWED_DEPENDENCIES"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let dependency_name = name(dependency);
            let test_only = dependency["kind"] == "dev"
                && FOR_TESTS.contains(&dependency_name.as_str())
                && !FOR_TESTS.contains(&member.as_str());
            if members.contains(&dependency_name) {
                assert!(
                    allowed.contains(&dependency_name.as_str()) || test_only,
                    "{member} cannot depend on {dependency_name}"
                );
            }
        }
    }
}

/// The modules of `app` that each module can use. A module that is not in this table can use all others.
const ALLOWED_MODULES: [(&str, &[&str]); 6] = [
    ("islands", &["islands"]),
    ("snippets", &["snippets"]),
    ("http", &["http", "problem"]),
    ("problem", &["http", "problem"]),
    ("components", &["components", "http", "islands", "problem", "snippets"]),
    (
        "layout",
        &["components", "http", "islands", "layout", "problem", "snippets"],
    ),
];

/// The top-level modules that a source uses through `crate::`, including lists in braces.
fn named_modules(source: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for rest in source.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            named.insert(identifier(rest));
            continue;
        };
        let (mut depth, mut item) = (1, String::new());
        for character in list.chars().filter(|c| !c.is_whitespace()) {
            depth += i32::from(character == '{') - i32::from(character == '}');
            if depth == 0 || (depth == 1 && character == ',') {
                named.insert(identifier(&item));
                item.clear();
            } else {
                item.push(character);
            }
            if depth == 0 {
                break;
            }
        }
    }
    named.remove("");
    named
}

/// The identifier that a text begins with.
fn identifier(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn modules_are_found_in_paths_and_lists() {
    let source = "use crate::a::{B, C};\nuse crate::{\n    d::{E, f},\n    g,\n};\ncrate::h()";
    assert_eq!(named_modules(source), ["a", "d", "g", "h"].map(str::to_owned).into());
}

#[test]
fn modules_of_the_pages_point_one_way() {
    let mut found = Vec::new();
    for (module, allowed) in ALLOWED_MODULES {
        let files = our_texts_in(&format!("app/src/{module}"), &["rs"]).into_iter();
        let places = [format!("app/src/{module}.rs"), format!("app/src/{module}/")];
        let is_of_module = |path: &str| places.iter().any(|place| path.starts_with(place));
        for (path, text) in files.filter(|(path, _)| is_of_module(path)) {
            let named = named_modules(&text);
            found.extend(
                named
                    .iter()
                    .filter(|name| !allowed.contains(&name.as_str()))
                    .map(|name| format!("{path} names {name}")),
            );
            // Other modules are used through `crate::` only, so that this test sees it.
            let depth = path.matches('/').count() - 1;
            assert!(
                !text.contains(&"super::".repeat(depth)),
                "{path} leaves {module} through super"
            );
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The places in the program that can use the crates below `console`.
const BELOW_CONSOLE: [&str; 4] = [
    "server/src/cli/",
    "server/src/config/",
    "server/src/middleware/access_log.rs",
    "server/src/routes/metrics.rs",
];

#[test]
fn few_places_of_the_program_name_crates_below_the_console() {
    for (path, text) in our_texts_in("server/src/", &["rs"]) {
        if BELOW_CONSOLE.iter().any(|place| path.starts_with(place)) {
            continue;
        }
        for (_, _, code) in parts(&text).into_iter().filter(|(part, ..)| *part == Part::Code) {
            for below in ["store", "workspace_client"] {
                for (at, _) in code.match_indices(&format!("{below}::")) {
                    let is_inside_a_path = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
                    assert!(is_inside_a_path, "{path} names {below}");
                }
                let imports = [format!("use {below};"), format!("use {below} as")];
                assert!(
                    !imports.iter().any(|import| code.contains(import)),
                    "{path} imports {below}"
                );
            }
        }
    }
    for place in BELOW_CONSOLE {
        our_texts_in(place, &["rs"]);
    }
}

/// The names of the packages that `cargo tree` lists for the browser.
fn tree_of_the_browser() -> Vec<String> {
    let arguments = [
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
    ];
    let tree = cargo(&arguments);
    tree.lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_browser_gets_no_package_of_the_server() {
    let names = tree_of_the_browser();
    for expected in ["app", "web-sys"] {
        assert!(
            names.iter().any(|name| name == expected),
            "{expected} is missing: {names:?}"
        );
    }
    for unwanted in [
        "axum",
        "chrono",
        "console",
        "hyper",
        "leptos",
        "leptos_axum",
        "leptos_router",
        "reactive_graph",
        "regex",
        "reqwest",
        "rustls",
        "sqlx",
        "store",
        "time",
        "tokio",
        "uuid",
        "workspace-client",
    ] {
        assert!(
            !names.iter().any(|name| name == unwanted),
            "{unwanted} is in the browser's tree"
        );
    }
}
