//! What was done through this console: the record of a workspace, and of one token.

mod list;
mod query;
mod table;

pub(crate) use list::ActivityPage;
pub use query::parse_activity_query;
pub(crate) use table::{reason_field, token_history, with_reason};
