//! The programs that the tests need besides Rust: found, checked, and Chromium installed where that is allowed.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process;

/// Node 18 is out of support and Playwright's own minimum moves with it.
const NODE_MAJOR: u32 = 20;

/// Runs in the Python that is checked: `ensurepip` is what Debian leaves out of `python3` and a venv needs.
const PYTHON_CHECK: &str =
    "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 'it is ' + sys.version.split()[0])";

const CHROMIUM_NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What is missing of a list of checks, all at once, so that a machine is mended in one go.
///
/// # Errors
/// With the reasons of all that failed, one a line.
pub(crate) fn require(checks: impl IntoIterator<Item = Result<()>>) -> Result<()> {
    let missing: Vec<_> = checks
        .into_iter()
        .filter_map(Result::err)
        .map(|error| format!("\n  {error:#}"))
        .collect();
    if !missing.is_empty() {
        bail!("the tests need more than this machine has:{}", missing.concat());
    }
    Ok(())
}

/// # Errors
/// When Node is missing or too old, or npm is missing.
pub(crate) fn node() -> Result<()> {
    let install = format!(
        "Node {NODE_MAJOR} or newer with npm is needed for the browser tests: install it from https://nodejs.org or your system's packages"
    );
    let version = process::output(Command::new("node").arg("--version")).with_context(|| install.clone())?;
    if major(&version) < Some(NODE_MAJOR) {
        bail!("{install} (found {})", version.trim());
    }
    process::output(Command::new("npm").arg("--version")).with_context(|| install)?;
    Ok(())
}

/// The major number of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// # Errors
/// When Python is missing, too old or cannot make a venv.
pub(crate) fn python() -> Result<()> {
    process::output(Command::new("python3").args(["-c", PYTHON_CHECK])).context(
        "Python 3.10 or newer with venv is needed for the vendor's SDK: on Debian, sudo apt-get install python3-venv",
    )?;
    Ok(())
}

/// Chromium or Chrome: `CHROMIUM` where set, else the first on the `PATH`, else installed as root on Debian.
///
/// # Errors
/// When there is none and it cannot be installed; the message has the command to type.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return if path.is_file() {
            Ok(path)
        } else {
            bail!("CHROMIUM names {}, which does not exist", path.display())
        };
    }
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    const BY_HAND: &str = "Chromium is missing. Type: sudo apt-get install chromium (or set CHROMIUM to the path of a Chromium or Chrome)";
    if !(nix::unistd::geteuid().is_root() && Path::new("/etc/debian_version").exists()) {
        bail!(BY_HAND);
    }
    eprintln!("==> installing Chromium");
    apt_get(&["update"]).context(BY_HAND)?;
    apt_get(&["install", "--yes", "--no-install-recommends", "chromium"]).context(BY_HAND)?;
    find_chromium().context(BY_HAND)
}

fn find_chromium() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    CHROMIUM_NAMES.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    })
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    process::run(
        Command::new("apt-get")
            .args(["--quiet"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let error = require([
            Ok(()),
            Err(anyhow::anyhow!("no node")),
            Err(anyhow::anyhow!("no python")),
        ])
        .unwrap_err()
        .to_string();
        assert!(error.ends_with("\n  no node\n  no python"), "{error}");
        assert!(require([Ok(())]).is_ok());
    }

    #[test]
    fn major_versions() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert!(major("v8.1.0") < Some(NODE_MAJOR) && major("what?") < Some(NODE_MAJOR));
    }
}
