//! The permission editor: who may create and use tokens. What is being edited lives in the address, from the first click
//! to the save, so that a failed save, a lost sign-in or a colleague who was faster loses nothing.

mod combobox;

#[cfg(feature = "ssr")]
mod address;
#[cfg(feature = "ssr")]
mod find;
#[cfg(feature = "ssr")]
mod grants;
#[cfg(feature = "ssr")]
mod loss;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod review;
#[cfg(feature = "ssr")]
mod save;

#[cfg(feature = "ssr")]
pub(crate) use self::{combobox::PrincipalPicker, find::FindPrincipalPage, page::PermissionsPage, review::ReviewPage};
