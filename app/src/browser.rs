//! What the islands do in the browser: they fetch the pages that links and forms lead to, and put the parts that
//! changed in place. Nothing here decides anything; the server's HTML does.
//!
//! It compiles for the server too, which never calls it: effects do not run there.

pub(crate) mod combobox;
pub(crate) mod copy;
pub(crate) mod dialog;
pub(crate) mod dom;
pub(crate) mod edits;
pub(crate) mod fetch;
pub(crate) mod filter;
pub(crate) mod later;
pub(crate) mod leak;
pub(crate) mod news;
pub(crate) mod pending;
pub(crate) mod pick;
pub(crate) mod session_end;
mod styles;
pub(crate) mod typed;
