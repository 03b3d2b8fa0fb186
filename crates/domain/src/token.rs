//! One personal access token, as the workspace reports it, and its status.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::variants::all;
use crate::{Day, PrincipalId, Timestamp};

/// The workspace's ID of a token: nowadays the SHA-256 hash of its value as 64 lower-case hexadecimal digits, formerly
/// other text. Opaque: never parsed, and always percent-encoded in paths.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TokenId(String);

impl TokenId {
    /// The ID with this text, which is not checked.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first eight characters, which are enough to distinguish rows.
    pub fn short(&self) -> &str {
        let end = self.0.char_indices().nth(8).map_or(self.0.len(), |(i, _)| i);
        &self.0[..end]
    }

    /// Whether it has the form of a SHA-256 hash, so that it can be compared with the hash of a leaked token value.
    pub fn is_hash(&self) -> bool {
        self.0.len() == 64 && self.0.bytes().all(|b| b.is_ascii_hexdigit())
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// When a token expires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Expiry {
    /// `expiry_time` is -1: a token from before December 2024, when lifetimes could be unlimited.
    Never,
    /// The moment at which it stops working.
    At(Timestamp),
    /// The workspace does not report it (absent or 0). This means neither "expired" nor "never".
    Unknown,
}

impl Expiry {
    /// Converts `expiry_time` in milliseconds, where -1 means never and 0 means unset.
    pub fn from_ms(ms: Option<i64>) -> Self {
        match ms {
            Some(-1) => Self::Never,
            None | Some(0) => Self::Unknown,
            Some(ms) => Self::At(Timestamp::from_ms(ms)),
        }
    }
}

/// The status of a token, derived from its expiry. Whether the token works also depends on its owner's permission, and
/// on whether the workspace has tokens enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Status {
    /// It never expires, or has not expired yet.
    Active,
    /// Its expiry has passed.
    Expired,
    /// The workspace does not report its expiry.
    Unknown,
}

impl Status {
    /// Every status, in the order of the filter.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name on the page.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Expired => "Expired",
            Self::Unknown => "Unknown",
        }
    }
}

/// How far the workspace has determined which scopes a token needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EnumString)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AutoscopeState {
    /// Its meaning is not documented.
    Disabled,
    /// The token's use is being observed; in the meantime it has all scopes.
    Running,
    /// The observed scopes were applied.
    Completed,
    /// Its meaning is not documented.
    Backfilled,
    /// Someone chose the scopes.
    UserSelected,
    /// Its meaning is not documented.
    ApiNotCovered,
    /// A state that this console does not know, as sent by the workspace.
    #[strum(default)]
    Other(String),
}

impl AutoscopeState {
    /// Parses `autoscope_state` (`AUTOSCOPE_STATE_…`; the vendor's SDK, `service/iam.py`). `None` if it is unspecified.
    pub fn from_wire(text: &str) -> Option<Self> {
        match text.strip_prefix("AUTOSCOPE_STATE_").unwrap_or(text) {
            "" | "UNSPECIFIED" => None,
            state => state.parse().ok(),
        }
    }

    /// Its name in exported files.
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

    /// Its name in the workspace, without the prefix that all states have.
    pub fn name(&self) -> &str {
        match self {
            Self::Disabled => "DISABLED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Backfilled => "BACKFILLED",
            Self::UserSelected => "USER_SELECTED",
            Self::ApiNotCovered => "API_NOT_COVERED",
            Self::Other(text) => text,
        }
    }

    /// What it means, for the three documented states (<https://docs.databricks.com/aws/en/dev-tools/auth/pat>). `None`
    /// for all others.
    pub const fn meaning(&self) -> Option<&'static str> {
        match self {
            Self::Running => Some("Databricks observes which scopes it uses; it has full access until then"),
            Self::Completed => Some("Databricks limited it to the scopes that it used"),
            Self::UserSelected => Some("Someone set its scopes manually"),
            Self::Disabled | Self::Backfilled | Self::ApiNotCovered | Self::Other(_) => None,
        }
    }
}

/// A token as the workspace's token management lists it. The console never knows its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The workspace's ID of the token.
    pub id: TokenId,
    /// The comment, which may be empty.
    pub comment: String,
    /// The owner.
    pub owner: Option<PrincipalId>,
    /// The creator. Differs from the owner if an admin created the token on behalf of a service principal.
    pub creator: Option<PrincipalId>,
    /// The creator's username, or the application ID of a service principal.
    pub creator_name: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it expires.
    pub expiry: Expiry,
    /// The UTC day of its last use; `None` if it was never used.
    pub last_used: Option<Day>,
    /// The granted scopes. `None` means full access (`all-apis`), as for older tokens.
    pub scopes: Option<Vec<String>>,
    /// How the granted scopes were determined.
    pub autoscope: Option<AutoscopeState>,
    /// The scopes that the workspace has seen it use.
    pub inferred_scopes: Vec<String>,
    /// The scopes that the workspace computed from past use of a token that it does not observe.
    pub backfill_scopes: Vec<String>,
    /// The ID of the workspace in which it was created, as the workspace sends it.
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

    /// Whether someone other than its owner created it.
    pub fn on_behalf_of(&self) -> bool {
        matches!((self.owner, self.creator), (Some(owner), Some(creator)) if owner != creator)
    }

    /// Whole days since its last use, or since its creation if it was never used. The platform's automatic revocation
    /// depends on this number. Counting from the creation of a token that was never used is a guess that no source
    /// confirms.
    pub fn idle_days(&self, now: Timestamp) -> Option<i64> {
        let since = self.last_used.or(self.created.map(Timestamp::day))?;
        Some(now.day().days_since(since).max(0))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A token about which only the ID is known.
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
    fn an_expiry_of_minus_one_is_never_and_of_zero_unknown() {
        assert_eq!(Expiry::from_ms(Some(-1)), Expiry::Never);
        assert_eq!(Expiry::from_ms(Some(0)), Expiry::Unknown);
        assert_eq!(Expiry::from_ms(None), Expiry::Unknown);
        assert_eq!(Expiry::from_ms(Some(5)), Expiry::At(Timestamp::from_ms(5)));
    }

    #[test]
    fn an_id_is_shortened_to_eight_characters() {
        assert_eq!(TokenId::new("0123456789").short(), "01234567");
        assert_eq!(TokenId::new("äöü").short(), "äöü");
        assert!(TokenId::new("ab".repeat(32)).is_hash());
        assert!(!TokenId::new("ab".repeat(6)).is_hash());
    }

    #[test]
    fn only_three_states_have_a_meaning() {
        for state in ["RUNNING", "COMPLETED", "USER_SELECTED"] {
            let state = AutoscopeState::from_wire(state).unwrap();
            assert!(state.meaning().is_some(), "{}", state.name());
        }
        for name in ["DISABLED", "BACKFILLED", "API_NOT_COVERED", "PAUSED"] {
            let state = AutoscopeState::from_wire(&format!("AUTOSCOPE_STATE_{name}")).unwrap();
            assert_eq!((state.name(), state.meaning()), (name, None));
        }
    }

    #[test]
    fn autoscope_states_have_their_names_in_files_and_unknown_ones_are_kept() {
        for (state, slug) in [
            ("DISABLED", "disabled"),
            ("RUNNING", "running"),
            ("COMPLETED", "completed"),
            ("BACKFILLED", "backfilled"),
            ("USER_SELECTED", "user-selected"),
            ("API_NOT_COVERED", "api-not-covered"),
            ("SOON", "SOON"),
            ("OTHER", "OTHER"),
        ] {
            let read = AutoscopeState::from_wire(&format!("AUTOSCOPE_STATE_{state}"));
            assert_eq!(read.as_ref().map(AutoscopeState::slug), Some(slug));
            assert_eq!(AutoscopeState::from_wire(state), read);
        }
        assert_eq!(
            AutoscopeState::from_wire("AUTOSCOPE_STATE_SOON"),
            Some(AutoscopeState::Other("SOON".into()))
        );
        assert_eq!(AutoscopeState::from_wire("AUTOSCOPE_STATE_UNSPECIFIED"), None);
        assert_eq!(AutoscopeState::from_wire(""), None);
    }
}
