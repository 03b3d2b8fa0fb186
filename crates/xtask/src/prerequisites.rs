//! The programs that the tests need in addition to Rust. Finds and checks them, and installs Chromium, Firefox, nginx
//! and PostgreSQL if permitted.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use test_postgres::PostgresPrograms;

use crate::process;

/// Node 18 is out of support, and Playwright requires a supported version.
const NODE_MAJOR: u32 = 20;

/// Python code for the check. A venv needs `ensurepip`, which Debian does not include in `python3`.
const PYTHON_CHECK: &str =
    "import sys, venv, ensurepip; sys.exit(0 if sys.version_info >= (3, 10) else 'it is ' + sys.version.split()[0])";

/// A program that Debian provides.
struct DebianProgram {
    /// Possible names, or paths outside the `PATH`.
    names: &'static [&'static str],
    /// The Debian package that contains it.
    package: &'static str,
    /// An alternative to installing the package.
    alternative: &'static str,
}

const OTHER_BROWSER: &str = " (or set CHROMIUM to the path of a Chromium or Chrome)";

const CHROMIUM: DebianProgram = DebianProgram {
    names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    package: "chromium",
    alternative: OTHER_BROWSER,
};

/// The same engine without windows, menus and services. On a machine without a screen, it runs tests twice as fast.
const HEADLESS_SHELL: DebianProgram = DebianProgram {
    names: &["chromium-headless-shell", "chrome-headless-shell"],
    package: "chromium-headless-shell",
    alternative: OTHER_BROWSER,
};

const FIREFOX: DebianProgram = DebianProgram {
    names: &["firefox-esr", "firefox"],
    package: "firefox-esr",
    alternative: " (or set FIREFOX to the path of a Firefox)",
};

/// The tests find it in the same way (`server/tests/program/nginx.rs`).
const NGINX: DebianProgram = DebianProgram {
    names: &["nginx", "/usr/sbin/nginx"],
    package: "nginx",
    alternative: "",
};

/// Reports all failed checks at once, so that everything can be installed together.
///
/// # Errors
///
/// If any check failed. The message has one line for each.
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

/// Checks Node and npm.
///
/// # Errors
/// If Node is missing or too old, or npm is missing.
pub(crate) fn node() -> Result<()> {
    let install = format!(
        "Node {NODE_MAJOR} or newer with npm is needed for the browser tests: install it from https://nodejs.org \
         or your system's packages"
    );
    let version = process::output(Command::new("node").arg("--version")).with_context(|| install.clone())?;
    if major(&version) < Some(NODE_MAJOR) {
        bail!("{install} (found {})", version.trim());
    }
    process::output(Command::new("npm").arg("--version")).with_context(|| install)?;
    Ok(())
}

/// The major version: 20 for `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Checks Python.
///
/// # Errors
/// If Python is missing, too old or cannot create a venv.
pub(crate) fn python() -> Result<()> {
    process::output(Command::new("python3").args(["-c", PYTHON_CHECK])).context(
        "Python 3.10 or newer with venv is needed for the vendor's SDK: on Debian, sudo apt-get install python3-venv",
    )?;
    Ok(())
}

/// The browser for measurements, which is the browser that people use: `CHROMIUM` if it is set, otherwise Chromium or
/// Chrome on the `PATH`. Installs Chromium if both are missing and this runs as root on Debian.
///
/// # Errors
///
/// If a browser is missing and cannot be installed. The message says what to type.
pub(crate) fn chromium() -> Result<PathBuf> {
    from_environment("CHROMIUM").unwrap_or_else(|| CHROMIUM.find_or_install())
}

/// The browser for tests: `CHROMIUM` if it is set, otherwise Chromium's headless shell, found or installed as in
/// [`chromium`], otherwise Chromium or Chrome, with which the tests take twice as long.
///
/// # Errors
/// As [`chromium`].
pub(crate) fn headless_chromium() -> Result<PathBuf> {
    from_environment("CHROMIUM").unwrap_or_else(|| {
        HEADLESS_SHELL
            .find_or_install()
            .or_else(|missing| CHROMIUM.find().ok_or(missing))
    })
}

/// The other browser for tests: `FIREFOX` if it is set, otherwise Firefox, found or installed as in [`chromium`].
///
/// # Errors
/// As [`chromium`].
pub(crate) fn firefox() -> Result<PathBuf> {
    from_environment("FIREFOX").unwrap_or_else(|| FIREFOX.find_or_install())
}

/// nginx, found or installed as in [`chromium`].
///
/// # Errors
/// If it is missing and cannot be installed. The message says what to type.
pub(crate) fn nginx() -> Result<PathBuf> {
    NGINX.find_or_install()
}

/// Debian's package of PostgreSQL. It may also start a server on the usual port, which the tests do not use.
const POSTGRESQL: &str = "postgresql";

/// PostgreSQL, found or installed as in [`chromium`].
///
/// # Errors
/// If it is missing and cannot be installed. The message says what to type.
pub(crate) fn postgresql() -> Result<PostgresPrograms> {
    PostgresPrograms::find().or_else(|_| {
        install(POSTGRESQL, "")?;
        PostgresPrograms::find()
    })
}

/// The browser whose path is in this environment variable.
fn from_environment(variable: &str) -> Option<Result<PathBuf>> {
    let path = env::var_os(variable).map(PathBuf::from)?;
    Some(if path.is_file() {
        Ok(path)
    } else {
        Err(anyhow::anyhow!(
            "{variable} names {}, which does not exist",
            path.display()
        ))
    })
}

impl DebianProgram {
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
        install(self.package, self.alternative)?;
        self.find()
            .with_context(|| instructions(self.package, self.alternative))
    }
}

fn instructions(package: &str, alternative: &str) -> String {
    format!("{package} is missing. Type: sudo apt-get install {package}{alternative}")
}

/// Installs a Debian package if this runs as root on Debian.
fn install(package: &str, alternative: &str) -> Result<()> {
    let instructions = || instructions(package, alternative);
    if !(nix::unistd::geteuid().is_root() && Path::new("/etc/debian_version").exists()) {
        bail!(instructions());
    }
    eprintln!("==> installing {package}");
    apt_get(&["update"]).with_context(instructions)?;
    apt_get(&["install", "--yes", "--no-install-recommends", package]).with_context(instructions)
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
    fn all_missing_programs_are_reported_at_once() {
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
    fn the_major_version_is_read_from_the_output_of_node() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert!(major("v8.1.0") < Some(NODE_MAJOR) && major("what?") < Some(NODE_MAJOR));
    }
}
