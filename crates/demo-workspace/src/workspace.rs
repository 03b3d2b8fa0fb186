//! The workspace's state and its rules, which are the same for all callers. Nothing here depends on HTTP.

pub(crate) mod directory;
pub(crate) mod grants;
pub(crate) mod oauth;
pub(crate) mod tokens;
pub(crate) mod workspace_conf;

use directory::{Directory, PrincipalId};
use grants::Grants;
use oauth::OAuth;
use tokens::{Retention, TokenTable};
use workspace_conf::Conf;

use crate::config::{DefaultLifetime, Knobs, LostPermission, ZeroLifetime};

/// The longest lifetime of a new token that the platform allows, in days.
/// <https://docs.databricks.com/aws/en/admin/access-control/tokens>
pub(crate) const PLATFORM_MAX_DAYS: i64 = 730;

/// The state of a workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The workspace's ID, which SDKs read from `X-Databricks-Org-Id`.
    pub(crate) id: u64,
    pub(crate) account_id: String,
    pub(crate) knobs: Knobs,
    pub(crate) conf: Conf,
    pub(crate) directory: Directory,
    pub(crate) grants: Grants,
    pub(crate) tokens: TokenTable,
    pub(crate) oauth: OAuth,
    pub(crate) restrict_admins: RestrictAdmins,
}

/// The setting "Restrict Workspace Admins", with the version that a change must be based on.
#[derive(Debug, Default)]
pub(crate) struct RestrictAdmins {
    pub(crate) restricted: bool,
    pub(crate) version: u64,
}

/// Why a lifetime is rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LifetimeError {
    /// Zero or a negative number of seconds.
    NotPositive(i64),
    /// Longer than this many days.
    AboveMaximum(i64),
}

impl Workspace {
    /// Whether the principal can create and use tokens: by its own grant, through any group, or as an admin.
    pub(crate) fn can_use_tokens(&self, principal: PrincipalId) -> bool {
        self.grants.allow(principal)
            || self
                .directory
                .groups_of(principal)
                .iter()
                .any(|membership| membership.group == self.directory.admins || self.grants.allow(membership.group))
    }

    /// The lifetime of a new token in milliseconds, from the requested `lifetime_seconds`. `None` means that it never
    /// expires.
    pub(crate) fn lifetime_ms(&self, seconds: Option<i64>, now_ms: i64) -> Result<Option<i64>, LifetimeError> {
        let max_days = match (self.conf.max_lifetime_days(now_ms), self.knobs.zero_lifetime) {
            (Some(days), _) => Some(days),
            (None, ZeroLifetime::SystemDefault) => Some(PLATFORM_MAX_DAYS),
            (None, ZeroLifetime::Unlimited) => None,
        };
        let max_ms = max_days.map(|days| days * crate::clock::DAY_MS);
        match (seconds, max_days) {
            (None, _) if self.knobs.default_lifetime == DefaultLifetime::Indefinite => Ok(None),
            (None, _) => Ok(max_ms),
            (Some(-1), _) if self.knobs.allow_minus_one => Ok(None),
            (Some(-1), Some(days)) => Err(LifetimeError::AboveMaximum(days)),
            (Some(seconds), _) if seconds <= 0 => Err(LifetimeError::NotPositive(seconds)),
            (Some(seconds), Some(days)) if seconds > days * 86_400 => Err(LifetimeError::AboveMaximum(days)),
            (Some(seconds), _) => Ok(Some(seconds.saturating_mul(1000))),
        }
    }

    /// Runs a change of grants or memberships. With [`LostPermission::Delete`], it also deletes the tokens of everyone
    /// who loses their last CAN_USE.
    pub(crate) fn change_access<T>(&mut self, change: impl FnOnce(&mut Self) -> T) -> T {
        let allowed_before: Vec<PrincipalId> = self
            .tokens
            .owners()
            .into_iter()
            .filter(|owner| self.can_use_tokens(*owner))
            .collect();
        let outcome = change(self);
        if self.knobs.lost_permission == LostPermission::Delete {
            let lost: Vec<PrincipalId> = allowed_before
                .into_iter()
                .filter(|owner| !self.can_use_tokens(*owner))
                .collect();
            self.tokens.remove_where(|token| lost.contains(&token.owner));
        }
        outcome
    }

    /// Whether [`Self::sweep`] may have something to do.
    pub(crate) fn is_sweep_due(&self, now_ms: i64) -> bool {
        self.tokens.next_event(self.retention()) <= now_ms
    }

    /// Removes the tokens that the platform removes automatically: those unused for too long, and those expired long
    /// ago. Limits those whose observation has ended.
    pub(crate) fn sweep(&mut self, now_ms: i64) {
        let retention = self.retention();
        self.tokens.sweep(now_ms, retention);
    }

    fn retention(&self) -> Retention {
        Retention {
            idle_days: self.knobs.idle_days,
            expired_grace_days: self.knobs.expired_grace_days,
        }
    }
}
