//! `cargo xtask bench`: measures the release and writes docs/PERFORMANCE.md.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;
use crate::prerequisites;
use crate::process;
use crate::release::{CONSOLE, compile};
use crate::report::step;
use crate::site;
use crate::test::{browser, sdk};

const REPORT_HEADER: &str = "# Performance

Written by `cargo xtask bench` in one run on one machine; regenerate it with that command. Machines are noisy, so only
the ratios count: each compares two things that were measured alternately in the same run. None of this runs in
`cargo xtask test`.
";

/// Runs every measurement, prints the results and writes them to docs/PERFORMANCE.md.
///
/// # Errors
/// If something does not build or run. A figure beyond its limit is not an error: the report shows it.
pub(crate) fn run(checkout: &Checkout) -> Result<()> {
    prerequisites::require([prerequisites::node(), prerequisites::python()])?;
    let chromium = prerequisites::chromium()?;
    let site = site::build(checkout)?;
    step("the programs (release)", || {
        let bench = ["--package", "bench", "--package", "demo-workspace"];
        let server = ["--release", "--package", &checkout.site.bin_package];
        compile(&site, &[&server[..], &bench[..]].concat())
    })?;
    let end2end = checkout.root.join("end2end");
    step("the browser's packages", || browser::install(&end2end))?;
    let python = step("the Python SDK", || sdk::install(checkout))?;
    let sdk_loop = checkout.root.join(sdk::FOLDER).join("revoke_loop.py");

    let mut report = REPORT_HEADER.to_owned();
    let mut section = |heading: &str, command: &mut Command| -> Result<()> {
        let text = step(heading, || process::output(command))?;
        println!("{text}");
        write!(report, "\n## {heading}\n\n{}\n", text.trim_end())?;
        Ok(())
    };
    let program = |name| checkout.program("release", name);
    let bench = |benchmark| {
        let mut bench = Command::new(program("bench"));
        // `bulk-revocation` is compared with the vendor's SDK.
        bench.arg(benchmark).env("BENCH_PYTHON", &python);
        bench
            .env("BENCH_SDK_LOOP", &sdk_loop)
            .env("NO_PROXY", "localhost,127.0.0.1");
        bench
    };
    let mut phone = Command::new("node");
    phone
        .arg("bench/phone.mjs")
        .current_dir(&end2end)
        .env("PAT_CONSOLE_BIN", program(CONSOLE))
        .env("DEMO_WORKSPACE_BIN", program("demo-workspace"))
        .env("CHROMIUM", &chromium);
    section("In the browser", &mut phone)?;
    section("Cold token page", &mut bench("cold-page"))?;
    // The load runs on the second core and starts the server on the first.
    let mut warm = Command::new("taskset");
    warm.args(["-c", "1"]).arg(program("bench")).arg("warm-page");
    section("Warm token page", &mut warm)?;
    section("Memory", Command::new(program("bench")).arg("memory"))?;
    let mut sessions = Command::new("taskset");
    sessions.args(["-c", "1"]).arg(program("bench")).arg("sessions");
    section("A thousand sessions", &mut sessions)?;
    section("Bulk revocation", &mut bench("bulk-revocation"))?;
    section("Activity log", &mut bench("activity-log"))?;
    section("Filter, sort and page", &mut bench("filter"))?;
    section("Review of a removal of permissions", &mut bench("permission-review"))?;

    let path = checkout.root.join("docs/PERFORMANCE.md");
    fs::write(&path, report).with_context(|| format!("cannot write {}", path.display()))?;
    println!("written to {}", checkout.display_path(&path));
    Ok(())
}
