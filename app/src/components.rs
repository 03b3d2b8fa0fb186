//! What knows no domain: notices, blocked pages, commands, times, icons, and the islands that any page uses.

mod direction;
mod error_page;
mod icon;
mod notice;
mod number;
mod snippet;
mod time;

pub(crate) use self::direction::show_directions;
pub(crate) use self::error_page::{blocked, empty};
pub(crate) use self::icon::key_icon;
pub(crate) use self::notice::{done, failed};
pub(crate) use self::number::count;
pub(crate) use self::snippet::{code, command};
pub(crate) use self::time::{date, moment};
pub(crate) use crate::islands::confirm_dialog::ConfirmDialog;
pub(crate) use crate::islands::number::grouped;
pub(crate) use crate::islands::page_behaviors::PageBehaviors;
