//! What was done through this console: the activity log of a workspace, and the history of one token.

mod history;
mod list;
mod query;
mod reason;
mod table;

pub(crate) use history::history_card;
pub(crate) use list::ActivityLogPage;
pub use query::{activity_filters, parse_activity_query};
pub(crate) use reason::{reason_field, reason_input, with_reason};
pub(crate) use table::detail_text;
