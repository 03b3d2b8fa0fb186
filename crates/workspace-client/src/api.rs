//! The calls of [`Api`](crate::Api), one file for each of the workspace's APIs.

mod create_token;
mod groups;
mod permissions;
mod scim;
mod settings;
mod tokens;
mod workspace_conf;

pub use create_token::{CreateTokenRequest, CreatedToken};
pub use scim::{Listed, Me, SearchResults};
pub use tokens::TokenList;
