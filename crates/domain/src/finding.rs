//! Findings: what an admin should look at in a token, in addition to its status. A token can have several.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::variants::all;
use crate::{DAY, Expiry, MaxLifetime, Owner, Status, Timestamp, Token};

/// Days without use after which the platform automatically revokes a token, regardless of its expiry
/// (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
pub const IDLE_REVOCATION_DAYS: i64 = 90;

/// Days without use after which a token has the finding [`Finding::Idle`], early enough to act before it is revoked.
pub const IDLE_FINDING_DAYS: i64 = 60;

/// One finding of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It has no expiry.
    NeverExpires,
    /// Its lifetime is longer than the custom limit allows for new tokens.
    OverPolicy,
    /// It has not been used for this number of days, at least [`IDLE_FINDING_DAYS`].
    Idle(i64),
    /// It was never used.
    NeverUsed,
    /// Its owner is deactivated.
    OwnerDeactivated,
    /// Its owner is not one of the workspace's principals.
    OwnerUnknown,
    /// Its owner has no permission to use tokens, so it does not work.
    OwnerLacksPermission,
}

/// The kinds of findings, for filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
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
    /// See [`Finding::OwnerLacksPermission`].
    #[strum(serialize = "owner-may-not-use")]
    OwnerLacksPermission,
}

impl FindingKind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name in the filter.
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

    /// Whether the owner is deactivated or unknown: shown in the more urgent colour.
    pub const fn is_danger(self) -> bool {
        matches!(self, Self::OwnerDeactivated | Self::OwnerUnknown)
    }
}

/// As a row of the list shows it.
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

/// The findings of a token at `now`. `limit` is the limit on new tokens, or `None` if the policy could not be read:
/// then [`Finding::OverPolicy`] is never one of them. `can_use` is whether the owner has permission to use tokens, or
/// `None` if that is unknown.
pub fn findings(
    token: &Token,
    owner: Owner<'_>,
    limit: Option<MaxLifetime>,
    can_use: Option<bool>,
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
        (can_use == Some(false)).then_some(Finding::OwnerLacksPermission),
    ]
    .into_iter()
    .flatten()
}

/// Whether a token's lifetime, counted from its creation, is longer than a custom limit allows.
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
