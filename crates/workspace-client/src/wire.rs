//! The JSON of the workspace's APIs, and its conversion to and from [`domain`] values. As lenient as the vendor's own
//! clients: fields may be missing or null, IDs and times may be numbers or text, and unknown fields are ignored.

mod acl;
mod create_token;
mod group;
mod lenient;
mod scim;
mod settings;
mod token;
mod workspace_conf;

pub(crate) use acl::{AccessControl, AccessControlRequest};
pub(crate) use create_token::{CreateTokenBody, CreateTokenResponse};
pub(crate) use group::{DirectMembers, ScimGroup, ScimGroupWithMembers};
pub(crate) use lenient::int;
pub(crate) use scim::{ScimList, ScimPage, ScimServicePrincipal, ScimUser};
pub(crate) use settings::RestrictWorkspaceAdmins;
pub(crate) use token::{TokenPatch, TokenRow, WrappedToken};
pub(crate) use workspace_conf::WorkspaceConf;
