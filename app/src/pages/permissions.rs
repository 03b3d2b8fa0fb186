//! The permission editor: who may create and use tokens. What is being edited lives in the address, from the first click
//! to the save, so that a failed save, a lost sign-in or a colleague who was faster loses nothing.

mod edit_state;
mod editor;
mod find;
mod grants;
mod impact;
mod review;
mod save;

pub(crate) use self::editor::PermissionsPage;
pub(crate) use self::find::FindPrincipalPage;
pub(crate) use self::review::ReviewPage;
