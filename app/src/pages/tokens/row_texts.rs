//! The texts of a row's cells: a first line in plain words, and a second line with the date or details. Each has a
//! class that sets its colour.

use domain::{DAY, Day, EXPIRES_SOON_DAYS, Expiry, Finding, Status, Timestamp, Token};

use crate::http::time_zone::PageTimeZone;

/// From this number of days, distances are in months.
const MONTHS_FROM_DAYS: i64 = 100;

const DAYS_A_MONTH: i64 = 30;

/// From this number of months, distances are in years.
const YEARS_FROM_MONTHS: i64 = 24;

const MONTHS_A_YEAR: i64 = 12;

/// "3 days", "4 months", "2 years".
fn distance(days: i64) -> String {
    let months = days / DAYS_A_MONTH;
    let (n, unit) = match days {
        _ if months >= YEARS_FROM_MONTHS => (months / MONTHS_A_YEAR, "year"),
        days if days >= MONTHS_FROM_DAYS => (months, "month"),
        days => (days, "day"),
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

/// "today", "yesterday", "3 days ago".
pub(super) fn ago(day: Day, today: Day) -> String {
    match today.days_since(day) {
        ..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{} ago", distance(days)),
    }
}

/// "today", "tomorrow", "in 3 days".
pub(super) fn ahead(day: Day, today: Day) -> String {
    match day.days_since(today) {
        ..=0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {}", distance(days)),
    }
}

pub(super) fn created_text(token: &Token, now: Timestamp, zone: &PageTimeZone) -> String {
    match token.created {
        Some(at) => format!("{}\n{}", ago(zone.day(at), zone.day(now)), zone.day(at)),
        None => "unknown".to_owned(),
    }
}

/// The class and the text. `is_over_policy` says whether its lifetime exceeds the maximum for new tokens.
pub(super) fn expiry_text(
    token: &Token,
    now: Timestamp,
    zone: &PageTimeZone,
    is_over_policy: bool,
) -> (Option<&'static str>, String) {
    match token.expiry {
        Expiry::Never if is_over_policy => (Some("soon"), "never\nover policy".to_owned()),
        Expiry::Never => (Some("soon"), "never\nno expiry".to_owned()),
        Expiry::Unknown => (None, "unknown".to_owned()),
        Expiry::At(end) if end <= now => (Some("off"), format!("expired\n{}", zone.day(end))),
        Expiry::At(end) => {
            let is_soon = end <= now.plus(DAY * EXPIRES_SOON_DAYS);
            let text = format!("{}\n{}", ahead(zone.day(end), zone.day(now)), zone.day(end));
            (is_soon.then_some("soon"), text)
        }
    }
}

/// The class and the text. The workspace only reports the day of last use, in its own time zone.
pub(super) fn last_used_text(token: &Token, today: Day) -> (&'static str, String) {
    let Some(day) = token.last_used else {
        return ("used never", "never".to_owned());
    };
    // The icon is a full circle for today, and less of it the longer ago the last use was.
    let class = match today.days_since(day) {
        ..=0 => "used h4",
        1..=7 => "used h3",
        8..=30 => "used h2",
        31..=59 => "used h1",
        _ => "used h0",
    };
    (class, format!("{}\n{day}", ago(day, today)))
}

/// The class and the text: the most severe finding, the others below, and accepted ones last.
pub(super) fn findings_text(
    findings: &[Finding],
    accepted: &[Finding],
    status: Status,
    tokens_enabled: Option<bool>,
    is_own: bool,
) -> (&'static str, String) {
    let own = is_own.then(|| "This session".to_owned());
    let found = findings.iter().map(ToString::to_string);
    let status_text = match (status, tokens_enabled) {
        (Status::Active, Some(false)) => Some("Suspended".to_owned()),
        (Status::Active, Some(true) | None) => None,
        (Status::Expired, _) => Some("Expired".to_owned()),
        (Status::Unknown, _) => Some("Status unknown".to_owned()),
    };
    let accepted = accepted.iter().map(|finding| format!("{finding} (accepted)"));
    let all: Vec<_> = found.chain(own).chain(status_text).chain(accepted).collect();
    let class = match findings.first() {
        Some(finding) if finding.is_danger() => "fnd danger",
        Some(finding) if finding.is_warning() => "fnd warn",
        Some(_) | None => "fnd",
    };
    match all.split_first() {
        None => (class, String::new()),
        Some((first, others)) => (class, format!("{first}\n{}", others.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_in_days_months_or_years() {
        let words = [
            (1, "1 day"),
            (99, "99 days"),
            (100, "3 months"),
            (700, "23 months"),
            (730, "2 years"),
        ];
        for (days, expected) in words {
            assert_eq!(distance(days), expected);
        }
    }

    #[test]
    fn the_most_severe_finding_comes_first() {
        let findings = [Finding::OwnerDeactivated, Finding::NeverExpires];
        assert_eq!(
            findings_text(&findings, &[], Status::Active, Some(true), true),
            (
                "fnd danger",
                "Owner deactivated\nNever expires, This session".to_owned()
            )
        );
        assert_eq!(
            findings_text(&[], &[], Status::Active, Some(true), false),
            ("fnd", String::new())
        );
        assert_eq!(
            findings_text(&[], &[], Status::Expired, Some(true), false),
            ("fnd", "Expired\n".to_owned())
        );
        assert_eq!(
            findings_text(
                &[Finding::NeverUsed],
                &[Finding::NeverExpires],
                Status::Active,
                Some(true),
                false
            ),
            ("fnd", "Never used\nNever expires (accepted)".to_owned())
        );
    }
}
