//! The field for the reason of a change.

use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;

const REASON_FIELD: &str = "reason";

/// The `url` of a confirmation page, with the reason that was typed there.
pub(crate) fn with_reason(url: &str, reason: &str) -> String {
    match reason {
        "" => url.to_owned(),
        reason => paths::with_param(url, REASON_FIELD, reason),
    }
}

/// The field for the reason of a change that may break something; it is recorded with the change. It is folded away
/// because it is optional, and keeps what was typed if the change is refused.
pub(crate) fn reason_field(request: &Request) -> AnyView {
    let typed = request.query(REASON_FIELD);
    let open = typed.is_some();
    view! {
        <details class="stacked" open=open>
            <summary>"Add a reason"</summary>
            <div class="field">
                <label for="reason">"Reason (optional, recorded in Activity)"</label>
                <input class="input" id="reason" name=REASON_FIELD value=typed autocomplete="off" maxlength="500" />
            </div>
        </details>
    }
    .into_any()
}
