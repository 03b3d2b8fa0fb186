//! What was done through this console: the record of a workspace, and of one token.

mod list;
mod query;
mod table;

pub(crate) use list::ActivityPage;
pub use query::query_of;
pub(crate) use table::{history, reason_field, with_reason};
