//! The commands of the program.

pub mod check_config;
pub mod end_sessions;
pub mod serve;
pub mod verify_activity;
