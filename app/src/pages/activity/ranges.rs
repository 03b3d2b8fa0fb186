//! The date ranges that have a link, and labels for days.

use domain::{DAY, Day, DayRange};
use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

/// The length of the range "7 days", including today.
const DAYS_OF_WEEK: u32 = 7;

/// A range of days that a link offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) label: &'static str,
    pub(super) days: DayRange,
}

/// The ranges that have a link: those that end today, the calendar quarters, and all days.
pub(super) fn ranges(today: Day) -> Vec<Range> {
    let range = |label, days: Option<(Day, Day)>| {
        let (from, to) = days?;
        let days = DayRange {
            from: Some(from),
            to: Some(to),
        };
        Some(Range { label, days })
    };
    let week = today.start().minus(DAY * (DAYS_OF_WEEK - 1)).day();
    let all = Range {
        label: "All",
        days: DayRange::default(),
    };
    [
        range("Today", Some((today, today))),
        range("7 days", Some((week, today))),
        range("This quarter", quarter(today, 0)),
        range("Last quarter", quarter(today, 1)),
        Some(all),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The first and the last day of the quarter that is `before` quarters before the quarter of `day`. `None` if out of
/// range.
fn quarter(day: Day, before: i8) -> Option<(Day, Day)> {
    let date = date(day)?;
    let month = (date.month() - 1) / 3 * 3 + 1;
    let first = date.with().month(month).day(1).build().ok()?;
    let first = first.checked_sub(months(before)).ok()?;
    let last = first.checked_add(months(1)).ok()?.yesterday().ok()?;
    Some((Day::from_iso(&first.to_string())?, Day::from_iso(&last.to_string())?))
}

fn months(quarters: i8) -> Span {
    (i64::from(quarters) * 3).months()
}

/// `Today, Wednesday 25 November 2026`.
pub(super) fn day_heading(day: Day, today: Day) -> String {
    let name = date(day).map_or_else(|| day.to_string(), |date| date.strftime("%A %-d %B %Y").to_string());
    match today.days_since(day) {
        0 => format!("Today, {name}"),
        1 => format!("Yesterday, {name}"),
        _ => name,
    }
}

/// The label of a range without a link.
pub(super) fn range_label(days: DayRange) -> String {
    match (days.from, days.to) {
        (Some(from), Some(to)) if from == to => from.to_string(),
        (Some(from), Some(to)) => format!("{from} \u{2013} {to}"),
        (Some(from), None) => format!("From {from}"),
        (None, Some(to)) => format!("Until {to}"),
        (None, None) => "Custom dates".to_owned(),
    }
}

fn date(day: Day) -> Option<Date> {
    day.to_iso().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    #[test]
    fn ranges_end_with_the_day_that_they_are_called_by() {
        let of = |today: &str| -> Vec<(&str, String)> {
            let iso = |day: Option<Day>| day.map(Day::to_iso).unwrap_or_default();
            let ranges = ranges(day(today)).into_iter();
            ranges
                .map(|r| (r.label, format!("{}..{}", iso(r.days.from), iso(r.days.to))))
                .collect()
        };
        let expected = |ranges: [&str; 4]| {
            let labels = ["Today", "7 days", "This quarter", "Last quarter"];
            let mut all: Vec<_> = labels.into_iter().zip(ranges.map(str::to_owned)).collect();
            all.push(("All", "..".to_owned()));
            all
        };
        assert_eq!(
            of("2026-11-25"),
            expected([
                "2026-11-25..2026-11-25",
                "2026-11-19..2026-11-25",
                "2026-10-01..2026-12-31",
                "2026-07-01..2026-09-30",
            ])
        );
        assert_eq!(
            of("2028-03-31"),
            expected([
                "2028-03-31..2028-03-31",
                "2028-03-25..2028-03-31",
                "2028-01-01..2028-03-31",
                "2027-10-01..2027-12-31",
            ])
        );
    }

    #[test]
    fn day_headings_have_a_weekday_and_name_today_and_yesterday() {
        let today = day("2026-11-25");
        assert_eq!(day_heading(today, today), "Today, Wednesday 25 November 2026");
        assert_eq!(
            day_heading(day("2026-11-24"), today),
            "Yesterday, Tuesday 24 November 2026"
        );
        assert_eq!(day_heading(day("2026-11-02"), today), "Monday 2 November 2026");
    }
}
