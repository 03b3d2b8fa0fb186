//! What runs in the browser. Islands fetch the pages that links and forms lead to, and replace the parts that changed.
//! They make no decisions: the server's HTML does.
//!
//! The server compiles them too, to share their constants and texts, but never runs them.

pub(crate) mod after_load;
pub(crate) mod bulk_events;
pub(crate) mod combobox;
pub(crate) mod confirm_dialog;
pub(crate) mod connection;
pub(crate) mod copy_button;
pub(crate) mod dom;
mod early_filter;
pub(crate) mod fetch;
pub(crate) mod hash_locally;
pub(crate) mod history;
pub(crate) mod lifetime_preview;
pub(crate) mod live_filter;
pub(crate) mod long_urls;
pub(crate) mod menus;
pub(crate) mod number;
pub(crate) mod owner_suggestions;
pub(crate) mod page_behaviors;
pub(crate) mod part_loading;
pub(crate) mod pending_change;
pub(crate) mod permission_edits;
pub(crate) mod review_owners;
pub(crate) mod selection;
pub(crate) mod session_expiry;
pub(crate) mod shortcuts;
mod stylesheet_cache;
pub(crate) mod swap;
mod time_zone;
pub(crate) mod token_drawer;
pub(crate) mod token_list;
pub(crate) mod type_to_confirm;
pub(crate) mod unsaved_changes;
