//! How many active tokens expire in each of the coming weeks.

use std::array;
use std::ops::RangeInclusive;

use super::Inventory;
use crate::query::EXPIRY_WEEKS;
use crate::{DAY, ExpiryWindow, Timestamp, TokenCount, UnreadParts};

const WEEKS: usize = EXPIRY_WEEKS as usize;

/// The active tokens by expiry: the weeks, later and never add up to all active tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiryWeeks {
    /// Weeks of 7 × 24 hours, starting when the list was read.
    pub weeks: [ExpiryWeek; WEEKS],
    /// Tokens that expire after the last week ([`ExpiryWindow::Later`]).
    pub later: TokenCount,
    /// Tokens without an expiry ([`ExpiryWindow::Never`]).
    pub never: TokenCount,
}

/// One week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiryWeek {
    /// The filter that lists these tokens.
    pub window: ExpiryWindow,
    /// When the week starts. A token that expires at this moment belongs to the week before.
    pub from: Timestamp,
    /// When the week ends, inclusive.
    pub until: Timestamp,
    /// How many tokens expire in this week.
    pub tokens: TokenCount,
}

impl ExpiryWeeks {
    pub(super) fn new(by_day: &[usize; ExpiryWindow::DAYS], unread: UnreadParts, as_of: Timestamp) -> Self {
        let count = |window: ExpiryWindow| unread.count(sum(by_day, window.days()));
        let week = |number: usize| {
            let number = u8::try_from(number).unwrap_or(u8::MAX);
            let window = ExpiryWindow::week(number);
            let from = as_of.plus(DAY * 7 * u32::from(number));
            ExpiryWeek {
                window,
                from,
                until: from.plus(DAY * 7),
                tokens: count(window),
            }
        };
        Self {
            weeks: array::from_fn(week),
            later: count(ExpiryWindow::Later),
            never: count(ExpiryWindow::Never),
        }
    }
}

impl Inventory {
    /// The active tokens by the week of their expiry, regardless of filters. Tokens with an unknown expiry do not count
    /// as active.
    pub fn expiry_weeks(&self) -> ExpiryWeeks {
        let mut by_day = [0; ExpiryWindow::DAYS];
        let days = self.columns().expires_in.iter().enumerate();
        for (_, day) in days.filter(|(i, _)| !self.removed.has(*i)) {
            by_day[usize::from(*day)] += 1;
        }
        ExpiryWeeks::new(&by_day, self.unread(), self.as_of)
    }
}

/// The sum of the entries for `days`.
pub(super) fn sum(by_day: &[usize], days: RangeInclusive<u8>) -> usize {
    let days = usize::from(*days.start())..=usize::from(*days.end());
    by_day.get(days).unwrap_or_default().iter().sum()
}
