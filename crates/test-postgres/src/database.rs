//! A database for one test.

use std::env;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::PostgresPrograms;

/// The environment variable with the URL of a server. The user in it can create databases.
pub const SERVER_VARIABLE: &str = "PAT_CONSOLE_TEST_POSTGRES";

/// The environment variable that chooses the database of tests that run on both: `postgres`, or else SQLite.
pub const DATABASE_VARIABLE: &str = "PAT_CONSOLE_TEST_DATABASE";

/// An empty database. It is deleted when dropped, with all connections to it.
#[derive(Debug)]
pub struct TestDatabase {
    programs: PostgresPrograms,
    server: String,
    name: String,
    url: String,
}

/// Creates a database on the server of [`SERVER_VARIABLE`]. `None` without that variable; `cargo xtask test` lists the
/// tests that need it as not run.
///
/// # Panics
/// If the server is there, and the database cannot be created.
#[expect(clippy::panic, reason = "a test cannot do anything else either")]
pub fn fresh_database() -> Option<TestDatabase> {
    let server = env::var(SERVER_VARIABLE).ok()?;
    match TestDatabase::create(server) {
        Ok(database) => Some(database),
        Err(error) => panic!("cannot create a database for a test: {error:#}"),
    }
}

/// The database of a test that runs on both, if [`DATABASE_VARIABLE`] chooses PostgreSQL. `None` means SQLite.
///
/// # Panics
/// As [`fresh_database`], and without a server: otherwise the test would pass on the wrong database.
#[expect(clippy::panic, reason = "a test cannot do anything else either")]
pub fn chosen_database() -> Option<TestDatabase> {
    let is_chosen = env::var(DATABASE_VARIABLE).is_ok_and(|database| database == "postgres");
    let database = is_chosen.then(fresh_database)?;
    if database.is_none() {
        panic!("{DATABASE_VARIABLE} needs the URL of a server in {SERVER_VARIABLE}");
    }
    database
}

impl TestDatabase {
    fn create(server: String) -> anyhow::Result<Self> {
        let programs = PostgresPrograms::find()?;
        let name = unused_name();
        programs.query(&server, &format!("create database {name}"))?;
        let url = with_database(&server, &name);
        Ok(Self {
            programs,
            server,
            name,
            url,
        })
    }

    /// The URL, with the user of the server's URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs statements in it, as [`PostgresPrograms::query`] does.
    ///
    /// # Errors
    /// If the server cannot be reached, or a statement failed.
    pub fn query(&self, statements: &str) -> anyhow::Result<String> {
        self.programs.query(&self.url, statements)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // What is left is deleted with the server.
        let _ = self
            .programs
            .query(&self.server, &format!("drop database {} with (force)", self.name));
    }
}

/// A name that no other test has, in this process or another one.
fn unused_name() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_nanos();
    format!("test_{}_{now:x}_{number}", process::id())
}

/// The URL with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = match url.split_once('?') {
        Some((address, options)) => (address, format!("?{options}")),
        None => (url, String::new()),
    };
    let server = match address.match_indices('/').nth(2) {
        Some((path, _)) => &address[..path],
        None => address,
    };
    format!("{server}/{name}{options}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced() {
        for (url, expected) in [
            (
                "postgres://a@h:1/postgres?sslmode=disable",
                "postgres://a@h:1/new?sslmode=disable",
            ),
            ("postgres://a@h:1/postgres", "postgres://a@h:1/new"),
            ("postgres://h", "postgres://h/new"),
            (
                "postgres:///x?host=/socket/folder",
                "postgres:///new?host=/socket/folder",
            ),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }

    #[test]
    fn names_differ() {
        assert_ne!(unused_name(), unused_name());
    }
}
