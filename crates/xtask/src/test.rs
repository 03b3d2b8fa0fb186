//! `cargo xtask test`: runs all tests. A missing tool is a failure; nothing is skipped.
//!
//! Only two selections of packages are compiled for the host: `xtask`, as `cargo xtask` itself compiles it, and
//! everything else. Cargo unifies the features of packages that are compiled together, so a third selection would
//! compile most dependencies again.

pub(crate) mod browser;
pub(crate) mod rust;
pub(crate) mod sdk;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use crate::checkout::Checkout;
use crate::postgres::TestServer;
use crate::release::{self, CONSOLE, DEMO_WORKSPACE};
use crate::report::Report;
use crate::{prerequisites, site};

#[derive(Args)]
pub(crate) struct TestOptions {
    /// Run only one part
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
    /// Playwright in Chromium, and the main journey in Firefox and on PostgreSQL; CHROMIUM and FIREFOX can name other
    /// browsers
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
/// If a tool is missing or a step failed.
pub(crate) fn run(checkout: &Checkout, options: &TestOptions) -> Result<()> {
    let is_selected = |part| options.only.is_none_or(|only| only == part);
    let chromium = is_selected(Part::Browser)
        .then(prerequisites::headless_chromium)
        .transpose();
    prerequisites::require([
        if is_selected(Part::Browser) {
            prerequisites::node()
        } else {
            Ok(())
        },
        if is_selected(Part::Sdk) {
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
    if is_selected(Part::Rust) {
        report.step("formatting", Some(()), |()| rust::formatting());
    }
    let site = report.step("the site", Some(()), |()| site::build(checkout));
    let site = site.as_deref();
    if is_selected(Part::Rust) {
        rust::lints(&mut report, checkout, site);
    }
    let programs = report.step("compiling", site, |site| compile(checkout, site, options.only));
    let server = (is_selected(Part::Rust) || is_selected(Part::Browser))
        .then(|| TestServer::start(&mut report))
        .flatten();
    if is_selected(Part::Rust) {
        rust::tests(&mut report, site.filter(|_| programs.is_some()), server.as_ref());
    }
    if is_selected(Part::Sdk) {
        sdk::run(&mut report, checkout, programs.as_ref());
    }
    if let Some(chromium) = chromium {
        browser::run(
            &mut report,
            checkout,
            programs.as_ref(),
            server.as_ref(),
            &chromium,
            &options.playwright,
        );
    }
    report.finish()
}

/// Compiles the programs. If the Rust tests are selected, compiles them too; otherwise compiles like
/// `cargo xtask demo`, which is faster.
fn compile(checkout: &Checkout, site: &Path, only: Option<Part>) -> Result<Programs> {
    match only {
        None | Some(Part::Rust) => {
            release::compile(site, &[&rust::ALL_BUT_XTASK[..], &["--bins", "--tests"]].concat())?
        }
        Some(Part::Sdk | Part::Browser) => {
            release::compile_with_demo_workspace(checkout, site)?;
        }
    }
    Ok(Programs {
        console: checkout.program("debug", CONSOLE),
        demo_workspace: checkout.program("debug", DEMO_WORKSPACE),
    })
}

/// Runs `work` unless the file `stamp` contains `input`. Writes `input` to the file after `work` has succeeded.
fn run_if_changed(stamp: &Path, input: &[u8], work: impl FnOnce() -> Result<()>) -> Result<()> {
    if fs::read(stamp).is_ok_and(|previous| previous == input) {
        return Ok(());
    }
    work()?;
    fs::write(stamp, input).with_context(|| format!("cannot write {}", stamp.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_repeated_only_if_it_failed_or_its_input_changed() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = folder.path().join("stamp");
        let mut runs = 0;
        let mut attempt = |input: &[u8], succeeds: bool| {
            let _ = run_if_changed(&stamp, input, || {
                runs += 1;
                if succeeds { Ok(()) } else { anyhow::bail!("no network") }
            });
            runs
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
