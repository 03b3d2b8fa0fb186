//! The console's own log of the changes made or attempted through it. It is append-only: triggers refuse to change or
//! delete a row. A chain of hashes over the rows reveals someone with database access who goes around the triggers. The
//! workspace's audit log remains the authority on what happened.

mod append;
mod chain;
mod detail;
mod kind;
mod label;
mod page;
mod place;
mod query;
mod requested;
mod search;
mod target;

use chacha20poly1305::aead::{OsRng, rand_core::RngCore};
use domain::{ClientAddress, Timestamp};
use strum::{EnumString, IntoStaticStr, VariantArray};

pub(crate) use append::append_within;
pub use chain::{ChainError, ChainHead, verify_activity};
pub use detail::Detail;
pub use kind::ActivityKind;
pub use label::{before_label, target_label};
pub use page::MAX_COUNTED;
pub use query::{ActivityPage, ActivityQuery, Operation};
pub use requested::RequestedValue;
pub use search::MAX_SEARCHED;
pub(crate) use search::SearchLock;

/// The phase of an operation that a row records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Phase {
    /// Written before the call.
    Intent,
    /// Written after the call.
    Outcome,
    /// The console refused the operation: there was no call.
    Refused,
}

/// How an operation ended. The variants are in the order of the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    /// The workspace has the requested state.
    Done,
    /// The change was not made, or the workspace does not have the requested state.
    Failed,
    /// The change was sent, and its result is not known.
    Unknown,
    /// The operation has not ended: it is in progress, or the console was stopped during it.
    Open,
    /// The console refused it and sent nothing.
    Refused,
}

impl Outcome {
    /// Every outcome, in the order of the filter.
    pub const ALL: [Self; 5] = *Self::VARIANTS.as_array().unwrap();

    /// The word in the database and in URLs.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// The label that pages show.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "In progress",
            Self::Done => "Done",
            Self::Failed => "Failed",
            Self::Unknown => "Unknown",
            Self::Refused => "Refused",
        }
    }
}

/// One row of the activity log. It contains no credential.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the other fields are what their names say")]
pub struct ActivityEntry {
    pub at: Timestamp,
    /// The configured name of the workspace.
    pub workspace: String,
    /// The ID that the rows of one operation share.
    pub operation: String,
    pub phase: Phase,
    /// The username of the person who acted.
    pub actor: String,
    pub kind: ActivityKind,
    /// What was changed, such as a token's ID.
    pub target: String,
    /// The state before the change; empty if it is unknown or says nothing.
    pub before: String,
    pub requested: RequestedValue,
    /// Why, as the actor typed it; can be empty.
    pub reason: String,
    pub outcome: Outcome,
    /// Details of the outcome; empty in an intent.
    pub detail: Detail,
    /// The ID of the request to the console.
    pub request_id: String,
    /// Where that request came from.
    pub client: ClientAddress,
}

/// The ID of a new operation: 128 random bits as 32 hexadecimal digits.
pub fn operation_id() -> String {
    let mut bytes = [0; 16];
    OsRng.fill_bytes(&mut bytes);
    hex::encode(bytes)
}
