//! Dates and times as `<time>` elements. Times are shown in the page's time zone, and name it.

use std::time::Duration;

use domain::{Day, Timestamp};
use leptos::prelude::*;

use super::count_of;
use crate::http::time_zone::PageTimeZone;

/// `3 Feb 2025`, for a calendar day that the workspace reports: it does not depend on the time zone.
pub(crate) fn date(day: Day) -> AnyView {
    view! { <time datetime=day.to_iso()>{day.to_string()}</time> }.into_any()
}

/// `3 Feb 2025`: the day of a moment in the page's time zone.
pub(crate) fn date_of(at: Timestamp) -> AnyView {
    view! { <time datetime=at.to_iso()>{PageTimeZone::current().day(at).to_string()}</time> }.into_any()
}

/// `15:02:31 CET`, as text.
pub(crate) fn time_text(at: Timestamp) -> String {
    PageTimeZone::current().time_of_day(at)
}

/// `15:02:31 CET`, for a moment of the last few minutes. The date is in the title.
pub(crate) fn recent_time(at: Timestamp) -> AnyView {
    let zone = PageTimeZone::current();
    view! {
        <time datetime=at.to_iso() title=zone.day_and_time(at)>
            {zone.time_of_day(at)}
        </time>
    }
    .into_any()
}

/// `3 Feb 2025, 15:02:31 CET`.
pub(crate) fn date_time(at: Timestamp) -> AnyView {
    view! { <time datetime=at.to_iso()>{PageTimeZone::current().day_and_time(at)}</time> }.into_any()
}

/// `2 hours ago`. The date is in the title.
pub(crate) fn time_ago(at: Timestamp) -> AnyView {
    let text = ago(console::now().age_of(at).unwrap_or_default());
    view! {
        <time datetime=at.to_iso() title=PageTimeZone::current().day_and_time(at)>
            {text}
        </time>
    }
    .into_any()
}

fn ago(age: Duration) -> String {
    let minutes = usize::try_from(age.as_secs() / 60).unwrap_or(usize::MAX);
    match minutes {
        0 => "just now".to_owned(),
        minutes if minutes < 60 => format!("{} ago", count_of(minutes, "minute")),
        minutes if minutes < 48 * 60 => format!("{} ago", count_of(minutes / 60, "hour")),
        minutes => format!("{} ago", count_of(minutes / (24 * 60), "day")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_rounded_down() {
        for (minutes, text) in [
            (0, "just now"),
            (1, "1 minute ago"),
            (119, "1 hour ago"),
            (47 * 60, "47 hours ago"),
            (49 * 60, "2 days ago"),
        ] {
            assert_eq!(ago(Duration::from_mins(minutes)), text);
        }
    }
}
