//! The use cases against a demo workspace over real HTTP: what is read by whom, what a change does, and what is told
//! where the workspace does not do as asked.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

mod edit_access;
mod activity;
mod auditing;
mod create_token;
mod bulk_pause;
mod bulk;
mod snapshot;
mod refresh;
mod revoke_token;
mod edit_scopes;
mod settings;
mod sign_in;
mod support;
