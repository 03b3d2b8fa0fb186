//! The calls of [`Api`](crate::Api), one file for each of the workspace's APIs.

mod groups;
mod on_behalf;
mod permissions;
mod scim;
mod settings;
mod tokens;
mod workspace_conf;

pub use on_behalf::{CreateTokenRequest, CreatedToken};
pub use scim::{Listed, Me, SearchResults};
pub use tokens::TokenList;
