//! Automatic changes of a token's scopes: the platform observes which scopes it uses, and then removes the others. The
//! end of an observation is an estimate, since the workspace reports no date.

use crate::{AutoscopeState, DAY, Day, Expiry, Status, Timestamp, Token};

use super::{ALL_APIS, AUTHENTICATION, AUTOSCOPE_WINDOW_DAYS, grants_all, may_grant_all};

/// When the platform removes the scopes that an observed token does not use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrowing {
    /// At about this moment.
    About(Timestamp),
    /// At any time: the usual window has passed, but the token is still observed.
    Due,
    /// Probably never, since the token expires first.
    ExpiresBefore,
    /// Unknown, because the workspace does not report when the token was created.
    Unknown,
}

impl Narrowing {
    /// The narrowing of a token that is active and observed; `None` for any other token. The window is counted from the
    /// creation, which is an estimate if the observation started later.
    pub fn of(token: &Token, now: Timestamp) -> Option<Self> {
        if !is_observed(token, now) {
            return None;
        }
        let Some(created) = token.created else {
            return Some(Self::Unknown);
        };
        let end = created.plus(DAY * AUTOSCOPE_WINDOW_DAYS);
        Some(match token.expiry {
            Expiry::At(expiry) if expiry < end => Self::ExpiresBefore,
            _ if end > now => Self::About(end),
            _ => Self::Due,
        })
    }

    /// The shortest window that includes this moment.
    fn window(self, now: Timestamp) -> NarrowingTime {
        match self {
            Self::Due => NarrowingTime::Within7Days,
            Self::About(end) if end <= now.plus(DAY * 7) => NarrowingTime::Within7Days,
            Self::About(end) if end <= now.plus(DAY * 30) => NarrowingTime::Within30Days,
            // The token was created after now: the clocks differ.
            Self::About(_) => NarrowingTime::Later,
            Self::ExpiresBefore => NarrowingTime::ExpiresBefore,
            Self::Unknown => NarrowingTime::Unknown,
        }
    }
}

/// A [`Narrowing`] without its exact moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NarrowingTime {
    Within7Days,
    Within30Days,
    Later,
    ExpiresBefore,
    Unknown,
}

/// What the last use says about an observed token without any observed scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NothingSeen {
    /// It was last used before the observation began. It may be needed again, for example by a quarterly job.
    UsedBefore,
    /// It was used during the observation, but no scope was seen.
    UsedSince,
    /// It was never used.
    NeverUsed,
}

impl NothingSeen {
    /// For a token that is active and observed, without any observed scope; `None` for any other token.
    ///
    /// The workspace does not report when an observation began. It lasts about [`AUTOSCOPE_WINDOW_DAYS`], so one that
    /// is still running began at the creation or at most that many days before `now`, whichever is later. A use before
    /// that is a use before the observation.
    pub fn of(token: &Token, now: Timestamp) -> Option<Self> {
        if !is_observed(token, now) || !token.inferred_scopes.is_empty() {
            return None;
        }
        let Some(last_used) = token.last_used else {
            return Some(Self::NeverUsed);
        };
        Some(match last_used < first_observed_day(token, now) {
            true => Self::UsedBefore,
            false => Self::UsedSince,
        })
    }
}

/// The earliest day on which an observation that is still running at `now` can have begun.
fn first_observed_day(token: &Token, now: Timestamp) -> Day {
    let earliest = now.minus(DAY * AUTOSCOPE_WINDOW_DAYS).day();
    token.created.map_or(earliest, |created| created.day().max(earliest))
}

/// What lets a token create other tokens, if its owner has permission to use tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TokenCreation {
    /// Nothing: its scopes do not allow it.
    No,
    /// Full access.
    FullAccess,
    /// The scope [`AUTHENTICATION`].
    Scope,
    /// An empty list of scopes. What that allows is not documented, so it counts as allowing it.
    EmptyList,
}

impl TokenCreation {
    fn of(scopes: Option<&[String]>) -> Self {
        match scopes {
            Some([]) => Self::EmptyList,
            scopes if grants_all(scopes) => Self::FullAccess,
            Some(scopes) if scopes.iter().any(|scope| scope == AUTHENTICATION) => Self::Scope,
            _ => Self::No,
        }
    }
}

/// What the workspace reports about the origin of a token's scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ScopeOrigin {
    /// Neither a state nor used scopes.
    Nothing,
    /// No state, but used scopes.
    NoState,
    Observed,
    Limited,
    Manual,
    /// A state with an undocumented meaning.
    Undocumented,
}

/// Everything about a token's scopes that filters can ask for. There are so few distinct values that one byte per token
/// can index them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopeFacts {
    pub(super) reported: ScopeOrigin,
    pub(super) creation: TokenCreation,
    pub(super) has_proposal: bool,
    pub(super) narrowing: Option<NarrowingTime>,
    pub(super) nothing_seen: Option<NothingSeen>,
}

impl ScopeFacts {
    /// What is known about the use of an observed token without any observed scope.
    pub(crate) fn nothing_seen(&self) -> Option<NothingSeen> {
        self.nothing_seen
    }

    /// The facts at `now`. `None` for a token that is not active, since it can no longer do anything.
    pub(crate) fn of(token: &Token, now: Timestamp) -> Option<Self> {
        if token.status(now) != Status::Active {
            return None;
        }
        let is_silent = token.inferred_scopes.is_empty() && token.backfill_scopes.is_empty();
        Some(Self {
            reported: match &token.autoscope {
                None if is_silent => ScopeOrigin::Nothing,
                None => ScopeOrigin::NoState,
                Some(AutoscopeState::Running) => ScopeOrigin::Observed,
                Some(AutoscopeState::Completed) => ScopeOrigin::Limited,
                Some(AutoscopeState::UserSelected) => ScopeOrigin::Manual,
                Some(_) => ScopeOrigin::Undocumented,
            },
            creation: TokenCreation::of(token.scopes.as_deref()),
            has_proposal: has_proposal(token),
            narrowing: Narrowing::of(token, now).map(|narrowing| narrowing.window(now)),
            nothing_seen: NothingSeen::of(token, now),
        })
    }
}

/// Whether the workspace proposes some but not all of the scopes that the token has, based on its past use. This does
/// not apply to an observed token, which gets the observed scopes instead, nor to an empty list of scopes, which has no
/// documented meaning.
pub fn has_proposal(token: &Token) -> bool {
    let granted = token.scopes.as_deref();
    if token.autoscope == Some(AutoscopeState::Running) || granted == Some(&[]) {
        return false;
    }
    let has_all = grants_all(granted);
    let granted = granted.unwrap_or_default();
    let proposed = |scope: &String| scope != ALL_APIS && token.backfill_scopes.contains(scope);
    let keeps_some = match has_all {
        true => token.backfill_scopes.iter().any(|scope| scope != ALL_APIS),
        false => granted.iter().any(proposed),
    };
    keeps_some && (has_all || !granted.iter().all(proposed))
}

/// The scopes that a token will keep and lose: at the end of the observation, or by the workspace's proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeseenScopes {
    /// The granted scopes that it uses. Empty if no use was seen.
    pub keeps: Vec<String>,
    /// The granted scopes that it does not use; for full access, `all-apis`. `None` if unknown: no use was seen, or the
    /// list of scopes is empty; the consequences of either are not documented.
    pub loses: Option<Vec<String>>,
}

impl ForeseenScopes {
    /// For an active token that is observed or has a proposal; `None` for any other token.
    pub fn of(token: &Token, now: Timestamp) -> Option<Self> {
        let used = match is_observed(token, now) {
            true => &token.inferred_scopes,
            false if token.status(now) == Status::Active && has_proposal(token) => &token.backfill_scopes,
            false => return None,
        };
        let all = [ALL_APIS.to_owned()];
        let granted = token.scopes.as_deref().unwrap_or(&all);
        let has_all = may_grant_all(token.scopes.as_deref());
        let keeps = used.iter().filter(|scope| has_all || granted.contains(scope));
        let loses = granted.iter().filter(|scope| !used.contains(scope));
        Some(Self {
            keeps: keeps.cloned().collect(),
            loses: (!used.is_empty() && !granted.is_empty()).then(|| loses.cloned().collect()),
        })
    }
}

/// Whether the end of an observation takes scopes away from a token, as far as is known: it is active and observed,
/// does not expire before, and was not seen using every scope that it has.
pub(crate) fn will_be_narrowed(token: &Token, now: Timestamp) -> bool {
    let uses = |scope: &str| token.inferred_scopes.iter().any(|used| used == scope);
    let uses_all = || match token.scopes.as_deref() {
        None => uses(ALL_APIS),
        Some(granted) => !granted.is_empty() && granted.iter().all(|scope| uses(scope)),
    };
    !matches!(Narrowing::of(token, now), None | Some(Narrowing::ExpiresBefore)) && !uses_all()
}

fn is_observed(token: &Token, now: Timestamp) -> bool {
    token.autoscope == Some(AutoscopeState::Running) && token.status(now) == Status::Active
}

#[cfg(test)]
mod tests;
