//! The JSON of the workspace's interfaces, and its conversion into values. Lenient as the vendor's own clients are:
//! fields may be missing or null, ids and times may be numbers or text, unknown fields are passed over.

mod acl;
mod lenient;
mod on_behalf;
mod scim;
mod token;
mod workspace_conf;

pub(crate) use acl::{AccessControl, AccessControlRequest};
pub(crate) use lenient::int;
pub(crate) use on_behalf::{CreateTokenBody, CreateTokenResponse};
pub(crate) use scim::{ScimGroup, ScimList, ScimServicePrincipal, ScimUser};
pub(crate) use token::{TokenPatch, TokenRow, WrappedToken};
pub(crate) use workspace_conf::WorkspaceConf;
