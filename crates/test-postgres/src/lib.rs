//! PostgreSQL for tests: a server of their own from the system's binaries, and a database for each test.
//!
//! **Dependencies.** No other crate of this repository. Only tests, `bench` and `xtask` depend on it. It has no client
//! of its own: it calls the programs that come with the server.
//!
//! **Where to start.**
//!
//! - [`fresh_database`]: a database on the server that `cargo xtask test` started, for one test. [`chosen_database`]:
//!   the same for tests that run on both databases, if it is PostgreSQL's turn.
//! - [`PostgresServer`] (`server.rs`): a server that a test, or `cargo xtask test`, starts, stops and restarts.
//! - [`PostgresPrograms`] (`programs.rs`): where the system has the binaries, and as whom they run.

mod database;
mod programs;
mod server;

pub use database::{DATABASE_VARIABLE, SERVER_VARIABLE, TestDatabase, chosen_database, fresh_database};
pub use programs::PostgresPrograms;
pub use server::{PostgresServer, Shutdown};
