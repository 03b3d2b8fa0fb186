//! What every page does once scripts run.

use leptos::prelude::*;

use super::swap::on_swap;
use super::{
    after_load, bulk_events, combobox, connection, copy_button, hash_locally, live_filter, part_loading,
    pending_change, review_owners, selection, session_expiry, type_to_confirm, unsaved_changes,
};

/// Starts what every page does: copy buttons, polling while a change is not confirmed yet, a question before unsaved
/// changes are left, a warning before the session ends, what can wait until after loading, selecting rows, events of
/// bulk revocations, parts that are loading, typed confirmations, ticked
/// owners, and a connection that is gone. It renders nothing.
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
        part_loading::watch();
        type_to_confirm::watch();
        connection::watch();
        review_owners::watch();
        hash_locally::watch_search();
        // Here and not in their own islands: a page that is put in place can have them when the first one did not.
        on_swap(live_filter::attach_in_page);
        on_swap(combobox::attach_in_page);
        on_swap(part_loading::watch);
        on_swap(type_to_confirm::update_buttons);
    });
}
