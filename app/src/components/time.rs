//! Dates and moments, always in UTC and in an element that is machine-readable.

use domain::{Day, Timestamp};
use leptos::prelude::*;

/// `3 Feb 2025`.
pub(crate) fn date(day: Day) -> AnyView {
    view! { <time datetime=day.to_iso()>{day.to_string()}</time> }.into_any()
}

/// `14:02:31 UTC`, for a moment of the last minutes. The date is its title.
pub(crate) fn recent_time(at: Timestamp) -> AnyView {
    let title = format!("{}, {} UTC", at.day(), at.time_of_day());
    view! {
        <time datetime=at.to_iso() title=title>
            {format!("{} UTC", at.time_of_day())}
        </time>
    }
    .into_any()
}

/// `3 Feb 2025, 14:02:31 UTC`.
pub(crate) fn date_time(at: Timestamp) -> AnyView {
    view! { <time datetime=at.to_iso()>{format!("{}, {} UTC", at.day(), at.time_of_day())}</time> }.into_any()
}
