//! What knows no domain: notices, blocked pages, commands, times, icons, and the islands that any page uses.

mod confirm_dialog;
mod page_life;

#[cfg(feature = "ssr")]
mod blocked;
#[cfg(feature = "ssr")]
mod command;
#[cfg(feature = "ssr")]
mod icon;
#[cfg(feature = "ssr")]
mod notice;
#[cfg(feature = "ssr")]
mod number;
#[cfg(feature = "ssr")]
mod time;

#[cfg(feature = "ssr")]
pub(crate) use self::{
    blocked::{blocked, empty},
    command::{code, command},
    confirm_dialog::ConfirmDialog,
    icon::key_icon,
    notice::{done, failed},
    number::{count, grouped},
    page_life::PageLife,
    time::{date, moment},
};
