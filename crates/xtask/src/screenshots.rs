//! `cargo xtask screenshots`: takes pictures of the console's main states, wide and narrow, in light and dark.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use clap::Args;

use crate::checkout::Checkout;
use crate::prerequisites;
use crate::process;
use crate::release::{self, CONSOLE, DEMO_WORKSPACE};
use crate::report::step;
use crate::site;
use crate::test::browser;

/// The screenshot in the README: its path, and the file of the state and theme to copy.
const README_PICTURE: (&str, &str) = ("docs/tokens.png", "tokens-1280-light.png");

/// The maximum size in bytes: the README is read over slow connections, and the repository keeps every version.
const MAX_README_PICTURE: u64 = 200_000;

#[derive(Args)]
pub(crate) struct ScreenshotsOptions {
    /// Take pictures of one state only, such as `tokens` (end2end/screenshots/states.ts has all of them)
    #[arg(long, value_name = "STATE")]
    only: Option<String>,
    /// Where the pictures are written; the default is target/screenshots
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Also replace the picture of the README, docs/tokens.png
    #[arg(long)]
    docs: bool,
}

/// Builds the programs, takes the pictures and prints where they are.
///
/// # Errors
/// If something does not build, or a state cannot be reached. The output above the error names the state.
pub(crate) fn run(checkout: &Checkout, options: &ScreenshotsOptions) -> Result<()> {
    prerequisites::require([prerequisites::node()])?;
    let chromium = prerequisites::headless_chromium()?;
    let folder = folder(checkout, options)?;
    let site = site::build(checkout)?;
    step("the server and the demo workspace", || {
        release::compile_with_demo_workspace(checkout, &site)
    })?;
    let end2end = checkout.root.join("end2end");
    step("the browser's packages", || browser::install(&end2end))?;
    step("the pictures", || {
        let mut playwright = browser::npx(&end2end, "playwright");
        playwright.args(["test", "--config", "screenshots.config.ts", "--output"]);
        playwright.arg(checkout.target.join("screenshot-results"));
        if let Some(state) = &options.only {
            // A test's full title ends with the state's name.
            playwright.arg("--grep").arg(format!(" {state}$"));
        }
        playwright
            .env("PAT_CONSOLE_BIN", checkout.program("debug", CONSOLE))
            .env("DEMO_WORKSPACE_BIN", checkout.program("debug", DEMO_WORKSPACE))
            .env("CHROMIUM", &chromium)
            .env("SCREENSHOTS_FOLDER", &folder);
        process::run(&mut playwright).context(match &options.only {
            Some(state) => format!("cannot take pictures of {state}; end2end/screenshots/states.ts has all states"),
            None => "cannot take pictures of the states listed under \"Failures\"".to_owned(),
        })
    })?;
    if options.docs {
        replace_readme_picture(checkout, &folder)?;
    }
    println!("{}", checkout.display_path(&folder));
    Ok(())
}

/// The folder for the screenshots, without those of an earlier run.
fn folder(checkout: &Checkout, options: &ScreenshotsOptions) -> Result<PathBuf> {
    let (name, _) = README_PICTURE;
    ensure!(
        !options.docs || options.only.as_deref().is_none_or(|state| state == "tokens"),
        "{name} is a picture of the state `tokens`: leave out --only, or type --only tokens"
    );
    if let Some(folder) = &options.folder {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        return fs::canonicalize(folder).with_context(|| format!("cannot open {}", folder.display()));
    }
    let folder = checkout.target.join("screenshots");
    if folder.exists() && options.only.is_none() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

fn replace_readme_picture(checkout: &Checkout, folder: &Path) -> Result<()> {
    let (name, picture) = README_PICTURE;
    let (from, to) = (folder.join(picture), checkout.root.join(name));
    let mut shrink = Command::new("node");
    shrink
        .arg("screenshots/shrink-png.mjs")
        .args([&from, &to])
        .current_dir(checkout.root.join("end2end"));
    process::run(&mut shrink)?;
    let bytes = fs::metadata(&to)
        .with_context(|| format!("cannot read {}", to.display()))?
        .len();
    println!("{name}: {} kB", bytes / 1000);
    ensure!(
        bytes < MAX_README_PICTURE,
        "{name} has {bytes} bytes, more than {MAX_README_PICTURE}"
    );
    Ok(())
}
