//! The JSON of the workspace's interfaces, and its conversion into values. Lenient as the vendor's own clients are:
//! fields may be missing or null, ids and times may be numbers or text, unknown fields are passed over.

mod acl;
mod workspace_conf;
mod lenient;
mod on_behalf;
mod scim;
mod token;

pub(crate) use acl::{AccessControl, AccessControlRequest};
pub(crate) use workspace_conf::WorkspaceConf;
pub(crate) use lenient::int;
pub(crate) use on_behalf::{CreatedToken, OnBehalfOf};
pub(crate) use scim::{Group, Page, ServicePrincipal, User};
pub(crate) use token::{TokenPatch, TokenRow, WrappedToken};
