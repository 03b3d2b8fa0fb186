//! One configured workspace: its name, its address, and what is shared by everybody who works on it.

use domain::Timestamp;
use workspace_client::{Client, WorkspaceUrl, oidc::OAuthApp};

use crate::proof::Proofs;
use crate::snapshot::Snapshots;

/// What is configured about a workspace.
#[derive(Debug)]
pub struct WorkspaceSettings {
    /// Its name in addresses: `[a-z0-9-]{1,40}`, checked where the configuration is read.
    pub name: String,
    /// Where its interfaces are.
    pub url: WorkspaceUrl,
    /// The OAuth client registered for the console, where there is one.
    pub oauth: Option<OAuthApp>,
}

/// A workspace that the console serves.
pub struct Workspace {
    settings: WorkspaceSettings,
    pub(crate) client: Client,
    pub(crate) snapshots: Snapshots,
    pub(crate) proofs: Proofs,
}

impl Workspace {
    /// A workspace that is reached through `client`.
    pub fn new(settings: WorkspaceSettings, client: Client) -> Self {
        Self {
            settings,
            client,
            snapshots: Snapshots::default(),
            proofs: Proofs::default(),
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

    /// When the snapshot that a page would show was read, if there is one.
    pub fn snapshot_as_of(&self) -> Option<Timestamp> {
        self.snapshots.current().map(|s| s.inventory.as_of())
    }
}
