//! Puts the site into the program.
//!
//! `cargo xtask` makes the site and names its folder in `PAT_CONSOLE_SITE`. Without it (a plain `cargo check` or `cargo test`) the table is empty: pages come without
//! scripts and styles, and the whole job can still be done. Nothing is compiled or compressed in here.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

const SITE: &str = "PAT_CONSOLE_SITE";

/// `site.json`: the paths of files relative to the site's folder. The style sheet is part of pages too.
#[derive(Default, Deserialize)]
struct Table {
    js: Option<String>,
    wasm: Option<String>,
    css: Option<String>,
    files: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    path: String,
    content_type: String,
    immutable: bool,
    sha256: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={SITE}");
    let site = env::var_os(SITE).map(PathBuf::from);
    let (folder, table) = match &site {
        None => (Path::new(""), Table::default()),
        Some(folder) => (folder.as_path(), read(folder)?),
    };
    let out = env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("site.rs"), source(folder, &table)?)?;
    Ok(())
}

fn read(folder: &Path) -> Result<Table, Box<dyn Error>> {
    let path = folder.join("site.json");
    println!("cargo::rerun-if-changed={}", path.display());
    let failed = |error: &dyn Error| format!("{SITE}: {}: {error}; `cargo xtask site` makes it", path.display());
    let text = fs::read(&path).map_err(|error| failed(&error))?;
    Ok(serde_json::from_slice(&text).map_err(|error| failed(&error))?)
}

/// The constants that `src/site.rs` includes.
fn source(folder: &Path, table: &Table) -> Result<String, Box<dyn Error>> {
    let mut source = String::new();
    for (name, what, path) in [
        ("JS", "JavaScript module", &table.js),
        ("WASM", "WebAssembly", &table.wasm),
    ] {
        let url = path.as_ref().map(|path| format!("/{path}"));
        writeln!(source, "/// The path of the {what}, where the site was built in.")?;
        writeln!(source, "pub(crate) const {name}: Option<&str> = {url:?};")?;
    }
    let css = table.css.as_ref().map(|path| folder.join(path));
    let css = css.zip(table.css.as_ref()).map_or("None".to_owned(), |(path, url)| {
        format!("Some(({:?}, include_str!({path:?})))", format!("/{url}"))
    });
    writeln!(
        source,
        "/// Path and text of the style sheet, where the site was built in."
    )?;
    writeln!(source, "pub(crate) const CSS: Option<(&str, &str)> = {css};")?;
    writeln!(source, "static FILES: &[Asset] = &[")?;
    for Row {
        path,
        content_type,
        immutable,
        sha256,
    } in &table.files
    {
        let url = format!("/{path}");
        let identity = folder.join(path);
        let brotli = folder.join(format!("{path}.br"));
        writeln!(
            source,
            "    Asset {{ path: {url:?}, content_type: {content_type:?}, immutable: {immutable}, sha256: {sha256:?}, identity: include_bytes!({identity:?}), brotli: include_bytes!({brotli:?}) }},"
        )?;
    }
    writeln!(source, "];")?;
    Ok(source)
}
