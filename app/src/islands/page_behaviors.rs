//! What every page does once scripts run.

use super::swap::on_swap;
use super::{
    after_load, bulk_events, combobox, confirm_dialog, connection, copy_button, hash_locally, history,
    lifetime_preview, live_filter, menus, owner_suggestions, part_loading, pending_change, permission_edits,
    review_owners, selection, session_expiry, shortcuts, time_zone, token_drawer, token_list, type_to_confirm,
    unsaved_changes,
};

/// Starts the scripts of every page. Each finds its elements by attributes in the server's HTML. They do not use
/// Leptos' own islands, which would add wrapper elements, code to read properties, and the reactive runtime, and made
/// the WebAssembly a fifth larger: the server renders everything, so none of that is needed.
///
/// They are: copy buttons, polling for unconfirmed changes, a question before unsaved changes are left, the permission
/// editor, a warning before the session ends, work after loading, row selection, events of bulk revocations, parts that
/// are loading, the drawer, typed confirmations, ticked owners, a lost connection, and the browser's time zone.
pub fn start() {
    copy_button::attach();
    pending_change::watch();
    unsaved_changes::watch();
    permission_edits::watch();
    session_expiry::watch();
    after_load::run_after_load();
    selection::attach();
    token_list::watch();
    shortcuts::watch();
    menus::watch();
    owner_suggestions::watch();
    history::watch();
    bulk_events::watch();
    bulk_events::watch_bar();
    part_loading::watch();
    type_to_confirm::watch();
    connection::watch();
    token_drawer::watch();
    review_owners::watch();
    hash_locally::watch();
    confirm_dialog::attach();
    live_filter::attach_in_page();
    lifetime_preview::watch();
    combobox::attach_in_page();
    time_zone::offer();
    on_swap(live_filter::attach_in_page);
    on_swap(combobox::attach_in_page);
    on_swap(part_loading::watch);
    on_swap(type_to_confirm::update_buttons);
}
