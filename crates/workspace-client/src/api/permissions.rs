//! Who may create and use tokens (<https://docs.databricks.com/aws/en/security/auth/api-access-permissions>).

use domain::access::{AccessList, Grantee, Level};
use reqwest::Method;

use crate::call::{Call, RetryPolicy};
use crate::error::Endpoint;
use crate::wire::{AccessControl, AccessControlRequest};
use crate::{Api, Error};

const ROUTE: &str = "/api/2.0/permissions/authorization/tokens";

impl Api<'_> {
    /// The token permissions.
    ///
    /// # Errors
    /// [`NoTokenYet`](crate::ErrorKind::NoTokenYet) before the workspace's first token,
    /// [`FeatureOff`](crate::ErrorKind::FeatureOff) on a tier without them.
    pub async fn token_permissions(&self) -> Result<AccessList, Error> {
        self.permissions(Call::new(self.client, Method::GET, ROUTE)).await
    }

    /// Lets more principals use tokens; nobody loses anything by it. Answers the list as it is then.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for an unknown principal, see [`Error::unknown_principal`]; then nobody
    /// was added.
    pub async fn grant_token_use(&self, grantees: &[Grantee]) -> Result<AccessList, Error> {
        let grants = grantees.iter().map(|grantee| (grantee, &Level::CanUse));
        let call = Call::new(self.client, Method::PATCH, ROUTE).json(&AccessControlRequest::new(grants));
        self.permissions(call).await
    }

    /// Replaces the whole list: who is not in `grants` loses access, and `admins` must be there with `CAN_MANAGE`. Never
    /// sent twice, whatever is answered: there is no version to tell whether the list is still the one it was made from.
    ///
    /// # Errors
    /// As [`grant_token_use`](Self::grant_token_use). After a timeout or a broken connection the list may have been
    /// replaced or not.
    pub async fn replace_token_permissions(&self, grants: &[(Grantee, Level)]) -> Result<AccessList, Error> {
        let body = AccessControlRequest::new(grants.iter().map(|(grantee, level)| (grantee, level)));
        let call = Call::new(self.client, Method::PUT, ROUTE).json(&body);
        self.permissions(call.retry_policy(RetryPolicy::Never)).await
    }

    async fn permissions(&self, call: Call<'_>) -> Result<AccessList, Error> {
        let call = call.endpoint(Endpoint::TokenPermissions).credential(self.credential)?;
        call.send().await?.decode(AccessControl::into_list).await
    }
}
