//! Runs other programs and waits until they end. For programs that keep running, see [`crate::server_process`].

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The Cargo that started this task.
///
/// It does not inherit the variables that `cargo run` has set for this program. Build scripts that watch one of them
/// (such as ring's) would see different values here than in a `cargo build` typed by hand, and both would rebuild what
/// the other has built.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&*name);
        }
    }
    command.env_remove("CARGO");
    command
}

/// Runs a program that prints to our standard output and standard error.
///
/// # Errors
/// If it cannot be started, or fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot start `{}`", command_line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status}); see its output above", command_line(command));
    }
    Ok(())
}

/// Runs a program and returns its standard output.
///
/// # Errors
/// As for [`run`]. The message ends with the program's standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", command_line(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed ({}): {}",
            command_line(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The command as someone would type it, with the program's name instead of its path.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let words: Vec<_> = std::iter::once(program)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_of_a_failed_command_contains_the_command_and_its_output() {
        let error = output(Command::new("/bin/sh").args(["-c", "echo went wrong >&2; exit 3"]))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("`sh -c") && error.contains("exit status: 3") && error.ends_with("went wrong"),
            "{error}"
        );
    }

    #[test]
    fn the_error_for_a_missing_program_names_it() {
        let error = run(&mut Command::new("/nowhere/no-such-program"))
            .unwrap_err()
            .to_string();
        assert_eq!(error, "cannot start `no-such-program`");
    }
}
