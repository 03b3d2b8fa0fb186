//! One configured workspace: its name, its address, and what is shared by everybody who works on it.

use std::sync::{Mutex, PoisonError};

use domain::Timestamp;
use serde::Deserialize;
use workspace_client::{Client, WorkspaceUrl, oidc::OAuthApp};

use crate::access::ShownLists;
use crate::auditing::{Auditing, ReaderCredential};
use crate::bulk::AdaptiveLimiter;
use crate::cache::snapshot::Snapshots;
use crate::sign_in::admin_proof::Proofs;

/// What is configured about a workspace.
#[derive(Debug)]
pub struct WorkspaceSettings {
    /// Its name in addresses: `[a-z0-9-]{1,40}`, checked where the configuration is read.
    pub name: String,
    /// Where its interfaces are.
    pub url: WorkspaceUrl,
    /// What it is for, such as `production`; shown on every page and dialog.
    pub environment: Option<String>,
    /// The colour that goes with it.
    pub colour: Colour,
    /// The OAuth client registered for the console, where there is one.
    pub oauth: Option<OAuthApp>,
    /// Whether people may sign in by pasting an access token.
    pub token_sign_in: bool,
    /// Who may read without being an admin, where anybody may.
    pub auditing: Option<Auditing>,
}

impl WorkspaceSettings {
    /// A workspace with nothing else configured: signed in to by pasted tokens, grey.
    pub fn new(name: impl Into<String>, url: WorkspaceUrl) -> Self {
        Self {
            name: name.into(),
            url,
            environment: None,
            colour: Colour::default(),
            oauth: None,
            token_sign_in: true,
            auditing: None,
        }
    }
}

/// The colour of a workspace, so that the wrong one looks wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// For what must not break.
    Red,
    /// Between.
    Amber,
    /// For what may break.
    Green,
    /// Another.
    Blue,
    /// Another.
    Violet,
    /// Of no particular meaning.
    #[default]
    Grey,
}

impl Colour {
    /// Its name, as the configuration and the style sheet spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Amber => "amber",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Violet => "violet",
            Self::Grey => "grey",
        }
    }
}

/// A workspace that the console serves.
pub struct Workspace {
    settings: WorkspaceSettings,
    pub(crate) client: Client,
    pub(crate) snapshots: Snapshots,
    pub(crate) proofs: Proofs,
    pub(crate) access: ShownLists,
    pub(crate) reader: ReaderCredential,
    pub(crate) pace: AdaptiveLimiter,
    switch_sent: Mutex<Option<(bool, Timestamp)>>,
}

impl Workspace {
    /// A workspace that is reached through `client`.
    pub fn new(settings: WorkspaceSettings, client: Client) -> Self {
        Self {
            settings,
            client,
            snapshots: Snapshots::default(),
            proofs: Proofs::default(),
            access: ShownLists::default(),
            reader: ReaderCredential::default(),
            pace: AdaptiveLimiter::default(),
            switch_sent: Mutex::default(),
        }
    }

    /// Its name in addresses.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// Where its interfaces are.
    pub fn url(&self) -> &WorkspaceUrl {
        &self.settings.url
    }

    /// The OAuth client registered for the console, where there is one.
    pub fn oauth(&self) -> Option<&OAuthApp> {
        self.settings.oauth.as_ref()
    }

    /// Whether people may sign in by pasting an access token.
    pub fn allows_token_sign_in(&self) -> bool {
        self.settings.token_sign_in
    }

    /// Who may read without being an admin, where anybody may.
    pub(crate) fn auditing(&self) -> Option<&Auditing> {
        self.settings.auditing.as_ref()
    }

    /// Its colour.
    pub fn colour(&self) -> Colour {
        self.settings.colour
    }

    /// What it is for.
    pub fn environment(&self) -> Option<&str> {
        self.settings.environment.as_deref()
    }

    /// When its tokens were last read, where they are still remembered.
    pub fn read_at(&self) -> Option<Timestamp> {
        self.snapshots.current().map(|snapshot| snapshot.inventory.as_of())
    }

    /// What a sign-in is bound to: a name that is configured for another address later opens none of its credentials.
    pub(crate) fn binding(&self) -> String {
        format!("{} {}", self.name(), self.url())
    }

    pub(crate) fn record_switch(&self, on: bool, at: Timestamp) {
        *self.switch_sent.lock().unwrap_or_else(PoisonError::into_inner) = Some((on, at));
    }

    pub(crate) fn last_switch(&self) -> Option<(bool, Timestamp)> {
        *self.switch_sent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
