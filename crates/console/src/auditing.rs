//! Auditors: people who are no admins, are named in the configuration, and may read everything and change nothing.
//!
//! The workspace itself answers only to admins, so an auditor's reads go through a service principal. Its access token is
//! marked as one for reading: a call that would change anything is refused before it leaves the console.

use domain::{PrincipalId, Timestamp};
use std::time::Duration;
use store::SignInId;
use tokio::sync::Mutex;
use workspace_client::oidc::{self, ServicePrincipalLogin};
use workspace_client::{Client, Credential, Me};

use crate::{Error, Workspace, now};

/// How long before its end an access token is replaced, in milliseconds, and at most half of its life.
const REFRESH_AHEAD: Duration = Duration::from_mins(5);

/// Who may read a workspace without being an admin of it, and through whom.
#[derive(Clone, Debug)]
pub struct Auditing {
    /// SCIM ids of users and service principals.
    pub users: Vec<PrincipalId>,
    /// SCIM ids of groups, whose members count directly and through other groups.
    pub groups: Vec<PrincipalId>,
    /// The service principal that reads for them. It must be an admin of the workspace.
    pub reader: ServicePrincipalLogin,
}

impl Auditing {
    fn includes(&self, me: &Me) -> bool {
        me.active && (self.users.contains(&me.id) || me.group_ids.iter().any(|id| self.groups.contains(id)))
    }
}

/// The access token that auditors read with, shared by all of them.
#[derive(Default)]
pub(crate) struct ReaderCredential(Mutex<Option<(Credential, Timestamp)>>);

impl ReaderCredential {
    /// A token that still holds; a new one where there is none.
    async fn credential(&self, client: &Client, login: &ServicePrincipalLogin) -> Result<Credential, Error> {
        let mut kept = self.0.lock().await;
        if let Some((credential, until)) = kept.as_ref()
            && now() < *until
        {
            return Ok(credential.clone());
        }
        let asked = now();
        let endpoints = oidc::discover(client, &login.issuer_hosts)
            .await
            .map_err(Error::AuditorConnection)?;
        let tokens = oidc::client_credentials(client, &endpoints, login).await;
        let tokens = tokens.map_err(Error::AuditorConnection)?;
        let credential = Credential::new(tokens.access).read_only();
        *kept = Some((
            credential.clone(),
            asked.plus(tokens.expires_in - REFRESH_AHEAD.min(tokens.expires_in / 2)),
        ));
        Ok(credential)
    }

    /// Forgets a token that the workspace does not take any more.
    pub(crate) fn forget(&self) {
        // Somebody who holds the lock is getting a new one.
        if let Ok(mut kept) = self.0.try_lock() {
            *kept = None;
        }
    }
}

/// Whether the reader of auditors signs in and is an admin, in words.
///
/// # Errors
/// Why not, in words.
pub async fn check_reader(client: &Client, auditing: &Auditing) -> Result<String, String> {
    let reader = ReaderCredential::default();
    let credential = reader.credential(client, &auditing.reader).await;
    let client_id = &auditing.reader.client_id;
    let credential = credential.map_err(|error| match error {
        Error::AuditorConnection(source) => format!("{client_id} cannot sign in: {source}"),
        other => format!("{client_id} cannot sign in: {other}"),
    })?;
    let api = client.with(&credential);
    let me = api.me().await;
    let me = me.map_err(|error| format!("{client_id} cannot sign in: {error}"))?;
    match api.tokens_created_by(me.id).await {
        Ok(_) => Ok(format!("{client_id} signs in and is an admin")),
        Err(error) => Err(format!("{client_id} signs in, but cannot list tokens: {error}")),
    }
}

impl Workspace {
    /// Whether the configuration names this person an auditor.
    pub(crate) fn is_auditor(&self, me: &Me) -> bool {
        self.auditing().is_some_and(|auditing| auditing.includes(me))
    }

    /// Makes sure that the person behind `own` has been an auditor within the last five minutes, by asking the workspace who they
    /// are. That the reader may read says nothing of them.
    pub(crate) async fn prove_auditor(&self, sign_in: &SignInId, own: &Credential) -> Result<(), Error> {
        let auditing = self.auditing().ok_or(Error::SignedOut)?;
        let asked = now();
        if !self.proofs.is_valid(sign_in, asked) {
            let me = self.client.with(own).me().await?;
            if !auditing.includes(&me) {
                return Err(Error::NotAnAuditor);
            }
            self.proofs.record(sign_in, asked);
        }
        Ok(())
    }

    /// What auditors read with.
    pub(crate) async fn reader_credential(&self) -> Result<Credential, Error> {
        let auditing = self.auditing().ok_or(Error::SignedOut)?;
        self.reader.credential(&self.client, &auditing.reader).await
    }
}
