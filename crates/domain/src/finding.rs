//! Findings: what an admin should look at in a token, in addition to its status. A token can have several.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::variants::all;
use crate::{DAY, Expiry, Known, MaxLifetime, Owner, Status, Timestamp, Token, UnreadPart};

/// Days without use after which the platform automatically revokes a token, regardless of its expiry
/// (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
pub const IDLE_REVOCATION_DAYS: i64 = 90;

/// Days without use after which a token has the finding [`Finding::Idle`], early enough to act before it is revoked.
pub const IDLE_FINDING_DAYS: i64 = 60;

/// Days until the expiry, of 24 hours each, from which on a token has the finding [`Finding::ExpiresSoon`].
pub const EXPIRES_SOON_DAYS: u32 = 7;

/// One finding of a token. The order is that of their severity, the most severe first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// Its owner is deactivated.
    OwnerDeactivated,
    /// Its owner is not in this workspace: the workspace was asked for the ID.
    OwnerGone,
    /// Its owner is not one of the workspace's principals, although all of them were read. The workspace was not asked
    /// for the ID, or did not say.
    OwnerUnknown,
    /// The workspace named no owner.
    NoOwner,
    /// It expires within [`EXPIRES_SOON_DAYS`], on the UTC day this number of days ahead: 0 is today.
    ExpiresSoon(i64),
    /// It has no expiry.
    NeverExpires,
    /// Its owner has no permission to use tokens, so it does not work.
    OwnerLacksPermission,
    /// Its lifetime is longer than the custom limit allows for new tokens.
    OverPolicy,
    /// It has not been used for this number of days, at least [`IDLE_FINDING_DAYS`].
    Idle(i64),
    /// It was never used.
    NeverUsed,
}

/// The kinds of findings, for filters. Their order is that of [`Finding`].
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum FindingKind {
    /// See [`Finding::OwnerDeactivated`].
    OwnerDeactivated,
    /// See [`Finding::OwnerGone`].
    OwnerGone,
    /// See [`Finding::OwnerUnknown`].
    OwnerUnknown,
    /// See [`Finding::NoOwner`].
    NoOwner,
    /// See [`Finding::ExpiresSoon`].
    ExpiresSoon,
    /// See [`Finding::NeverExpires`].
    NeverExpires,
    /// See [`Finding::OwnerLacksPermission`].
    #[strum(serialize = "owner-may-not-use")]
    OwnerLacksPermission,
    /// See [`Finding::OverPolicy`].
    OverPolicy,
    /// See [`Finding::Idle`].
    Idle,
    /// See [`Finding::NeverUsed`].
    NeverUsed,
}

impl FindingKind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// Those of an owner who can no longer use a token. A filter by both shows the tokens with either.
    pub const OWNER_ABSENT: [Self; 2] = [Self::OwnerDeactivated, Self::OwnerGone];

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name in the filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::ExpiresSoon => "Expires within 7 days",
            Self::NeverExpires => "Never expires",
            Self::OverPolicy => "Exceeds maximum lifetime",
            Self::Idle => "Unused for 60 days or more",
            Self::NeverUsed => "Never used",
            Self::OwnerDeactivated => "Owner deactivated",
            Self::OwnerGone => "Owner gone",
            Self::OwnerUnknown => "Unknown owner",
            Self::NoOwner => "No owner given",
            Self::OwnerLacksPermission => "Owner lacks permission",
        }
    }

    /// The parts without which it cannot be determined which tokens have the finding.
    pub const fn depends_on(self) -> &'static [UnreadPart] {
        match self {
            Self::ExpiresSoon | Self::NeverExpires | Self::Idle | Self::NeverUsed | Self::NoOwner => &[],
            Self::OverPolicy => &[UnreadPart::Policy],
            Self::OwnerDeactivated | Self::OwnerGone | Self::OwnerUnknown => &[UnreadPart::Names],
            Self::OwnerLacksPermission => &[UnreadPart::Permissions, UnreadPart::Groups, UnreadPart::Names],
        }
    }
}

impl Finding {
    /// Its kind.
    pub const fn kind(self) -> FindingKind {
        match self {
            Self::ExpiresSoon(_) => FindingKind::ExpiresSoon,
            Self::NeverExpires => FindingKind::NeverExpires,
            Self::OverPolicy => FindingKind::OverPolicy,
            Self::Idle(_) => FindingKind::Idle,
            Self::NeverUsed => FindingKind::NeverUsed,
            Self::OwnerDeactivated => FindingKind::OwnerDeactivated,
            Self::OwnerGone => FindingKind::OwnerGone,
            Self::OwnerUnknown => FindingKind::OwnerUnknown,
            Self::NoOwner => FindingKind::NoOwner,
            Self::OwnerLacksPermission => FindingKind::OwnerLacksPermission,
        }
    }

    /// Whether the owner is deactivated, gone or unknown: shown in the more urgent colour.
    pub const fn is_danger(self) -> bool {
        matches!(self, Self::OwnerDeactivated | Self::OwnerGone | Self::OwnerUnknown)
    }
}

/// As a row of the list shows it.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExpiresSoon(0) => f.write_str("Expires today"),
            Self::ExpiresSoon(1) => f.write_str("Expires tomorrow"),
            Self::ExpiresSoon(days) => write!(f, "Expires in {days} days"),
            Self::NeverExpires => f.write_str("Never expires"),
            Self::OverPolicy => f.write_str("Exceeds maximum lifetime"),
            Self::Idle(days) => write!(f, "Unused {days} days"),
            Self::NeverUsed => f.write_str("Never used"),
            Self::OwnerDeactivated => f.write_str("Owner deactivated"),
            Self::OwnerGone => f.write_str("Owner gone"),
            Self::OwnerUnknown => f.write_str("Unknown owner"),
            Self::NoOwner => f.write_str("No owner given"),
            Self::OwnerLacksPermission => f.write_str("Owner lacks permission"),
        }
    }
}

/// The findings of one token, and those that could not be determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFindings([Known<Option<Finding>>; FindingKind::ALL.len()]);

impl TokenFindings {
    /// The findings that the token has, the most severe first.
    pub fn found(&self) -> impl Iterator<Item = Finding> + use<> {
        self.0.into_iter().filter_map(|finding| finding.known().flatten())
    }

    /// The findings of which it is not known whether the token has them, and what is missing.
    pub fn undetermined(&self) -> impl Iterator<Item = (FindingKind, UnreadPart)> + use<> {
        let all = FindingKind::ALL.into_iter().zip(self.0);
        all.filter_map(|(kind, finding)| Some((kind, finding.missing()?)))
    }
}

/// The findings of a token at `now`. `limit` is the limit on new tokens. `can_use` is whether the owner has permission
/// to use tokens; it does not matter without an owner.
pub fn findings(
    token: &Token,
    owner: Owner<'_>,
    limit: Known<MaxLifetime>,
    can_use: Known<bool>,
    now: Timestamp,
) -> TokenFindings {
    let active = token.status(now) == Status::Active;
    let over_policy = match active {
        true => limit.map(|limit| outlives(token, limit).then_some(Finding::OverPolicy)),
        // Only a token that works breaks a limit.
        false => Known::Known(None),
    };
    let by_owner = |is_it: bool, finding| match owner {
        Owner::NotLoaded(_) => Known::NotAvailable(UnreadPart::Names),
        _ => Known::Known(is_it.then_some(finding)),
    };
    let lacks_permission = match owner {
        Owner::Known(_) | Owner::NotLoaded(_) => {
            can_use.map(|can_use| (!can_use).then_some(Finding::OwnerLacksPermission))
        }
        Owner::Gone(_) | Owner::Unknown(_) | Owner::NotReported => Known::Known(None),
    };
    let certain = |is_it: bool, finding| Known::Known(is_it.then_some(finding));
    // In the order of `FindingKind::ALL`.
    TokenFindings([
        by_owner(matches!(owner, Owner::Known(p) if !p.active), Finding::OwnerDeactivated),
        by_owner(matches!(owner, Owner::Gone(_)), Finding::OwnerGone),
        by_owner(matches!(owner, Owner::Unknown(_)), Finding::OwnerUnknown),
        certain(owner == Owner::NotReported, Finding::NoOwner),
        Known::Known(expires_soon(token, now)),
        certain(token.expiry == Expiry::Never, Finding::NeverExpires),
        lacks_permission,
        over_policy,
        Known::Known(idle(token, now)),
        certain(token.last_used.is_none(), Finding::NeverUsed),
    ])
}

/// The finding of an active token that expires soon.
pub(crate) fn expires_soon(token: &Token, now: Timestamp) -> Option<Finding> {
    let Expiry::At(end) = token.expiry else { return None };
    let is_soon = end > now && end.duration_since(now) <= DAY * EXPIRES_SOON_DAYS;
    is_soon.then(|| Finding::ExpiresSoon(end.day().days_since(now.day())))
}

/// The finding of an active token that was not used for long.
pub(crate) fn idle(token: &Token, now: Timestamp) -> Option<Finding> {
    let days = token.idle_days(now).filter(|_| token.status(now) == Status::Active)?;
    (days >= IDLE_FINDING_DAYS).then_some(Finding::Idle(days))
}

/// Whether a token's lifetime, counted from its creation, is longer than a custom limit allows.
pub(crate) fn outlives(token: &Token, limit: MaxLifetime) -> bool {
    let Some(days) = limit.custom_days() else {
        return false;
    };
    match (token.expiry, token.created) {
        (Expiry::Never, _) => true,
        (Expiry::At(end), Some(created)) => end.duration_since(created) > DAY * days,
        _ => false,
    }
}
