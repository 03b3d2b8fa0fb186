//! The interfaces, one file each.

mod conf;
mod permissions;
mod scim;
mod tokens;

pub use permissions::{Acl, Grant, GrantPrincipal, Level};
pub use scim::{Group, Me};
