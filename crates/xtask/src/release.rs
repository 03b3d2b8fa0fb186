//! `cargo xtask build`, and compiling the programs with the site embedded.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::process;
use crate::report::step;
use crate::site;

/// The name of the console's program, which the package `server` builds.
pub(crate) const CONSOLE: &str = "pat-console";

/// The name of the demo workspace's package and of its program.
pub(crate) const DEMO_WORKSPACE: &str = "demo-workspace";

/// The environment variable from which `server/build.rs` reads the folder of the site to embed.
pub(crate) const SITE_VARIABLE: &str = "PAT_CONSOLE_SITE";

/// Builds the release and prints its path and its size.
///
/// # Errors
/// If the site or the program does not build.
pub(crate) fn run(checkout: &Checkout) -> Result<()> {
    let site = site::build(checkout)?;
    step("the server (release)", || {
        compile(&site, &["--release", "--package", &checkout.site.bin_package])
    })?;
    let program = checkout.program("release", CONSOLE);
    let bytes = fs::metadata(&program)
        .with_context(|| format!("{} does not exist", program.display()))?
        .len();
    println!(
        "{} ({:.1} MB, including the site)",
        checkout.display_path(&program),
        bytes as f64 / 1e6
    );
    Ok(())
}

/// Builds the console, with the site embedded, and the demo workspace, in the development profile.
///
/// # Errors
/// If they do not build.
pub(crate) fn compile_with_demo_workspace(checkout: &Checkout, site: &Path) -> Result<()> {
    compile(
        site,
        &["--package", &checkout.site.bin_package, "--package", DEMO_WORKSPACE],
    )
}

/// Runs `cargo build` for the selected packages, with the site embedded in the console.
///
/// # Errors
/// If they do not build.
pub(crate) fn compile(site: &Path, selection: &[&str]) -> Result<()> {
    process::run(process::cargo().arg("build").args(selection).env(SITE_VARIABLE, site))
}
