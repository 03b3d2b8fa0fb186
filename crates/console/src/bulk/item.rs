//! Revoking one token of a job: sent, and where its answer is lost, looked up before it is sent again.

use std::sync::Arc;
use std::time::Duration;

use store::{BulkItem, BulkRevocation, PauseReason};
use tokio::time::{Instant, sleep};
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::adaptive_limiter::Permit;
use super::runner::BulkRun;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Workspace};

/// Times that a token is tried while the workspace fails, before it is left.
const MAX_SEND_ATTEMPTS: u32 = 6;

/// The first pause after a failure; it doubles.
const INITIAL_BACKOFF: Duration = Duration::from_millis(100);

/// How often a token that waits for its turn looks whether it may still be sent.
const CREDENTIAL_POLL: Duration = Duration::from_secs(1);

/// How long a credential that cannot be made fresh is waited for: the machine may have started before its network.
const CREDENTIAL_TIMEOUT: Duration = Duration::from_secs(180);

/// What keeps a token from being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// The console is to stop.
    Stopping,
    /// Somebody cancelled the rest.
    Cancelled,
    /// The job has to wait for who started it.
    Paused(PauseReason),
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ItemOutcome {
    /// The workspace said yes, or does not have it any more after an answer of ours was lost.
    Accepted,
    /// No answer came, and none can be found out now: the list will tell.
    Unknown,
    /// It had been gone before.
    AlreadyGone,
    /// The workspace refused; in words.
    Failed(String),
    /// Nothing was sent.
    NotSent(StopReason),
    /// It was sent at some time, and whether it was done is not known.
    MaybeSent(StopReason),
}

/// A token's turn.
pub(super) struct ItemTask {
    pub(super) console: Console,
    pub(super) workspace: Arc<Workspace>,
    pub(super) job: BulkRevocation,
    pub(super) run: Arc<BulkRun>,
    pub(super) item: BulkItem,
    /// Whether it may have been sent before.
    pub(super) look_first: bool,
}

impl ItemTask {
    /// Revokes the token.
    pub(super) async fn run(self) -> (BulkItem, ItemOutcome) {
        let verdict = self.revoke().await;
        (self.item, verdict)
    }

    async fn revoke(&self) -> ItemOutcome {
        // Whether the last call may have been carried out, and whether any of them may.
        let (mut unsure, mut ever_unsure) = (self.look_first, self.look_first);
        let (mut failures, mut last) = (0, String::new());
        while failures < MAX_SEND_ATTEMPTS {
            if failures > 0 {
                sleep(INITIAL_BACKOFF * 2_u32.pow(failures - 1)).await;
            }
            let (slot, actor) = match self.slot(!unsure).await {
                Ok(may) => may,
                Err(halt) if unsure => return ItemOutcome::MaybeSent(halt),
                Err(halt) => return ItemOutcome::NotSent(halt),
            };
            if actor.own_token().as_ref() == Some(&self.item.token) {
                return ItemOutcome::Failed("this session rides on it: revoke it by itself".to_owned());
            }
            let api = actor.api().without_retries();
            let result = if unsure {
                report_to_limiter(slot, api.token(&self.item.token).await).map(drop)
            } else {
                report_to_limiter(slot, api.revoke(&self.item.token).await)
            };
            let error = match result {
                Ok(()) if unsure => {
                    unsure = false;
                    continue;
                }
                Ok(()) => return ItemOutcome::Accepted,
                Err(error) => error,
            };
            match SendFailure::of(&error) {
                SendFailure::NotThere if ever_unsure => return ItemOutcome::Accepted,
                // Nothing of ours was ever on its way, so somebody else was quicker.
                SendFailure::NotThere => return ItemOutcome::AlreadyGone,
                SendFailure::Wait => {}
                SendFailure::Lost => {
                    (unsure, ever_unsure) = (true, true);
                    failures += 1;
                }
                // Of this token only, where the person may do the like of it.
                SendFailure::No(_) if admin_proof::prove_admin(&actor).await.is_ok() => {
                    return ItemOutcome::Failed(error.to_string());
                }
                SendFailure::No(because) if unsure => return ItemOutcome::MaybeSent(StopReason::Paused(because)),
                SendFailure::No(because) => return ItemOutcome::NotSent(StopReason::Paused(because)),
                SendFailure::Refused if !unsure => return ItemOutcome::Failed(error.to_string()),
                SendFailure::Refused => failures += 1,
            }
            last = error.to_string();
        }
        if unsure {
            ItemOutcome::Unknown
        } else {
            ItemOutcome::Failed(last)
        }
    }

    /// Waits for the workspace's pace, and looks all the while whether the token may still be `sent`. The credential is fresh.
    async fn slot(&self, sent: bool) -> Result<(Permit<'_>, Actor), StopReason> {
        loop {
            self.ensure_allowed(sent).await?;
            tokio::select! {
                slot = self.workspace.pace.acquire() => return Ok((slot, self.ensure_allowed(sent).await?)),
                () = sleep(CREDENTIAL_POLL) => {}
            }
        }
    }

    /// Who started the job, with their credential; or why not.
    async fn ensure_allowed(&self, sent: bool) -> Result<Actor, StopReason> {
        let began = Instant::now();
        loop {
            if self.console.is_stopping() {
                return Err(StopReason::Stopping);
            }
            if sent && self.run.is_cancelled() {
                return Err(StopReason::Cancelled);
            }
            match self.console.actor_of(&self.job).await {
                Ok(actor) => return Ok(actor),
                Err(ActorError::Temporary) if began.elapsed() < CREDENTIAL_TIMEOUT => sleep(CREDENTIAL_POLL).await,
                Err(ActorError::Temporary) => return Err(StopReason::Paused(PauseReason::WorkspaceFails)),
                Err(ActorError::Permanent(because)) => return Err(StopReason::Paused(because)),
            }
        }
    }
}

/// Why a job's starter cannot act.
pub(super) enum ActorError {
    /// It may pass by itself.
    Temporary,
    /// Somebody has to do something.
    Permanent(PauseReason),
}

impl Console {
    /// Who started a job, with their credential, kept fresh. Their sign-in does not end by idling while it works.
    pub(super) async fn actor_of(&self, job: &BulkRevocation) -> Result<Actor, ActorError> {
        match self.actor(&job.workspace, &job.sign_in, &job.request_id).await {
            Ok(actor) if self.ensure_can_change(&actor).is_err() => Err(ActorError::Permanent(PauseReason::ReadOnly)),
            Ok(actor) if super::is_own(job, &actor) => Ok(actor.with_reason(&job.reason)),
            Ok(_) | Err(Error::SignedOut | Error::UnknownWorkspace) => {
                Err(ActorError::Permanent(PauseReason::SignedOut))
            }
            Err(error) if error.is_bad_credential() => Err(ActorError::Permanent(PauseReason::CredentialEnded)),
            Err(_) => Err(ActorError::Temporary),
        }
    }
}

/// Tells the pace how a call was answered. One without an answer tells it nothing.
fn report_to_limiter<T>(slot: Permit<'_>, result: Result<T, WorkspaceError>) -> Result<T, WorkspaceError> {
    match &result {
        Err(error) if is_limit(error) => slot.rate_limited(error.retry_after()),
        Err(error) if matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable) => drop(slot),
        _ => slot.succeeded(),
    }
    result
}

fn is_limit(error: &WorkspaceError) -> bool {
    matches!(
        error.kind,
        ErrorKind::RateLimited { .. } | ErrorKind::Server { status: 503, .. }
    )
}

/// A failure, by what follows from it.
enum SendFailure {
    /// The token is gone.
    NotThere,
    /// It was not looked at: ask again, when the pace lets.
    Wait,
    /// The call may have been carried out.
    Lost,
    /// The credential does not do.
    No(PauseReason),
    /// It was looked at and refused.
    Refused,
}

impl SendFailure {
    fn of(error: &WorkspaceError) -> Self {
        use ErrorKind as Kind;
        match &error.kind {
            Kind::NotFound => Self::NotThere,
            Kind::RateLimited { .. } => Self::Wait,
            Kind::BadCredential => Self::No(PauseReason::CredentialEnded),
            Kind::NotAllowed
            | Kind::TokensNotAllowed
            | Kind::ScopeMissing
            | Kind::IpBlocked
            | Kind::FeatureOff { .. } => Self::No(PauseReason::NotAllowed),
            Kind::Timeout
            | Kind::Unreachable
            | Kind::UnexpectedHtml
            | Kind::Redirect
            | Kind::TooLarge
            | Kind::Undecodable { .. }
            | Kind::Server { .. } => Self::Lost,
            Kind::NoTokenYet | Kind::Rejected | Kind::OAuthRefused { .. } | Kind::ForeignEndpoint => Self::Refused,
        }
    }
}
