//! Who uses the active tokens: numbers to show before someone confirms that they stop working.

use std::collections::HashSet;

use crate::{
    Directory, Known, Owner, PrincipalId, PrincipalKind, Status, Timestamp, Token, TokenCount, UnreadPart, UnreadParts,
};

/// How many days before today a use counts as recent.
const RECENT_DAYS: i64 = 7;

/// Whether a token was used today or on one of the seven days before.
pub(crate) fn recently_used(token: &Token, now: Timestamp) -> bool {
    token
        .last_used
        .is_some_and(|day| now.day().days_since(day) <= RECENT_DAYS)
}

/// Numbers about the tokens that are active at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenUsage {
    /// How many tokens are active.
    pub tokens: TokenCount,
    /// How many principals own them.
    pub owners: TokenCount,
    /// How many of the owners are service principals. Known if all principals, or at least those among the owners, were
    /// read.
    pub service_principals: Known<TokenCount>,
    /// How many of the tokens were used today or on one of the seven days before.
    pub recently_used: TokenCount,
    /// How many of the tokens have no owner, because the workspace reported none.
    pub without_owner: TokenCount,
}

impl TokenUsage {
    /// Counts the tokens that are active at `now`.
    pub fn of<'a>(
        tokens: impl IntoIterator<Item = &'a Token>,
        directory: &Directory,
        unread: UnreadParts,
        now: Timestamp,
    ) -> Self {
        let (mut active, mut recent, mut without_owner) = (0, 0, 0);
        let mut owners = HashSet::<PrincipalId>::new();
        for token in tokens {
            if token.status(now) != Status::Active {
                continue;
            }
            active += 1;
            recent += usize::from(recently_used(token, now));
            without_owner += usize::from(token.owner.is_none());
            owners.extend(token.owner);
        }
        let owner = |id: &PrincipalId| directory.owner(Some(*id));
        let is_service_principal =
            |id: &&PrincipalId| matches!(owner(id), Owner::Known(p) if p.kind == PrincipalKind::ServicePrincipal);
        let service_principals = match owners.iter().any(|id| matches!(owner(id), Owner::NotLoaded(_))) {
            true => Known::NotAvailable(UnreadPart::Names),
            false => Known::Known(unread.count(owners.iter().filter(is_service_principal).count())),
        };
        Self {
            tokens: unread.count(active),
            owners: unread.count(owners.len()),
            service_principals,
            recently_used: unread.count(recent),
            without_owner: unread.count(without_owner),
        }
    }
}
