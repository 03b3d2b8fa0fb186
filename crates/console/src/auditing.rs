//! Auditors: people who are not admins, are named in the configuration, and can view everything and change nothing.
//!
//! The workspace responds only to admins, so auditors read through a service principal. Its access token is marked as
//! read-only: a call that would change anything is refused before it leaves the console.

use std::time::Duration;

use domain::{PrincipalId, Timestamp};
use store::SignInId;
use tokio::sync::Mutex;
use workspace_client::oidc::{self, ServicePrincipalLogin};
use workspace_client::{Client, Credential, ErrorKind, Me};

use crate::moment::Moment;
use crate::{Error, Workspace, now};

/// How long before its end an access token is replaced; half of its lifetime, if that is shorter.
const REFRESH_AHEAD: Duration = Duration::from_mins(5);

/// Who can view a workspace without being an admin of it, and the service principal that reads for them.
#[derive(Clone, Debug)]
pub struct Auditing {
    /// SCIM IDs of users and service principals.
    pub users: Vec<PrincipalId>,
    /// SCIM IDs of groups. Members count directly and through other groups.
    pub groups: Vec<PrincipalId>,
    /// The service principal that reads for them. It must be an admin of the workspace.
    pub reader: ServicePrincipalLogin,
}

impl Auditing {
    fn includes(&self, me: &Me) -> bool {
        me.active && (self.users.contains(&me.id) || me.group_ids.iter().any(|id| self.groups.contains(id)))
    }
}

/// The access token that all auditors read with.
#[derive(Default)]
pub(crate) struct ReaderCredential(Mutex<Option<(Credential, Timestamp)>>);

impl ReaderCredential {
    /// The current token, or a new one if it has expired.
    async fn credential(&self, client: &Client, login: &ServicePrincipalLogin) -> Result<Credential, Error> {
        let mut cached = self.0.lock().await;
        if let Some((credential, expires)) = cached.as_ref()
            && now() < *expires
        {
            return Ok(credential.clone());
        }
        let requested_at = now();
        let endpoints = oidc::discover(client, &login.issuer_hosts)
            .await
            .map_err(Error::SignInService)?;
        let tokens = oidc::client_credentials(client, &endpoints, login).await;
        let tokens = tokens.map_err(|error| match error.kind {
            ErrorKind::BadCredential | ErrorKind::OAuthRefused { .. } => Error::AuditorConnection(error),
            _ => Error::SignInService(error),
        })?;
        let credential = Credential::new(tokens.access).read_only();
        *cached = Some((
            credential.clone(),
            requested_at.plus(tokens.expires_in - REFRESH_AHEAD.min(tokens.expires_in / 2)),
        ));
        Ok(credential)
    }

    /// Discards a token that the workspace no longer accepts.
    pub(crate) fn discard(&self) {
        // If the lock is held, a new token is already being requested.
        if let Ok(mut cached) = self.0.try_lock() {
            *cached = None;
        }
    }
}

/// Checks that the service principal that reads for auditors can sign in, is an admin, and has every scope that reading
/// needs. Returns a sentence for the operator.
///
/// # Errors
/// A sentence that says why not.
pub async fn check_reader(client: &Client, auditing: &Auditing) -> Result<String, String> {
    let client_id = &auditing.reader.client_id;
    let cannot_sign_in = |error: &dyn std::fmt::Display| format!("{client_id} cannot sign in: {error}");
    let credential = ReaderCredential::default()
        .credential(client, &auditing.reader)
        .await
        .map_err(|error| match error {
            Error::AuditorConnection(source) if is_about_scopes(&source) => format!(
                "{}. Set reader_scopes to the scopes of its secret.",
                cannot_sign_in(&source)
            ),
            Error::AuditorConnection(source) | Error::SignInService(source) => cannot_sign_in(&source),
            other => cannot_sign_in(&other),
        })?;
    let api = client.with(&credential);
    let me = api.me().await.map_err(|error| cannot_sign_in(&error))?;
    let proven = api.prove_admin(me.id).await;
    let reads = [
        proven.clone().err(),
        api.policy().await.err(),
        api.token_permissions().await.err(),
        api.find_users("a").await.err(),
    ];
    let refused = reads
        .iter()
        .flatten()
        .filter(|error| error.kind == ErrorKind::ScopeMissing);
    let missing: Vec<_> = refused
        .map(|error| error.missing_scope().unwrap_or("unknown"))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Err(format!(
            "{client_id} signs in, but lacks scopes: {missing}. Add them to reader_scopes."
        ));
    }
    match proven {
        Ok(()) => Ok(format!("{client_id} signs in and is an admin")),
        Err(error) => Err(format!("{client_id} signs in, but cannot list tokens: {error}")),
    }
}

/// Whether the sign-in service refused the scopes, with the code of RFC 6749 §5.2 or with that of the vendor
/// (<https://github.com/databricks/databricks-sql-go/issues/476>).
fn is_about_scopes(error: &workspace_client::Error) -> bool {
    matches!(&error.kind, ErrorKind::OAuthRefused { code } if code == "invalid_scope" || code == "access_denied")
}

impl Workspace {
    /// Whether the configuration names this person an auditor.
    pub(crate) fn is_auditor(&self, me: &Me) -> bool {
        self.auditing().is_some_and(|auditing| auditing.includes(me))
    }

    /// Makes sure that the person with this credential was an auditor within the last five minutes. Asks the
    /// workspace who they are, since what the reader can do proves nothing about them.
    pub(crate) async fn prove_auditor(&self, sign_in: &SignInId, credential: &Credential) -> Result<(), Error> {
        let auditing = self.auditing().ok_or(Error::SignedOut)?;
        let asked_at = Moment::now();
        if !self.proofs.is_valid(sign_in) {
            let me = self.client.with(credential).me().await?;
            if !auditing.includes(&me) {
                return Err(Error::NotAnAuditor);
            }
            self.proofs.record(sign_in, asked_at);
        }
        Ok(())
    }

    /// The credential that auditors read with.
    pub(crate) async fn reader_credential(&self) -> Result<Credential, Error> {
        let auditing = self.auditing().ok_or(Error::SignedOut)?;
        self.reader.credential(&self.client, &auditing.reader).await
    }
}
