//! `cargo xtask build`, and how the programs are compiled with the site inside them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::process;
use crate::report::step;
use crate::site;

/// The console's program, of the package `server`.
pub(crate) const CONSOLE: &str = "pat-console";

/// Read by `server/build.rs`: the folder of the site that goes into the program.
pub(crate) const SITE_VARIABLE: &str = "PAT_CONSOLE_SITE";

/// Makes the release and prints where it is and how large.
///
/// # Errors
/// When the site or the program does not build.
pub(crate) fn run(workspace: &Checkout) -> Result<()> {
    let site = site::build(workspace)?;
    step("the server (release)", || {
        compile(&site, &["--release", "--package", &workspace.site.bin_package])
    })?;
    let program = workspace.program("release", CONSOLE);
    let bytes = fs::metadata(&program)
        .with_context(|| format!("{} does not exist", program.display()))?
        .len();
    println!(
        "{} ({:.1} MB, including the site)",
        workspace.display_path(&program),
        bytes as f64 / 1e6
    );
    Ok(())
}

/// `cargo build` of the selected packages with the site inside the console.
///
/// # Errors
/// When they do not build.
pub(crate) fn compile(site: &Path, selection: &[&str]) -> Result<()> {
    process::run(process::cargo().arg("build").args(selection).env(SITE_VARIABLE, site))
}
