//! The Playwright tests in `end2end/`, run in the system's Chromium.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Programs, run_if_changed};
use crate::checkout::Checkout;
use crate::process;
use crate::report::Report;

/// Traces are not recorded by default, because recording takes a fifth of the time.
const TRACE_HINT: &str = "to see what the browser saw, record a trace: `cargo xtask test --only browser -- --trace on \
                           FILE:LINE`, and open the trace.zip whose path it prints with `npx playwright show-trace`";

pub(super) fn run(
    report: &mut Report,
    checkout: &Checkout,
    programs: Option<&Programs>,
    chromium: &Path,
    arguments: &[String],
) {
    let folder = &checkout.root.join("end2end");
    let results = checkout.target.join("playwright-results");
    let installed = report.step("the browser tests' packages", Some(()), |()| install(folder));
    report.step("types of the browser tests", installed, |()| {
        process::run(npx(folder, "tsc").arg("--noEmit"))
    });
    report.step("layout of the browser tests", installed, |()| {
        process::run(npx(folder, "prettier").args(["--check", "--log-level", "warn", "."]))
    });
    report.step("lints of the browser tests", installed, |()| {
        process::run(npx(folder, "oxlint").arg("--type-aware"))
    });
    report.step("browser tests", installed.and(programs), |programs| {
        let mut playwright = npx(folder, "playwright");
        playwright.arg("test").arg("--output").arg(&results).args(arguments);
        playwright
            .env("PAT_CONSOLE_BIN", &programs.console)
            .env("DEMO_WORKSPACE_BIN", &programs.demo_workspace);
        process::run(playwright.env("CHROMIUM", chromium)).context(TRACE_HINT)
    });
}

/// Runs `npm ci` if the lock file has changed or the previous run did not finish.
pub(crate) fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let locked = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    run_if_changed(&folder.join("node_modules/.installed-lock.json"), &locked, || {
        process::run(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(folder),
        )
        .context("if npm does not find a version, its registry may not have it yet: try again, or use another registry")
    })
}

/// A program in `node_modules`. Never downloads one.
pub(crate) fn npx(folder: &Path, program: &str) -> Command {
    let mut command = Command::new("npx");
    command.args(["--no-install", program]).current_dir(folder);
    command
}
