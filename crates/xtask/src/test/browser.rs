//! The Playwright tests in `end2end/`: all of them in the system's Chromium, and the main journey in its Firefox and on
//! PostgreSQL too.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Programs, run_if_changed};
use crate::checkout::Checkout;
use crate::postgres::{self, TestServer};
use crate::prerequisites;
use crate::process;
use crate::report::Report;

/// Traces are not recorded by default, because recording takes a fifth of the time.
const TRACE_HINT: &str = "to see what the browser saw, record a trace: `cargo xtask test --only browser -- --trace on \
                           FILE:LINE`, and open the trace.zip whose path it prints with `npx playwright show-trace`";

pub(super) fn run(
    report: &mut Report,
    checkout: &Checkout,
    programs: Option<&Programs>,
    server: Option<&TestServer>,
    chromium: &Path,
    arguments: &[String],
) {
    let folder = &checkout.root.join("end2end");
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
    let installed_with_programs = installed.and(programs);
    report.step("browser tests", installed_with_programs, |programs| {
        let mut playwright = playwright(checkout, programs, "playwright-results");
        playwright.args(arguments).env("CHROMIUM", chromium);
        process::run(&mut playwright).context(TRACE_HINT)
    });
    if arguments.is_empty() {
        let is_required = env::var_os("CI").is_some();
        main_journey_in_firefox(
            report,
            checkout,
            installed_with_programs,
            prerequisites::firefox(),
            is_required,
        );
        if let Some(server) = server {
            main_journey_on_postgres(report, checkout, installed_with_programs, server, chromium);
        }
    } else {
        report.not_run(
            "the main journey in Firefox and on PostgreSQL, because the arguments for Playwright choose other tests",
        );
    }
}

/// Runs the tests that `end2end/postgres.config.ts` selects: on one instance, and on two if nginx is available. The
/// Rust tests report what needs nginx.
fn main_journey_on_postgres(
    report: &mut Report,
    checkout: &Checkout,
    programs: Option<&Programs>,
    server: &TestServer,
    chromium: &Path,
) {
    report.step("main journey on PostgreSQL", programs, |programs| {
        let mut playwright = playwright(checkout, programs, "postgres-results");
        playwright.args(["--config", "postgres.config.ts"]);
        match prerequisites::nginx() {
            Ok(nginx) => playwright.env("NGINX_BIN", nginx),
            Err(_) => playwright.args(["--project", "one-instance"]),
        };
        playwright
            .env("CHROMIUM", chromium)
            .env("PSQL_BIN", prerequisites::postgresql()?.psql());
        process::run(postgres::with_server(&mut playwright, Some(server)))
    });
}

/// Runs the tests that `end2end/firefox.config.ts` selects. Without Firefox they are listed as not run, and fail if
/// they are required.
fn main_journey_in_firefox(
    report: &mut Report,
    checkout: &Checkout,
    programs: Option<&Programs>,
    firefox: Result<PathBuf>,
    is_required: bool,
) {
    if let Err(missing) = &firefox
        && !is_required
    {
        eprintln!("    {missing:#}");
        return report.not_run("the main journey in Firefox (end2end/firefox.config.ts), which needs Firefox");
    }
    report.step("main journey in Firefox", programs, |programs| {
        let firefox = firefox?;
        let mut playwright = playwright(checkout, programs, "firefox-results");
        process::run(
            playwright
                .args(["--config", "firefox.config.ts"])
                .env("FIREFOX", firefox),
        )
    });
}

/// `playwright test` with the programs that the tests start. Empties the folder `results` in `target` first.
fn playwright(checkout: &Checkout, programs: &Programs, results: &str) -> Command {
    let mut playwright = npx(&checkout.root.join("end2end"), "playwright");
    playwright
        .args(["test", "--output"])
        .arg(checkout.target.join(results))
        .env("PAT_CONSOLE_BIN", &programs.console)
        .env("DEMO_WORKSPACE_BIN", &programs.demo_workspace);
    playwright
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

/// A command that runs a program in `node_modules`. It never downloads one.
pub(crate) fn npx(folder: &Path, program: &str) -> Command {
    let mut command = Command::new("npx");
    command.args(["--no-install", program]).current_dir(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_firefox_its_tests_are_listed_as_not_run_or_fail_if_they_are_required() {
        let checkout = Checkout::read().unwrap();
        let programs = Programs {
            console: PathBuf::new(),
            demo_workspace: PathBuf::new(),
        };
        let summary = |is_required| {
            let mut report = Report::default();
            let missing = Err(anyhow::anyhow!("no Firefox"));
            main_journey_in_firefox(&mut report, &checkout, Some(&programs), missing, is_required);
            report.to_string()
        };
        let optional = summary(false);
        assert!(
            optional.starts_with("not run: the main journey in Firefox"),
            "{optional}"
        );
        assert!(optional.ends_with("0 passed, 0 failed"), "{optional}");
        assert!(summary(true).ends_with("0 passed, 1 failed"), "{}", summary(true));
    }
}
