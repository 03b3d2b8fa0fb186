//! What the islands do in the browser: they fetch the pages that links and forms lead to, and put the parts that
//! changed in place. Nothing here decides anything; the server's HTML does.
//!
//! It compiles for the server too, which never calls it: effects do not run there.

pub(crate) mod after_load;
pub(crate) mod bulk_events;
pub(crate) mod combobox;
pub(crate) mod confirm_dialog;
pub(crate) mod copy_button;
pub(crate) mod dom;
pub(crate) mod fetch;
pub(crate) mod hash_locally;
pub(crate) mod live_filter;
pub(crate) mod number;
pub(crate) mod page_behaviors;
pub(crate) mod pending_change;
pub(crate) mod selection;
pub(crate) mod session_expiry;
mod stylesheet_cache;
pub(crate) mod type_to_confirm;
pub(crate) mod unsaved_changes;
