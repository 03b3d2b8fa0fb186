//! Tests the demo workspace with the vendor's own Python SDK, which does not depend on our interpretation of the API.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Programs, run_if_changed};
use crate::checkout::Checkout;
use crate::process;
use crate::report::Report;

/// The folder of the programs that use the SDK.
pub(crate) const FOLDER: &str = "crates/demo-workspace/sdk";

pub(super) fn run(report: &mut Report, checkout: &Checkout, programs: Option<&Programs>) {
    let python = report.step("installing the Python SDK", Some(()), |()| install(checkout));
    report.step(
        "the Python SDK against the demo workspace",
        python.zip(programs),
        |(python, programs)| {
            process::run(
                Command::new(python)
                    .arg(checkout.root.join(FOLDER).join("run.py"))
                    .arg(&programs.demo_workspace),
            )
        },
    );
}

/// Creates the venv if the requirements have changed or the previous run did not finish. Returns its Python.
pub(crate) fn install(checkout: &Checkout) -> Result<PathBuf> {
    let (venv, python) = (venv(checkout), python(checkout));
    let requirements = checkout.root.join(FOLDER).join("requirements.txt");
    let required = fs::read(&requirements).with_context(|| format!("cannot read {}", requirements.display()))?;
    run_if_changed(&venv.join("installed-requirements.txt"), &required, || {
        process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        process::run(
            Command::new(&python)
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(&requirements),
        )
    })?;
    Ok(python)
}

fn venv(checkout: &Checkout) -> PathBuf {
    checkout.target.join("sdk-venv")
}

/// The Python of the venv that [`install`] creates.
pub(crate) fn python(checkout: &Checkout) -> PathBuf {
    venv(checkout).join("bin/python")
}
