//! Signing in by OAuth's authorization code with PKCE.

use secrecy::SecretString;
use store::{CredentialKind, SignInId};
use workspace_client::{ErrorKind, oidc};

use super::StoredCredential;
use crate::{Console, Error, now};

impl Console {
    /// Where to send a browser to sign in by OAuth, with what has to be remembered until it comes back.
    ///
    /// # Errors
    /// [`Error::OAuthNotConfigured`], or where discovery fails.
    pub async fn begin_oauth(&self, workspace: &str) -> Result<oidc::Authorization, Error> {
        let workspace = self.workspace(workspace)?;
        let app = workspace.oauth().ok_or(Error::OAuthNotConfigured)?;
        let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts).await?;
        Ok(oidc::authorize_url(&endpoints, app))
    }

    /// Signs in with the code that the browser brought back. `device` is what the person is told to know it by.
    ///
    /// # Errors
    /// Where the code is not taken, or the workspace does not answer to the credential as to an admin's or an auditor's.
    pub async fn finish_oauth(
        &self,
        workspace: &str,
        code: SecretString,
        verifier: SecretString,
        device: &str,
    ) -> Result<SignInId, Error> {
        let workspace = self.workspace(workspace)?;
        let app = workspace.oauth().ok_or(Error::OAuthNotConfigured)?;
        let endpoints = oidc::discover(&workspace.client, &app.issuer_hosts).await?;
        let asked = now();
        let tokens = oidc::exchange(&workspace.client, &endpoints, app, code, verifier).await;
        let tokens = tokens.map_err(|error| match error.kind {
            ErrorKind::BadCredential => Error::OAuthCodeRejected,
            _ => error.into(),
        })?;
        let held = StoredCredential::from_oauth(&tokens, asked);
        self.create_sign_in(workspace, CredentialKind::OAuth, &held.credential(), &held, device)
            .await
    }
}
