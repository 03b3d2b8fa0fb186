//! How the sources may not be written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::our_texts;

/// The longest file. Beyond it, a file has become two.
const MAX_LINES: usize = 450;

/// The sources of pages, by path.
fn pages() -> Vec<(String, String)> {
    let ours = our_texts()
        .into_iter()
        .map(|(path, text)| (path.display().to_string(), text));
    let pages: Vec<_> = ours
        .filter(|(path, _)| path.starts_with("app/src/") && path.ends_with(".rs"))
        .collect();
    assert!(pages.len() > 20);
    pages
}

#[test]
fn no_file_is_longer_than_a_reader_holds() {
    for (path, text) in our_texts() {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{}: {lines} lines", path.display());
    }
}

/// Beyond it, a line does not fit beside another on a screen. rustfmt leaves long literals and comments alone.
const MAX_COLUMNS: usize = 120;

#[test]
fn no_line_is_longer_than_a_screen_is_wide() {
    let mut long = Vec::new();
    for (path, text) in our_texts() {
        let is_code = path
            .extension()
            .is_some_and(|e| ["rs", "ts", "mjs", "js", "c"].iter().any(|known| e == *known));
        for (number, line) in (1..).zip(text.lines()).filter(|_| is_code) {
            if line.chars().count() > MAX_COLUMNS {
                long.push(format!("{}:{number}", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "{} lines:\n{}", long.len(), long.join("\n"));
}

/// Server-side rendering escapes nothing in there: <https://github.com/leptos-rs/leptos/issues/4730>.
#[test]
fn elements_whose_text_is_not_escaped_have_no_dynamic_child() {
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
fn markup_is_put_in_as_text_except_for_the_script_of_the_islands() {
    for (path, text) in pages() {
        // A page is HTML already: leptos rendered it, and escaped what is in it.
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
                "{path} has{attribute}: the content security policy, or no JavaScript, breaks it"
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

/// The URL carries state; what changes something is a POST (<https://github.com/leptos-rs/leptos/issues/4809>).
#[test]
fn server_functions_have_an_address_of_their_own_and_are_posts() {
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

/// A reader has this repository and what is public, and nothing of the machine that it was written on.
#[test]
fn nothing_points_outside() {
    let outside = ["/work/", "/tmp/", "/home/"];
    for (path, text) in our_texts() {
        if path.starts_with(Path::new("server/tests/repository")) {
            continue;
        }
        for place in outside {
            let pointing = text.split(place).collect::<Vec<_>>();
            let before = |part: &&str| part.ends_with([' ', '"', '`', '\'', '(', '=', '\n']);
            let found = pointing[..pointing.len() - 1].iter().any(before);
            assert!(!found, "{} points to {place}", path.display());
        }
    }
}

/// Who reads a name finds one thing by it. `Error` is what each crate calls its own.
#[test]
fn public_type_names_are_unique() {
    let mut seen = BTreeMap::<String, PathBuf>::new();
    for (path, text) in our_texts() {
        let is_source = path.extension().is_some_and(|extension| extension == "rs") && is_in_src(&path);
        for line in text.lines().filter(|_| is_source) {
            let rest = ["pub struct ", "pub enum ", "pub trait ", "pub type "]
                .iter()
                .find_map(|start| line.strip_prefix(start));
            let Some(rest) = rest else { continue };
            let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let other = seen.insert(name.clone(), path.clone());
            assert!(
                name == "Error" || other.is_none(),
                "{name} is in {} and {}",
                path.display(),
                other.unwrap_or_default().display()
            );
        }
    }
    assert!(seen.len() > 100, "{} names", seen.len());
}

/// What only the server compiles is in one place, so that nobody has to look twice at what runs where.
#[test]
fn the_pages_are_gated_in_one_place() {
    for (path, text) in pages() {
        let gates = text.matches("cfg(feature").count();
        assert!(
            gates <= if path == "app/src/lib.rs" { 3 } else { 0 },
            "{path}: {gates} gates"
        );
    }
}

#[test]
fn modules_are_called_by_their_names() {
    for (path, _) in our_texts() {
        assert!(
            !path.ends_with("mod.rs"),
            "{}: name.rs and name/ instead",
            path.display()
        );
    }
}

fn is_in_src(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "src")
}
