//! Revoking one token of a job: sent, and where its answer is lost, looked up before it is sent again.

use std::time::Duration;

use domain::TokenId;
use store::PausedBecause;
use tokio::time::sleep;
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::pace::Pace;
use crate::Actor;

/// Times that a token is tried while the workspace fails, before it counts as failed.
const TRIES: u32 = 6;

/// The first pause after a failure; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The workspace said yes.
    Accepted,
    /// The workspace does not have it any more, after an answer of ours was lost.
    Gone,
    /// It had been gone before.
    GoneBefore,
    /// The workspace refused, or failed each time; in words.
    Failed(String),
    /// It is certain that nothing was done, and nothing more can be with this credential.
    Stopped(PausedBecause),
    /// The same, but whether it was done is not known.
    StoppedUnsure(PausedBecause),
}

/// Revokes `token`. With `look_first` it may have been sent before.
pub(super) async fn revoke(actor: &Actor, pace: &Pace, token: &TokenId, look_first: bool) -> Verdict {
    let (mut unsure, mut failures, mut last) = (look_first, 0, String::new());
    while failures < TRIES {
        if failures > 0 {
            sleep(FIRST_PAUSE * 2_u32.pow(failures - 1)).await;
        }
        let result = if unsure {
            match ask(pace, actor.api().once().token(token)).await {
                Ok(_) => {
                    unsure = false;
                    continue;
                }
                Err(error) => Err(error),
            }
        } else {
            ask(pace, actor.api().once().revoke(token)).await
        };
        let error = match result {
            Ok(()) => return Verdict::Accepted,
            Err(error) => error,
        };
        match Heard::of(&error) {
            Heard::NotThere if unsure => return Verdict::Gone,
            // Nothing of ours is on its way, so somebody else was quicker.
            Heard::NotThere => return Verdict::GoneBefore,
            Heard::Wait => {}
            Heard::Lost => {
                unsure = true;
                failures += 1;
            }
            Heard::No(because) if unsure => return Verdict::StoppedUnsure(because),
            Heard::No(because) => return Verdict::Stopped(because),
            Heard::Refused if !unsure => return Verdict::Failed(words(&error)),
            Heard::Refused => failures += 1,
        }
        last = words(&error);
    }
    if unsure {
        last.push_str(" Whether it was revoked is not known: look at the token.");
    }
    Verdict::Failed(last)
}

/// Makes a call at the workspace's pace.
async fn ask<T>(pace: &Pace, call: impl Future<Output = Result<T, WorkspaceError>>) -> Result<T, WorkspaceError> {
    let slot = pace.slot().await;
    let result = call.await;
    match &result {
        Err(error) if is_limit(error) => slot.limited(error.retry_after()),
        Err(error) if matches!(error.kind, ErrorKind::Timeout | ErrorKind::Unreachable) => drop(slot),
        _ => slot.answered(),
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
enum Heard {
    /// The token is gone.
    NotThere,
    /// It was not looked at: ask again, when the pace lets.
    Wait,
    /// The call may have been carried out.
    Lost,
    /// The credential does not do.
    No(PausedBecause),
    /// It was looked at and refused.
    Refused,
}

impl Heard {
    fn of(error: &WorkspaceError) -> Self {
        use ErrorKind as Kind;
        match &error.kind {
            Kind::NotFound => Self::NotThere,
            Kind::RateLimited { .. } => Self::Wait,
            Kind::BadCredential => Self::No(PausedBecause::CredentialEnded),
            Kind::NotAllowed
            | Kind::TokensNotAllowed
            | Kind::ScopeMissing
            | Kind::IpBlocked
            | Kind::FeatureOff { .. } => Self::No(PausedBecause::NotAllowed),
            Kind::Timeout
            | Kind::Unreachable
            | Kind::Html
            | Kind::Redirect
            | Kind::TooLarge
            | Kind::Undecodable { .. }
            | Kind::Server { .. } => Self::Lost,
            Kind::NoTokenYet | Kind::Rejected | Kind::OAuthRefused { .. } | Kind::ForeignEndpoint => Self::Refused,
        }
    }
}

fn words(error: &WorkspaceError) -> String {
    error.to_string()
}
