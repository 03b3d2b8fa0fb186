//! The time zone in which pages show times. A cookie stores its IANA name; the time zone database is compiled into the
//! server: <https://docs.rs/jiff/latest/jiff/tz/index.html>.

use std::sync::LazyLock;

use domain::{DAY, Day, DayRange, Timestamp};
use http::HeaderMap;
use http::request::Parts;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use leptos::prelude::{provide_context, use_context};

use crate::http::cookies::{CookieScope, cookie_values};
use crate::http::request::Services;

/// The cookie with the name of the time zone.
pub(crate) const TIME_ZONE_COOKIE: &str = "time_zone";

/// Longer names are not looked up. Those in the database have at most 32 characters.
pub(crate) const MAX_ZONE_NAME_CHARS: usize = 64;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// The time zone in which a page shows moments.
#[derive(Clone, Debug)]
pub struct PageTimeZone(TimeZone);

impl PageTimeZone {
    /// UTC, the default.
    pub(crate) const UTC: Self = Self(TimeZone::UTC);

    /// The zone with this IANA name, case-insensitive; `None` if it is unknown.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        if name.len() > MAX_ZONE_NAME_CHARS {
            return None;
        }
        let zone = DATABASE.get(name).ok()?;
        // `Etc/Unknown` stands for a zone that is not known.
        (!zone.is_unknown() && zone.iana_name().is_some()).then_some(Self(zone))
    }

    /// The zone in the cookie; UTC without a valid one.
    pub fn of(headers: &HeaderMap, cookies: CookieScope) -> Self {
        cookie_values(headers, &cookies.name(TIME_ZONE_COOKIE))
            .find_map(|name| Self::from_name(&name))
            .unwrap_or(Self::UTC)
    }

    /// Provides the zone of the request to everything that is rendered for it.
    pub(crate) fn provide() {
        let request = use_context::<Parts>().zip(use_context::<Services>());
        if let Some((parts, services)) = request {
            provide_context(Self::of(&parts.headers, services.cookies));
        }
    }

    /// The zone of the page that is being rendered.
    pub(crate) fn current() -> Self {
        use_context().unwrap_or(Self::UTC)
    }

    /// The name in the IANA database.
    pub(crate) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The day of a moment in this zone.
    pub(crate) fn day(&self, at: Timestamp) -> Day {
        self.shown(at).0.day()
    }

    /// `15:02`.
    pub(crate) fn hour_and_minute(&self, at: Timestamp) -> String {
        self.shown(at).0.hour_and_minute()
    }

    /// The first moment of these days in this zone, and the first moment after them.
    pub(crate) fn span_of(&self, days: DayRange) -> (Option<Timestamp>, Option<Timestamp>) {
        let next = |day: Day| day.start().plus(DAY).day();
        let (from, to) = (days.from, days.to);
        (
            from.map(|day| self.start_of(day)),
            to.map(|day| self.start_of(next(day))),
        )
    }

    /// The first moment of a day in this zone. It is later than midnight if clocks are set forward at midnight. A day
    /// outside the range of time zones is taken in UTC.
    fn start_of(&self, day: Day) -> Timestamp {
        let date: Option<Date> = day.to_iso().parse().ok();
        let start = date.and_then(|date| date.to_zoned(self.0.clone()).ok());
        start.map_or(day.start(), |start| {
            Timestamp::from_ms(start.timestamp().as_millisecond())
        })
    }

    /// `15:02:31 CET`.
    pub(crate) fn time_of_day(&self, at: Timestamp) -> String {
        let (local, zone) = self.shown(at);
        format!("{} {zone}", local.time_of_day())
    }

    /// `3 Feb 2025, 15:02:31 CET`.
    pub(crate) fn day_and_time(&self, at: Timestamp) -> String {
        let (local, zone) = self.shown(at);
        format!("{}, {} {zone}", local.day(), local.time_of_day())
    }

    /// A timestamp that reads in UTC like `at` in this zone, and the zone's abbreviation at that time. A moment outside
    /// the range of time zones is shown in UTC.
    fn shown(&self, at: Timestamp) -> (Timestamp, String) {
        let Ok(moment) = jiff::Timestamp::from_millisecond(at.ms()) else {
            return (at, "UTC".to_owned());
        };
        let info = self.0.to_offset_info(moment);
        let shift = i64::from(info.offset().seconds()) * 1000;
        let local = Timestamp::from_ms(at.ms().saturating_add(shift));
        (local, zone_label(info.abbreviation(), info.offset()))
    }
}

/// `CET`; or `UTC-03`, `UTC+05:45` for a zone whose abbreviation is a number.
fn zone_label(abbreviation: &str, offset: Offset) -> String {
    if abbreviation.bytes().all(|b| b.is_ascii_alphabetic()) {
        return abbreviation.to_owned();
    }
    let sign = if offset.is_negative() { '-' } else { '+' };
    let minutes = offset.seconds().abs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours:02}"),
        (hours, minutes) => format!("UTC{sign}{hours:02}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use http::header::COOKIE;
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> PageTimeZone {
        PageTimeZone::from_name(name).unwrap()
    }

    fn shown(name: &str, at: &str) -> String {
        zone(name).day_and_time(Timestamp::from_iso(at).unwrap())
    }

    #[test]
    fn moments_are_shown_in_the_zone_and_name_it() {
        for (name, at, expected) in [
            ("UTC", "2026-11-23T14:02:31Z", "23 Nov 2026, 14:02:31 UTC"),
            ("Etc/UTC", "2026-11-23T14:02:31Z", "23 Nov 2026, 14:02:31 UTC"),
            ("Europe/London", "2026-11-23T14:02:31Z", "23 Nov 2026, 14:02:31 GMT"),
            ("Europe/Berlin", "2026-11-23T23:30:00Z", "24 Nov 2026, 00:30:00 CET"),
            (
                "America/Sao_Paulo",
                "2026-11-23T02:02:31Z",
                "22 Nov 2026, 23:02:31 UTC-03",
            ),
            (
                "Asia/Kathmandu",
                "2026-11-23T20:00:00Z",
                "24 Nov 2026, 01:45:00 UTC+05:45",
            ),
            ("America/St_Johns", "2026-11-23T14:00:00Z", "23 Nov 2026, 10:30:00 NST"),
            ("Asia/Calcutta", "2026-11-23T14:00:00Z", "23 Nov 2026, 19:30:00 IST"),
        ] {
            assert_eq!(shown(name, at), expected, "{name}");
        }
    }

    #[test]
    fn the_clocks_change_twice_a_year() {
        for (at, expected) in [
            ("2026-03-29T00:59:59Z", "29 Mar 2026, 01:59:59 CET"),
            ("2026-03-29T01:00:00Z", "29 Mar 2026, 03:00:00 CEST"),
            ("2026-10-25T00:59:59Z", "25 Oct 2026, 02:59:59 CEST"),
            ("2026-10-25T01:00:00Z", "25 Oct 2026, 02:00:00 CET"),
        ] {
            assert_eq!(shown("Europe/Berlin", at), expected);
        }
    }

    #[test]
    fn a_day_starts_at_its_first_moment_in_the_zone() {
        for (name, day, from, until) in [
            ("UTC", "2026-11-23", "2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"),
            (
                "Asia/Kathmandu",
                "2026-11-23",
                "2026-11-22T18:15:00Z",
                "2026-11-23T18:15:00Z",
            ),
            // Of 23 and of 25 hours.
            (
                "Europe/Berlin",
                "2026-03-29",
                "2026-03-28T23:00:00Z",
                "2026-03-29T22:00:00Z",
            ),
            (
                "Europe/Berlin",
                "2026-10-25",
                "2026-10-24T22:00:00Z",
                "2026-10-25T23:00:00Z",
            ),
            // Clocks are set forward at midnight.
            (
                "Africa/Cairo",
                "2026-04-24",
                "2026-04-23T22:00:00Z",
                "2026-04-24T21:00:00Z",
            ),
        ] {
            let day = Day::from_iso(day);
            let (start, end) = zone(name).span_of(DayRange { from: day, to: day });
            assert_eq!(start.map(Timestamp::to_iso).as_deref(), Some(from), "{name}");
            assert_eq!(end.map(Timestamp::to_iso).as_deref(), Some(until), "{name}");
        }
        assert_eq!(zone("Europe/Berlin").span_of(DayRange::default()), (None, None));
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        let long = "Europe/Berlin".repeat(10);
        for name in [
            "",
            " ",
            "Europe",
            "Europe/",
            "Europe/Berlin ",
            "Europe/Atlantis",
            "Etc/Unknown",
            "CET-1CEST",
            "+01:00",
            "../../etc/passwd",
            "<b>",
            "\u{e9}",
            &long,
        ] {
            assert!(PageTimeZone::from_name(name).is_none(), "{name}");
        }
        assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
        assert_eq!(PageTimeZone::UTC.name(), "UTC");
    }

    #[test]
    fn the_first_valid_name_of_the_cookies_counts() {
        let headers = HeaderMap::from_iter([(
            COOKIE,
            "time_zone=Mars; time_zone_8443=Asia/Tokyo; time_zone=Europe/Berlin; time_zone=UTC"
                .parse()
                .unwrap(),
        )]);
        let names = [443, 8443, 9443].map(|port| {
            let zone = PageTimeZone::of(&headers, CookieScope::new(true, port));
            zone.name().to_owned()
        });
        assert_eq!(names, ["Europe/Berlin", "Asia/Tokyo", "UTC"]);
    }

    #[test]
    fn dates_out_of_range_are_shown_as_such() {
        for ms in [i64::MIN, i64::MAX] {
            let text = zone("Asia/Tokyo").day_and_time(Timestamp::from_ms(ms));
            assert!(text.starts_with("a date out of range, "), "{text}");
            assert!(text.ends_with(" UTC"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_moment_is_in_the_span_of_its_day(ms in -60_000_000_000_000_i64..240_000_000_000_000) {
            for name in ["UTC", "Europe/Berlin", "Africa/Cairo", "America/Sao_Paulo", "Pacific/Kiritimati"] {
                let (zone, at) = (zone(name), Timestamp::from_ms(ms));
                let day = Some(zone.day(at));
                let (from, until) = zone.span_of(DayRange { from: day, to: day });
                prop_assert!(from.unwrap() <= at && at < until.unwrap(), "{name}");
            }
        }

        #[test]
        fn any_moment_can_be_shown(ms in any::<i64>()) {
            for name in ["UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Kiritimati"] {
                let zone = zone(name);
                let at = Timestamp::from_ms(ms);
                let _ = (zone.day(at).to_string(), zone.time_of_day(at), zone.day_and_time(at));
            }
        }

        #[test]
        fn any_text_is_a_name_or_not(text in ".{0,40}") {
            let zone = PageTimeZone::from_name(&text);
            prop_assert!(zone.is_none_or(|zone| zone.name().eq_ignore_ascii_case(&text)));
        }
    }
}
