//! Filters by the time until a token expires and since it was last used. Both are relative to when the list was read,
//! so a link stays correct on later days, and a week has 7 × 24 hours.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::variants::all;
use crate::{DAY, Day, Expiry, Timestamp};

/// How many weeks [`crate::Inventory::expiry_weeks`] counts individually.
pub const EXPIRY_WEEKS: u8 = 13;

const DAYS_A_WEEK: u8 = 7;

/// The first day after the last of these weeks.
const DAY_LATER: u8 = EXPIRY_WEEKS * DAYS_A_WEEK + 1;
const DAY_NEVER: u8 = DAY_LATER + 1;
const DAY_UNKNOWN: u8 = DAY_NEVER + 1;

/// When a token expires, relative to when the list was read. A token with an unknown expiry is in none of these
/// windows, and does not count as active either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExpiryWindow {
    /// Within 7 × 24 hours.
    Days7,
    /// Within 30 × 24 hours.
    Days30,
    /// Within 90 × 24 hours.
    Days90,
    /// In the week of 7 × 24 hours with this number, 1 to 12. Week 0 is [`Self::Days7`].
    Week(u8),
    /// After the last of the [`EXPIRY_WEEKS`].
    Later,
    /// The token never expires.
    Never,
    /// The token had expired when the list was read.
    Expired,
}

impl ExpiryWindow {
    /// The windows that the filter offers, in order.
    pub const PRESETS: [Self; 6] = [
        Self::Days7,
        Self::Days30,
        Self::Days90,
        Self::Later,
        Self::Never,
        Self::Expired,
    ];

    /// The number of distinct values of [`Self::day_of`].
    pub(crate) const DAYS: usize = DAY_UNKNOWN as usize + 1;

    /// The week with this number, counted from 0.
    pub const fn week(number: u8) -> Self {
        match number {
            0 => Self::Days7,
            _ => Self::Week(number),
        }
    }

    /// Every window.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::PRESETS.into_iter().chain((1..EXPIRY_WEEKS).map(Self::Week))
    }

    /// Its name in a URL.
    pub fn slug(self) -> String {
        match self {
            Self::Days7 => "7d".to_owned(),
            Self::Days30 => "30d".to_owned(),
            Self::Days90 => "90d".to_owned(),
            // People count weeks from 1.
            Self::Week(number) => format!("week-{}", number + 1),
            Self::Later => "later".to_owned(),
            Self::Never => "never".to_owned(),
            Self::Expired => "expired".to_owned(),
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::all().find(|window| window.slug() == text)
    }

    /// Its name in the filter.
    pub fn label(self) -> String {
        match self {
            Self::Days7 => "Within 7 days".to_owned(),
            Self::Days30 => "Within 30 days".to_owned(),
            Self::Days90 => "Within 90 days".to_owned(),
            Self::Week(number) => format!("In {number} to {} weeks", number + 1),
            Self::Later => format!("In more than {EXPIRY_WEEKS} weeks"),
            Self::Never => "Never".to_owned(),
            Self::Expired => "Expired".to_owned(),
        }
    }

    /// The values of [`Self::day_of`] in this window.
    pub(crate) const fn days(self) -> RangeInclusive<u8> {
        match self {
            Self::Days7 => 1..=7,
            Self::Days30 => 1..=30,
            Self::Days90 => 1..=90,
            Self::Week(number) => {
                let before = number.saturating_mul(DAYS_A_WEEK);
                before.saturating_add(1)..=before.saturating_add(DAYS_A_WEEK)
            }
            Self::Later => DAY_LATER..=DAY_LATER,
            Self::Never => DAY_NEVER..=DAY_NEVER,
            Self::Expired => 0..=0,
        }
    }

    /// The 24-hour period after `now` in which a token expires, counted from 1; 0 if it has expired.
    pub(crate) fn day_of(expiry: Expiry, now: Timestamp) -> u8 {
        match expiry {
            Expiry::At(end) => {
                let days = end.duration_since(now).as_millis().div_ceil(DAY.as_millis());
                u8::try_from(days).unwrap_or(DAY_LATER).min(DAY_LATER)
            }
            Expiry::Never => DAY_NEVER,
            Expiry::Unknown => DAY_UNKNOWN,
        }
    }
}

/// The minimum number of days of [`UseWindow::Days60OrMore`].
const LONG_UNUSED_DAYS: u8 = 60;

const DAY_NEVER_USED: u8 = LONG_UNUSED_DAYS + 1;

/// When a token was last used, in UTC days before the day on which the list was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
pub enum UseWindow {
    /// On that day.
    #[strum(serialize = "today")]
    Today,
    /// On that day or one of the 7 days before.
    #[strum(serialize = "7d")]
    Days7,
    /// On that day or one of the 30 days before.
    #[strum(serialize = "30d")]
    Days30,
    /// At least 60 days before.
    #[strum(serialize = "60d-or-longer")]
    Days60OrMore,
    /// The token was never used.
    #[strum(serialize = "never")]
    Never,
}

impl UseWindow {
    /// Every window, in the order of the filter.
    pub const ALL: [Self; Self::VARIANTS.len()] = all(Self::VARIANTS);

    /// The number of distinct values of [`Self::day_of`].
    pub(crate) const DAYS: usize = DAY_NEVER_USED as usize + 1;

    /// Its name in a URL.
    pub fn slug(self) -> &'static str {
        self.into()
    }

    /// Its name in the filter.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Today => "Today",
            Self::Days7 => "Within 7 days",
            Self::Days30 => "Within 30 days",
            Self::Days60OrMore => "60 days ago or longer",
            Self::Never => "Never",
        }
    }

    /// The values of [`Self::day_of`] in this window.
    pub(crate) const fn days(self) -> RangeInclusive<u8> {
        match self {
            Self::Today => 0..=0,
            Self::Days7 => 0..=7,
            Self::Days30 => 0..=30,
            Self::Days60OrMore => LONG_UNUSED_DAYS..=LONG_UNUSED_DAYS,
            Self::Never => DAY_NEVER_USED..=DAY_NEVER_USED,
        }
    }

    /// How many days before `today` a token was last used.
    pub(crate) fn day_of(last_used: Option<Day>, today: Day) -> u8 {
        let Some(day) = last_used else { return DAY_NEVER_USED };
        // The workspace's clock may be ahead, so the day can be after today.
        let days = today.days_since(day).max(0);
        u8::try_from(days).unwrap_or(LONG_UNUSED_DAYS).min(LONG_UNUSED_DAYS)
    }
}
