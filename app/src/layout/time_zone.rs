//! The form that selects the time zone in which pages show times.

use leptos::prelude::*;

use crate::http::request::Request;
use crate::http::time_zone::{PageTimeZone, TIME_ZONE_COOKIE};
use crate::problem::{Failure, Problem};

/// The field, and a button for the browser's time zone, which a script shows if that is a different one
/// (`islands/time_zone.rs`).
pub(super) fn time_zone_form() -> AnyView {
    let zone = PageTimeZone::current();
    view! {
        <form method="post" action="/api/time_zone" class="time-zone">
            <label for="time-zone">"Time zone"</label>
            <input
                class="input"
                id="time-zone"
                name="time_zone"
                value=zone.name().to_owned()
                required
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
            />
            <button class="btn small" aria-label="Save time zone">"Save"</button>
            <button class="link" name="browser_time_zone" formnovalidate hidden></button>
        </form>
    }
    .into_any()
}

/// Stores the time zone in a cookie: the browser's if its button was used, otherwise the one in the field. Redirects to
/// the referring page for the same reason as the theme form.
#[server(prefix = "/api", endpoint = "time_zone")]
pub(crate) async fn set_time_zone(time_zone: String, browser_time_zone: Option<String>) -> Result<(), Failure> {
    let request = Request::current();
    let name = browser_time_zone.unwrap_or(time_zone);
    let Some(zone) = PageTimeZone::from_name(name.trim()) else {
        return Err(request.fail_form(Problem::UnknownTimeZone));
    };
    request.keep_cookie(TIME_ZONE_COOKIE, zone.name());
    request.redirect(&request.referring_page().unwrap_or_else(|| "/".to_owned()));
    Ok(())
}
