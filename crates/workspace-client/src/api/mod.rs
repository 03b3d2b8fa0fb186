//! The interfaces, one file each.

mod conf;
mod permissions;
mod scim;
mod tokens;

pub use scim::{Found, Me};
