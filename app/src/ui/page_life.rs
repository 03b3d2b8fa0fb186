//! What any page can do once scripts run.

use leptos::prelude::*;

use crate::browser::{copy, edits, later, news, pending, pick, session_end, typed};

/// What waits a moment, copy buttons, looking again by itself while a change is on its way, asking before edits are left, a
/// warning before the sign-in ends, picking rows, news of what goes on by itself, and typed confirms. Shows nothing.
#[island]
pub(crate) fn PageLife() -> impl IntoView {
    Effect::new(move |_| {
        copy::attach();
        pending::watch();
        edits::watch();
        session_end::watch();
        later::arrange();
        pick::attach();
        news::watch();
        typed::watch();
    });
}
