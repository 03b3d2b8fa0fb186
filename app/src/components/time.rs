//! Dates and moments in an element that is machine-readable. Moments are shown in the time zone of the page, which they
//! name.

use domain::{Day, Timestamp};
use leptos::prelude::*;

use crate::http::time_zone::PageTimeZone;

/// `3 Feb 2025`, for a day of the workspace: it has the same date in every time zone.
pub(crate) fn date(day: Day) -> AnyView {
    view! { <time datetime=day.to_iso()>{day.to_string()}</time> }.into_any()
}

/// `3 Feb 2025`: the day of a moment.
pub(crate) fn date_of(at: Timestamp) -> AnyView {
    view! { <time datetime=at.to_iso()>{PageTimeZone::current().day(at).to_string()}</time> }.into_any()
}

/// `15:02:31 CET`, as text.
pub(crate) fn time_text(at: Timestamp) -> String {
    PageTimeZone::current().time_of_day(at)
}

/// `15:02:31 CET`, for a moment of the last minutes. The date is its title.
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
