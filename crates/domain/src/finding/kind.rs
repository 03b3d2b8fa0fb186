//! The kinds of findings of tokens: their names in URLs, filters and files, and the data that they depend on.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::UnreadPart;
use crate::variants::all;

/// The kinds of findings, for filters. Their order is that of [`super::Finding`].
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
    /// See [`super::Finding::OwnerDeactivatedInUse`].
    OwnerDeactivatedInUse,
    /// See [`super::Finding::OwnerGone`].
    OwnerGone,
    /// See [`super::Finding::OwnerDeactivated`].
    OwnerDeactivated,
    /// See [`super::Finding::OwnerUnknown`].
    OwnerUnknown,
    /// See [`super::Finding::NoOwner`].
    NoOwner,
    /// See [`super::Finding::ExpiresSoonInUse`].
    ExpiresSoonInUse,
    /// See [`super::Finding::ExpiresSoon`].
    ExpiresSoon,
    /// See [`super::Finding::NeverExpires`].
    NeverExpires,
    /// See [`super::Finding::OwnerLacksPermission`].
    #[strum(serialize = "owner-may-not-use")]
    OwnerLacksPermission,
    /// See [`super::Finding::CanCreateTokens`].
    CanCreateTokens,
    /// See [`super::Finding::WillBeNarrowed`].
    WillBeNarrowed,
    /// See [`super::Finding::OverPolicy`].
    OverPolicy,
    /// See [`super::Finding::Idle`].
    Idle,
    /// See [`super::Finding::FewScopesUsed`].
    FewScopesUsed,
    /// See [`super::Finding::CreatedByOther`].
    CreatedByOther,
    /// See [`super::Finding::NeverUsed`].
    NeverUsed,
    /// See [`super::Finding::NoComment`].
    NoComment,
    /// See [`super::Finding::Expired`].
    Expired,
}

impl FindingKind {
    /// Every kind, in the order of the filter.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// The kinds whose owner can no longer use a token. A filter by both shows tokens with either.
    pub const OWNER_ABSENT: [Self; 2] = [Self::OwnerDeactivated, Self::OwnerGone];

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name in the filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OwnerDeactivatedInUse => "Owner deactivated, in use",
            Self::OwnerGone => "Owner gone",
            Self::OwnerDeactivated => "Owner deactivated",
            Self::OwnerUnknown => "Unknown owner",
            Self::NoOwner => "No owner given",
            Self::ExpiresSoonInUse => "Expires within 7 days, in use",
            Self::ExpiresSoon => "Expires within 7 days",
            Self::NeverExpires => "Never expires",
            Self::OwnerLacksPermission => "Owner lacks permission",
            Self::CanCreateTokens => "Can create tokens",
            Self::WillBeNarrowed => "Scopes will be narrowed",
            Self::OverPolicy => "Exceeds maximum lifetime",
            Self::Idle => "Unused for 60 days or more",
            Self::FewScopesUsed => "Full access, few scopes used",
            Self::CreatedByOther => "Created by someone else",
            Self::NeverUsed => "Never used",
            Self::NoComment => "No comment",
            Self::Expired => "Expired",
        }
    }

    /// The data without which this finding cannot be determined.
    pub const fn depends_on(self) -> &'static [UnreadPart] {
        match self {
            Self::ExpiresSoon
            | Self::ExpiresSoonInUse
            | Self::NeverExpires
            | Self::Idle
            | Self::NeverUsed
            | Self::NoOwner
            | Self::CanCreateTokens
            | Self::WillBeNarrowed
            | Self::FewScopesUsed
            | Self::NoComment
            | Self::Expired => &[],
            Self::OverPolicy => &[UnreadPart::Policy],
            Self::OwnerDeactivatedInUse
            | Self::OwnerDeactivated
            | Self::OwnerGone
            | Self::OwnerUnknown
            | Self::CreatedByOther => &[UnreadPart::Names],
            Self::OwnerLacksPermission => &[UnreadPart::Permissions, UnreadPart::Groups, UnreadPart::Names],
        }
    }

    /// The kind that implies this one. A token with that finding is not reported to have this one too.
    pub const fn covered_by(self) -> Option<Self> {
        match self {
            Self::OwnerDeactivated => Some(Self::OwnerDeactivatedInUse),
            Self::ExpiresSoon => Some(Self::ExpiresSoonInUse),
            _ => None,
        }
    }

    /// Whether only active tokens can have it.
    pub const fn implies_active(self) -> bool {
        !matches!(
            self,
            Self::OwnerGone
                | Self::OwnerDeactivated
                | Self::OwnerUnknown
                | Self::NoOwner
                | Self::OwnerLacksPermission
                | Self::NeverUsed
                | Self::Expired
        )
    }

    /// Its bit in a [`KindSet`].
    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// A set of kinds, as a bit set. There is one for each token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KindSet(pub(crate) u32);

impl KindSet {
    /// No kind.
    pub const EMPTY: Self = Self(0);

    /// The set with `kind` added.
    #[must_use]
    pub const fn with(self, kind: FindingKind) -> Self {
        Self(self.0 | kind.bit())
    }

    /// Whether the set contains `kind`.
    pub const fn has(self, kind: FindingKind) -> bool {
        self.0 & kind.bit() != 0
    }

    /// Whether the set contains all of `kinds`.
    pub const fn has_all(self, kinds: Self) -> bool {
        self.0 & kinds.0 == kinds.0
    }

    /// Whether the set contains any of `kinds`.
    pub const fn has_any(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    /// Whether it contains no kind.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The union of both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The kinds, in their order.
    pub fn iter(self) -> impl Iterator<Item = FindingKind> {
        FindingKind::ALL.into_iter().filter(move |kind| self.has(*kind))
    }
}

impl FromIterator<FindingKind> for KindSet {
    fn from_iter<T: IntoIterator<Item = FindingKind>>(kinds: T) -> Self {
        kinds.into_iter().fold(Self::EMPTY, Self::with)
    }
}
