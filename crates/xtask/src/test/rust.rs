//! Formatting, lints and the tests that Cargo runs.

use std::env;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::process;
use crate::release::SITE_VARIABLE;
use crate::report::Report;
use crate::site::wasm;

/// Everything that the product is made of.
pub(super) const ALL_BUT_XTASK: [&str; 3] = ["--workspace", "--exclude", "xtask"];

const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

pub(super) fn formatting() -> Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))
}

/// Clippy over what runs on the host and what runs in the browser.
pub(super) fn lints(report: &mut Report, workspace: &Checkout, site: Option<&Path>) {
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
    let runner = Runner::find();
    report.step("Rust tests", site, |site| {
        process::run(with_site(runner.command().args(ALL_BUT_XTASK), site))
    });
    if !can_mount() {
        report.not_run(
            "a full disk (server/tests/program/full_disk.rs), which needs permission to mount a file system (root)",
        );
    }
    report.step("Rust tests of xtask", Some(()), |()| {
        let profile = own_profile()?;
        process::run(
            runner
                .command()
                .args([runner.profile_flag(), &profile, "--package", "xtask"]),
        )
    });
    report.step("examples in the documentation", site, |site| {
        // `frontend` is no library to write examples for, and rustdoc says so each time.
        let options = ["test", "--doc", "--exclude", "frontend"];
        process::run(with_site(process::cargo().args(options).args(ALL_BUT_XTASK), site))
    });
}

/// Whether this user can mount a file system, as the test of a full disk does.
fn can_mount() -> bool {
    let run = |command: &mut Command| command.output().is_ok_and(|output| output.status.success());
    tempfile::tempdir().is_ok_and(|folder| {
        let mounted = run(Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(folder.path()));
        mounted && run(Command::new("umount").arg(folder.path()))
    })
}

/// How many tests run side by side for each processor: most of the time they wait for an answer or for a limit to pass.
const TESTS_FOR_EACH_PROCESSOR: usize = 4;

/// What runs the Rust tests: nextest, with a process for each test, where it is installed.
enum Runner {
    Nextest,
    Cargo,
}

impl Runner {
    fn find() -> Self {
        let nextest = process::output(process::cargo().args(["nextest", "--version"]));
        if nextest.is_ok() { Self::Nextest } else { Self::Cargo }
    }

    fn command(&self) -> Command {
        let mut cargo = process::cargo();
        match self {
            Self::Nextest => cargo.args(["nextest", "run", "--no-fail-fast"]),
            Self::Cargo => cargo.args(["test", "--tests", "--no-fail-fast"]),
        };
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let at_once = (processors * TESTS_FOR_EACH_PROCESSOR).to_string();
        // A number that somebody chose themselves stays.
        for variable in ["NEXTEST_TEST_THREADS", "RUST_TEST_THREADS"] {
            if env::var_os(variable).is_none() {
                cargo.env(variable, &at_once);
            }
        }
        cargo
    }

    fn profile_flag(&self) -> &'static str {
        match self {
            Self::Nextest => "--cargo-profile",
            Self::Cargo => "--profile",
        }
    }
}

/// The profile that this program was compiled in, by the name of its folder: its tests need its dependencies once more, but not in another profile.
fn own_profile() -> Result<String> {
    let program = env::current_exe().context("cannot tell where this program is")?;
    let folder = program.parent().and_then(Path::file_name).unwrap_or_default();
    Ok(if folder == "debug" {
        "dev".to_owned()
    } else {
        folder.to_string_lossy().into_owned()
    })
}

/// The same site in each Cargo command, so that none compiles the server again.
fn with_site<'a>(command: &'a mut Command, site: &Path) -> &'a mut Command {
    command.env(SITE_VARIABLE, site)
}
