//! The permission editor: who can create and use tokens. The URL contains unsaved changes from the first click until
//! they are saved, so that a failed save, an ended session or a colleague's change loses nothing.

mod edit_state;
mod editor;
mod exact_name;
mod find;
mod grants;
mod grants_table;
mod review;
mod save;
mod unavailable;

pub(crate) use self::editor::PermissionsPage;
pub(crate) use self::find::FindPrincipalPage;
pub(crate) use self::review::ReviewPage;
