//! Who can create and use tokens (<https://docs.databricks.com/aws/en/security/auth/api-access-permissions>).

use domain::access::{AccessList, Grantee, Level};
use reqwest::Method;

use crate::call::{Call, RetryPolicy};
use crate::error::Endpoint;
use crate::wire::{AccessControl, AccessControlRequest};
use crate::{Api, Error};

const ROUTE: &str = "/api/2.0/permissions/authorization/tokens";

impl Api<'_> {
    /// The workspace's access control list for tokens.
    ///
    /// # Errors
    /// [`NoTokenYet`](crate::ErrorKind::NoTokenYet) before the workspace has its first token, and
    /// [`FeatureOff`](crate::ErrorKind::FeatureOff) on a tier without token permissions.
    pub async fn token_permissions(&self) -> Result<AccessList, Error> {
        self.permissions(Call::new(self.client, Method::GET, ROUTE)).await
    }

    /// Grants permission to use tokens to more principals. No one loses access. Returns the list after the change.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for an unknown principal (see [`Error::unknown_principal`]): no one was
    /// added.
    pub async fn grant_token_use(&self, grantees: &[Grantee]) -> Result<AccessList, Error> {
        let grants = grantees.iter().map(|grantee| (grantee, &Level::CanUse));
        let call = Call::new(self.client, Method::PATCH, ROUTE).json(&AccessControlRequest::new(grants));
        self.permissions(call).await
    }

    /// Replaces the whole list. Anyone who is not in `grants` loses access, and `admins` must be in it with
    /// `CAN_MANAGE`. Never retried: the list has no version, so a retry could overwrite a change that someone made in
    /// the meantime.
    ///
    /// # Errors
    /// As [`grant_token_use`](Self::grant_token_use). After a timeout or a broken connection, it is unknown whether the
    /// list was replaced.
    pub async fn replace_token_permissions(&self, grants: &[(Grantee, Level)]) -> Result<AccessList, Error> {
        let body = AccessControlRequest::new(grants.iter().map(|(grantee, level)| (grantee, level)));
        let call = Call::new(self.client, Method::PUT, ROUTE).json(&body);
        self.permissions(call.retry_policy(RetryPolicy::Never)).await
    }

    async fn permissions(&self, call: Call<'_>) -> Result<AccessList, Error> {
        let call = call.endpoint(Endpoint::TokenPermissions).credential(self.credential)?;
        let call = call.expected_keys(&["access_control_list"]);
        call.send().await?.decode(AccessControl::into_list).await
    }
}
