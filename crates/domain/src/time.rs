//! Timestamps and calendar days in UTC. The calendar is jiff's, without its time zone database, to keep the browser's
//! bundle small.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

/// One day. In UTC every day has 24 hours.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const DAY_MS: i64 = 86_400_000;

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The years 0 to 9999, in days since 1970-01-01. Days outside this range are errors of the workspace and are shown as
/// [`OUT_OF_RANGE`].
const DISPLAYABLE_DAYS: Range<i64> = -719_528..2_932_897;

const OUT_OF_RANGE: &str = "a date out of range";

/// The largest difference between the clocks of two instances that is tolerated.
const MAX_CLOCK_DIFFERENCE: Duration = Duration::from_mins(1);

/// A moment: milliseconds since the Unix epoch, in UTC. Workspaces use the same unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The timestamp at this many milliseconds since the Unix epoch.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn ms(self) -> i64 {
        self.0
    }

    /// The timestamp `span` later, or the last possible one.
    pub const fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(whole_ms(span)))
    }

    /// The timestamp `span` earlier, or the first possible one.
    pub const fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(whole_ms(span)))
    }

    /// The time from `earlier` to this moment; zero if `earlier` is later.
    pub const fn duration_since(self, earlier: Self) -> Duration {
        let ms = self.0.saturating_sub(earlier.0);
        Duration::from_millis(if ms < 0 { 0 } else { ms.unsigned_abs() })
    }

    /// The time from `earlier` to this moment. Zero if `earlier` is up to a minute later, which can happen between
    /// instances on different machines; `None` if it is even later, which can happen after a clock was set back.
    pub fn age_of(self, earlier: Self) -> Option<Duration> {
        let ahead = earlier.duration_since(self);
        (ahead <= MAX_CLOCK_DIFFERENCE).then(|| self.duration_since(earlier))
    }

    /// The UTC day of this moment.
    pub const fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_MS))
    }

    /// The time of day as `14:02:31`, UTC.
    pub fn time_of_day(self) -> String {
        let since_midnight = SignedDuration::from_millis(self.0.rem_euclid(DAY_MS));
        Time::midnight()
            .wrapping_add(since_midnight)
            .strftime("%H:%M:%S")
            .to_string()
    }

    /// The time of day as `14:02`, UTC.
    pub fn hour_and_minute(self) -> String {
        self.time_of_day().chars().take(5).collect()
    }

    /// Parses exactly the format of [`to_iso`](Self::to_iso).
    pub fn from_iso(text: &str) -> Option<Self> {
        let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
        let time: Time = time.parse().ok()?;
        let since_midnight = Duration::try_from(time.duration_since(Time::midnight())).ok()?;
        let at = Day::from_iso(day)?.start().plus(since_midnight);
        (at.to_iso() == text).then_some(at)
    }

    /// RFC 3339 with whole seconds, as `<time datetime>` expects it: `2026-11-23T14:02:31Z`.
    pub fn to_iso(self) -> String {
        format!("{}T{}Z", self.day().to_iso(), self.time_of_day())
    }
}

/// A span in whole milliseconds, limited to the largest number that a timestamp can hold.
const fn whole_ms(span: Duration) -> i64 {
    let ms = span.as_millis();
    if ms > i64::MAX as u128 { i64::MAX } else { ms as i64 }
}

/// A calendar day in UTC, stored as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(i64);

impl Day {
    /// Whole days from `earlier` to this day; negative if `earlier` is later.
    pub const fn days_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The first moment of the day.
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(DAY_MS))
    }

    /// Days since 1970-01-01, limited to 32 bits, which are enough for every displayable day.
    pub(crate) fn number(self) -> i32 {
        let in_range = self.0.clamp(i64::from(i32::MIN + 1), i64::from(i32::MAX));
        i32::try_from(in_range).unwrap_or(i32::MAX)
    }

    /// Parses exactly the format `2026-11-23`; `None` if the day does not exist.
    pub fn from_iso(text: &str) -> Option<Self> {
        let date: Date = text.parse().ok()?;
        let day = Self(i64::from(EPOCH.until(date).ok()?.get_days()));
        // jiff accepts other formats too.
        (day.to_iso() == text).then_some(day)
    }

    /// `2026-11-23`, or "a date out of range".
    pub fn to_iso(self) -> String {
        self.date()
            .map_or_else(|| OUT_OF_RANGE.to_owned(), |date| date.to_string())
    }

    /// The calendar date; `None` outside of [`DISPLAYABLE_DAYS`].
    fn date(self) -> Option<Date> {
        let since_epoch = SignedDuration::from_hours(self.0.checked_mul(24)?);
        let date = EPOCH.checked_add(since_epoch).ok()?;
        DISPLAYABLE_DAYS.contains(&self.0).then_some(date)
    }
}

/// `3 Feb 2025`, or "a date out of range".
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.date() {
            Some(date) => write!(f, "{}", date.strftime("%-d %b %Y")),
            None => f.write_str(OUT_OF_RANGE),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_moments_have_the_right_day() {
        let day = |ms| Timestamp::from_ms(ms).day();
        assert_eq!(day(0).to_string(), "1 Jan 1970");
        assert_eq!(day(-1).to_iso(), "1969-12-31");
        // The vendor's example for `last_used_day`.
        assert_eq!(day(1_710_374_400_000).to_iso(), "2024-03-14");
        assert_eq!(day(1_709_164_800_000).to_string(), "29 Feb 2024");
        assert_eq!(Timestamp::from_ms(1_795_442_551_999).to_iso(), "2026-11-23T14:02:31Z");
        assert_eq!(Timestamp::from_ms(1_795_442_551_999).hour_and_minute(), "14:02");
        let read = Timestamp::from_iso("2026-11-23T14:02:31Z");
        assert_eq!(read, Some(Timestamp::from_ms(1_795_442_551_000)));
        for invalid in [
            "",
            "2026-11-23",
            "2026-11-23T14:02Z",
            "2026-11-23T14:02:31",
            "2026-02-30T14:02:31Z",
        ] {
            assert_eq!(Timestamp::from_iso(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn a_moment_ahead_of_this_clock_is_new_unless_it_is_far_ahead() {
        let now = Timestamp::from_ms(1_795_442_551_999);
        let minute = Duration::from_mins(1);
        assert_eq!(now.age_of(now.minus(minute)), Some(minute));
        assert_eq!(now.age_of(now.plus(minute)), Some(Duration::ZERO));
        assert_eq!(now.age_of(now.plus(minute + Duration::from_millis(1))), None);
        assert_eq!(now.age_of(Timestamp::from_ms(i64::MAX)), None);
    }

    #[test]
    fn days_out_of_range_are_shown_as_such() {
        assert_eq!(Timestamp::from_ms(i64::MAX).day().to_string(), "a date out of range");
        assert_eq!(Timestamp::from_ms(i64::MIN).day().to_string(), "a date out of range");
    }

    #[test]
    fn only_existing_days_in_the_exact_form_are_read() {
        assert_eq!(
            Day::from_iso("2024-03-14"),
            Some(Timestamp::from_ms(1_710_374_400_000).day())
        );
        for invalid in [
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
            assert_eq!(Day::from_iso(invalid), None, "{invalid}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_the_same_after_writing_and_reading_it(n in -719_528i64..2_932_897) {
            prop_assert_eq!(Day::from_iso(&Day(n).to_iso()), Some(Day(n)));
        }

        #[test]
        fn any_text_can_be_read_as_a_day_or_not(text in ".{0,12}") {
            prop_assert!(Day::from_iso(&text).is_none_or(|day| day.to_iso() == text));
        }

        #[test]
        fn any_moment_can_be_shown(ms in any::<i64>()) {
            let at = Timestamp::from_ms(ms);
            let _ = (at.to_iso(), at.day().to_string(), at.time_of_day());
        }

        #[test]
        fn days_sort_like_their_text(n in -700_000i64..2_900_000) {
            let (today, tomorrow) = (Day(n), Day(n + 1));
            prop_assert!(today.to_iso() < tomorrow.to_iso() || n < -719_528);
            prop_assert_eq!(tomorrow.days_since(today), 1);
        }
    }
}
