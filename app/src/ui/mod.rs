//! What knows no domain: notices, blocked pages, commands, times, icons, and the islands that any page uses.

mod confirm_dialog;
mod number;
mod page_life;

#[cfg(feature = "ssr")]
mod blocked;
#[cfg(feature = "ssr")]
mod command;
#[cfg(feature = "ssr")]
mod direction;
#[cfg(feature = "ssr")]
mod icon;
#[cfg(feature = "ssr")]
mod notice;
#[cfg(feature = "ssr")]
mod time;

pub(crate) use self::number::grouped;
#[cfg(feature = "ssr")]
pub(crate) use self::{
    blocked::{blocked, empty},
    command::{code, command},
    confirm_dialog::ConfirmDialog,
    direction::show_directions,
    icon::key_icon,
    notice::{done, failed},
    number::count,
    page_life::PageLife,
    time::{date, moment},
};
