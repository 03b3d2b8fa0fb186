//! The layout of sources, and forbidden content.

use std::collections::BTreeMap;

use crate::rust_source::{Part, parts};
use crate::{our_texts, our_texts_in};

/// Longer files should be split.
const MAX_LINES: usize = 450;

/// Longer lines do not fit next to another file on a screen. rustfmt does not break long literals and comments.
const MAX_COLUMNS: usize = 120;

/// The sources of pages: path and text.
fn pages() -> Vec<(String, String)> {
    let pages = our_texts_in("app/src/", &["rs"]);
    assert!(pages.len() > 20, "{} files", pages.len());
    pages
}

#[test]
fn no_file_is_too_long() {
    for (path, text) in our_texts() {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{path}: {lines} lines");
    }
}

#[test]
fn no_line_is_too_long() {
    let mut long = Vec::new();
    for (path, text) in our_texts_in("", &["rs", "ts", "mjs", "js", "c"]) {
        for (number, line) in (1..).zip(text.lines()) {
            let columns = line.chars().count();
            if columns > MAX_COLUMNS {
                long.push(format!("{path}:{number}: {columns} columns"));
            }
        }
    }
    assert!(long.is_empty(), "{} lines:\n{}", long.len(), long.join("\n"));
}

#[test]
fn sources_name_std_instead_of_core() {
    let mut found = Vec::new();
    for (path, text) in our_texts_in("", &["rs"]) {
        for (_, line, code) in parts(&text).into_iter().filter(|(part, ..)| *part == Part::Code) {
            for (at, _) in code.match_indices("core::") {
                let before = &code[..at];
                // `leptos_core::…` is another crate, `tracing::core::…` a module of one.
                if !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':')) {
                    let line = line + before.matches('\n').count();
                    found.push(format!("{path}:{line}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{} times:\n{}", found.len(), found.join("\n"));
}

#[test]
fn no_module_is_in_a_mod_rs() {
    for (path, _) in our_texts_in("", &["rs"]) {
        assert!(!path.ends_with("/mod.rs"), "{path}: name.rs and name/ instead");
    }
}

/// Server-side rendering does not escape the text of these elements: <https://github.com/leptos-rs/leptos/issues/4730>.
#[test]
fn elements_with_unescaped_text_have_no_dynamic_child() {
    for (path, text) in pages() {
        for element in ["textarea", "style", "noscript", "script"] {
            for rest in text.split(&format!("<{element}")).skip(1) {
                let Some((_, inside)) = rest.split_once('>') else {
                    continue;
                };
                let child = inside.split(&format!("</{element}")).next().unwrap_or_default();
                assert!(!child.contains('{'), "{path}: <{element}> with {child}");
            }
        }
    }
}

#[test]
fn only_the_script_of_the_islands_is_raw_html() {
    for (path, text) in pages() {
        // A rendered page is HTML: leptos has escaped its text.
        let rendered = match path.as_str() {
            "app/src/layout/page.rs" => "InertElement::new(show_directions(page.to_html()))",
            _ => "set_inner_html(\"\")",
        };
        let rest = text
            .replace(rendered, "")
            .replace("use leptos::tachys::html::InertElement;", "");
        let raw = ["inner_html", "InertElement"].iter().any(|raw| rest.contains(raw));
        assert!(!raw || path == "app/src/layout/assets.rs", "{path}");
        for attribute in [" style=", " on:click=", " prop:innerHTML"] {
            assert!(
                !text.contains(attribute),
                "{path} has{attribute}, which the content security policy or a browser without JavaScript ignores"
            );
        }
    }
}

/// `leptos_meta` does not escape a title: <https://docs.rs/leptos_meta/0.8.7/src/leptos_meta/lib.rs.html#263>.
#[test]
fn every_title_is_escaped() {
    for (path, text) in pages() {
        for rest in text.split("<Title").skip(1) {
            assert!(rest.starts_with(" text=document_title("), "{path}: <Title{rest:.60}");
        }
    }
}

/// A change is a POST, so that a link cannot make one (<https://github.com/leptos-rs/leptos/issues/4809>).
#[test]
fn server_functions_have_a_fixed_path_and_are_posts() {
    for (path, text) in pages() {
        for attribute in text.split("#[server").skip(1) {
            let attribute = attribute.split(']').next().unwrap_or_default();
            assert!(
                attribute.contains("prefix = \"/api\"") && attribute.contains("endpoint = \""),
                "{path}: {attribute}"
            );
            assert!(!attribute.contains("GetUrl"), "{path}: {attribute}");
        }
    }
}

/// A reader has only this repository and public sources, but not the machine that it was written on.
#[test]
fn no_path_leads_out_of_the_repository() {
    for (path, text) in our_texts() {
        if path.starts_with("server/tests/repository") {
            continue;
        }
        for place in ["/work/", "/tmp/", "/home/"] {
            let begins_here = |at: usize| text[..at].ends_with([' ', '"', '`', '\'', '(', '=', '\n']);
            let found = text.match_indices(place).any(|(at, _)| begins_here(at));
            assert!(!found, "{path} names {place}");
        }
    }
}

/// The names of types that a line at the top level of a module defines, with whether the type is public.
fn type_in(line: &str) -> Option<(bool, String)> {
    let is_public = line.starts_with("pub ");
    let line = match line.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ")?.1,
        None => line.strip_prefix("pub ").unwrap_or(line),
    };
    let line = line.strip_prefix("unsafe ").unwrap_or(line);
    let name = ["struct ", "enum ", "trait ", "union ", "type "]
        .iter()
        .find_map(|keyword| line.strip_prefix(keyword))?;
    let name = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    Some((is_public, name))
}

/// A search for a type name finds one type. Only `Error` is defined in several crates.
#[test]
fn public_type_names_are_unique() {
    let mut seen = BTreeMap::<String, String>::new();
    let mut twice = Vec::new();
    for (path, text) in sources() {
        for (_, name) in text.lines().filter_map(type_in).filter(|(is_public, _)| *is_public) {
            if let Some(other) = seen.insert(name.clone(), path.clone())
                && name != "Error"
            {
                twice.push(format!("{name} is in {other} and {path}"));
            }
        }
    }
    assert!(seen.len() > 100, "{} names", seen.len());
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn type_names_are_unique_in_their_crate() {
    let mut seen = BTreeMap::<(String, String), String>::new();
    let mut twice = Vec::new();
    for (path, text) in sources() {
        let (package, _) = path.split_once("/src/").unwrap();
        for (_, name) in text.lines().filter_map(type_in) {
            if let Some(other) = seen.insert((package.to_owned(), name.clone()), path.clone()) {
                twice.push(format!("{name} is in {other} and {path}"));
            }
        }
    }
    assert!(seen.len() > 300, "{} names", seen.len());
    assert!(twice.is_empty(), "{} names:\n{}", twice.len(), twice.join("\n"));
}

/// Rust sources without tests: path and text.
fn sources() -> impl Iterator<Item = (String, String)> {
    our_texts_in("", &["rs"])
        .into_iter()
        .filter(|(path, _)| path.contains("/src/") && !path.ends_with("/tests.rs") && !path.contains("/tests/"))
}

#[test]
fn types_are_recognised() {
    for (line, expected) in [
        ("pub struct Name<T>(T);", Some((true, "Name"))),
        ("pub(crate) enum Name {", Some((false, "Name"))),
        ("pub(in crate::a) type Name = u8;", Some((false, "Name"))),
        ("trait Name: Send {", Some((false, "Name"))),
        ("    struct Nested;", None),
        ("structure", None),
    ] {
        assert_eq!(
            type_in(line),
            expected.map(|(is_public, name)| (is_public, name.to_owned())),
            "{line}"
        );
    }
}

/// Only one place decides what only the server compiles, so that it is clear everywhere else what runs where.
#[test]
fn features_are_asked_for_in_one_place() {
    for (path, text) in pages() {
        let code = parts(&text).into_iter().filter(|(part, ..)| *part == Part::Code);
        // `cfg(feature`, `cfg(not(feature`, `cfg_attr(feature`, `cfg!(feature`: each compares the feature with a
        // literal.
        let gates = code.filter(|(.., code)| code.trim_end().ends_with("feature =")).count();
        let max = if path == "app/src/lib.rs" { 3 } else { 0 };
        assert!(gates <= max, "{path}: {gates} gates");
    }
}
