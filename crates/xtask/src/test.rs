//! `cargo xtask test`: every test there is. What is missing fails; nothing is skipped.
//!
//! Two selections of packages are compiled for the host, and no third: `xtask` alone, as `cargo xtask` itself compiles it, and everything else. Cargo unifies
//! the features of the packages it is asked for at once, so another selection would compile most of the dependencies a second time.

pub(crate) mod browser;
mod rust;
pub(crate) mod sdk;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use crate::checkout::Checkout;
use crate::demo::DEMO_WORKSPACE;
use crate::release::{self, CONSOLE};
use crate::report::Report;
use crate::{prerequisites, site};

#[derive(Args)]
pub(crate) struct Options {
    /// Only one part, for a quick loop
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Arguments for Playwright
    #[arg(last = true, value_name = "PLAYWRIGHT ARGUMENTS")]
    playwright: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// Formatting, lints, and the Rust tests
    Rust,
    /// The vendor's Python SDK against the demo workspace
    Sdk,
    /// Playwright in Chromium, or in the browser that CHROMIUM names
    Browser,
}

/// The programs that the SDK and the browser tests start.
struct Programs {
    console: PathBuf,
    demo_workspace: PathBuf,
}

/// Runs the tests and prints a table of the steps.
///
/// # Errors
/// When a tool is missing or a step failed.
pub(crate) fn run(workspace: &Checkout, options: &Options) -> Result<()> {
    let wanted = |part| options.only.is_none_or(|only| only == part);
    let chromium = wanted(Part::Browser).then(prerequisites::headless_chromium).transpose();
    prerequisites::require([
        if wanted(Part::Browser) {
            prerequisites::node()
        } else {
            Ok(())
        },
        if wanted(Part::Sdk) {
            prerequisites::python()
        } else {
            Ok(())
        },
        chromium
            .as_ref()
            .map(drop)
            .map_err(|error| anyhow::anyhow!("{error:#}")),
    ])?;
    let chromium = chromium?;

    let mut report = Report::default();
    if wanted(Part::Rust) {
        report.step("formatting", Some(()), |()| rust::formatting());
    }
    let site = report.step("the site", Some(()), |()| site::build(workspace));
    let site = site.as_deref();
    if wanted(Part::Rust) {
        rust::lints(&mut report, workspace, site);
    }
    let programs = report.step("compiling", site, |site| compile(workspace, site, options.only));
    if wanted(Part::Rust) {
        rust::tests(&mut report, site.filter(|_| programs.is_some()));
    }
    if wanted(Part::Sdk) {
        sdk::run(&mut report, workspace, programs.as_ref());
    }
    if let Some(chromium) = chromium {
        browser::run(
            &mut report,
            workspace,
            programs.as_ref(),
            &chromium,
            &options.playwright,
        );
    }
    report.finish()
}

/// Compiles the programs: with all tests for a full run, and as `cargo xtask demo` does for the quick loop of a part that needs no Rust tests.
fn compile(workspace: &Checkout, site: &Path, only: Option<Part>) -> Result<Programs> {
    match only {
        None | Some(Part::Rust) => {
            release::compile(site, &[&rust::ALL_BUT_XTASK[..], &["--bins", "--tests"]].concat())?
        }
        Some(Part::Sdk | Part::Browser) => {
            release::compile(
                site,
                &["--package", &workspace.site.bin_package, "--package", DEMO_WORKSPACE],
            )?;
        }
    }
    Ok(Programs {
        console: workspace.program("debug", CONSOLE),
        demo_workspace: workspace.program("debug", DEMO_WORKSPACE),
    })
}

/// Does `work` unless `stamp` already holds `wanted`, which it does once the work has succeeded.
fn run_if_changed(stamp: &Path, wanted: &[u8], work: impl FnOnce() -> Result<()>) -> Result<()> {
    if fs::read(stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    work()?;
    fs::write(stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_once_until_its_input_changes_or_it_failed() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = folder.path().join("stamp");
        let mut times = 0;
        let mut attempt = |wanted: &[u8], works: bool| {
            let _ = run_if_changed(&stamp, wanted, || {
                times += 1;
                if works { Ok(()) } else { anyhow::bail!("no network") }
            });
            times
        };
        assert_eq!(
            [
                attempt(b"1", false),
                attempt(b"1", true),
                attempt(b"1", true),
                attempt(b"2", true)
            ],
            [1, 2, 2, 3]
        );
    }
}
