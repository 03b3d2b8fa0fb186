//! Everything that is answered and is not a page.

pub(crate) mod assets;
pub(crate) mod bulk_events;
pub(crate) mod create_token;
pub(crate) mod export;
pub(crate) mod export_activity;
pub(crate) mod export_tokens;
pub(crate) mod health;
pub(crate) mod legacy_paths;
pub(crate) mod metrics;
pub(crate) mod oauth;
pub(crate) mod signed_in;
