//! What changes a workspace: each is idempotent, confirmed by the workspace, and recorded.

pub mod create_token;
pub(crate) mod edit_access;
pub mod edit_comment;
pub mod edit_scopes;
pub mod revoke_token;
