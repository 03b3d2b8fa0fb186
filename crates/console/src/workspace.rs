//! One configured workspace: its name, its URL, and what everyone who works on it shares.

use std::time::Duration;

use domain::{Day, Timestamp};
use parking_lot::Mutex;
use serde::Deserialize;
use store::{AcceptedFinding, EventKind, SignInId};
use workspace_client::{Client, ClockSkew, WorkspaceUrl, oidc::OAuthApp};

use crate::access::ShownLists;
use crate::auditing::{Auditing, ReaderCredential};
use crate::bulk::AdaptiveLimiter;
use crate::cache::groups::IdentityApi;
use crate::cache::parts::Parts;
use crate::cache::revocations::Revocations;
use crate::cache::snapshot::InventoryCache;
use crate::instances::Outbox;
use crate::now;
use crate::sign_in::admin_proof::Proofs;

/// The configuration of a workspace.
#[derive(Debug)]
pub struct WorkspaceSettings {
    /// Its name in URLs: `[a-z0-9-]{1,40}`, checked when the configuration is read.
    pub name: String,
    /// The base URL of its APIs.
    pub url: WorkspaceUrl,
    /// Its environment, such as `production`; shown on every page and dialog.
    pub environment: Option<String>,
    /// The colour of its badge.
    pub colour: Colour,
    /// Whether it is configured to count as production, whatever its environment is called.
    pub production: bool,
    /// The OAuth client that is registered for the console, if any.
    pub oauth: Option<OAuthApp>,
    /// Whether people can sign in with an access token that they paste.
    pub token_sign_in: bool,
    /// Who can view without being an admin, if anyone.
    pub auditing: Option<Auditing>,
}

impl WorkspaceSettings {
    /// A workspace with nothing else configured: grey, and people sign in with an access token.
    pub fn new(name: impl Into<String>, url: WorkspaceUrl) -> Self {
        Self {
            name: name.into(),
            url,
            environment: None,
            colour: Colour::default(),
            production: false,
            oauth: None,
            token_sign_in: true,
            auditing: None,
        }
    }

    /// Why the workspace counts as production. Then disabling tokens requires typing its name. `None` if it does not.
    pub fn counts_as_production(&self) -> Option<ProductionReason> {
        let is_called_so = self.environment.as_deref().is_some_and(is_called_production);
        match (is_called_so, self.production) {
            (true, _) => Some(ProductionReason::Environment),
            (false, true) => Some(ProductionReason::Configured),
            (false, false) => None,
        }
    }
}

/// Why a workspace counts as production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductionReason {
    /// Its environment is called so.
    Environment,
    /// The configuration says so.
    Configured,
}

/// Whether an environment is called `prod`, or begins with `production` or `prod-`, in any case and with blanks around
/// it.
pub fn is_called_production(environment: &str) -> bool {
    let name = environment.trim().to_lowercase();
    name == "prod" || name.starts_with("production") || name.starts_with("prod-")
}

/// The colour of a workspace, so that people notice when they are in the wrong one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// For workspaces that must not break.
    Red,
    /// For workspaces in between.
    Amber,
    /// For workspaces that may break.
    Green,
    /// Without a fixed meaning.
    Blue,
    /// Without a fixed meaning.
    Violet,
    /// The default.
    #[default]
    Grey,
}

impl Colour {
    /// Its name in the configuration and the style sheet.
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
    pub(crate) parts: Parts,
    pub(crate) assembly: InventoryCache,
    pub(crate) revocations: Revocations,
    pub(crate) proofs: Proofs,
    pub(crate) identity: IdentityApi,
    pub(crate) shown_lists: ShownLists,
    pub(crate) reader: ReaderCredential,
    pub(crate) limiter: AdaptiveLimiter,
    pub(crate) outbox: Outbox,
    /// The accepted findings as they were last read, for pages while the database does not respond.
    pub(crate) last_acceptances: Mutex<Option<Vec<AcceptedFinding>>>,
    /// The state of the switch that was last sent through this console, and when.
    last_switch: Mutex<Option<(bool, Timestamp)>>,
}

impl Workspace {
    /// A workspace that is reached through `client`.
    pub fn new(settings: WorkspaceSettings, client: Client) -> Self {
        Self {
            settings,
            client,
            parts: Parts::default(),
            assembly: InventoryCache::default(),
            revocations: Revocations::default(),
            proofs: Proofs::default(),
            identity: IdentityApi::default(),
            shown_lists: ShownLists::default(),
            reader: ReaderCredential::default(),
            limiter: AdaptiveLimiter::default(),
            outbox: Outbox::default(),
            last_acceptances: Mutex::default(),
            last_switch: Mutex::default(),
        }
    }

    /// The same workspace in a console that publishes its events through this outbox.
    pub(crate) fn with_outbox(self, outbox: Outbox) -> Self {
        Self { outbox, ..self }
    }

    /// Its name in URLs.
    pub fn name(&self) -> &str {
        &self.settings.name
    }

    /// The base URL of its APIs.
    pub fn url(&self) -> &WorkspaceUrl {
        &self.settings.url
    }

    /// The OAuth client that is registered for the console, if any.
    pub fn oauth(&self) -> Option<&OAuthApp> {
        self.settings.oauth.as_ref()
    }

    /// Whether people can sign in with an access token that they paste.
    pub fn allows_token_sign_in(&self) -> bool {
        self.settings.token_sign_in
    }

    /// Who can view without being an admin, if anyone.
    pub(crate) fn auditing(&self) -> Option<&Auditing> {
        self.settings.auditing.as_ref()
    }

    /// The colour of its badge.
    pub fn colour(&self) -> Colour {
        self.settings.colour
    }

    /// Its environment, such as `production`.
    pub fn environment(&self) -> Option<&str> {
        self.settings.environment.as_deref()
    }

    /// Whether it counts as production. Then disabling tokens requires typing its name.
    pub fn is_production(&self) -> bool {
        self.settings.counts_as_production().is_some()
    }

    /// How long ago its tokens were read; `None` without a snapshot.
    pub fn snapshot_age(&self) -> Option<Duration> {
        self.parts.tokens.age()
    }

    /// How its clock differs from that of this machine, if by more than two minutes.
    pub fn clock_skew(&self) -> Option<ClockSkew> {
        self.client.clock_skew().filter(|skew| skew.is_notable())
    }

    /// The current time, by which its tokens expire: its own, if the clocks differ.
    pub(crate) fn time(&self) -> Timestamp {
        let ours = now();
        self.clock_skew().map_or(ours, |skew| skew.workspace_time(ours))
    }

    /// The current day by its clock.
    pub fn today(&self) -> Day {
        self.time().day()
    }

    /// What a stored credential is bound to. If the name is configured for another URL later, it opens none of the
    /// credentials of this one.
    pub(crate) fn binding(&self) -> String {
        match self.url().workspace_id() {
            Some(id) => format!("{} {}?o={id}", self.name(), self.url()),
            None => format!("{} {}", self.name(), self.url()),
        }
    }

    /// Ends the proof that a person is an admin or auditor, and what is being read with their credential. In the other
    /// instances too.
    pub(crate) fn end_proof(&self, sign_in: &SignInId) {
        self.forget_proof(sign_in);
        self.announce(EventKind::ProofEnded { sign_in: *sign_in });
    }

    /// Like [`end_proof`](Self::end_proof), in this instance only.
    pub(crate) fn forget_proof(&self, sign_in: &SignInId) {
        self.proofs.end(sign_in);
        self.parts.discard_reads_of(sign_in);
    }

    pub(crate) fn record_switch(&self, on: bool, at: Timestamp) {
        *self.last_switch.lock() = Some((on, at));
    }

    pub(crate) fn last_switch(&self) -> Option<(bool, Timestamp)> {
        *self.last_switch.lock()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_counts_as_production_by_its_name() {
        for (environment, expected) in [
            ("prod", true),
            (" Prod ", true),
            ("PRODUCTION", true),
            ("production-eu", true),
            ("Production (EU)", true),
            ("prod-eu", true),
            ("product", false),
            ("products", false),
            ("preprod", false),
            ("non-production", false),
            ("prod eu", false),
            ("staging", false),
            ("", false),
        ] {
            assert_eq!(is_called_production(environment), expected, "{environment}");
        }
    }
}
