//! `cargo xtask site`: builds everything that a browser loads in addition to pages, to be embedded in the server.
//!
//! It writes to `target/site`: the WebAssembly bundle, its JavaScript and the style sheet, each with a hash of its
//! content in its name; the style sheet for printing and the files of `public/`; a brotli-compressed copy of each; and
//! `site.json`, which `server/build.rs` reads. The same input gives the same bytes, and files that are up to date are
//! not touched, so a run without changes does not trigger any recompilation.

mod files;
mod style;
pub(crate) mod wasm;

use std::path::PathBuf;

use anyhow::Result;

use crate::checkout::Checkout;
use crate::report::step;
use files::SiteFile;

/// Builds the site and returns its folder.
///
/// # Errors
/// If a part does not compile, or a file cannot be read or written.
pub(crate) fn build(checkout: &Checkout) -> Result<PathBuf> {
    let config = &checkout.site;
    wasm::ensure_target()?;
    let compiled = step("the WebAssembly bundle", || wasm::compile(checkout))?;
    step("the site's files", || {
        let bundle = wasm::bind(&compiled, &config.output_name)?;
        let style_file = checkout.root.join(&config.style_file);
        let css = style::bundle(&style_file)?;
        let token_list_css = style::bundle(&style_file.with_file_name("token-list.css"))?;
        let print_css = style::bundle(&style_file.with_file_name("print.css"))?;
        let mut public = files::read_folder(&checkout.root.join(&config.assets_dir))?;
        // Browsers load it last, so a name with a hash would only make pages longer.
        public.push(SiteFile::named("print.css".to_owned(), print_css));
        let pkg = &config.site_pkg_dir;
        let site = files::Site {
            js: SiteFile::hashed(pkg, &config.output_name, "js", bundle.js),
            wasm: SiteFile::hashed(pkg, &config.output_name, "wasm", bundle.wasm),
            css: SiteFile::hashed(pkg, "main", "css", css),
            token_list_css: SiteFile::hashed(pkg, "token-list", "css", token_list_css),
            public,
        };
        let folder = checkout.site_folder();
        site.write(&folder)?;
        Ok(folder)
    })
}
