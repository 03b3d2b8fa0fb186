//! Tests by route.

mod bulk;
mod export_activity;
mod export_tokens;
mod legacy_paths;
mod oauth;
mod sessions;
mod sign_in;
mod tokens_create;
mod tokens_filters;
mod tokens_scopes;
