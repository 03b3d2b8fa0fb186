//! The console over real HTTP: the router on a free port, a demo workspace behind it, and a browser without JavaScript
//! in front.

#![expect(
    clippy::unwrap_used,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

mod activity;
mod answered_badly;
mod bad_input;
mod bad_rows;
mod blocked;
mod client_aborts;
mod create;
mod export;
mod filters;
mod forms;
mod functions;
mod gate;
mod headers;
mod hostile;
mod jobs;
mod log;
mod oauth;
mod pages;
mod roles;
mod scopes;
mod secrets;
mod sessions;
mod sign_in;
mod storage_faults;
mod support;
mod typed;
