//! The state that an operation asks for.

use std::borrow::Cow;

use domain::{Day, MaxLifetime, Rule};

use super::ActivityKind;
use super::label::lifetime_label;
use crate::BulkId;

/// The stored word for "no one".
const NO_GRANTEE: &str = "nobody";

/// The requested state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RequestedValue {
    /// Nothing beyond what the kind of the operation says.
    #[default]
    Empty,
    /// Personal access tokens are enabled.
    On,
    /// Personal access tokens are disabled.
    Off,
    /// The maximum lifetime of new tokens.
    MaxLifetime(MaxLifetime),
    /// The comment of a token, as it was typed.
    Comment(String),
    /// The scopes of a token, as [`domain::format_scopes`] writes them.
    Scopes(String),
    /// A new token: its comment, lifetime and scopes, as text.
    NewToken(String),
    /// Grants are added and removed. Each list is text, since names can contain what separates them, and is empty for
    /// no one.
    AccessEdit {
        /// Who can use or manage tokens from then on.
        added: String,
        /// Who can no longer use tokens.
        removed: String,
    },
    /// This number of tokens is revoked.
    Tokens(usize),
    /// The failed tokens of a bulk revocation are revoked.
    FailedTokens,
    /// The token is revoked as a part of this bulk revocation.
    PartOfBulk(BulkId),
    /// A finding is accepted, or its acceptance is withdrawn.
    Acceptance {
        /// The rule.
        rule: Rule,
        /// The last day; `None` where an acceptance is withdrawn.
        until: Option<Day>,
    },
    /// The scopes of this number of tokens are kept.
    KeepScopes(usize),
    /// The scopes of this number of tokens are narrowed.
    NarrowScopes(usize),
    /// The scopes of this number of tokens are put back.
    PutBackScopes(usize),
    /// The failed tokens of a bulk change of scopes are changed.
    FailedScopes,
    /// The token gets these scopes, as [`domain::format_scopes`] writes them, as a part of this bulk change.
    ScopesInBulk {
        /// The bulk change.
        bulk: BulkId,
        /// The scopes.
        scopes: String,
    },
    /// Stored text that this version would not write.
    Other(String),
}

impl RequestedValue {
    /// Personal access tokens enabled or disabled.
    pub const fn switch(enabled: bool) -> Self {
        if enabled { Self::On } else { Self::Off }
    }

    /// The text in the database and in exports.
    pub fn to_stored(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => "".into(),
            Self::On => "on".into(),
            Self::Off => "off".into(),
            Self::MaxLifetime(limit) => limit.to_wire().into(),
            Self::Comment(text) | Self::Scopes(text) | Self::NewToken(text) | Self::Other(text) => text.into(),
            Self::AccessEdit { added, removed } => {
                format!("Added {}; removed {}", grantees(added), grantees(removed)).into()
            }
            Self::Tokens(count) => format!("{count} tokens revoked").into(),
            Self::FailedTokens => "the failed tokens revoked".into(),
            Self::PartOfBulk(id) => format!("job {id}").into(),
            Self::Acceptance { rule, until: Some(day) } => format!("{} until {}", rule.slug(), day.to_iso()).into(),
            Self::Acceptance { rule, until: None } => rule.slug().into(),
            Self::KeepScopes(count) => format!("scopes of {count} tokens kept").into(),
            Self::NarrowScopes(count) => format!("scopes of {count} tokens narrowed").into(),
            Self::PutBackScopes(count) => format!("scopes of {count} tokens put back").into(),
            Self::FailedScopes => "the scopes of the failed tokens".into(),
            Self::ScopesInBulk { bulk, scopes } => format!("job {bulk}: {scopes}").into(),
        }
    }

    /// From the text in the database. The meaning of a text depends on the kind of the operation.
    pub fn from_stored(kind: &ActivityKind, text: &str) -> Self {
        let value = match kind {
            ActivityKind::RevokeToken => text
                .strip_prefix("job ")
                .and_then(|id| id.parse().ok())
                .map(Self::PartOfBulk),
            ActivityKind::RevokeTokens if text == "the failed tokens revoked" => Some(Self::FailedTokens),
            ActivityKind::RevokeTokens => text
                .strip_suffix(" tokens revoked")
                .and_then(|count| count.parse().ok())
                .map(Self::Tokens),
            ActivityKind::EditComment => Some(Self::Comment(text.to_owned())),
            ActivityKind::SwitchTokens => match text {
                "on" => Some(Self::On),
                "off" => Some(Self::Off),
                _ => None,
            },
            ActivityKind::SetMaxLifetime => MaxLifetime::from_wire(Some(text)).map(Self::MaxLifetime),
            ActivityKind::EditAccess => parse_access_edit(text),
            ActivityKind::CreateToken | ActivityKind::CreateFirstToken => Some(Self::NewToken(text.to_owned())),
            ActivityKind::AcceptFinding => text.split_once(" until ").and_then(|(slug, day)| {
                Some(Self::Acceptance {
                    rule: Rule::from_slug(slug)?,
                    until: Some(Day::from_iso(day)?),
                })
            }),
            ActivityKind::WithdrawAcceptance => {
                Rule::from_slug(text).map(|rule| Self::Acceptance { rule, until: None })
            }
            ActivityKind::EditScopes => parse_scopes_in_bulk(text).or_else(|| Some(Self::Scopes(text.to_owned()))),
            ActivityKind::EditScopesInBulk if text == "the scopes of the failed tokens" => Some(Self::FailedScopes),
            ActivityKind::EditScopesInBulk => parse_scopes_of_tokens(text),
            ActivityKind::ResumeBulk
            | ActivityKind::CancelBulk
            | ActivityKind::ResumeScopesInBulk
            | ActivityKind::CancelScopesInBulk
            | ActivityKind::Other(_) => None,
        };
        match value {
            // The parsed value must be stored as the same text, since the hash chain covers it.
            Some(value) if value.to_stored() == text => value,
            _ if text.is_empty() => Self::Empty,
            _ => Self::Other(text.to_owned()),
        }
    }

    /// The label that pages show. Comments, scopes, names and unknown text stay as they were typed.
    pub fn label(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => "".into(),
            Self::On => "Enable".into(),
            Self::Off => "Disable".into(),
            Self::MaxLifetime(limit) => lifetime_label(&limit.to_wire()).into_owned().into(),
            Self::Comment(text) | Self::Scopes(text) | Self::NewToken(text) | Self::Other(text) => text.into(),
            Self::AccessEdit { added, removed } => match (added.as_str(), removed.as_str()) {
                ("", "") => "No change".into(),
                (added, "") => format!("Added {added}").into(),
                ("", removed) => format!("Removed {removed}").into(),
                _ => self.to_stored(),
            },
            Self::Tokens(1) => "Revoke 1 token".into(),
            Self::Tokens(count) => format!("Revoke {count} tokens").into(),
            Self::FailedTokens => "Retry failed tokens".into(),
            Self::PartOfBulk(_) => "Bulk revocation".into(),
            Self::Acceptance { rule, until: Some(day) } => format!("{} until {day}", rule.title()).into(),
            Self::Acceptance { rule, until: None } => rule.title().into(),
            Self::KeepScopes(count) => format!("Keep the scopes of {}", tokens(*count)).into(),
            Self::NarrowScopes(count) => format!("Narrow the scopes of {}", tokens(*count)).into(),
            Self::PutBackScopes(count) => format!("Put back the scopes of {}", tokens(*count)).into(),
            Self::FailedScopes => "Retry failed tokens".into(),
            Self::ScopesInBulk { scopes, .. } => scopes.into(),
        }
    }

    /// The bulk revocation or other bulk change that the operation is a part of.
    pub fn part_of(&self) -> Option<&BulkId> {
        match self {
            Self::PartOfBulk(bulk) | Self::ScopesInBulk { bulk, .. } => Some(bulk),
            _ => None,
        }
    }
}

fn tokens(count: usize) -> String {
    match count {
        1 => "1 token".to_owned(),
        count => format!("{count} tokens"),
    }
}

/// `job 0f…: sql, jobs`. No scope's name has a blank in it.
fn parse_scopes_in_bulk(text: &str) -> Option<RequestedValue> {
    let (bulk, scopes) = text.strip_prefix("job ")?.split_once(": ")?;
    Some(RequestedValue::ScopesInBulk {
        bulk: bulk.parse().ok()?,
        scopes: scopes.to_owned(),
    })
}

/// `scopes of 12 tokens narrowed`.
fn parse_scopes_of_tokens(text: &str) -> Option<RequestedValue> {
    let (count, what) = text.strip_prefix("scopes of ")?.split_once(" tokens ")?;
    let count = count.parse().ok()?;
    match what {
        "kept" => Some(RequestedValue::KeepScopes(count)),
        "narrowed" => Some(RequestedValue::NarrowScopes(count)),
        "put back" => Some(RequestedValue::PutBackScopes(count)),
        _ => None,
    }
}

/// `Added group a, user b; removed nobody`. A name can contain the separator; then either reading has the same text.
fn parse_access_edit(text: &str) -> Option<RequestedValue> {
    let (added, removed) = text.strip_prefix("Added ")?.split_once("; removed ")?;
    let list = |names: &str| if names == NO_GRANTEE { "" } else { names }.to_owned();
    Some(RequestedValue::AccessEdit {
        added: list(added),
        removed: list(removed),
    })
}

fn grantees(names: &str) -> &str {
    if names.is_empty() { NO_GRANTEE } else { names }
}
