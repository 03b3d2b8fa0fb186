//! Reading and indexing the list of all tokens, which a workspace returns at once.

use std::sync::Arc;

use domain::{Inventory, Known, Timestamp, UnreadPart};
use store::Role;
use workspace_client::{Error as WorkspaceError, ErrorKind, TokenList as TokenRows, UnreadableRow};

use super::part::ReadResult;
use crate::Actor;
use crate::moment::Moment;

/// The list of tokens, without what other calls return about them.
pub(crate) struct TokenList {
    pub(crate) inventory: Inventory,
    /// Tokens that exist but could not be read.
    pub(crate) unreadable: Vec<UnreadableRow>,
    /// When the call was sent.
    pub(crate) began: Timestamp,
}

/// Reads all tokens from the workspace. If the actor is an admin, the response also proves it.
pub(crate) async fn read_rows(actor: &Actor) -> Result<TokenRows, WorkspaceError> {
    let began = Moment::now();
    let listed = actor.api().tokens().await?;
    // An auditor reads through the service principal, which proves nothing about the auditor.
    if actor.role == Role::Admin {
        // An empty object is not a list of tokens. Nothing is shown to others until another call proves the actor an
        // admin.
        if !listed.is_present {
            let proof = actor.api().prove_admin(actor.principal).await;
            // Someone who is no longer an admin gets such a response.
            if proof.as_ref().is_err_and(|error| !error.kind.is_outage()) {
                actor.workspace.proofs.end(&actor.sign_in);
            }
            proof?;
        }
        actor.workspace.proofs.record(&actor.sign_in, began);
    }
    Ok(listed)
}

/// Reads the list and indexes it.
pub(crate) async fn read(actor: &Actor) -> ReadResult<TokenList> {
    let began = Moment::now();
    let listed = read_rows(actor).await?;
    let (tokens, unreadable) = (listed.tokens, listed.unreadable);
    if !unreadable.is_empty() {
        let paths: Vec<_> = unreadable.iter().take(10).map(|row| row.path.as_str()).collect();
        tracing::warn!(
            workspace = actor.workspace.name(),
            rows = unreadable.len(),
            ?paths,
            "could not read some tokens"
        );
    }
    let (as_of, has_unreadable_rows) = (actor.workspace.time(), !unreadable.is_empty());
    let index = move || {
        let no_limit = Known::NotAvailable(UnreadPart::Policy);
        Inventory::new(tokens, Arc::default(), no_limit, as_of).with_unreadable_rows(has_unreadable_rows)
    };
    let list = TokenList {
        inventory: run_blocking(index).await?,
        unreadable,
        began: began.wall,
    };
    Ok((list, None))
}

/// Runs work that takes long for a large workspace in a thread of its own, so that it delays no one else.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, WorkspaceError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is ending: no one will see this page.
            Err(_) => Err(ErrorKind::Timeout.into()),
        },
    }
}
