//! The settings of a workspace for tokens: the switch, the maximum lifetime, and who can use them.

mod advanced;
mod lifetime;
mod lifetime_picture;
mod permissions_summary;
mod restriction;
mod switch;
mod switch_confirm;

pub(crate) use advanced::AdvancedPage;
pub(crate) use restriction::restriction_notice;
pub(crate) use switch_confirm::SwitchPage;
