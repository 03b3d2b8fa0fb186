//! What any page can do once scripts run.

use leptos::prelude::*;

use crate::browser::{copy, pending};

/// Copy buttons, and looking again by itself while a change is on its way. Shows nothing.
#[island]
pub(crate) fn PageLife() -> impl IntoView {
    Effect::new(move |_| {
        copy::attach();
        pending::watch();
    });
}
