//! What any page can do once scripts run.

use leptos::prelude::*;

use crate::browser::{copy, edits, pending, session_end, styles};

/// Keeping the style sheet, copy buttons, looking again by itself while a change is on its way, asking before edits are left, and a
/// warning before the sign-in ends. Shows nothing.
#[island]
pub(crate) fn PageLife() -> impl IntoView {
    Effect::new(move |_| {
        copy::attach();
        pending::watch();
        edits::watch();
        session_end::watch();
        styles::keep();
    });
}
