//! Details of the outcome of an operation, or of the state of a token in a bulk revocation.

mod error;

use std::borrow::Cow;

use domain::{Timestamp, TokenId};
use strum::{EnumIter, IntoEnumIterator as _};

/// The start of the text of [`Detail::StillListed`], before the time.
const STILL_LISTED: &str = "still listed at ";

/// Why an operation ended like this, or what is known about it. Variants without content have one text each.
#[derive(Clone, Debug, Default, PartialEq, Eq, EnumIter)]
pub enum Detail {
    /// There is nothing to say yet.
    #[default]
    Empty,
    /// The workspace shows the new setting.
    InEffect,
    /// The workspace shows the new value.
    Changed,
    /// Tokens are disabled, and the session's own with them.
    InEffectSessionEnded,
    /// The workspace shows the new state; there was no response.
    InEffectResponseLost,
    /// The workspace accepted a switch, and does not show it yet.
    NotYetInEffect,
    /// The token is gone.
    Revoked,
    /// The workspace had the requested state before.
    NoChange,
    /// The token was gone before the call.
    AlreadyGone,
    /// A later look found the requested state.
    FoundDone,
    /// A later look did not find it. Earlier versions stored this.
    FoundNotDone,
    /// A later look found the token still listed. Earlier versions stored this.
    FoundListed,
    /// No outcome was recorded, and no look can show it.
    NotRecorded,
    /// The token was not sent, since the rest was cancelled.
    NotSentCancelled,
    /// The token was not sent, and still can be.
    NotSentYet,
    /// The rest of a bulk revocation was cancelled.
    RestCancelled,
    /// A bulk revocation was resumed.
    Resumed,
    /// There was no response; the list will show whether the token is gone.
    NoResponse,
    /// The workspace accepted it, and still lists the token.
    AcceptedButListed,
    /// The workspace said that the token is gone, and still lists it.
    GoneButListed,
    /// There was no response, and the workspace still lists the token.
    NoResponseButListed,
    /// The token is the session's own.
    OwnToken,
    /// The number of tokens was not typed as requested.
    CountMismatch,
    /// The name of the workspace was not typed as requested.
    NameMismatch,
    /// The token has other scopes than at the review, so that nothing was sent.
    ChangedSinceReview,
    /// The scopes that were to be kept are the same, and not shown as set by hand.
    NotShownAsSet,
    /// The workspace accepted new scopes, and still shows the old ones.
    AcceptedButOldScopes,
    /// There was no response, and the workspace still shows the old scopes.
    NoResponseButOldScopes,
    /// The workspace shows neither the new scopes nor the old ones.
    OtherScopes,
    /// New scopes were sent, and the token is gone.
    GoneSince,
    /// The token is the session's own, whose scopes are not changed in bulk.
    OwnTokenScopes,
    /// The scopes to set are not stored completely.
    ScopesNotStored,
    /// A token was created.
    #[strum(disabled)]
    CreatedToken(TokenId),
    /// A token was created, and the response with its value was lost.
    #[strum(disabled)]
    CreatedValueLost(TokenId),
    /// This person cancelled the rest.
    #[strum(disabled)]
    CancelledBy(String),
    /// A later look found the token still listed at this time, which proves nothing.
    #[strum(disabled)]
    StillListed(Timestamp),
    /// A later look found this value, which someone else can have set.
    #[strum(disabled)]
    SeenLater(String),
    /// How many tokens of a bulk revocation ended in which way.
    #[strum(disabled)]
    BulkResult {
        /// Tokens that are gone because of it.
        revoked: usize,
        /// Tokens that were gone before.
        already_gone: usize,
        /// Tokens that failed.
        failed: usize,
        /// Tokens that were not sent.
        cancelled: usize,
        /// Tokens that were sent, and may or may not be gone.
        unknown: usize,
    },
    /// How many tokens of a bulk change of scopes ended in which way.
    #[strum(disabled)]
    ScopesResult {
        /// Tokens that have their new scopes.
        changed: usize,
        /// Tokens that are gone.
        gone: usize,
        /// Tokens that failed.
        failed: usize,
        /// Tokens that were not sent.
        cancelled: usize,
        /// Tokens that were sent, and may or may not have their new scopes.
        unknown: usize,
    },
    /// Nothing was sent, because of the error with this text.
    #[strum(disabled)]
    NotSent(String),
    /// The change was sent, and the error with this text keeps its result unknown.
    #[strum(disabled)]
    ResultUnknown(String),
    /// The text of another error, of this or of an earlier version.
    #[strum(disabled)]
    Error(String),
    /// Any other text.
    #[strum(disabled)]
    Other(String),
}

impl Detail {
    /// The text in the database and in exports.
    pub fn to_stored(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => "".into(),
            Self::InEffect => "in effect".into(),
            Self::Changed => "changed".into(),
            Self::InEffectSessionEnded => "in effect; the session's own token stopped".into(),
            Self::InEffectResponseLost => "in effect; the answer was lost".into(),
            Self::NotYetInEffect => "sent, not yet in effect".into(),
            Self::Revoked => "revoked".into(),
            Self::NoChange => "was so already".into(),
            Self::AlreadyGone => "was already gone".into(),
            Self::FoundDone => "a later look found it done".into(),
            Self::FoundNotDone => "a later look found it not done".into(),
            Self::FoundListed => "a later look found it still listed".into(),
            Self::NotRecorded => {
                "how it ended was not written down; look at the workspace for what became of it".into()
            }
            Self::NotSentCancelled => "not sent: the rest was cancelled".into(),
            Self::NotSentYet => "not sent yet".into(),
            Self::RestCancelled => "the rest was cancelled".into(),
            Self::Resumed => "it goes on".into(),
            Self::NoResponse => "no answer came".into(),
            Self::AcceptedButListed => "the workspace accepted it, and still lists the token".into(),
            Self::GoneButListed => "the workspace said that it is gone, and still lists the token".into(),
            Self::NoResponseButListed => "no answer came, and the workspace still lists the token".into(),
            Self::OwnToken => "this session rides on it: revoke it by itself".into(),
            Self::CountMismatch => "the number of tokens was not typed as asked".into(),
            Self::NameMismatch => "the workspace's name was not typed as asked".into(),
            Self::ChangedSinceReview => "changed since the review; nothing was sent".into(),
            Self::NotShownAsSet => "the scopes are the same, and not shown as set by hand".into(),
            Self::AcceptedButOldScopes => "the workspace accepted it, and still shows the old scopes".into(),
            Self::NoResponseButOldScopes => "no answer came, and the workspace still shows the old scopes".into(),
            Self::OtherScopes => "the workspace shows other scopes".into(),
            Self::GoneSince => "the token is gone since".into(),
            Self::OwnTokenScopes => "this session rides on it: change it by itself".into(),
            Self::ScopesNotStored => "the scopes to set are not stored completely; nothing was sent".into(),
            Self::CreatedToken(id) => format!("created token {id}").into(),
            Self::CreatedValueLost(id) => format!("created token {id}; its value was lost").into(),
            Self::CancelledBy(actor) => format!("cancelled by {actor}").into(),
            Self::StillListed(at) => format!("{STILL_LISTED}{}", at.to_iso()).into(),
            Self::SeenLater(value) => format!("seen later: {value}").into(),
            Self::BulkResult {
                revoked,
                already_gone,
                failed,
                cancelled,
                unknown,
            } => {
                let counts =
                    format!("{revoked} revoked, {already_gone} already gone, {failed} failed, {cancelled} cancelled");
                match unknown {
                    // Earlier versions did not count them.
                    0 => counts.into(),
                    unknown => format!("{counts}, {unknown} unknown").into(),
                }
            }
            Self::ScopesResult {
                changed,
                gone,
                failed,
                cancelled,
                unknown,
            } => format!("{changed} changed, {gone} gone, {failed} failed, {cancelled} cancelled, {unknown} unknown")
                .into(),
            Self::NotSent(why) => format!("not sent: {why}").into(),
            Self::ResultUnknown(why) => format!("sent, result unknown: {why}").into(),
            Self::Error(text) | Self::Other(text) => text.into(),
        }
    }

    /// From the text in the database.
    pub fn from_stored(text: &str) -> Self {
        let fixed = Self::iter().find(|detail| detail.to_stored() == text);
        match fixed.or_else(|| parse_composed(text)) {
            // The parsed detail must be stored as the same text, since the hash chain covers it.
            Some(detail) if detail.to_stored() == text => detail,
            _ if error::label(text).is_some() => Self::Error(text.to_owned()),
            _ => Self::Other(text.to_owned()),
        }
    }

    /// Whether a look long after the change found this. Then it need not be recorded again.
    pub fn is_of_later_look(&self) -> bool {
        matches!(
            self,
            Self::FoundDone
                | Self::FoundNotDone
                | Self::FoundListed
                | Self::StillListed(_)
                | Self::SeenLater(_)
                | Self::NotRecorded
        )
    }

    /// The label that pages show. Unknown text is shown as it is.
    pub fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => "".into(),
            Self::InEffect | Self::Changed => "Confirmed".into(),
            Self::InEffectSessionEnded => "Confirmed; your session's token stopped working".into(),
            Self::InEffectResponseLost => "Confirmed; the response was lost".into(),
            Self::NotYetInEffect => "Accepted, not confirmed".into(),
            Self::Revoked => "Revoked".into(),
            Self::NoChange => "No change needed".into(),
            Self::AlreadyGone => "Already gone".into(),
            Self::FoundDone => "Checked later: done".into(),
            Self::FoundNotDone => "Checked later: not done".into(),
            Self::FoundListed => "Checked later: still listed".into(),
            Self::NotRecorded => "Outcome not recorded; check the workspace".into(),
            Self::NotSentCancelled => "Not sent: cancelled".into(),
            Self::NotSentYet => "Not sent yet".into(),
            Self::RestCancelled => "Remaining tokens cancelled".into(),
            Self::Resumed => "Resumed".into(),
            Self::NoResponse => "No response".into(),
            Self::AcceptedButListed => "Accepted, but still listed".into(),
            Self::GoneButListed => "Reported as gone, but still listed".into(),
            Self::NoResponseButListed => "No response, and still listed".into(),
            Self::OwnToken => "This session uses it; revoke it separately".into(),
            Self::CountMismatch => "The number typed did not match".into(),
            Self::NameMismatch => "The name typed did not match".into(),
            Self::ChangedSinceReview => "Changed since the review".into(),
            Self::NotShownAsSet => "Same scopes, but not shown as set manually".into(),
            Self::AcceptedButOldScopes => "Accepted, but still shows the old scopes".into(),
            Self::NoResponseButOldScopes => "No response, and still shows the old scopes".into(),
            Self::OtherScopes => "Shows other scopes now".into(),
            Self::GoneSince => "The token no longer exists".into(),
            Self::OwnTokenScopes => "This session uses it; change it separately".into(),
            Self::ScopesNotStored => "Its scopes are not stored completely".into(),
            Self::CreatedToken(id) => format!("Created token {id}").into(),
            Self::CreatedValueLost(id) => format!("Created token {id}; its value was lost").into(),
            Self::CancelledBy(actor) => format!("Cancelled by {actor}").into(),
            Self::StillListed(at) => format!("Still listed at {} UTC on {}", at.hour_and_minute(), at.day()).into(),
            Self::SeenLater(value) => format!("Seen later: {value}").into(),
            Self::BulkResult {
                revoked,
                already_gone,
                failed,
                cancelled,
                unknown,
            } => counts_label("revoked", *revoked, [*already_gone, *failed, *cancelled, *unknown]).into(),
            Self::ScopesResult {
                changed,
                gone,
                failed,
                cancelled,
                unknown,
            } => counts_label("changed", *changed, [*gone, *failed, *cancelled, *unknown]).into(),
            Self::NotSent(why) => format!("Not sent: {}", error_label(why)).into(),
            Self::ResultUnknown(why) => format!("Result unknown: {}", error_label(why)).into(),
            Self::Error(text) => error_label(text),
            Self::Other(text) => text.into(),
        }
    }
}

/// A detail that contains a name, an ID, a number or an error.
fn parse_composed(text: &str) -> Option<Detail> {
    if let Some(token) = text.strip_prefix("created token ") {
        return Some(match token.strip_suffix("; its value was lost") {
            Some(token) => Detail::CreatedValueLost(TokenId::new(token)),
            None => Detail::CreatedToken(TokenId::new(token)),
        });
    }
    if let Some(actor) = text.strip_prefix("cancelled by ") {
        return Some(Detail::CancelledBy(actor.to_owned()));
    }
    if let Some(at) = text.strip_prefix(STILL_LISTED) {
        return Timestamp::from_iso(at).map(Detail::StillListed);
    }
    if let Some(value) = text.strip_prefix("seen later: ") {
        return Some(Detail::SeenLater(value.to_owned()));
    }
    if let Some(why) = text.strip_prefix("not sent: ") {
        return Some(Detail::NotSent(why.to_owned()));
    }
    if let Some(why) = text.strip_prefix("sent, result unknown: ") {
        return Some(Detail::ResultUnknown(why.to_owned()));
    }
    parse_counts(text).or_else(|| parse_scopes_counts(text))
}

/// `2 revoked, 0 already gone, 1 failed, 0 cancelled`, and in some `, 1 unknown`.
fn parse_counts(text: &str) -> Option<Detail> {
    let mut parts = text.split(", ");
    let mut count = |unit| parts.next()?.strip_suffix(unit)?.parse().ok();
    Some(Detail::BulkResult {
        revoked: count(" revoked")?,
        already_gone: count(" already gone")?,
        failed: count(" failed")?,
        cancelled: count(" cancelled")?,
        unknown: count(" unknown").unwrap_or_default(),
    })
}

/// `2 changed, 0 gone, 1 failed, 0 cancelled, 0 unknown`.
fn parse_scopes_counts(text: &str) -> Option<Detail> {
    let mut parts = text.split(", ");
    let mut count = |unit| parts.next()?.strip_suffix(unit)?.parse().ok();
    Some(Detail::ScopesResult {
        changed: count(" changed")?,
        gone: count(" gone")?,
        failed: count(" failed")?,
        cancelled: count(" cancelled")?,
        unknown: count(" unknown")?,
    })
}

fn error_label(text: &str) -> Cow<'_, str> {
    error::label(text).unwrap_or(text.into())
}

/// The result of a bulk change, without the zeros.
fn counts_label(done: &str, count: usize, others: [usize; 4]) -> String {
    let units = ["already gone", "failed", "skipped", "not confirmed"];
    let others = others.into_iter().zip(units).filter(|(count, _)| *count > 0);
    others.fold(format!("{count} {done}"), |label, (count, unit)| {
        format!("{label}, {count} {unit}")
    })
}
