//! One token of a bulk change. A revocation is sent once. If its response was lost, the token is looked up before the
//! call is sent again.

use std::sync::Arc;
use std::time::Duration;

use store::{BulkChange, BulkItem, Detail, EventKind, PauseReason};
use tokio::time::{Instant, sleep};
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::adaptive_limiter::Permit;
use super::runner::BulkRun;
use super::stop::{ActorError, StopReason};
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Workspace};

/// How often a token is tried while the workspace fails.
pub(super) const MAX_SEND_ATTEMPTS: u32 = 6;

/// How often a waiting token checks whether it may still be sent.
const CREDENTIAL_POLL: Duration = Duration::from_secs(1);

/// How long to wait for a credential that cannot be refreshed: the machine may have started before its network.
const CREDENTIAL_TIMEOUT: Duration = Duration::from_mins(3);

/// The result of trying to revoke or change a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ItemOutcome {
    /// The workspace accepted it, or no longer has the token after a response was lost.
    Accepted,
    /// The response was lost, and a look could not show the effect. The list will show whether the token is gone.
    Unknown,
    /// The token was gone before this operation.
    AlreadyGone,
    /// An earlier attempt has set its scopes.
    AlreadySet,
    /// The token has other scopes than at the review. Nothing was sent.
    Outdated,
    /// The workspace refused, for this reason.
    Failed(Detail),
    /// The workspace has processed the new scopes of this token and refused them. That says nothing about others.
    Refused(Detail),
    /// Nothing was sent.
    NotSent(StopReason),
    /// A call was sent at some time, and it is unknown whether it had an effect.
    MaybeSent(StopReason),
}

/// The task of revoking or changing one token.
pub(super) struct ItemTask {
    pub(super) console: Console,
    pub(super) workspace: Arc<Workspace>,
    pub(super) bulk: BulkChange,
    pub(super) run: Arc<BulkRun>,
    pub(super) item: BulkItem,
    /// Whether a call may have been sent before: by this operation before the console was stopped, or by an earlier
    /// attempt whose effect is still unknown.
    pub(super) maybe_sent: bool,
}

impl ItemTask {
    pub(super) async fn run(self) -> (BulkItem, ItemOutcome) {
        let outcome = match (self.bulk.kind.sets_scopes(), self.item.scopes_plan()) {
            (false, _) => self.revoke().await,
            (true, Some(plan)) => self.set_scopes(&plan).await,
            (true, None) => ItemOutcome::Failed(Detail::ScopesNotStored),
        };
        (self.item, outcome)
    }

    async fn revoke(&self) -> ItemOutcome {
        // Whether this operation may have revoked the token, and whether a look has to come before the next call.
        let mut maybe_sent = self.maybe_sent;
        let mut must_look = self.maybe_sent || self.item.check_first;
        let (mut failures, mut last_error) = (0, Detail::Empty);
        while failures < MAX_SEND_ATTEMPTS {
            self.back_off(failures).await;
            let (permit, actor) = match self.permit(!must_look).await {
                Ok(allowed) => allowed,
                Err(reason) => return outcome_if_stopped(maybe_sent, reason),
            };
            if actor.own_token().as_ref() == Some(&self.item.token) {
                return ItemOutcome::Failed(Detail::OwnToken);
            }
            let api = actor.api().without_retries();
            let result = if must_look {
                self.report_to_limiter(permit, api.token(&self.item.token).await)
                    .map(drop)
            } else {
                self.report_to_limiter(permit, api.revoke(&self.item.token).await)
            };
            let error = match result {
                Ok(()) if must_look => {
                    must_look = false;
                    continue;
                }
                Ok(()) => return ItemOutcome::Accepted,
                Err(error) => error,
            };
            match SendFailure::of(&error) {
                SendFailure::NotThere if maybe_sent => return ItemOutcome::Accepted,
                // No call of this operation can have revoked it.
                SendFailure::NotThere => return ItemOutcome::AlreadyGone,
                SendFailure::RateLimited => {}
                SendFailure::ResponseLost => {
                    maybe_sent |= !must_look;
                    must_look = true;
                    failures += 1;
                }
                SendFailure::NoAccess(PauseReason::CredentialEnded) if self.renew(&actor).await => failures += 1,
                SendFailure::NoAccess(reason) => {
                    if admin_proof::prove_admin(&actor).await.is_err() {
                        return outcome_if_stopped(maybe_sent, StopReason::Paused(reason));
                    }
                    // The person is still an admin, so the refusal is about this token only.
                    last_error = detail_of_token(error);
                    break;
                }
                SendFailure::Rejected if !must_look => {
                    last_error = detail_of(error);
                    break;
                }
                SendFailure::Rejected => failures += 1,
            }
            last_error = detail_of(error);
        }
        match maybe_sent {
            true => ItemOutcome::Unknown,
            false => ItemOutcome::Failed(last_error),
        }
    }

    /// Waits before the next attempt after this many failures.
    pub(super) async fn back_off(&self, failures: u32) {
        if failures > 0 {
            sleep(self.console.0.timing.item_backoff * 2_u32.pow(failures - 1)).await;
        }
    }

    /// Replaces a credential that the workspace refused. Returns whether a new one is available.
    pub(super) async fn renew(&self, actor: &Actor) -> bool {
        let renewal = self
            .console
            .renew_credential(&self.workspace, actor.sign_in, &actor.own_credential);
        renewal.await.unwrap_or(false)
    }

    /// Waits for a permit of the workspace's limiter. While it waits, it checks that the call is still allowed: one
    /// that revokes or changes the token if `sends`, else one that reads it. The returned actor has a fresh credential.
    pub(super) async fn permit(&self, sends: bool) -> Result<(Permit<'_>, Actor), StopReason> {
        loop {
            self.ensure_allowed(sends).await?;
            tokio::select! {
                permit = self.workspace.limiter.acquire() => return Ok((permit, self.ensure_allowed(sends).await?)),
                () = self.run.cancelled(), if sends => {}
                () = sleep(CREDENTIAL_POLL) => {}
            }
        }
    }

    /// Reports to the limiter how a call ended, and tells the other instances if the workspace asked for a pause. The
    /// limiter learns nothing from a call without a response.
    pub(super) fn report_to_limiter<T>(
        &self,
        permit: Permit<'_>,
        result: Result<T, WorkspaceError>,
    ) -> Result<T, WorkspaceError> {
        match &result {
            Err(error) if is_limit(error) => {
                if let Some(pause) = error.retry_after() {
                    let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                    self.workspace.announce(EventKind::RateLimited { pause_ms });
                }
                permit.rate_limited(error.retry_after());
            }
            Err(error) if matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable(_)) => drop(permit),
            _ => permit.succeeded(),
        }
        result
    }

    /// The person who started the bulk change, with their credential; or why nothing may be called.
    pub(super) async fn ensure_allowed(&self, sends: bool) -> Result<Actor, StopReason> {
        let began = Instant::now();
        loop {
            if self.console.is_stopping() {
                return Err(StopReason::Stopping);
            }
            if sends && self.run.is_cancelled() {
                return Err(StopReason::Cancelled);
            }
            match self.console.actor_of(&self.bulk).await {
                // This check comes last, so that only the instance with the lease sends anything.
                Ok(_) if !self.run.held.is_held() => return Err(StopReason::LeaseEnded),
                Ok(actor) => return Ok(actor),
                Err(ActorError::Temporary) if began.elapsed() < CREDENTIAL_TIMEOUT => sleep(CREDENTIAL_POLL).await,
                Err(ActorError::Temporary) => return Err(StopReason::Paused(PauseReason::WorkspaceFails)),
                Err(ActorError::Permanent(reason)) => return Err(StopReason::Paused(reason)),
            }
        }
    }
}

/// The outcome of a token that is not sent, or not sent again.
pub(super) fn outcome_if_stopped(maybe_sent: bool, reason: StopReason) -> ItemOutcome {
    match maybe_sent {
        true => ItemOutcome::MaybeSent(reason),
        false => ItemOutcome::NotSent(reason),
    }
}

/// What the activity log says about a failed call. Details that only the operator can use go to the server log.
pub(super) fn detail_of(error: WorkspaceError) -> Detail {
    if !is_limit(&error) {
        tracing::info!(%error, workspace_message = error.message(), "call for a token of a bulk change failed");
    }
    (&Error::from(error)).into()
}

/// Like [`detail_of`], for an admin who was refused for this token only.
pub(super) fn detail_of_token(error: WorkspaceError) -> Detail {
    let is_of_admin = error.kind == ErrorKind::NotAllowed;
    match (is_of_admin, detail_of(error)) {
        (true, _) => Detail::Error("refused for this token".to_owned()),
        (false, detail) => detail,
    }
}

fn is_limit(error: &WorkspaceError) -> bool {
    matches!(
        error.kind,
        ErrorKind::RateLimited { .. } | ErrorKind::Server { status: 503, .. }
    )
}

/// A failed call, by how to proceed.
pub(super) enum SendFailure {
    /// The token is gone.
    NotThere,
    /// The call was not processed: send it again as soon as the limiter allows.
    RateLimited,
    /// The call may have been carried out.
    ResponseLost,
    /// The person was refused.
    NoAccess(PauseReason),
    /// The call was processed and rejected.
    Rejected,
}

impl SendFailure {
    pub(super) fn of(error: &WorkspaceError) -> Self {
        match &error.kind {
            ErrorKind::RateLimited { .. } if !error.is_ambiguous() => Self::RateLimited,
            _ if error.is_missing_resource() => Self::NotThere,
            // Any other 404 means a missing or disabled interface, or comes from a gateway: a look decides.
            _ if error.is_ambiguous() || error.status() == Some(404) => Self::ResponseLost,
            _ => pause_reason(error).map_or(Self::Rejected, Self::NoAccess),
        }
    }
}

/// Why a bulk change has to be paused after this refusal, if it is about the person.
pub(super) fn pause_reason(error: &WorkspaceError) -> Option<PauseReason> {
    match &error.kind {
        ErrorKind::BadCredential => Some(PauseReason::CredentialEnded),
        ErrorKind::FeatureOff { .. } => Some(PauseReason::NotAllowed),
        kind if kind.is_about_caller() => Some(PauseReason::NotAllowed),
        _ => None,
    }
}
