//! Who uses the active tokens, counted before someone confirms that they stop working.

use std::collections::HashSet;

use crate::{Directory, PrincipalId, PrincipalKind, Status, Timestamp, Token};

/// The number of days before today on which a use counts as recent.
const RECENT_DAYS: i64 = 7;

/// Whether a token was used today or on one of the seven days before.
pub(crate) fn recently_used(token: &Token, now: Timestamp) -> bool {
    token
        .last_used
        .is_some_and(|day| now.day().days_since(day) <= RECENT_DAYS)
}

/// Numbers about the tokens that are active at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// How many tokens are active.
    pub tokens: usize,
    /// How many principals own them. Tokens without a named owner do not count here.
    pub owners: usize,
    /// How many of the owners are service principals, as far as the directory knows them.
    pub service_principals: usize,
    /// How many of the tokens were used today or on one of the seven days before.
    pub recently_used: usize,
}

impl TokenUsage {
    /// Counts the tokens that are active at `now`.
    pub fn of<'a>(tokens: impl IntoIterator<Item = &'a Token>, directory: &Directory, now: Timestamp) -> Self {
        let mut usage = Self::default();
        let mut owners = HashSet::<PrincipalId>::new();
        for token in tokens {
            if token.status(now) != Status::Active {
                continue;
            }
            usage.tokens += 1;
            usage.recently_used += usize::from(recently_used(token, now));
            owners.extend(token.owner);
        }
        let is_service_principal = |id: &&PrincipalId| {
            directory
                .get(**id)
                .is_some_and(|p| p.kind == PrincipalKind::ServicePrincipal)
        };
        usage.service_principals = owners.iter().filter(is_service_principal).count();
        usage.owners = owners.len();
        usage
    }
}
