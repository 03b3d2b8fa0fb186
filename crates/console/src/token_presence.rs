//! Whether a workspace still has a token, according to its list or to a look at the token itself.

use std::collections::HashSet;

use domain::TokenId;
use workspace_client::{Error as WorkspaceError, ErrorKind, TokenList};

use crate::Actor;

/// Whether the workspace has a token, according to a look.
pub(crate) enum TokenPresence {
    /// The workspace does not have the token.
    Exists,
    /// It does not have it.
    Gone,
    /// The look proves neither.
    Unreadable(WorkspaceError),
}

/// Looks for one token. Not found is not enough to be gone: an interface that is disabled or missing answers 404 too.
/// The token is gone if the workspace says so about this token, and another read works.
pub(crate) async fn look_for(actor: &Actor, id: &TokenId) -> TokenPresence {
    match actor.api().token(id).await {
        Ok(_) => TokenPresence::Exists,
        // The token exists; only its details cannot be read.
        Err(error) if matches!(error.kind, ErrorKind::Undecodable { .. }) => TokenPresence::Exists,
        Err(error) if error.is_missing_resource() => match actor.api().me().await {
            Ok(_) => TokenPresence::Gone,
            Err(error) => TokenPresence::Unreadable(error),
        },
        Err(error) => TokenPresence::Unreadable(error),
    }
}

/// The IDs of the tokens in one list.
pub(crate) struct ListedIds {
    ids: HashSet<TokenId>,
    /// Whether a token that is not among them is gone: the ID of every row could be read.
    is_complete: bool,
}

impl ListedIds {
    pub(crate) fn of(list: &TokenList) -> Self {
        let unreadable = list.unreadable.iter();
        let unreadable = unreadable.filter_map(|row| row.id.as_deref().map(TokenId::new));
        Self {
            // A workspace can also send an empty list by mistake, for a moment.
            is_complete: !list.tokens.is_empty() && list.unreadable.iter().all(|row| row.id.is_some()),
            ids: list
                .tokens
                .iter()
                .map(|token| token.id.clone())
                .chain(unreadable)
                .collect(),
        }
    }

    /// Whether the workspace has the token; `None` if the list does not show that, and the token has to be looked for.
    pub(crate) fn presence(&self, id: &TokenId) -> Option<TokenPresence> {
        match self.ids.contains(id) {
            true => Some(TokenPresence::Exists),
            false if self.is_complete => Some(TokenPresence::Gone),
            false => None,
        }
    }
}
