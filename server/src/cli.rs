//! The commands of the program, one file each.

pub mod check_config;
pub mod end_sessions;
pub mod migrate;
pub mod serve;
pub mod verify_activity;
