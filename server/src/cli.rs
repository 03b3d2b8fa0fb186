//! The commands of the program, one file each.

pub mod check_config;
mod database_command;
pub mod end_sessions;
pub mod migrate;
pub mod serve;
pub mod verify_activity;

pub use database_command::DatabaseCommandError;
