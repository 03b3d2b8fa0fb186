//! Bulk changes: the review of the selected tokens, the progress, and the actions.

mod actions;
mod bar;
mod detail;
mod items;
mod list;
mod owner_ticks;
mod progress;
mod result;
mod review;
mod review_owners;
mod review_tokens;
mod scopes_review;
mod scopes_tokens;
mod words;

pub(crate) use detail::BulkPage;
pub use items::{ItemsQuery, state_label};
pub(crate) use list::BulkListPage;
pub use progress::{ProgressFragment, render_progress};
pub(crate) use words::{not_done, noun_within};
