//! `cargo xtask bench`: measures the release and writes docs/PERFORMANCE.md.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use clap::Args;

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

/// The heading of the section that compares with the vendor's SDK.
const BULK_REVOCATION: &str = "Bulk revocation";

#[derive(Args)]
pub(crate) struct BenchOptions {
    /// Run the sections with these headings only, such as "Memory", and print them without writing the report. Can be
    /// given several times
    #[arg(long, value_name = "HEADING")]
    only: Vec<String>,
}

/// A measurement for one section of the report.
struct Section {
    heading: &'static str,
    command: Command,
}

/// Runs every measurement, prints the results and writes them to docs/PERFORMANCE.md.
///
/// # Errors
/// If something does not build or run. A figure beyond its limit is not an error: the report shows it.
pub(crate) fn run(checkout: &Checkout, options: &BenchOptions) -> Result<()> {
    prerequisites::require([
        prerequisites::node(),
        prerequisites::python(),
        prerequisites::postgresql().map(drop),
    ])?;
    let chromium = prerequisites::chromium()?;
    let python = sdk::python(checkout);
    let sections = selected(sections(checkout, &chromium, &python), &options.only)?;
    let site = site::build(checkout)?;
    step("the programs (release)", || {
        let bench = ["--package", "bench", "--package", "demo-workspace"];
        let server = ["--release", "--package", &checkout.site.bin_package];
        compile(&site, &[&server[..], &bench[..]].concat())
    })?;
    step("the browser's packages", || {
        browser::install(&checkout.root.join("end2end"))
    })?;
    if sections.iter().any(|section| section.heading == BULK_REVOCATION) {
        step("the Python SDK", || sdk::install(checkout))?;
    }

    let mut report = REPORT_HEADER.to_owned();
    for Section { heading, mut command } in sections {
        let text = step(heading, || process::output(&mut command))?;
        println!("{text}");
        write!(report, "\n## {heading}\n\n{}\n", text.trim_end())?;
    }
    if options.only.is_empty() {
        let path = checkout.root.join("docs/PERFORMANCE.md");
        fs::write(&path, report).with_context(|| format!("cannot write {}", path.display()))?;
        println!("written to {}", checkout.display_path(&path));
    }
    Ok(())
}

/// The sections with these headings; every section if `headings` is empty.
fn selected(sections: Vec<Section>, headings: &[String]) -> Result<Vec<Section>> {
    let all: Vec<_> = sections.iter().map(|section| section.heading).collect();
    if let Some(unknown) = headings.iter().find(|heading| !all.contains(&heading.as_str())) {
        bail!("the report has no section \"{unknown}\", only: {}", all.join(", "));
    }
    let is_selected = |section: &Section| headings.is_empty() || headings.iter().any(|one| one == section.heading);
    Ok(sections.into_iter().filter(is_selected).collect())
}

/// All sections, in the order of the report.
fn sections(checkout: &Checkout, chromium: &Path, python: &Path) -> Vec<Section> {
    let program = |name| checkout.program("release", name);
    let bench = |benchmark| {
        let mut bench = Command::new(program("bench"));
        bench.arg(benchmark).env("BENCH_PYTHON", python);
        bench
            .env("BENCH_SDK_LOOP", checkout.root.join(sdk::FOLDER).join("revoke_loop.py"))
            .env("NO_PROXY", "localhost,127.0.0.1");
        bench
    };
    // The load generator runs on the second core, and starts the server on the first.
    let on_second_core = |benchmark| {
        let mut bench = Command::new("taskset");
        bench.args(["-c", "1"]).arg(program("bench")).arg(benchmark);
        bench
    };
    let mut browser = Command::new("node");
    browser
        .arg("bench/browser.mjs")
        .current_dir(checkout.root.join("end2end"))
        .env("PAT_CONSOLE_BIN", program(CONSOLE))
        .env("DEMO_WORKSPACE_BIN", program("demo-workspace"))
        .env("BENCH_BIN", program("bench"))
        .env("CHROMIUM", chromium);
    [
        ("In the browser", browser),
        ("Cold token page", bench("cold-page")),
        ("Warm token page", on_second_core("warm-page")),
        ("Databases", bench("databases")),
        ("Memory", bench("memory")),
        ("A thousand sessions", on_second_core("sessions")),
        (BULK_REVOCATION, bench("bulk-change")),
        ("Activity log", bench("activity-log")),
        ("Filter, sort and page", bench("filter")),
        ("Scopes page", bench("scopes-page")),
        ("Review of a removal of permissions", bench("permission-review")),
    ]
    .map(|(heading, command)| Section { heading, command })
    .into()
}
