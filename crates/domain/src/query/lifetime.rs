//! The filter by the lifetime of tokens, from their creation to their expiry.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::{DAY, Expiry, MaxLifetime, Token};

/// The longest lifetime in days that is distinguished: a longer one counts as this one.
pub const LONGEST_LIFETIME_DAYS: u32 = 99_999;

/// A range of lifetimes in days. An open end is `None`; with both ends open, it does not filter. Tokens with an unknown
/// creation or expiry have no lifetime and match no range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LifetimeRange {
    /// Only longer lifetimes (in a URL `lifetime_over`). Tokens that never expire match.
    pub over: Option<u32>,
    /// Only lifetimes up to this many days (in a URL `lifetime_to`). Tokens that never expire do not match.
    pub up_to: Option<u32>,
}

impl LifetimeRange {
    /// The lifetimes that a limit does not allow for new tokens. Without a limit, the range is open.
    pub fn above(limit: MaxLifetime) -> Self {
        Self {
            over: limit.custom_days(),
            up_to: None,
        }
    }

    /// Whether both ends are open.
    pub const fn is_open(self) -> bool {
        self.over.is_none() && self.up_to.is_none()
    }

    /// The values of [`lifetime_days`] in this range.
    pub(crate) fn days(self) -> RangeInclusive<u32> {
        self.over.map_or(0, |days| days.saturating_add(1))..=self.up_to.unwrap_or(NEVER)
    }

    /// Parses an end of the range, as typed or in a URL: 1 to [`LONGEST_LIFETIME_DAYS`].
    pub(super) fn parse_days(text: &str) -> Option<u32> {
        let days = text.trim().parse().ok()?;
        (1..=LONGEST_LIFETIME_DAYS).contains(&days).then_some(days)
    }
}

/// The lifetime of a token that never expires.
pub(crate) const NEVER: u32 = u32::MAX - 1;

/// The value for a token without a known lifetime.
pub(crate) const NO_LIFETIME: u32 = u32::MAX;

/// A token's lifetime in days, rounded up.
pub(crate) fn lifetime_days(token: &Token) -> u32 {
    match (token.expiry, token.created) {
        (Expiry::Never, _) => NEVER,
        (Expiry::At(end), Some(created)) => {
            let days = end.duration_since(created).as_millis().div_ceil(DAY.as_millis());
            u32::try_from(days)
                .unwrap_or(LONGEST_LIFETIME_DAYS)
                .min(LONGEST_LIFETIME_DAYS)
        }
        _ => NO_LIFETIME,
    }
}
