//! What becomes of the scopes of a token without anyone asking: the platform observes which ones it uses, and then
//! takes the others away. The end of that is known as "about" only, since the workspace reports no date.

use crate::{AutoscopeState, DAY, Day, Expiry, Status, Timestamp, Token};

use super::{ALL_APIS, AUTHENTICATION, AUTOSCOPE_WINDOW_DAYS, grants_all, may_grant_all};

/// When the platform takes away what an observed token was not seen to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrowing {
    /// About at this moment.
    About(Timestamp),
    /// At any time: the window has passed, and the token is still observed.
    Due,
    /// Probably never, since it expires before.
    ExpiresBefore,
    /// When is unknown, because the workspace does not report when the token was created.
    Unknown,
}

impl Narrowing {
    /// For a token that is active and observed; `None` for any other. The window is counted from the creation, which is
    /// an estimate for a token that the platform began to observe later.
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

    /// The shortest window in which it happens.
    fn window(self, now: Timestamp) -> NarrowingTime {
        match self {
            Self::Due => NarrowingTime::Within7Days,
            Self::About(end) if end <= now.plus(DAY * 7) => NarrowingTime::Within7Days,
            Self::About(end) if end <= now.plus(DAY * 30) => NarrowingTime::Within30Days,
            // The clocks differ: it was created after now.
            Self::About(_) => NarrowingTime::Later,
            Self::ExpiresBefore => NarrowingTime::ExpiresBefore,
            Self::Unknown => NarrowingTime::Unknown,
        }
    }
}

/// A [`Narrowing`] without its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum NarrowingTime {
    Within7Days,
    Within30Days,
    Later,
    ExpiresBefore,
    Unknown,
}

/// What an observed token of which no scope was seen in use was used for, as far as its last use tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NothingSeen {
    /// Its last use was before the platform began to observe it. It can be needed again, as by a job that runs once a
    /// quarter.
    UsedBefore,
    /// It was used while it was observed, and still no scope was seen.
    UsedSince,
    /// It was never used.
    NeverUsed,
}

impl NothingSeen {
    /// For a token that is active and observed, and of which no scope was seen in use; `None` for any other.
    ///
    /// The workspace does not report when it began to observe a token. An observation lasts about
    /// [`AUTOSCOPE_WINDOW_DAYS`], so one that still runs began at the creation or within that many days before `now`,
    /// whichever is later. What was used before is used before the observation.
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

/// The earliest day on which an observation that still runs at `now` can have begun.
fn first_observed_day(token: &Token, now: Timestamp) -> Day {
    let earliest = now.minus(DAY * AUTOSCOPE_WINDOW_DAYS).day();
    token.created.map_or(earliest, |created| created.day().max(earliest))
}

/// Through what a token can create further tokens, as long as its owner has permission to use tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TokenCreation {
    /// Not at all: its scopes do not include it.
    No,
    /// Full access.
    FullAccess,
    /// The scope [`AUTHENTICATION`].
    Scope,
    /// Its list of scopes is empty. What that allows is documented nowhere, so it counts as if it could.
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

/// What the workspace reports about how a token got its scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ScopeOrigin {
    /// Nothing: no state, and no scope that it used.
    Nothing,
    /// No state, but scopes that it used.
    NoState,
    Observed,
    Limited,
    Manual,
    /// A state of which only the name is known.
    Undocumented,
}

/// Everything about the scopes of one token that a filter can ask for. There are few distinct ones, so that a byte for
/// each token is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ScopeFacts {
    pub(super) reported: ScopeOrigin,
    pub(super) creation: TokenCreation,
    pub(super) has_proposal: bool,
    pub(super) narrowing: Option<NarrowingTime>,
    pub(super) nothing_seen: Option<NothingSeen>,
}

impl ScopeFacts {
    /// What is known about the use of an observed token of which no scope was seen.
    pub(crate) fn nothing_seen(&self) -> Option<NothingSeen> {
        self.nothing_seen
    }

    /// The facts at `now`. `None` for a token that is not active: it can no longer do anything.
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

/// Whether the workspace proposes fewer scopes than the token has, computed from its past use. A token that is observed
/// gets what was observed instead.
pub fn has_proposal(token: &Token) -> bool {
    let proposed = |scope: &String| scope != ALL_APIS && token.backfill_scopes.contains(scope);
    let loses_some = match token.scopes.as_deref() {
        None | Some([]) => true,
        Some(granted) => !granted.iter().all(proposed),
    };
    token.autoscope != Some(AutoscopeState::Running) && !token.backfill_scopes.is_empty() && loses_some
}

/// What a token is about to keep and to lose: at the end of the observation, or by the proposal of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeseenScopes {
    /// The scopes that it has and was seen to use. Empty if none was seen.
    pub keeps: Vec<String>,
    /// The granted scopes that it was not seen to use; for full access, `all-apis`. `None` if that is unknown: no scope
    /// was seen, or its list of scopes is empty, and what either leads to is documented nowhere.
    pub loses: Option<Vec<String>>,
}

impl ForeseenScopes {
    /// For a token that is active, and observed or with a proposal; `None` for any other.
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

fn is_observed(token: &Token, now: Timestamp) -> bool {
    token.autoscope == Some(AutoscopeState::Running) && token.status(now) == Status::Active
}

#[cfg(test)]
mod tests;
