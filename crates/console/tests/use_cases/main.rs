//! The use cases against a demo workspace over real HTTP: what is read by whom, what a change does, and what is told
//! where the workspace does not do as asked.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

mod access;
mod activity;
mod auditing;
mod creating;
mod halting;
mod jobs;
mod reading;
mod refresh;
mod revoking;
mod scopes;
mod settings;
mod signing_in;
mod support;
