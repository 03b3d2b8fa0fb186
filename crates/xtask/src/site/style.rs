//! Bundles the style sheet: its `@import`s become one file, which is minified.
//!
//! No browser targets are set, so modern CSS (`light-dark()`, `@layer`, nesting) stays as written. The supported
//! browsers understand it.

use std::fmt::Display;
use std::path::Path;

use anyhow::{Result, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};

/// Bundles and minifies the sheet at `entry`.
///
/// # Errors
/// If a sheet is missing or is not valid CSS. The message contains the file and the line.
pub(super) fn bundle(entry: &Path) -> Result<Vec<u8>> {
    let files = FileProvider::new();
    let mut sheet = Bundler::new(&files, None, ParserOptions::default())
        .bundle(entry)
        .map_err(|error| located(entry, &error))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| located(entry, &error))?;
    let minified = PrinterOptions {
        minify: true,
        ..PrinterOptions::default()
    };
    let printed = sheet.to_css(minified).map_err(|error| located(entry, &error))?;
    Ok(printed.code.into_bytes())
}

/// The error with its file and line. The crate counts lines from 0, editors from 1.
fn located<T: Display>(entry: &Path, error: &lightningcss::error::Error<T>) -> anyhow::Error {
    match &error.loc {
        Some(location) => anyhow!("{}:{}: {}", location.filename, location.line + 1, error.kind),
        None => anyhow!("{}: {}", entry.display(), error.kind),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn bundled(main: &str, imported: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), main).unwrap();
        fs::write(folder.path().join("part.css"), imported).unwrap();
        bundle(&folder.path().join("main.css")).map(|css| String::from_utf8(css).unwrap())
    }

    #[test]
    fn imports_are_bundled_and_modern_css_is_kept() {
        let css = bundled(
            "@layer ui, base;\n@import './part.css' layer(base);\n\
             @layer ui { .a { &:hover { color: light-dark(#111, #eee); } } }\n@view-transition { navigation: auto; }",
            "/* gone */ body { margin: 0px }",
        )
        .unwrap();
        for expected in [
            "@layer base{body{margin:0}}",
            "&:hover{color:light-dark(#111,#eee)}",
            "@view-transition{navigation:auto",
        ] {
            assert!(css.contains(expected), "{expected} is missing in {css}");
        }
        assert!(
            css.find("@layer ui") < css.find("@layer base"),
            "the order of the layers changed: {css}"
        );
        assert!(!css.contains("@import") && !css.contains("gone"), "{css}");
    }

    #[test]
    fn an_error_contains_the_file_and_the_line() {
        let error = bundled("@import './part.css';", "body { }\n}").unwrap_err().to_string();
        assert!(error.contains("part.css:2"), "{error}");
        let error = bundled("@import './missing.css';", "").unwrap_err().to_string();
        assert!(error.contains("main.css:1: No such file"), "{error}");
    }
}
