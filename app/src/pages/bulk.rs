//! Bulk revocations: the review of the selected tokens, the progress, and the actions on a bulk revocation.

mod actions;
mod detail;
mod items;
mod list;
mod owner_ticks;
mod progress;
mod review;

pub(crate) use detail::BulkPage;
pub(crate) use list::BulkListPage;
pub use progress::{ProgressFragment, render_progress};
