//! Marks beside a token's status: what an admin should look at, several at once.

use core::fmt;
use serde::{Deserialize, Serialize};

use crate::{DAY, Expiry, MaxLifetime, Owner, Status, Timestamp, Token};

/// Days without use after which the platform revokes a token by itself, whatever its expiry
/// (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
pub const IDLE_REVOCATION_DAYS: i64 = 90;

/// Days without use from which a token is marked idle, while there is time to act before it vanishes.
pub const IDLE_FINDING_DAYS: i64 = 60;

/// One mark, as a row shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It has no expiry.
    NeverExpires,
    /// It lives longer than the custom limit allows new tokens to.
    OverPolicy,
    /// Not used for so many days, at least [`IDLE_FINDING_DAYS`].
    Idle(i64),
    /// It was never used.
    NeverUsed,
    /// Its owner is deactivated.
    OwnerDeactivated,
    /// Its owner is not among the workspace's principals.
    OwnerUnknown,
    /// Its owner has no permission to use tokens, so that it does not work.
    OwnerLacksPermission,
}

/// The kinds of marks, for filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FindingKind {
    /// See [`Finding::NeverExpires`].
    NeverExpires,
    /// See [`Finding::OverPolicy`].
    OverPolicy,
    /// See [`Finding::Idle`].
    Idle,
    /// See [`Finding::NeverUsed`].
    NeverUsed,
    /// See [`Finding::OwnerDeactivated`].
    OwnerDeactivated,
    /// See [`Finding::OwnerUnknown`].
    OwnerUnknown,
    /// See [`Finding::OwnerMayNotUse`].
    OwnerLacksPermission,
}

impl FindingKind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Self; 7] = [
        Self::NeverExpires,
        Self::OverPolicy,
        Self::Idle,
        Self::NeverUsed,
        Self::OwnerDeactivated,
        Self::OwnerUnknown,
        Self::OwnerLacksPermission,
    ];

    /// The word in a URL.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::NeverExpires => "never-expires",
            Self::OverPolicy => "over-policy",
            Self::Idle => "idle",
            Self::NeverUsed => "never-used",
            Self::OwnerDeactivated => "owner-deactivated",
            Self::OwnerUnknown => "owner-unknown",
            Self::OwnerLacksPermission => "owner-may-not-use",
        }
    }

    /// The words in the filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NeverExpires => "Never expires",
            Self::OverPolicy => "Exceeds maximum lifetime",
            Self::Idle => "Unused for 60 days or more",
            Self::NeverUsed => "Never used",
            Self::OwnerDeactivated => "Owner deactivated",
            Self::OwnerUnknown => "Unknown owner",
            Self::OwnerLacksPermission => "Owner lacks permission",
        }
    }
}

impl Finding {
    /// Its kind.
    pub const fn kind(self) -> FindingKind {
        match self {
            Self::NeverExpires => FindingKind::NeverExpires,
            Self::OverPolicy => FindingKind::OverPolicy,
            Self::Idle(_) => FindingKind::Idle,
            Self::NeverUsed => FindingKind::NeverUsed,
            Self::OwnerDeactivated => FindingKind::OwnerDeactivated,
            Self::OwnerUnknown => FindingKind::OwnerUnknown,
            Self::OwnerLacksPermission => FindingKind::OwnerLacksPermission,
        }
    }

    /// Whether it points at an owner who is gone: the more urgent colour.
    pub const fn is_danger(self) -> bool {
        matches!(self, Self::OwnerDeactivated | Self::OwnerUnknown)
    }
}

/// The chip's words.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverExpires => f.write_str("Never expires"),
            Self::OverPolicy => f.write_str("Exceeds maximum lifetime"),
            Self::Idle(days) => write!(f, "Unused {days} days"),
            Self::NeverUsed => f.write_str("Never used"),
            Self::OwnerDeactivated => f.write_str("Owner deactivated"),
            Self::OwnerUnknown => f.write_str("Unknown owner"),
            Self::OwnerLacksPermission => f.write_str("Owner lacks permission"),
        }
    }
}

/// The marks of a token at `now`, under the limit on new tokens. `limit` is `None` where the policy could not be read:
/// then nothing is called over policy. `may_use` is whether the owner may use tokens, `None` where that is not known.
pub fn findings(
    token: &Token,
    owner: Owner<'_>,
    limit: Option<MaxLifetime>,
    may_use: Option<bool>,
    now: Timestamp,
) -> impl Iterator<Item = Finding> + use<> {
    let active = token.status(now) == Status::Active;
    let idle = token.idle_days(now).filter(|days| active && *days >= IDLE_FINDING_DAYS);
    [
        (token.expiry == Expiry::Never).then_some(Finding::NeverExpires),
        (active && outlives(token, limit)).then_some(Finding::OverPolicy),
        idle.map(Finding::Idle),
        token.last_used.is_none().then_some(Finding::NeverUsed),
        matches!(owner, Owner::Known(p) if !p.active).then_some(Finding::OwnerDeactivated),
        matches!(owner, Owner::Unknown(_)).then_some(Finding::OwnerUnknown),
        (may_use == Some(false)).then_some(Finding::OwnerLacksPermission),
    ]
    .into_iter()
    .flatten()
}

/// Whether a token lives longer, from its creation, than a custom limit allows.
pub(crate) fn outlives(token: &Token, limit: Option<MaxLifetime>) -> bool {
    let Some(days) = limit.and_then(MaxLifetime::custom_days) else {
        return false;
    };
    match (token.expiry, token.created) {
        (Expiry::Never, _) => true,
        (Expiry::At(end), Some(created)) => end.duration_since(created) > DAY * days,
        _ => false,
    }
}
