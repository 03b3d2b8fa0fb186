//! The interfaces, one file each.

mod workspace_conf;
mod on_behalf;
mod permissions;
mod scim;
mod tokens;

pub use on_behalf::{Created, NewToken};
pub use scim::{Found, Listed, Me};
pub use tokens::TokenList;
