//! One personal access token, as the workspace tells of it, and its status.

use core::fmt;
use serde::{Deserialize, Serialize};

use crate::{Day, PrincipalId, Timestamp};

/// The workspace's name for a token: today the SHA-256 of its value as 64 lower-case hex digits, earlier other text.
/// Opaque: never parsed, always percent-encoded in paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TokenId(String);

impl TokenId {
    /// Takes the id as it is.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight characters: enough to tell rows apart at a glance.
    pub fn short(&self) -> &str {
        let end = self.0.char_indices().nth(8).map_or(self.0.len(), |(i, _)| i);
        &self.0[..end]
    }

    /// Whether it has the form of a SHA-256 hash, so that a leaked value can be compared with it.
    pub fn is_hash(&self) -> bool {
        self.0.len() == 64 && self.0.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a token ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// `expiry_time` is -1: a token from before December 2024, when lifetimes could be unlimited.
    Never,
    /// The moment from which it no longer works.
    At(Timestamp),
    /// The workspace did not say (absent or 0). Neither "expired" nor "never".
    Unknown,
}

impl Expiry {
    /// From the wire's milliseconds, where -1 means never and 0 means unset.
    pub fn from_ms(ms: Option<i64>) -> Self {
        match ms {
            Some(-1) => Self::Never,
            None | Some(0) => Self::Unknown,
            Some(ms) => Self::At(Timestamp::from_ms(ms)),
        }
    }
}

/// What a token is, of exactly one kind. Whether it works also depends on the workspace's switch and its owner's grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Status {
    /// Never expires, or expires later.
    Active,
    /// Its expiry has passed.
    Expired,
    /// The workspace did not say when it expires.
    Unknown,
}

impl Status {
    /// Every status, in the order of the filter.
    pub const ALL: [Self; 3] = [Self::Active, Self::Expired, Self::Unknown];

    /// The word in a URL.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
        }
    }

    /// The word on the page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Expired => "Expired",
            Self::Unknown => "Unknown",
        }
    }
}

/// How far the workspace has come in finding out which scopes a token needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AutoscopeState {
    /// Not observed.
    Disabled,
    /// Being observed; it holds all scopes meanwhile.
    Running,
    /// The observed scopes were applied.
    Completed,
    /// Scopes were computed from history.
    Backfilled,
    /// Its owner chose the scopes.
    UserSelected,
    /// It used an interface that has no scope.
    ApiNotCovered,
    /// A state that this console does not know yet, as sent.
    Other(String),
}

impl AutoscopeState {
    /// From the wire (`AUTOSCOPE_STATE_…`; the vendor's SDK, `service/iam.py`). Unspecified is no state.
    pub fn from_wire(text: &str) -> Option<Self> {
        Some(match text.strip_prefix("AUTOSCOPE_STATE_").unwrap_or(text) {
            "" | "UNSPECIFIED" => return None,
            "DISABLED" => Self::Disabled,
            "RUNNING" => Self::Running,
            "COMPLETED" => Self::Completed,
            "BACKFILLED" => Self::Backfilled,
            "USER_SELECTED" => Self::UserSelected,
            "API_NOT_COVERED" => Self::ApiNotCovered,
            other => Self::Other(other.to_owned()),
        })
    }

    /// A word, for files.
    pub fn slug(&self) -> &str {
        match self {
            Self::Disabled => "disabled",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Backfilled => "backfilled",
            Self::UserSelected => "user-selected",
            Self::ApiNotCovered => "api-not-covered",
            Self::Other(text) => text,
        }
    }

    /// In words, for the token's page.
    pub fn label(&self) -> &str {
        match self {
            Self::Disabled => "Usage not recorded",
            Self::Running => "Usage is being recorded; full access until then",
            Self::Completed => "Limited to the scopes it used",
            Self::Backfilled => "Limited by past use",
            Self::UserSelected => "Set manually",
            Self::ApiNotCovered => "Used an API without a scope",
            Self::Other(text) => text,
        }
    }
}

/// A token as the workspace's token management lists it. The value itself is never known to the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The workspace's name for it.
    pub id: TokenId,
    /// Free text of its owner; may be empty.
    pub comment: String,
    /// Whose token it is.
    pub owner: Option<PrincipalId>,
    /// Who made it: differs from the owner where an admin made it on behalf of a service principal.
    pub creator: Option<PrincipalId>,
    /// The creator's user name, or a service principal's application id.
    pub creator_name: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it ends.
    pub expiry: Expiry,
    /// The UTC day of its last use, accurate to a day; absent where it was never used.
    pub last_used: Option<Day>,
    /// The scopes it holds; absent means full access (`all-apis`), as older tokens have.
    pub scopes: Option<Vec<String>>,
    /// How its scopes came about.
    pub autoscope: Option<AutoscopeState>,
    /// Scopes that the workspace has seen it use.
    pub inferred_scopes: Vec<String>,
    /// Scopes that the workspace computed from past use, for a token that it does not observe.
    pub backfill_scopes: Vec<String>,
    /// The workspace in which it was made, as sent.
    pub workspace_id: Option<String>,
}

impl Token {
    /// The status at `now`.
    pub fn status(&self, now: Timestamp) -> Status {
        match self.expiry {
            Expiry::Never => Status::Active,
            Expiry::At(end) if end > now => Status::Active,
            Expiry::At(_) => Status::Expired,
            Expiry::Unknown => Status::Unknown,
        }
    }

    /// Whether somebody else made it for its owner.
    pub fn on_behalf_of(&self) -> bool {
        matches!((self.owner, self.creator), (Some(owner), Some(creator)) if owner != creator)
    }

    /// Whole days since its last use, or since it was made where it was never used: what the platform's automatic
    /// revocation goes by. That the clock of a never-used token starts at its creation is a guess; no source says.
    pub fn idle_days(&self, now: Timestamp) -> Option<i64> {
        let since = self.last_used.or(self.created.map(Timestamp::day))?;
        Some(now.day().days_since(since).max(0))
    }
}

/// Whether `text` looks like a token's secret value (`dapi`, 32 hex digits, perhaps `-2`), which must not be kept,
/// logged or put into an address. The format is not documented; it is what secret scanners look for
/// (<https://github.com/secretlint/secretlint/pull/1445>).
pub fn looks_like_token_value(text: &str) -> bool {
    text.to_ascii_lowercase().match_indices("dapi").any(|(i, _)| {
        let rest = &text.as_bytes()[i + 4..];
        rest.len() >= 32 && rest[..32].iter().all(u8::is_ascii_hexdigit)
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A token of which nothing is told.
    pub(crate) fn token() -> Token {
        Token {
            id: TokenId::new("a"),
            comment: String::new(),
            owner: None,
            creator: None,
            creator_name: None,
            created: None,
            expiry: Expiry::Unknown,
            last_used: None,
            scopes: None,
            autoscope: None,
            inferred_scopes: Vec::new(),
            backfill_scopes: Vec::new(),
            workspace_id: None,
        }
    }

    #[test]
    fn expiry_of_the_wire() {
        assert_eq!(Expiry::from_ms(Some(-1)), Expiry::Never);
        assert_eq!(Expiry::from_ms(Some(0)), Expiry::Unknown);
        assert_eq!(Expiry::from_ms(None), Expiry::Unknown);
        assert_eq!(Expiry::from_ms(Some(5)), Expiry::At(Timestamp::from_ms(5)));
    }

    #[test]
    fn a_token_value_is_recognised_inside_text() {
        let value = format!("dapi{}", "0123456789abcdef".repeat(2));
        assert!(looks_like_token_value(&value));
        assert!(looks_like_token_value(&format!(" Bearer {value}-2")));
        assert!(!looks_like_token_value("dapi token of Mia"));
        assert!(!looks_like_token_value(&"ab".repeat(32)));
        assert!(!looks_like_token_value("ü dapi"));
    }

    #[test]
    fn short_ids_of_any_text() {
        assert_eq!(TokenId::new("0123456789").short(), "01234567");
        assert_eq!(TokenId::new("äöü").short(), "äöü");
        assert!(TokenId::new("ab".repeat(32)).is_hash());
        assert!(!TokenId::new("ab".repeat(6)).is_hash());
    }

    #[test]
    fn unknown_autoscope_states_are_kept() {
        assert_eq!(
            AutoscopeState::from_wire("AUTOSCOPE_STATE_SOON"),
            Some(AutoscopeState::Other("SOON".into()))
        );
        assert_eq!(AutoscopeState::from_wire("AUTOSCOPE_STATE_UNSPECIFIED"), None);
    }
}
