//! The vendor's own Python SDK against the demo workspace: the part of the contract that nobody here wrote.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Programs, run_if_changed};
use crate::checkout::Checkout;
use crate::process;
use crate::report::Report;

/// Where the programs are that use the SDK.
pub(crate) const FOLDER: &str = "crates/demo-workspace/sdk";

pub(super) fn run(report: &mut Report, workspace: &Checkout, programs: Option<&Programs>) {
    let python = report.step("the Python SDK, installed", Some(()), |()| install(workspace));
    report.step(
        "the Python SDK against the demo workspace",
        python.zip(programs),
        |(python, programs)| {
            process::run(
                Command::new(python)
                    .arg(workspace.root.join(FOLDER).join("run.py"))
                    .arg(&programs.demo_workspace),
            )
        },
    );
}

/// Makes the venv, again only when the requirements changed or it was cut off. Returns its Python.
pub(crate) fn install(workspace: &Checkout) -> Result<PathBuf> {
    let venv = workspace.target.join("sdk-venv");
    let python = venv.join("bin/python");
    let requirements = workspace.root.join(FOLDER).join("requirements.txt");
    let wanted = fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    run_if_changed(&venv.join("installed-requirements.txt"), &wanted, || {
        process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        process::run(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(&requirements),
        )
    })?;
    Ok(python)
}
