//! The reasons why tokens of a bulk change are not sent.

use store::{BulkChange, PauseReason};

use crate::{Actor, Console, Error, RequestSource};

/// Why a token is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// The console is stopping.
    Stopping,
    /// Another instance may run the bulk change by now.
    LeaseEnded,
    /// Someone cancelled the rest.
    Cancelled,
    /// The bulk change is paused until the person who started it resumes it.
    Paused(PauseReason),
}

/// Why the person who started a bulk change cannot act.
pub(super) enum ActorError {
    /// It may resolve itself.
    Temporary,
    /// The person has to act.
    Permanent(PauseReason),
}

impl Console {
    /// The person who started a bulk change, with a fresh credential. While the bulk change runs, their session does
    /// not end for lack of requests.
    pub(super) async fn actor_of(&self, bulk: &BulkChange) -> Result<Actor, ActorError> {
        let request = RequestSource {
            id: bulk.request_id.clone(),
            client: bulk.client,
        };
        match self.actor(&bulk.workspace, &bulk.sign_in, request).await {
            Ok(actor) if self.ensure_can_change(&actor).is_err() => Err(ActorError::Permanent(PauseReason::ReadOnly)),
            Ok(actor) if super::is_own(bulk, &actor) => Ok(actor.with_stored_reason(&bulk.reason)),
            Ok(_) | Err(Error::SignedOut | Error::UnknownWorkspace) => {
                Err(ActorError::Permanent(PauseReason::SignedOut))
            }
            Err(error) if error.is_bad_credential() => Err(ActorError::Permanent(PauseReason::CredentialEnded)),
            Err(_) => Err(ActorError::Temporary),
        }
    }
}
