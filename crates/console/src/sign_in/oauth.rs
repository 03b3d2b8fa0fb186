//! Signing in with OAuth: the authorization code flow with PKCE.

use secrecy::SecretString;
use store::{CredentialKind, SignInId};
use workspace_client::{ErrorKind, oidc};

use super::StoredCredential;
use crate::{Console, Device, Error, now};

impl Console {
    /// The URL that a browser is sent to for signing in with OAuth, and what has to be remembered until it returns.
    ///
    /// # Errors
    /// [`Error::OAuthNotConfigured`], or [`Error::SignInService`] if discovery failed.
    pub async fn begin_oauth(&self, workspace: &str) -> Result<oidc::Authorization, Error> {
        let workspace = self.workspace(workspace)?;
        let app = workspace.oauth().ok_or(Error::OAuthNotConfigured)?;
        let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts)
            .await
            .map_err(Error::SignInService)?;
        Ok(oidc::authorize_url(&endpoints, app))
    }

    /// Signs in with the code that the browser returned with. `device` describes the browser in the person's list of
    /// sessions.
    ///
    /// # Errors
    /// [`Error::OAuthCodeRejected`]; [`Error::SignInService`]; or why the workspace does not accept the credential as
    /// an admin's or an auditor's.
    pub async fn finish_oauth(
        &self,
        workspace: &str,
        code: SecretString,
        verifier: SecretString,
        device: impl Into<Device>,
    ) -> Result<SignInId, Error> {
        let workspace = self.workspace(workspace)?;
        let app = workspace.oauth().ok_or(Error::OAuthNotConfigured)?;
        let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts)
            .await
            .map_err(Error::SignInService)?;
        let requested_at = now();
        let tokens = oidc::exchange(&workspace.client, &endpoints, app, code, verifier).await;
        let tokens = tokens.map_err(|error| match error.kind {
            ErrorKind::BadCredential => Error::OAuthCodeRejected,
            _ => Error::SignInService(error),
        })?;
        let stored = StoredCredential::from_oauth(&tokens, requested_at);
        let credential = stored.credential();
        self.create_sign_in(workspace, CredentialKind::OAuth, &credential, &stored, device.into())
            .await
    }
}
