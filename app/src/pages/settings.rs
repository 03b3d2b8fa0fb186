//! The settings of a workspace for tokens: the switch, the maximum lifetime, and who can use them.

mod advanced;
mod lifetime;
mod permissions_summary;
mod switch;

pub(crate) use advanced::AdvancedPage;
pub(crate) use switch::SwitchPage;
