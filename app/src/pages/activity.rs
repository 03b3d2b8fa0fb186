//! What was done through this console: the record of a workspace, and of one token.

mod query;
mod list;
mod table;

pub use query::query_of;
pub(crate) use list::ActivityPage;
pub(crate) use table::{history, reason_field, with_reason};
