//! Revoking many tokens: the review of what was picked, a job's progress, and what can be done about it.

mod actions;
mod detail;
mod items;
mod list;
mod progress;
mod review;

pub(crate) use detail::BulkPage;
pub(crate) use list::BulkListPage;
pub use progress::{ProgressFragment, render_progress};
