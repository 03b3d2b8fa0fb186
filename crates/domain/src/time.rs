//! Points in time and calendar days in UTC, without a time zone database: small enough for the browser's bundle.

use core::fmt;
use serde::{Deserialize, Serialize};

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// The years that are shown as dates; anything outside is upstream nonsense and shown as text.
const DISPLAYABLE_DAYS: core::ops::Range<i64> = -719_528..2_932_897;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment: milliseconds since the Unix epoch, UTC. The workspace's own unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From milliseconds since the Unix epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// This moment and `ms` milliseconds more; the ends of the range hold.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this moment; negative where `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The UTC day that holds this moment.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_MS))
    }

    /// The time of day as `14:02:31`, UTC.
    pub fn time_of_day(self) -> String {
        let (hour, minute, second) = self.hour_minute_second();
        format!("{hour:02}:{minute:02}:{second:02}")
    }

    /// RFC 3339 with whole seconds, as `<time datetime>` wants it: `2026-11-23T14:02:31Z`.
    pub fn to_iso(self) -> String {
        format!("{}T{}Z", self.day().to_iso(), self.time_of_day())
    }

    fn hour_minute_second(self) -> (i64, i64, i64) {
        let seconds = self.0.rem_euclid(DAY_MS) / 1000;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// A calendar day in UTC, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(i64);

impl Day {
    /// Whole days from `earlier` to this day; negative where `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The day's first moment.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_MS))
    }

    /// Days since 1970-01-01, as far as 32 bits hold them: any that is shown as a date.
    pub(crate) fn number(self) -> i32 {
        let shown = self.0.clamp(i64::from(i32::MIN + 1), i64::from(i32::MAX));
        i32::try_from(shown).unwrap_or(i32::MAX)
    }

    /// From `2026-11-23`, exactly so; `None` where there is no such day. By Howard Hinnant's `days_from_civil`
    /// (<https://howardhinnant.github.io/date_algorithms.html>).
    pub fn from_iso(text: &str) -> Option<Self> {
        let number = |range| text.get(range).and_then(|digits: &str| digits.parse::<i64>().ok());
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let year = year - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let found = Self(era * 146_097 + day_of_era - 719_468);
        // What is no such day, or written otherwise, comes back as another text.
        (found.to_iso() == text).then_some(found)
    }

    /// `2026-11-23`.
    pub fn to_iso(self) -> String {
        let (year, month, day) = self.civil();
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Year, month 1–12 and day of month, by Howard Hinnant's `civil_from_days`
    /// (<https://howardhinnant.github.io/date_algorithms.html>).
    fn civil(self) -> (i64, usize, i64) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, usize::try_from(month).unwrap_or(1), day)
    }
}

/// `3 Feb 2025`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !DISPLAYABLE_DAYS.contains(&self.0) {
            return f.write_str("a date out of range");
        }
        let (year, month, day) = self.civil();
        write!(f, "{day} {} {year}", MONTHS[(month - 1).min(11)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        let day = |ms| Timestamp::from_ms(ms).day();
        assert_eq!(day(0).to_string(), "1 Jan 1970");
        assert_eq!(day(-1).to_iso(), "1969-12-31");
        // The vendor's own sample of `last_used_day`.
        assert_eq!(day(1_710_374_400_000).to_iso(), "2024-03-14");
        assert_eq!(day(1_709_164_800_000).to_string(), "29 Feb 2024");
        assert_eq!(Timestamp::from_ms(1_795_442_551_999).to_iso(), "2026-11-23T14:02:31Z");
    }

    #[test]
    fn nonsense_is_said_to_be_nonsense() {
        assert_eq!(Timestamp::from_ms(i64::MAX).day().to_string(), "a date out of range");
        assert_eq!(Timestamp::from_ms(i64::MIN).day().to_string(), "a date out of range");
    }

    #[test]
    fn only_days_that_there_are_can_be_asked_for() {
        assert_eq!(
            Day::from_iso("2024-03-14"),
            Some(Timestamp::from_ms(1_710_374_400_000).day())
        );
        for nonsense in [
            "",
            "2025-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "2026-11-23T00:00",
            "20261123",
            "2026-11-3\u{e9}",
            "+026-11-23",
            "12026-11-23",
            "23.11.2026",
        ] {
            assert_eq!(Day::from_iso(nonsense), None, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_read_as_it_is_written(n in -719_528i64..2_932_897) {
            prop_assert_eq!(Day::from_iso(&Day(n).to_iso()), Some(Day(n)));
        }

        #[test]
        fn any_text_may_be_asked_for_as_a_day(text in ".{0,12}") {
            prop_assert!(Day::from_iso(&text).is_none_or(|day| day.to_iso() == text));
        }

        #[test]
        fn any_moment_can_be_shown(ms in any::<i64>()) {
            let at = Timestamp::from_ms(ms);
            let _ = (at.to_iso(), at.day().to_string(), at.time_of_day());
        }

        #[test]
        fn days_follow_each_other(n in -700_000i64..2_900_000) {
            let (today, tomorrow) = (Day(n), Day(n + 1));
            prop_assert!(today.to_iso() < tomorrow.to_iso() || n < -719_528);
            prop_assert_eq!(tomorrow.since(today), 1);
        }
    }
}
