//! The tokens that this console revoked within the last hour. A workspace may still list a token for a moment after
//! its revocation, and a list that was read before has it too.

use std::collections::HashMap;
use std::time::Duration;

use domain::{Timestamp, TokenId};
use parking_lot::Mutex;

/// How long after a revocation the workspace may still list the token.
const REVOCATION_GRACE: Duration = Duration::from_secs(30);

/// How long a revocation is remembered for its notice.
const REVOCATION_MEMORY: Duration = Duration::from_hours(1);

/// A revocation through this console, for the notice about it.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// When the workspace was seen without the token.
    pub at: Timestamp,
    /// The comment that the token had.
    pub comment: String,
    /// Its owner, as shown to people.
    pub owner: String,
}

/// The recent revocations of one workspace.
#[derive(Default)]
pub(crate) struct Revocations(Mutex<RecentRevocations>);

#[derive(Default)]
struct RecentRevocations {
    by_token: HashMap<TokenId, Revocation>,
    /// Increases with every recorded revocation.
    version: u64,
}

/// The revoked tokens that a list of tokens may still contain.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RevokedTokens {
    /// Tokens that are hidden, because the list can be older than their revocation.
    pub(crate) hidden: Vec<TokenId>,
    /// Tokens that the list should no longer contain.
    pub(crate) overdue: Vec<TokenId>,
}

impl Revocations {
    /// Increases with every recorded revocation.
    pub(crate) fn version(&self) -> u64 {
        self.0.lock().version
    }

    /// Records confirmed revocations.
    pub(crate) fn record(&self, revoked: impl IntoIterator<Item = (TokenId, Revocation)>) {
        let mut state = self.0.lock();
        state.by_token.extend(revoked);
        state.version += 1;
        // No list is shown that is older than this.
        let latest = state.by_token.values().map(|revocation| revocation.at).max();
        if let Some(latest) = latest {
            state
                .by_token
                .retain(|_, revocation| latest.duration_since(revocation.at) < REVOCATION_MEMORY);
        }
    }

    /// The revocation of a token within the last hour.
    pub(crate) fn get(&self, id: &TokenId) -> Option<Revocation> {
        self.0.lock().by_token.get(id).cloned()
    }

    /// The revoked tokens, for a list that was requested at `began`.
    pub(crate) fn for_list(&self, began: Timestamp) -> RevokedTokens {
        let state = self.0.lock();
        let age = |revocation: &Revocation| began.duration_since(revocation.at);
        let recent = state.by_token.iter().filter(|(_, r)| age(r) < REVOCATION_MEMORY);
        let (hidden, overdue): (Vec<_>, Vec<_>) = recent.partition(|(_, r)| age(r) <= REVOCATION_GRACE);
        let ids = |tokens: Vec<(&TokenId, &Revocation)>| tokens.into_iter().map(|(id, _)| id.clone()).collect();
        RevokedTokens {
            hidden: ids(hidden),
            overdue: ids(overdue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REVOKED_AT: Timestamp = Timestamp::from_ms(1_795_442_400_000);
    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Which tokens are hidden and overdue in a list from `began` on, if `a` was revoked.
    fn after_revoking_a(began: Timestamp) -> (usize, usize) {
        let revocations = Revocations::default();
        let revocation = Revocation {
            at: REVOKED_AT,
            comment: "etl".to_owned(),
            owner: String::new(),
        };
        revocations.record([(TokenId::new("a"), revocation)]);
        assert_eq!(revocations.get(&TokenId::new("a")).unwrap().comment, "etl");
        let revoked = revocations.for_list(began);
        (revoked.hidden.len(), revoked.overdue.len())
    }

    #[test]
    fn a_revoked_token_is_hidden_in_lists_from_before_and_for_thirty_seconds() {
        let before = REVOKED_AT.minus(Duration::from_hours(2));
        let last = REVOKED_AT.plus(REVOCATION_GRACE);
        for began in [before, REVOKED_AT, REVOKED_AT.plus(MILLISECOND), last] {
            assert_eq!(after_revoking_a(began), (1, 0), "{began:?}");
        }
    }

    #[test]
    fn a_revoked_token_that_is_still_listed_after_that_is_shown_and_overdue() {
        for after in [REVOCATION_GRACE + MILLISECOND, REVOCATION_MEMORY - MILLISECOND] {
            assert_eq!(after_revoking_a(REVOKED_AT.plus(after)), (0, 1), "{after:?}");
        }
        assert_eq!(after_revoking_a(REVOKED_AT.plus(REVOCATION_MEMORY)), (0, 0));
    }

    #[test]
    fn every_revocation_changes_the_version_and_old_ones_are_forgotten() {
        let revocations = Revocations::default();
        let at = |at| Revocation {
            at,
            comment: String::new(),
            owner: String::new(),
        };
        let first = revocations.version();
        revocations.record([(TokenId::new("a"), at(REVOKED_AT))]);
        revocations.record([(TokenId::new("b"), at(REVOKED_AT.plus(REVOCATION_MEMORY)))]);
        assert_eq!(revocations.version(), first + 2);
        assert!(revocations.get(&TokenId::new("a")).is_none());
        assert!(revocations.get(&TokenId::new("b")).is_some());
    }
}
