//! The tokens of a workspace: the list, one token, revoking, creating for a service principal, and finding a leaked one.

mod live_filter;
mod paste;

/// The id of the filters' form, of which the boxes of the list are fields too.
pub(crate) const FILTERS: &str = "filters";

#[cfg(feature = "ssr")]
mod chips;
#[cfg(feature = "ssr")]
mod comment;
#[cfg(feature = "ssr")]
mod create;
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
mod picking;
#[cfg(feature = "ssr")]
mod revoke;
#[cfg(feature = "ssr")]
mod row;
#[cfg(feature = "ssr")]
mod scopes;
#[cfg(feature = "ssr")]
mod table;

#[cfg(feature = "ssr")]
pub use create::{CreatedToken, RefusedToken, create_token};
#[cfg(feature = "ssr")]
pub use page::render_results;
#[cfg(feature = "ssr")]
pub(crate) use {
    create::NewTokenPage, create::ReviewNewTokenPage, detail::TokenPage, find::FindPage, page::TokensPage,
    revoke::RevokePage, revoke::acting, scopes::ScopesPage,
};
