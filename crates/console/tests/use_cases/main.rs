//! The use cases, against a demo workspace over real HTTP: who can read what, what a change does, and what is reported
//! if the workspace fails.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

mod activity;
mod auditing;
mod bulk;
mod bulk_drafts;
mod bulk_pause;
mod bulk_put_back;
mod bulk_refusals;
mod bulk_scopes;
mod bulk_unsure;
mod create_token;
mod create_token_twice;
mod edit_access;
mod edit_access_instances;
mod edit_scopes;
mod first_token;
mod gone_owners;
mod groups;
mod instances;
mod instances_bulk;
mod late_scopes;
mod listed_token;
mod parts;
mod rate_limits;
mod refresh;
mod revoke_token;
mod settings;
mod sign_in;
mod snapshot;
mod support;
