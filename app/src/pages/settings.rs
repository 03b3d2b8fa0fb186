//! The settings of a workspace that bear on tokens: the switch, the limit on lifetimes, and who may use them.

mod advanced;
mod lifetime;
mod permissions_summary;
mod switch;

pub(crate) use advanced::AdvancedPage;
pub(crate) use switch::{NAME_MISMATCH, SwitchPage};
