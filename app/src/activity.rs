//! What was done through this console: the record of a workspace, and of one token.

mod address;
mod page;
mod table;

pub use address::query_of;
pub(crate) use {page::ActivityPage, table::history, table::reason_field, table::with_reason};
