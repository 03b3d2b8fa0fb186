//! Filters by the state of a token's scopes, and by how soon it loses some.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::observation::{NarrowingTime, NothingSeen, ScopeFacts, ScopeOrigin, TokenCreation};
use crate::can_contain_token_value;
use crate::variants::all;

/// The longest state name that can be filtered by, in bytes.
const MAX_STATE_NAME_BYTES: usize = 100;

/// The prefix of a state name in a URL.
const NAMED: &str = "state:";

/// What is known about a token's scopes. Several of these can apply to an active token, and none to any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum ScopeState {
    /// The platform observes which scopes it uses.
    Observed,
    /// The platform limited it to the scopes that it used.
    Limited,
    /// Someone chose its scopes.
    Manual,
    /// The workspace proposes fewer scopes; see [`super::has_proposal`].
    Proposal,
    /// It is observed, but expires before the platform removes scopes.
    ExpiresBefore,
    /// It is observed, and the end of the observation is unknown.
    EndUnknown,
    /// It is observed, and no scope was seen in use.
    NothingSeen,
    /// Like [`Self::NothingSeen`], and it was last used before the observation; see [`NothingSeen::UsedBefore`].
    UsedBefore,
    /// Like [`Self::NothingSeen`], and it was used during the observation; see [`NothingSeen::UsedSince`].
    UsedSince,
    /// It can create tokens, or may be able to.
    CanCreateTokens,
    /// It has full access.
    FullAccess,
    /// It does not have full access, but the scope that allows creating tokens.
    Authentication,
    /// Its list of scopes is empty. What that means is not documented.
    EmptyList,
    /// The workspace reports a state with an undocumented meaning.
    Undocumented,
    /// The workspace reports neither a state nor used scopes.
    NotReported,
}

impl ScopeState {
    /// Every state, in the order of the filter.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name in the filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Observed => "Observed by Databricks",
            Self::Limited => "Limited by Databricks",
            Self::Manual => "Set manually",
            Self::Proposal => "With a proposal",
            Self::ExpiresBefore => "Observed, expires before it is limited",
            Self::EndUnknown => "Observed, end unknown",
            Self::NothingSeen => "Observed, nothing seen in use",
            Self::UsedBefore => "Nothing seen, used before that",
            Self::UsedSince => "Nothing seen, although used",
            Self::CanCreateTokens => "Can create tokens",
            Self::FullAccess => "Full access",
            Self::Authentication => "Not full access, but authentication",
            Self::EmptyList => "Empty list of scopes",
            Self::Undocumented => "State not documented",
            Self::NotReported => "Nothing reported",
        }
    }

    pub(crate) fn matches(self, facts: &ScopeFacts) -> bool {
        match self {
            Self::Observed => facts.reported == ScopeOrigin::Observed,
            Self::Limited => facts.reported == ScopeOrigin::Limited,
            Self::Manual => facts.reported == ScopeOrigin::Manual,
            Self::Proposal => facts.has_proposal,
            Self::ExpiresBefore => facts.narrowing == Some(NarrowingTime::ExpiresBefore),
            Self::EndUnknown => facts.narrowing == Some(NarrowingTime::Unknown),
            Self::NothingSeen => facts.nothing_seen.is_some(),
            Self::UsedBefore => facts.nothing_seen == Some(NothingSeen::UsedBefore),
            Self::UsedSince => facts.nothing_seen == Some(NothingSeen::UsedSince),
            Self::CanCreateTokens => facts.creation != TokenCreation::No,
            Self::FullAccess => facts.creation == TokenCreation::FullAccess,
            Self::Authentication => facts.creation == TokenCreation::Scope,
            Self::EmptyList => facts.creation == TokenCreation::EmptyList,
            Self::Undocumented => facts.reported == ScopeOrigin::Undocumented,
            Self::NotReported => facts.reported == ScopeOrigin::Nothing,
        }
    }
}

/// A filter by the state of the scopes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ScopeStateFilter {
    /// A documented state, or another known fact about the scopes.
    Is(ScopeState),
    /// The undocumented state with exactly this [`crate::AutoscopeState::name`].
    Named(String),
}

impl ScopeStateFilter {
    /// The filter by the name of a state. `None` if the name must not be part of a URL: it is too long, could be a
    /// token value, or contains characters other than letters, digits and underscores.
    pub fn named(name: &str) -> Option<Self> {
        let is_usable = !name.is_empty()
            && name.len() <= MAX_STATE_NAME_BYTES
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !can_contain_token_value(name);
        is_usable.then(|| Self::Named(name.to_owned()))
    }

    /// Its name in a URL.
    pub fn slug(&self) -> String {
        match self {
            Self::Is(state) => state.slug().to_owned(),
            Self::Named(name) => format!("{NAMED}{name}"),
        }
    }

    /// Its name on pages.
    pub fn label(&self) -> String {
        match self {
            Self::Is(state) => state.label().to_owned(),
            Self::Named(name) => format!("{name} (meaning not documented)"),
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix(NAMED) {
            Some(name) => Self::named(name),
            None => text.parse().ok().map(Self::Is),
        }
    }

    /// Whether a token with these facts can pass. For a named state, the token's own state has to be compared too.
    pub(crate) fn matches(&self, facts: &ScopeFacts) -> bool {
        match self {
            Self::Is(state) => state.matches(facts),
            Self::Named(_) => ScopeState::Undocumented.matches(facts),
        }
    }

    /// The state name to look for.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Is(_) => None,
            Self::Named(name) => Some(name),
        }
    }
}

/// How soon the platform removes scopes from a token. Overdue removals count for both windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
pub enum NarrowsWithin {
    /// 7 × 24 hours.
    #[strum(serialize = "7")]
    Days7,
    /// 30 × 24 hours.
    #[strum(serialize = "30")]
    Days30,
}

impl NarrowsWithin {
    /// Every window, the shortest first.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name in the filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Days7 => "Within about 7 days",
            Self::Days30 => "Within about 30 days",
        }
    }

    pub(crate) fn matches(self, facts: &ScopeFacts) -> bool {
        match facts.narrowing {
            Some(NarrowingTime::Within7Days) => true,
            Some(NarrowingTime::Within30Days) => self == Self::Days30,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_part_of_urls_and_stay_as_they_are() {
        let slugs = [
            "observed",
            "limited",
            "manual",
            "proposal",
            "expires-before",
            "end-unknown",
            "nothing-seen",
            "used-before",
            "used-since",
            "can-create-tokens",
            "full-access",
            "authentication",
            "empty-list",
            "undocumented",
            "not-reported",
        ];
        assert_eq!(ScopeState::ALL.map(ScopeState::slug), slugs);
        assert_eq!(NarrowsWithin::ALL.map(NarrowsWithin::slug), ["7", "30"]);
    }

    #[test]
    fn a_state_without_meaning_is_filtered_by_its_name() {
        let paused = ScopeStateFilter::parse("state:PAUSED");
        assert_eq!(paused, Some(ScopeStateFilter::Named("PAUSED".to_owned())));
        assert_eq!(paused.map(|filter| filter.slug()).as_deref(), Some("state:PAUSED"));
        let long = format!("state:{}", "A".repeat(MAX_STATE_NAME_BYTES + 1));
        let value = format!("state:dapi{}", "0123456789abcdef".repeat(2));
        for invalid in ["state:", "PAUSED", "state:<b>", "state:A B", &long, &value] {
            assert_eq!(ScopeStateFilter::parse(invalid), None, "{invalid}");
        }
    }
}
