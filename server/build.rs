//! Embeds the site in the program.
//!
//! `cargo xtask` builds the site and passes its folder in `PAT_CONSOLE_SITE`. Without that (in a plain `cargo check` or
//! `cargo test`) no files are embedded: pages have no scripts and styles, but everything still works. Nothing is
//! compiled or compressed here.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde::Deserialize;

const SITE: &str = "PAT_CONSOLE_SITE";

/// `site.json`: paths relative to the site's folder. Pages also contain the style sheets as text.
#[derive(Default, Deserialize)]
struct Site {
    js: Option<String>,
    wasm: Option<String>,
    css: Option<String>,
    token_list_css: Option<String>,
    files: Vec<SiteFile>,
}

#[derive(Deserialize)]
struct SiteFile {
    path: String,
    content_type: String,
    immutable: bool,
    sha256: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={SITE}");
    let folder = env::var_os(SITE).map(PathBuf::from);
    let (folder, site) = match &folder {
        None => (Path::new(""), Site::default()),
        Some(folder) => (folder.as_path(), read_site(folder)?),
    };
    let out = env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("site.rs"), source(folder, &site)?)?;
    Ok(())
}

fn read_site(folder: &Path) -> Result<Site, Box<dyn Error>> {
    let path = folder.join("site.json");
    println!("cargo::rerun-if-changed={}", path.display());
    let failed = |error: &dyn Error| format!("{SITE}: {}: {error}; `cargo xtask site` creates it", path.display());
    let text = fs::read(&path).map_err(|error| failed(&error))?;
    Ok(serde_json::from_slice(&text).map_err(|error| failed(&error))?)
}

/// The constants that `src/routes/assets.rs` includes.
fn source(folder: &Path, site: &Site) -> Result<String, Box<dyn Error>> {
    let mut source = String::new();
    for (name, what, path) in [
        ("JS", "JavaScript module", &site.js),
        ("WASM", "WebAssembly", &site.wasm),
    ] {
        let url = path.as_ref().map(|path| format!("/{path}"));
        writeln!(source, "/// The path of the {what}, if the site is part of this build.")?;
        writeln!(source, "pub(crate) const {name}: Option<&str> = {url:?};")?;
    }
    for (name, what, path) in [
        ("CSS", "the style sheet", &site.css),
        (
            "TOKEN_LIST_CSS",
            "the part of it that the token list needs",
            &site.token_list_css,
        ),
    ] {
        let css = path.as_ref().map_or("None".to_owned(), |path| {
            format!(
                "Some(({:?}, include_str!({:?})))",
                format!("/{path}"),
                folder.join(path)
            )
        });
        writeln!(
            source,
            "/// Path and text of {what}, if the site is part of this build."
        )?;
        writeln!(source, "pub(crate) const {name}: Option<(&str, &str)> = {css};")?;
    }
    writeln!(source, "static FILES: &[Asset] = &[")?;
    for file in &site.files {
        write_asset(&mut source, folder, file)?;
    }
    writeln!(source, "];")?;
    Ok(source)
}

fn write_asset(source: &mut String, folder: &Path, file: &SiteFile) -> Result<(), Box<dyn Error>> {
    let SiteFile {
        path,
        content_type,
        immutable,
        sha256,
    } = file;
    let url = format!("/{path}");
    let identity = folder.join(path);
    let brotli = folder.join(format!("{path}.br"));
    writeln!(source, "    Asset {{")?;
    writeln!(source, "        path: {url:?},")?;
    writeln!(source, "        content_type: {content_type:?},")?;
    writeln!(source, "        immutable: {immutable},")?;
    writeln!(source, "        sha256: {sha256:?},")?;
    writeln!(source, "        identity: include_bytes!({identity:?}),")?;
    writeln!(source, "        brotli: include_bytes!({brotli:?}),")?;
    writeln!(source, "    }},")?;
    Ok(())
}
