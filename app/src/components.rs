//! What knows no domain: notices, blocked pages, commands, times, icons, and the islands that any page uses.

mod direction;
mod error_page;
mod icon;
mod notice;
mod number;
mod snippet;
mod time;

pub(crate) use self::direction::show_directions;
pub(crate) use self::error_page::{empty_state, error_card};
pub(crate) use self::icon::key_icon;
pub(crate) use self::notice::{error_notice, success_notice};
pub(crate) use self::number::count_of;
pub(crate) use self::snippet::{code, snippet};
pub(crate) use self::time::{date, date_time};
pub(crate) use crate::islands::confirm_dialog::ConfirmDialog;
pub(crate) use crate::islands::number::group_digits;
pub(crate) use crate::islands::page_behaviors::PageBehaviors;
