//! The interfaces, one file each.

mod conf;
mod permissions;
mod scim;
mod tokens;

pub use permissions::{Acl, AclEntry, AclPrincipal, PermissionLevel};
pub use scim::{Group, Me};
