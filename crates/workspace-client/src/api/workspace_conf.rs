//! Workspace configuration: whether tokens work, and how long new ones may live
//! (<https://docs.databricks.com/api/workspace/workspaceconf>).

use domain::{MaxLifetime, Policy};
use reqwest::Method;

use crate::call::Call;
use crate::wire::WorkspaceConf;
use crate::{Api, Error};

const ROUTE: &str = "/api/2.0/workspace-conf";

impl Api<'_> {
    /// The policy on tokens. Right after a change the old one may be answered once more.
    ///
    /// # Errors
    /// [`Undecodable`](crate::ErrorKind::Undecodable) also where a value means nothing known.
    pub async fn policy(&self) -> Result<Policy, Error> {
        let call = Call::new(self.client, Method::GET, ROUTE).query("keys", WorkspaceConf::KEYS);
        let answer = call.credential(self.credential)?.send().await?;
        answer.decode(WorkspaceConf::into_policy).await
    }

    /// Switches personal access tokens on or off for the whole workspace. Nothing is deleted. It takes a few seconds to
    /// take effect.
    ///
    /// # Errors
    /// [`Rejected`](crate::ErrorKind::Rejected) where the workspace does not take the setting.
    pub async fn set_tokens_enabled(&self, enabled: bool) -> Result<(), Error> {
        self.configure(WorkspaceConf {
            tokens_enabled: Some(enabled.to_string()),
            ..WorkspaceConf::default()
        })
        .await
    }

    /// Limits the lifetime of tokens made from now on, or takes the limit away.
    ///
    /// # Errors
    /// [`Rejected`](crate::ErrorKind::Rejected) where the workspace does not take the value.
    pub async fn set_max_token_lifetime(&self, limit: MaxLifetime) -> Result<(), Error> {
        self.configure(WorkspaceConf {
            max_lifetime_days: Some(limit.to_wire()),
            ..WorkspaceConf::default()
        })
        .await
    }

    async fn configure(&self, change: WorkspaceConf) -> Result<(), Error> {
        let call = Call::new(self.client, Method::PATCH, ROUTE).json(&change);
        call.credential(self.credential)?.send().await.map(drop)
    }
}
