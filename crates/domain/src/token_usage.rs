//! What stops when tokens stop: counted before anybody confirms.

use std::collections::HashSet;

use crate::{Directory, PrincipalId, PrincipalKind, Status, Timestamp, Token};

/// Days back from which a use counts as recent.
const RECENT_DAYS: i64 = 7;

/// Whether a token was used today or on one of the seven days before.
pub(crate) fn recently_used(token: &Token, now: Timestamp) -> bool {
    token
        .last_used
        .is_some_and(|day| now.day().days_since(day) <= RECENT_DAYS)
}

/// Who and what relies on the tokens that are active at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Active tokens.
    pub tokens: usize,
    /// Their owners, each once. Tokens without a named owner are not among them.
    pub owners: usize,
    /// The service principals among the owners, as far as the directory knows them.
    pub service_principals: usize,
    /// Of the tokens, those used today or on one of the seven days before.
    pub recently_used: usize,
}

impl TokenUsage {
    /// Counts over the tokens that are active at `now`.
    pub fn of<'a>(tokens: impl IntoIterator<Item = &'a Token>, directory: &Directory, now: Timestamp) -> Self {
        let mut impact = Self::default();
        let mut owners = HashSet::<PrincipalId>::new();
        for token in tokens {
            if token.status(now) != Status::Active {
                continue;
            }
            impact.tokens += 1;
            impact.recently_used += usize::from(recently_used(token, now));
            owners.extend(token.owner);
        }
        let is_service = |id: &&PrincipalId| {
            directory
                .get(**id)
                .is_some_and(|p| p.kind == PrincipalKind::ServicePrincipal)
        };
        impact.service_principals = owners.iter().filter(is_service).count();
        impact.owners = owners.len();
        impact
    }
}
