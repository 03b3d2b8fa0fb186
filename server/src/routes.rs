//! Responses other than pages and server functions. `router.rs` maps paths to them.

use app::problem::Problem;
use http::StatusCode;

pub(crate) mod assets;
pub(crate) mod bulk_draft;
pub(crate) mod bulk_events;
pub(crate) mod bulk_report;
pub(crate) mod create_token;
pub(crate) mod export;
pub(crate) mod export_activity;
pub(crate) mod export_findings;
pub(crate) mod export_tokens;
pub(crate) mod health;
pub(crate) mod legacy_paths;
pub(crate) mod loaded_parts;
pub(crate) mod metrics;
pub(crate) mod oauth;
pub(crate) mod open_page;
pub(crate) mod signed_in;

/// The status of a response that reports a problem.
fn status_of(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
