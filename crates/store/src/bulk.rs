//! Bulk changes: the selected tokens, frozen, and how far revoking them or setting their scopes has come. They outlive
//! the browser and the console.
//!
//! The rows say what is known: a token is `sent` from before its call leaves until the response is recorded. Each step
//! is one transaction together with its rows of the activity log, so that neither reports something that the other does
//! not.

mod draft;
mod pages;
mod query;
mod transitions;

use std::fmt;
use std::str::FromStr;

use domain::{
    AutoscopeState, ClientAddress, GrantedScopes, PrincipalId, PrincipalKind, ScopesPlan, Timestamp, TokenId,
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::database::columns::{DetailText, OwnerKindText, ScopesText, TokenIdText};
use crate::{Detail, SignInId, operation_id};

pub use draft::{DraftItem, NewBulk, NewBulkItem};
pub use pages::{BulkItemPage, BulkPage, BulkSummary, EndedItem};
pub use transitions::{BulkItemIntent, ItemResult, NewRun};

/// The prefix of the names and affinities of the leases of bulk changes.
const LEASE_PREFIX: &str = "bulk/";

/// The ID of a bulk change: 128 random bits as 32 lower-case hexadecimal digits. Not secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BulkId(String);

/// The text is not a [`BulkId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The ID of a bulk change has 32 hexadecimal digits.")]
pub struct BulkIdError;

impl BulkId {
    fn random() -> Self {
        Self(operation_id())
    }

    /// The ID as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BulkId {
    type Error = BulkIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<BulkId> for String {
    fn from(id: BulkId) -> Self {
        id.0
    }
}

impl fmt::Display for BulkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BulkId {
    type Err = BulkIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_id = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_id.then(|| Self(text.to_owned())).ok_or(BulkIdError)
    }
}

/// What a bulk change does to each of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum BulkKind {
    /// The token is revoked.
    Revoke,
    /// The scopes that it has are set by hand, so that the platform no longer changes them.
    KeepScopes,
    /// Only the scopes that the workspace has seen it use are left.
    NarrowScopes,
    /// The token gets the scopes back that it had before another bulk change.
    PutBackScopes,
}

impl BulkKind {
    /// Whether it sets scopes.
    pub fn sets_scopes(self) -> bool {
        self != Self::Revoke
    }
}

/// The state of a bulk change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum BulkState {
    /// Selected and waiting for review; nothing has been sent.
    Draft,
    /// In progress, or to be resumed as soon as a console runs.
    Running,
    /// The bulk change waits for the person who started it; see [`PauseReason`].
    Paused,
    /// Nothing is left to do.
    Finished,
}

/// Why a bulk change is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum PauseReason {
    /// The person who started it signed out, or their sign-in ended.
    SignedOut,
    /// The workspace no longer accepts that person's credential.
    CredentialEnded,
    /// The workspace no longer lets that person make the change.
    NotAllowed,
    /// The console was restarted with changes disabled.
    ReadOnly,
    /// The workspace failed many times in a row.
    WorkspaceFails,
}

/// How far one token of a bulk change has come. The variants are in the order of the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum BulkItemState {
    /// Not revoked or changed; the detail says why.
    Failed,
    /// Sent, and the workspace did not confirm that the token is gone or has its new scopes.
    Unknown,
    /// Not yet sent.
    Waiting,
    /// Sent, and no response is known: the token is looked up before its call is sent again.
    Sent,
    /// The workspace accepted it; whether it had its effect is verified at the end.
    Accepted,
    /// The workspace confirmed that the token is gone.
    Revoked,
    /// The workspace confirmed its scopes.
    Changed,
    /// The token was already gone.
    Gone,
    /// Not revoked or changed, because someone cancelled the remaining tokens.
    Cancelled,
}

impl BulkItemState {
    /// Every state, in the order of the filter.
    pub const ALL: [Self; 9] = *Self::VARIANTS.as_array().unwrap();

    /// The word in the database and in URLs.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// A bulk change without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other fields are what their names say")]
pub struct BulkChange {
    pub id: BulkId,
    pub kind: BulkKind,
    /// The bulk change of scopes that it puts back.
    pub puts_back: Option<BulkId>,
    /// The configured name of the workspace.
    pub workspace: String,
    /// The name and URL of the workspace, as its sign-ins are bound to it.
    pub binding: String,
    /// The SCIM ID of the person who started it.
    pub principal: PrincipalId,
    /// The username of that person.
    pub user_name: String,
    /// The sign-in whose credential it uses.
    pub sign_in: SignInId,
    pub state: BulkState,
    /// Why it is paused, if it is.
    pub pause_reason: Option<PauseReason>,
    /// The filters that selected the tokens, as in the URL of the list.
    pub filters: String,
    /// Why, as the person who started it typed it.
    pub reason: String,
    /// The ID of the request that started it.
    pub request_id: String,
    /// Where that request came from.
    pub client: ClientAddress,
    /// The ID of its operation in the activity log.
    pub operation: String,
    /// Whether the session's own token was selected and excluded.
    pub own_token_excluded: bool,
    /// Whether someone cancelled the remaining tokens.
    pub cancelled: bool,
    /// When it was drafted.
    pub created: Timestamp,
    pub started: Option<Timestamp>,
    pub ended: Option<Timestamp>,
}

impl BulkChange {
    /// The name of the lease of the one instance that runs it.
    pub fn lease_name(&self) -> String {
        format!("{LEASE_PREFIX}{}", self.id)
    }

    /// The affinity of that lease: all bulk changes of a workspace run in one instance, which keeps one pace for them.
    pub fn lease_affinity(&self) -> String {
        format!("{LEASE_PREFIX}{}", self.binding)
    }
}

/// One token of a bulk change.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
#[expect(missing_docs, reason = "the other fields are what their names say")]
pub struct BulkItem {
    /// Its position among the tokens, from 0.
    pub position: i64,
    #[sqlx(rename = "token_id", try_from = "TokenIdText")]
    pub token: TokenId,
    /// The comment when it was started; empty in a draft.
    pub comment: String,
    /// The owner's ID; empty if the workspace named none.
    pub owner_id: String,
    /// The owner's name, as it was displayed when it was started; empty in a draft.
    pub owner: String,
    /// The owner's kind, if it was known then.
    #[sqlx(try_from = "OwnerKindText")]
    pub owner_kind: Option<PrincipalKind>,
    pub state: BulkItemState,
    /// Details of the state; can be empty.
    #[sqlx(try_from = "DetailText")]
    pub detail: Detail,
    /// The ID of its operation in the activity log; empty until it is sent.
    pub operation: String,
    /// Whether it was sent in an earlier attempt, so that it has to be looked up first.
    pub check_first: bool,
    /// Whether an earlier attempt may have set its scopes, which nothing has shown yet.
    pub maybe_sent_before: bool,
    /// The scopes that it had at the review; `None` if it is revoked, or if they are not stored completely.
    #[sqlx(try_from = "ScopesText")]
    pub scopes_before: Option<GrantedScopes>,
    /// The scopes to set; `None` if it is revoked, or if they are not stored completely.
    #[sqlx(try_from = "ScopesText")]
    pub scopes_after: Option<GrantedScopes>,
    /// The state of its automatic scopes at the review, as the workspace names it; empty if it named none.
    pub autoscope_before: String,
}

impl BulkItem {
    /// The change of its scopes; `None` if it is revoked, or if that is not stored completely.
    pub fn scopes_plan(&self) -> Option<ScopesPlan> {
        scopes_plan(
            self.scopes_before.clone(),
            &self.autoscope_before,
            self.scopes_after.as_ref(),
        )
    }
}

fn scopes_plan(before: Option<GrantedScopes>, state: &str, after: Option<&GrantedScopes>) -> Option<ScopesPlan> {
    let after = after?.names().filter(|scopes| !scopes.is_empty())?;
    Some(ScopesPlan {
        before: before?,
        state_before: AutoscopeState::from_wire(state),
        after,
    })
}

/// How many tokens of a bulk change are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkCounts {
    /// Indexed by [`BulkItemState`].
    by_state: [usize; BulkItemState::ALL.len()],
    /// How many of those that failed have changed since the review.
    changed_since: usize,
}

impl BulkCounts {
    pub(crate) fn add(&mut self, state: BulkItemState, n: usize) {
        self.by_state[state as usize] += n;
    }

    pub(crate) fn add_changed_since(&mut self, n: usize) {
        self.changed_since += n;
    }

    /// How many of those that failed have changed since the review. Another attempt would leave them as they are, too.
    pub fn changed_since(&self) -> usize {
        self.changed_since
    }

    /// How many are in this state.
    pub fn of(&self, state: BulkItemState) -> usize {
        self.by_state[state as usize]
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.by_state.iter().sum()
    }

    /// How many have been processed: accepted, revoked, changed, gone, failed, cancelled, or sent without a
    /// confirmation.
    pub fn settled(&self) -> usize {
        self.total() - self.of(BulkItemState::Waiting) - self.of(BulkItemState::Sent)
    }
}
