//! Whether keyboard shortcuts are on: a cookie, because the choice belongs to the browser and not to the person.

use http::HeaderMap;
use http::request::Parts;
use leptos::prelude::use_context;

use crate::http::cookies::{CookieScope, cookie_values};
use crate::http::request::{Request, Services};

const SHORTCUTS_COOKIE: &str = "keyboard_shortcuts";

pub(crate) const ON: &str = "on";
pub(crate) const OFF: &str = "off";

/// The value of `data-shortcuts` on the document that is being rendered: `off`, or none.
pub(super) fn document_shortcuts() -> Option<&'static str> {
    let (parts, services) = use_context::<Parts>().zip(use_context::<Services>())?;
    (!are_on(&parts.headers, services.cookies)).then_some(OFF)
}

/// Whether shortcuts are on, as they are by default.
pub(crate) fn are_on(headers: &HeaderMap, cookies: CookieScope) -> bool {
    !cookie_values(headers, &cookies.name(SHORTCUTS_COOKIE)).any(|value| value == OFF)
}

/// Stores in the browser's cookie whether shortcuts are on.
pub(crate) fn set_state(request: &Request, state: &'static str) {
    request.keep_cookie(SHORTCUTS_COOKIE, state);
}
