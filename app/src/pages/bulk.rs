//! Revoking many tokens: the review of what was picked, a job's progress, and what can be done about it.

mod actions;
mod items;
mod list;
mod detail;
mod progress;
mod review;

pub use progress::{Shown, render_progress};
pub(crate) use list::JobsPage;
pub(crate) use detail::JobPage;
