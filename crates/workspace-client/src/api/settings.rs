//! Settings that account admins make for a workspace
//! (<https://docs.databricks.com/api/workspace/restrictworkspaceadmins>). They are only read.

use domain::AdminRestriction;
use reqwest::Method;

use crate::call::Call;
use crate::wire::RestrictWorkspaceAdmins;
use crate::{Api, Error};

const RESTRICT_WORKSPACE_ADMINS: &str = "/api/2.0/settings/types/restrict_workspace_admins/names/default";

impl Api<'_> {
    /// Whether workspace admins can create tokens for any service principal.
    ///
    /// # Errors
    /// [`Undecodable`](crate::ErrorKind::Undecodable) also for a status with an unknown meaning, or none.
    pub async fn admin_restriction(&self) -> Result<AdminRestriction, Error> {
        let call = Call::new(self.client, Method::GET, RESTRICT_WORKSPACE_ADMINS);
        let call = call.expected_keys(&RestrictWorkspaceAdmins::NAMES);
        let response = call.credential(self.credential)?.send().await?;
        response.decode(RestrictWorkspaceAdmins::into_restriction).await
    }
}
