//! The tokens of a workspace: the list, one token, revoking, and finding a leaked one.

mod live_filter;
mod paste;

#[cfg(feature = "ssr")]
mod chips;
#[cfg(feature = "ssr")]
mod comment;
#[cfg(feature = "ssr")]
mod detail;
#[cfg(feature = "ssr")]
mod export;
#[cfg(feature = "ssr")]
mod filters;
#[cfg(feature = "ssr")]
mod find;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod revoke;
#[cfg(feature = "ssr")]
mod row;
#[cfg(feature = "ssr")]
mod table;

#[cfg(feature = "ssr")]
pub use page::render_results;
#[cfg(feature = "ssr")]
pub(crate) use {detail::TokenPage, find::FindPage, page::TokensPage, revoke::RevokePage, revoke::acting};
