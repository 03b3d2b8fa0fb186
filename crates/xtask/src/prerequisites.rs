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

/// A Chromium, by the names of its program and the Debian package that has it.
struct Chromium {
    names: &'static [&'static str],
    package: &'static str,
}

const CHROMIUM: Chromium = Chromium {
    names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    package: "chromium",
};

/// The same engine without the windows, menus and services around it, which cost a machine without a screen half of its time.
const HEADLESS_SHELL: Chromium = Chromium {
    names: &["chromium-headless-shell", "chrome-headless-shell"],
    package: "chromium-headless-shell",
};

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
        bail!("this machine lacks what the tests need:{}", missing.concat());
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

/// The browser to measure in, which is the one that people have: `CHROMIUM` where set, else Chromium or Chrome on the `PATH`, else installed as root on
/// Debian.
///
/// # Errors
/// When there is none and it cannot be installed; the message has the command to type.
pub(crate) fn chromium() -> Result<PathBuf> {
    named().unwrap_or_else(|| CHROMIUM.find_or_install())
}

/// The browser to test in: `CHROMIUM` where set, else Chromium's headless shell, found or installed like [`chromium`], else that, which takes twice as long.
///
/// # Errors
/// As [`chromium`].
pub(crate) fn headless_chromium() -> Result<PathBuf> {
    named().unwrap_or_else(|| {
        HEADLESS_SHELL
            .find_or_install()
            .or_else(|missing| CHROMIUM.find().ok_or(missing))
    })
}

/// The browser that the environment names.
fn named() -> Option<Result<PathBuf>> {
    let path = env::var_os("CHROMIUM").map(PathBuf::from)?;
    Some(if path.is_file() {
        Ok(path)
    } else {
        Err(anyhow::anyhow!(
            "CHROMIUM names {}, which does not exist",
            path.display()
        ))
    })
}

impl Chromium {
    fn find(&self) -> Option<PathBuf> {
        let path = env::var_os("PATH")?;
        self.names.iter().find_map(|name| {
            env::split_paths(&path)
                .map(|folder| folder.join(name))
                .find(|file| file.is_file())
        })
    }

    fn find_or_install(&self) -> Result<PathBuf> {
        if let Some(path) = self.find() {
            return Ok(path);
        }
        let package = self.package;
        let by_hand = || {
            format!(
                "{package} is missing. Type: sudo apt-get install {package} (or set CHROMIUM to the path of a Chromium or Chrome)"
            )
        };
        if !(nix::unistd::geteuid().is_root() && Path::new("/etc/debian_version").exists()) {
            bail!(by_hand());
        }
        eprintln!("==> installing {package}");
        apt_get(&["update"]).with_context(by_hand)?;
        apt_get(&["install", "--yes", "--no-install-recommends", package]).with_context(by_hand)?;
        self.find().with_context(by_hand)
    }
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
