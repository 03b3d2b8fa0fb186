//! What any page can do once scripts run.

use leptos::prelude::*;

use crate::browser::{copy, edits, pending};

/// Copy buttons, looking again by itself while a change is on its way, and asking before edits are left. Shows nothing.
#[island]
pub(crate) fn PageLife() -> impl IntoView {
    Effect::new(move |_| {
        copy::attach();
        pending::watch();
        edits::watch();
    });
}
