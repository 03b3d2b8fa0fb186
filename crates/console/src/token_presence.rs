//! Whether a workspace still has a token, according to one look.

use domain::TokenId;
use workspace_client::{Error as WorkspaceError, ErrorKind};

use crate::Actor;

/// What a look shows.
pub(crate) enum TokenPresence {
    /// The workspace has the token.
    Exists,
    /// It does not have it.
    Gone,
    /// The look shows neither.
    Unreadable(WorkspaceError),
}

/// Looks for one token. Not found is not enough to be gone: an interface that is disabled or missing answers 404 too.
/// The token is gone if the workspace says so about this token, and another read works.
pub(crate) async fn look_for(actor: &Actor, id: &TokenId) -> TokenPresence {
    match actor.api().token(id).await {
        Ok(_) => TokenPresence::Exists,
        // It still exists; only its details cannot be read.
        Err(error) if matches!(error.kind, ErrorKind::Undecodable { .. }) => TokenPresence::Exists,
        Err(error) if error.is_missing_resource() => match actor.api().me().await {
            Ok(_) => TokenPresence::Gone,
            Err(error) => TokenPresence::Unreadable(error),
        },
        Err(error) => TokenPresence::Unreadable(error),
    }
}
