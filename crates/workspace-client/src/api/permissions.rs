//! Who may create and use tokens (<https://docs.databricks.com/aws/en/security/auth/api-access-permissions>).

use reqwest::Method;

use crate::call::Call;
use crate::error::Asked;
use crate::wire::AccessControl;
use crate::{Api, Error};

/// The workspace's token permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acl {
    /// In the workspace's order.
    pub grants: Vec<Grant>,
}

/// What one principal may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who.
    pub principal: GrantPrincipal,
    /// The name for people; groups have none beside their own.
    pub display_name: Option<String>,
    /// What is granted.
    pub levels: Vec<Level>,
}

/// Whom an entry names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GrantPrincipal {
    /// By user name.
    User(String),
    /// By display name, which is a group's only name here.
    Group(String),
    /// By application id.
    ServicePrincipal(String),
}

/// A level of permission. The vendor's SDKs know only `CAN_USE`; workspaces also answer `CAN_MANAGE`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// May create and use tokens.
    CanUse,
    /// May also manage everybody's tokens and these permissions: the group `admins`, and nobody else.
    CanManage,
    /// A level that this client does not know, as sent.
    Other(String),
}

impl Level {
    pub(crate) fn from_wire(text: String) -> Self {
        match text.as_str() {
            "CAN_USE" => Self::CanUse,
            "CAN_MANAGE" => Self::CanManage,
            _ => Self::Other(text),
        }
    }
}

impl Api<'_> {
    /// The token permissions.
    ///
    /// # Errors
    /// [`NoTokenYet`](crate::ErrorKind::NoTokenYet) before the workspace's first token,
    /// [`FeatureOff`](crate::ErrorKind::FeatureOff) on a tier without them.
    pub async fn token_permissions(&self) -> Result<Acl, Error> {
        let call = Call::new(self.client, Method::GET, "/api/2.0/permissions/authorization/tokens");
        let call = call.asked(Asked::TokenPermissions).credential(self.credential)?;
        call.send().await?.decode(AccessControl::into_acl).await
    }
}
