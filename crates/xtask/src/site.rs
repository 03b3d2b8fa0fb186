//! `cargo xtask site`: everything that a browser fetches besides pages, ready to be compiled into the server.
//!
//! Writes to `target/site` the WebAssembly bundle, its JavaScript, the style sheet (each named by its content's hash) and the files of `public/`, every one with
//! its brotli twin, and `site.json`, which `server/build.rs` reads. The same input gives the same bytes, and a file that is right already is not
//! touched, so that nothing is compiled again after a run that changed nothing.

mod files;
mod style;
pub(crate) mod wasm;

use std::path::PathBuf;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::report::step;
use files::File;

/// Makes the site and returns its folder.
///
/// # Errors
/// When a part does not compile, or a file cannot be read or written.
pub(crate) fn build(workspace: &Checkout) -> Result<PathBuf> {
    let config = &workspace.site;
    wasm::ensure_target()?;
    let compiled = step("the browser's part (WebAssembly)", || wasm::compile(workspace))?;
    step("the site's files", || {
        let bundle = wasm::bind(&compiled, &config.output_name)?;
        let css = style::bundle(&workspace.root.join(&config.style_file))?;
        let pkg = &config.site_pkg_dir;
        let site = files::Site {
            js: File::hashed(pkg, &config.output_name, "js", bundle.js),
            wasm: File::hashed(pkg, &config.output_name, "wasm", bundle.wasm),
            css: File::hashed(pkg, "main", "css", css),
            public: files::read_folder(&workspace.root.join(&config.assets_dir))?,
        };
        let folder = workspace.site_folder();
        site.write(&folder)?;
        Ok(folder)
    })
}
