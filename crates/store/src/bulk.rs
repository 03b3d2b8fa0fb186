//! Jobs that revoke many tokens: what was picked, frozen, and how far it has come. It outlives the browser and the console.
//!
//! The rows say what is known: a token is `sent` before the call leaves and until its answer is written down. Each step is one
//! transaction together with its rows of the activity record, so that neither tells of something that the other does not.

mod draft;
mod query;
mod transitions;

use std::fmt;
use std::str::FromStr;

use domain::{PrincipalId, Timestamp, TokenId};

use crate::{SignInId, operation_id};

pub use draft::{NewBulk, NewBulkItem};
pub use query::{BulkOwner, BulkOwners};
pub use transitions::{BulkItemIntent, ItemResult};

/// Names a job: 128 random bits as 32 hexadecimal digits. Not secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BulkId(String);

/// The text is no [`BulkId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A bulk revocation ID has 32 hexadecimal digits.")]
pub struct BulkIdError;

impl BulkId {
    fn random() -> Self {
        Self(operation_id())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
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
        let digits = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        digits.then(|| Self(text.to_owned())).ok_or(BulkIdError)
    }
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum BulkState {
    /// Picked and to be reviewed; nothing has been sent.
    Draft,
    /// Under way, or to be gone on with as soon as the console runs.
    Running,
    /// It waits for its starter; see [`PauseReason`].
    Paused,
    /// Nothing is left to do.
    Finished,
}

/// Why a job waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum PauseReason {
    /// Its starter signed out, or their sign-in ended.
    SignedOut,
    /// The workspace does not take the starter's credential any more.
    CredentialEnded,
    /// The workspace does not let the starter do it any more.
    NotAllowed,
    /// The console was started again so that it refuses changes.
    ReadOnly,
    /// The workspace failed many times in a row.
    WorkspaceFails,
}

/// How far one token of a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::Type)]
#[sqlx(rename_all = "snake_case")]
pub enum BulkItemState {
    /// Not yet sent.
    Waiting,
    /// Sent, and no answer is known: it is looked up before it is sent again.
    Sent,
    /// The workspace said yes; whether it is gone is read back at the end.
    Accepted,
    /// Gone by read-back.
    Revoked,
    /// It had been gone before.
    Gone,
    /// Not revoked; the detail says why.
    Failed,
    /// Left as it is: somebody cancelled the rest.
    Cancelled,
}

impl BulkItemState {
    /// Every one, in the order of a filter.
    pub const ALL: [Self; 7] = [
        Self::Failed,
        Self::Waiting,
        Self::Sent,
        Self::Accepted,
        Self::Revoked,
        Self::Gone,
        Self::Cancelled,
    ];

    /// The word in the database and in addresses.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Gone => "gone",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job without its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRevocation {
    /// Its id.
    pub id: BulkId,
    /// The configured name of the workspace.
    pub workspace: String,
    /// Name and address of the workspace, as its sign-ins are bound to.
    pub binding: String,
    /// The SCIM id of who started it.
    pub principal: PrincipalId,
    /// Their user name.
    pub user_name: String,
    /// The sign-in that it rides on.
    pub sign_in: SignInId,
    /// Where it stands.
    pub state: BulkState,
    /// Why it waits, where it does.
    pub paused_because: Option<PauseReason>,
    /// The filters that picked the tokens, as the list's address says them.
    pub filters: String,
    /// Why, in the words of who started it.
    pub reason: String,
    /// Id of the request that started it.
    pub request_id: String,
    /// Its operation in the activity record.
    pub operation: String,
    /// Whether the session's own token was picked and left out.
    pub own_left_out: bool,
    /// Whether owners' names could not be read when it was drafted.
    pub names_missing: bool,
    /// Whether somebody cancelled the rest.
    pub cancelled: bool,
    /// When it was drafted.
    pub created: Timestamp,
    /// When it was started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// One token of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkItem {
    /// Its place in the job, from 0.
    pub position: i64,
    /// The token.
    pub token: TokenId,
    /// The comment it had.
    pub comment: String,
    /// How its owner was shown.
    pub owner: String,
    /// How far it has come.
    pub state: BulkItemState,
    /// The same in words; may be empty.
    pub detail: String,
    /// Its operation in the activity record; empty until it is sent.
    pub operation: String,
    /// Whether it was sent in an earlier try.
    pub look_first: bool,
}

/// How many tokens of a job stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkCounts {
    /// By [`BulkItemState`], in the order of [`BulkItemState::ALL`].
    by_state: [usize; BulkItemState::ALL.len()],
}

impl BulkCounts {
    /// How many stand there.
    pub fn of(&self, state: BulkItemState) -> usize {
        let place = BulkItemState::ALL.iter().position(|s| *s == state);
        place.map_or(0, |place| self.by_state[place])
    }

    /// All.
    pub fn total(&self) -> usize {
        self.by_state.iter().sum()
    }

    /// How many have an answer: accepted, revoked, gone, failed or cancelled.
    pub fn settled(&self) -> usize {
        self.total() - self.of(BulkItemState::Waiting) - self.of(BulkItemState::Sent)
    }
}
