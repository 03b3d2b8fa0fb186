//! The field for the reason of a potentially harmful change; the reason is recorded with the change.

use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;

const REASON_FIELD: &str = "reason";

/// The `url` of a confirmation page, with the reason as typed.
pub(crate) fn with_reason(url: &str, reason: &str) -> String {
    match reason {
        "" => url.to_owned(),
        reason => paths::with_param(url, REASON_FIELD, reason),
    }
}

/// The field. It keeps its text if the change is refused.
pub(crate) fn reason_input(request: &Request) -> AnyView {
    view! {
        <div class="field">
            <label for="reason">"Reason (optional, recorded in Activity)"</label>
            <input
                class="input"
                id="reason"
                name=REASON_FIELD
                value=request.query(REASON_FIELD)
                autocomplete="off"
            />
        </div>
    }
    .into_any()
}

/// The field, folded away below more important ones. It is open if it contains text.
pub(crate) fn reason_field(request: &Request) -> AnyView {
    let open = request.query(REASON_FIELD).is_some();
    view! {
        <details class="stacked" open=open>
            <summary>"Add a reason"</summary>
            {reason_input(request)}
        </details>
    }
    .into_any()
}
