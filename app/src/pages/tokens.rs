//! The tokens of a workspace: the list, one token, revoking, creating for a service principal, and finding a leaked one.

mod filter_chips;
mod edit_comment;
mod create;
mod detail;
mod export_links;
mod filters;
mod find_leaked;
mod list;
mod selection;
mod revoke;
mod row;
mod edit_scopes;
mod table;

pub use create::{CreatedToken, RefusedToken, create_token};
pub use list::render_results;
pub(crate) use create::{NewTokenPage, ReviewNewTokenPage};
pub(crate) use detail::TokenPage;
pub(crate) use find_leaked::FindPage;
pub(crate) use list::TokensPage;
pub(crate) use revoke::{RevokePage, acting};
pub(crate) use edit_scopes::ScopesPage;
