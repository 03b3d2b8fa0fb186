//! What any page can do once scripts run.

use leptos::prelude::*;

use crate::islands::{
    after_load, bulk_events, copy_button, pending_change, selection, session_expiry, type_to_confirm, unsaved_changes,
};

/// What waits a moment, copy buttons, looking again by itself while a change is on its way, asking before edits are left, a
/// warning before the sign-in ends, picking rows, news of what goes on by itself, and typed confirms. Shows nothing.
#[island]
pub(crate) fn PageBehaviors() -> impl IntoView {
    Effect::new(move |_| {
        copy_button::attach();
        pending_change::watch();
        unsaved_changes::watch();
        session_expiry::watch();
        after_load::run_after_load();
        selection::attach();
        bulk_events::watch();
        type_to_confirm::watch();
    });
}
