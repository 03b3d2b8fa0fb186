//! Formatting, lints and the tests that Cargo runs.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::release::SITE_VARIABLE;
use crate::report::Report;
use crate::site::wasm;
use crate::workspace::Workspace;

/// Everything that the product is made of.
pub(super) const ALL_BUT_XTASK: [&str; 3] = ["--workspace", "--exclude", "xtask"];

const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

pub(super) fn formatting() -> Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))
}

/// Clippy over what runs on the host and what runs in the browser.
pub(super) fn lints(report: &mut Report, workspace: &Workspace, site: Option<&Path>) {
    report.step("lints", site, |site| {
        process::run(
            with_site(process::cargo().args(["clippy", "--workspace", "--all-targets"]), site).args(DENY_WARNINGS),
        )
    });
    report.step("lints of the browser's part", site, |_| {
        process::run(wasm::cargo(workspace, "clippy").args(DENY_WARNINGS))
    });
}

/// Unit, property, client, contract and HTTP tests, and the examples in the documentation.
pub(super) fn tests(report: &mut Report, site: Option<&Path>) {
    let run: &[&str] = if nextest_is_installed() {
        &["nextest", "run"]
    } else {
        &["test", "--bins", "--lib", "--tests"]
    };
    report.step("Rust tests", site, |site| {
        process::run(with_site(process::cargo().args(run).args(ALL_BUT_XTASK), site))
    });
    report.step("Rust tests of xtask", Some(()), |()| {
        process::run(process::cargo().args(run).args(["--package", "xtask"]))
    });
    // `frontend` is no library to write examples for, and rustdoc says so each time.
    report.step("examples in the documentation", site, |site| {
        let cargo = &mut process::cargo();
        process::run(with_site(
            cargo
                .args(["test", "--doc"])
                .args(ALL_BUT_XTASK)
                .args(["--exclude", "frontend"]),
            site,
        ))
    });
}

fn nextest_is_installed() -> bool {
    process::output(process::cargo().args(["nextest", "--version"])).is_ok()
}

/// The same site in each Cargo command, so that none compiles the server again.
fn with_site<'a>(command: &'a mut Command, site: &Path) -> &'a mut Command {
    command.env(SITE_VARIABLE, site)
}
