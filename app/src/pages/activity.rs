//! What was done through this console: the activity log of a workspace, and the history of one token.

mod entries;
mod export_menu;
mod filters;
mod history;
mod list;
mod outcome;
mod query;
mod ranges;
mod reason;
mod sentence;

pub(crate) use history::{HistoryOf, history_card};
pub(crate) use list::ActivityLogPage;
pub(crate) use outcome::detail_text;
pub use query::ActivityFilters;
pub(crate) use reason::{reason_field, reason_input, with_reason};
