//! Formatting, lints and the tests that Cargo runs.

use std::env;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::postgres::{self, TestServer};
use crate::prerequisites;
use crate::process;
use crate::release::SITE_VARIABLE;
use crate::report::Report;
use crate::site::wasm;

/// All packages except this one.
pub(super) const ALL_BUT_XTASK: [&str; 3] = ["--workspace", "--exclude", "xtask"];

const DENY_WARNINGS: [&str; 3] = ["--", "--deny", "warnings"];

pub(super) fn formatting() -> Result<()> {
    process::run(process::cargo().args(["fmt", "--all", "--check"]))
}

/// Runs Clippy on the code for the host and on the code for the browser.
pub(super) fn lints(report: &mut Report, checkout: &Checkout, site: Option<&Path>) {
    report.step("lints", site, |site| {
        process::run(
            with_site(process::cargo().args(["clippy", "--workspace", "--all-targets"]), site).args(DENY_WARNINGS),
        )
    });
    report.step("lints of the WebAssembly bundle", site, |_| {
        process::run(wasm::cargo(checkout, "clippy").args(DENY_WARNINGS))
    });
}

/// All tests except the examples in the documentation.
const ALL_TESTS: &str = "--tests";

/// The tests that run on both databases: of the store, and of the use cases.
const ON_BOTH_DATABASES: [&str; 4] = ["--test", "store", "--test", "use_cases"];

/// Unit, property, client, contract and HTTP tests, and the examples in the documentation.
pub(super) fn tests(report: &mut Report, site: Option<&Path>, server: Option<&TestServer>) {
    let runner = Runner::find();
    let nginx = prerequisites::nginx();
    report.step("Rust tests", site, |site| {
        let mut tests = runner.command();
        tests.args(ALL_BUT_XTASK).arg(ALL_TESTS);
        process::run(with_site(postgres::with_server(&mut tests, server), site))
    });
    if let Some(server) = server {
        report.step("store and use cases on PostgreSQL", site, |site| {
            let mut tests = runner.command();
            let tests = tests.args(ALL_BUT_XTASK).args(ON_BOTH_DATABASES);
            postgres::run_on(server, with_site(tests, site))
        });
    }
    if let Err(missing) = nginx {
        eprintln!("    {missing:#}");
        report.not_run("the console behind nginx (server/tests/program/nginx.rs), which needs nginx");
    }
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
                .args([runner.profile_flag(), &profile, "--package", "xtask", ALL_TESTS]),
        )
    });
    report.step("examples in the documentation", site, |site| {
        // `frontend` is not a library that could have examples, and rustdoc would warn about that.
        let options = ["test", "--doc", "--exclude", "frontend"];
        process::run(with_site(process::cargo().args(options).args(ALL_BUT_XTASK), site))
    });
}

/// Runs the whole fault table (`server/tests/http/rules/fault_table.rs`), regardless of the environment.
pub(crate) fn fault_table(report: &mut Report, site: Option<&Path>) {
    report.step("the fault table", site, |site| {
        let mut command = Runner::find().command();
        command
            .args(ALL_BUT_XTASK)
            .args([ALL_TESTS, "fault_table"])
            .env("FAULT_TABLE", "full");
        process::run(with_site(&mut command, site))
    });
}

/// Runs the tests of two instances (`server/tests/program/instances.rs`), ten times as long.
pub(crate) fn instances(report: &mut Report, site: Option<&Path>, server: &TestServer) {
    report.step("two instances", site, |site| {
        let mut command = Runner::find().command();
        command.args(ALL_BUT_XTASK).args(["--test", "program", "instances"]);
        command.env("INSTANCES", "full");
        process::run(with_site(postgres::with_server(&mut command, Some(server)), site))
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

/// How many tests run in parallel per processor. They mostly wait for responses and timeouts.
const TESTS_PER_PROCESSOR: usize = 4;

/// Runs the Rust tests: nextest, which starts a process for each test, if it is installed; otherwise Cargo.
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
            Self::Cargo => cargo.args(["test", "--no-fail-fast"]),
        };
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        let threads = (processors * TESTS_PER_PROCESSOR).to_string();
        // A number that the user has set takes precedence.
        for variable in ["NEXTEST_TEST_THREADS", "RUST_TEST_THREADS"] {
            if env::var_os(variable).is_none() {
                cargo.env(variable, &threads);
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

/// The profile that this program was compiled with, from the name of its folder. Tests in the same profile use the
/// dependencies that are already compiled.
fn own_profile() -> Result<String> {
    let program = env::current_exe().context("cannot find the path of this program")?;
    let folder = program.parent().and_then(Path::file_name).unwrap_or_default();
    Ok(if folder == "debug" {
        "dev".to_owned()
    } else {
        folder.to_string_lossy().into_owned()
    })
}

/// Sets the same site for every Cargo command, so that none of them recompiles the server.
fn with_site<'a>(command: &'a mut Command, site: &Path) -> &'a mut Command {
    command.env(SITE_VARIABLE, site)
}
