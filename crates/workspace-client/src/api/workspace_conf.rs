//! Workspace configuration: whether tokens are enabled, and the limit on the lifetime of new ones
//! (<https://docs.databricks.com/api/workspace/workspaceconf>).

use domain::{MaxLifetime, Policy};
use reqwest::Method;

use crate::call::Call;
use crate::wire::WorkspaceConf;
use crate::{Api, Error};

const ROUTE: &str = "/api/2.0/workspace-conf";

impl Api<'_> {
    /// The policy on tokens. Shortly after a change, the workspace may still return the old one.
    ///
    /// # Errors
    /// [`Undecodable`](crate::ErrorKind::Undecodable) also for a value with an unknown meaning.
    pub async fn policy(&self) -> Result<Policy, Error> {
        let call = Call::new(self.client, Method::GET, ROUTE).query("keys", WorkspaceConf::KEYS);
        let call = call.expected_keys(&WorkspaceConf::NAMES).credential(self.credential)?;
        call.send().await?.decode(WorkspaceConf::into_policy).await
    }

    /// Whether the workspace shows one of its settings, which it does to admins only. An empty response proves nothing.
    ///
    /// # Errors
    /// Those of any call.
    pub(super) async fn shows_configuration(&self) -> Result<bool, Error> {
        let call = Call::new(self.client, Method::GET, ROUTE).query("keys", WorkspaceConf::KEYS);
        let call = call.expected_keys(&WorkspaceConf::NAMES).credential(self.credential)?;
        let response = call.send().await?;
        Ok(WorkspaceConf::NAMES.iter().any(|name| response.has_key(name)))
    }

    /// Enables or disables personal access tokens for the whole workspace, within a few seconds. No tokens are deleted.
    ///
    /// # Errors
    /// [`Rejected`](crate::ErrorKind::Rejected) if the workspace does not accept the setting.
    pub async fn set_tokens_enabled(&self, enabled: bool) -> Result<(), Error> {
        self.configure(WorkspaceConf {
            tokens_enabled: Some(enabled.to_string()),
            ..WorkspaceConf::default()
        })
        .await
    }

    /// Limits the lifetime of tokens that are created from now on, or removes the limit.
    ///
    /// # Errors
    /// [`Rejected`](crate::ErrorKind::Rejected) if the workspace does not accept the value.
    pub async fn set_max_token_lifetime(&self, limit: MaxLifetime) -> Result<(), Error> {
        self.configure(WorkspaceConf {
            max_lifetime_days: Some(limit.to_wire()),
            ..WorkspaceConf::default()
        })
        .await
    }

    async fn configure(&self, change: WorkspaceConf) -> Result<(), Error> {
        let call = Call::new(self.client, Method::PATCH, ROUTE).json(&change);
        call.credential(self.credential)?.send().await?.accepted()
    }
}
