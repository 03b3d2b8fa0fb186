//! The PostgreSQL server that the tests run on in addition to SQLite.

use std::env;
use std::process::Command;

use anyhow::Result;
use test_postgres::{DATABASE_VARIABLE, PostgresPrograms, PostgresServer, SERVER_VARIABLE};

use crate::report::Report;
use crate::{prerequisites, process};

/// A server for tests.
pub(crate) enum TestServer {
    /// A server that this program started. It stops when this value is dropped, or when this program is interrupted.
    Own(PostgresServer),
    /// A server that the environment variable [`SERVER_VARIABLE`] names.
    Named(String),
}

impl TestServer {
    /// Finds or starts a server. Without PostgreSQL, the tests that need it are listed as not run, and fail if they are
    /// required.
    pub(crate) fn start(report: &mut Report) -> Option<Self> {
        if let Ok(url) = env::var(SERVER_VARIABLE) {
            return Some(Self::Named(url));
        }
        Self::start_own(report, prerequisites::postgresql(), env::var_os("CI").is_some())
    }

    fn start_own(report: &mut Report, programs: Result<PostgresPrograms>, is_required: bool) -> Option<Self> {
        if let Err(missing) = &programs
            && !is_required
        {
            eprintln!("    {missing:#}");
            report.not_run("everything on PostgreSQL (crates/test-postgres), which needs PostgreSQL");
            return None;
        }
        report.step("a PostgreSQL server", Some(()), |()| {
            programs?;
            PostgresServer::start().map(Self::Own)
        })
    }

    fn url(&self) -> String {
        match self {
            Self::Own(server) => server.url(),
            Self::Named(url) => url.clone(),
        }
    }
}

/// Tells tests where the server is, if there is one.
pub(crate) fn with_server<'a>(command: &'a mut Command, server: Option<&TestServer>) -> &'a mut Command {
    match server {
        Some(server) => command.env(SERVER_VARIABLE, server.url()),
        None => command,
    }
}

/// Runs tests that run on both databases, on PostgreSQL.
///
/// # Errors
/// As [`process::run`].
pub(crate) fn run_on(server: &TestServer, command: &mut Command) -> Result<()> {
    process::run(with_server(command, Some(server)).env(DATABASE_VARIABLE, "postgres"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_postgresql_its_tests_are_listed_as_not_run_or_fail_if_they_are_required() {
        let summary = |is_required| {
            let mut report = Report::default();
            let missing = Err(anyhow::anyhow!("no PostgreSQL"));
            assert!(TestServer::start_own(&mut report, missing, is_required).is_none());
            report.to_string()
        };
        let optional = summary(false);
        assert!(optional.starts_with("not run: everything on PostgreSQL"), "{optional}");
        assert!(optional.ends_with("0 passed, 0 failed"), "{optional}");
        assert!(summary(true).ends_with("0 passed, 1 failed"), "{}", summary(true));
    }
}
