//! Setting the scopes of one token of a bulk change: the token is read before each call, and changed only if it is
//! as it was at the review.

use domain::{ScopesPlan, Token};
use store::{Detail, PauseReason};
use workspace_client::{Error as WorkspaceError, ErrorKind};

use super::item::{
    ItemOutcome, ItemTask, MAX_SEND_ATTEMPTS, SendFailure, detail_of, detail_of_token, outcome_if_stopped,
};
use super::scopes_draft::still_applies;
use super::stop::StopReason;
use crate::Actor;
use crate::sign_in::admin_proof;

impl ItemTask {
    pub(super) async fn set_scopes(&self, plan: &ScopesPlan) -> ItemOutcome {
        // Whether this operation may have set the scopes.
        let mut maybe_sent = self.maybe_sent;
        let (mut failures, mut last_error) = (0, Detail::Empty);
        while failures < MAX_SEND_ATTEMPTS {
            self.back_off(failures).await;
            // A token that was sent is looked up even if nothing more may be sent.
            let (permit, actor) = match self.permit(!maybe_sent).await {
                Ok(allowed) => allowed,
                Err(reason) => return outcome_if_stopped(maybe_sent, reason),
            };
            if actor.own_token().as_ref() == Some(&self.item.token) && !plan.keeps_all() {
                return match maybe_sent {
                    true => ItemOutcome::Unknown,
                    false => ItemOutcome::Failed(Detail::OwnTokenScopes),
                };
            }
            let (result, is_sent) = self.look_and_send(plan, &actor, maybe_sent).await;
            let error = match self.report_to_limiter(permit, result) {
                Ok(outcome) => return outcome,
                Err(error) => error,
            };
            match SendFailure::of(&error) {
                SendFailure::NotThere => return ItemOutcome::AlreadyGone,
                SendFailure::RateLimited => {}
                // The workspace does not offer this call, so nothing was changed. That is certain here, but not for a
                // revocation.
                SendFailure::ResponseLost if is_sent && !error.is_ambiguous() => {
                    last_error = detail_of(error);
                    break;
                }
                SendFailure::ResponseLost => {
                    maybe_sent |= is_sent;
                    failures += 1;
                }
                SendFailure::NoAccess(PauseReason::CredentialEnded) if self.renew(&actor).await => failures += 1,
                SendFailure::NoAccess(reason) => {
                    if admin_proof::prove_admin(&actor).await.is_err() {
                        return outcome_if_stopped(maybe_sent, StopReason::Paused(reason));
                    }
                    // The person is still an admin, so it is about this token only.
                    last_error = detail_of_token(error);
                    break;
                }
                SendFailure::Rejected if is_sent && !maybe_sent && is_refusal(&error) => {
                    return ItemOutcome::Refused(detail_of(error));
                }
                SendFailure::Rejected if is_sent => {
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

    /// Reads the token, and sets its scopes if they are as they were at the review. Also returns whether the call was
    /// sent.
    async fn look_and_send(
        &self,
        plan: &ScopesPlan,
        actor: &Actor,
        maybe_sent: bool,
    ) -> (Result<ItemOutcome, WorkspaceError>, bool) {
        let api = actor.api().without_retries();
        let token = match api.token(&self.item.token).await {
            Ok(token) => token,
            Err(error) => return (Err(error), false),
        };
        if let Some(outcome) = self.outcome_before_sending(plan, &token, maybe_sent) {
            return (Ok(outcome), false);
        }
        // Someone can have cancelled the rest while it was read.
        if let Err(reason) = self.ensure_allowed(true).await {
            return (Ok(outcome_if_stopped(maybe_sent, reason)), false);
        }
        let sent = api.set_scopes(&self.item.token, &plan.after).await;
        (sent.map(|_| ItemOutcome::Accepted), true)
    }

    /// Why the call is not sent, or not sent again. `None` if the token is as it was at the review.
    fn outcome_before_sending(&self, plan: &ScopesPlan, token: &Token, maybe_sent: bool) -> Option<ItemOutcome> {
        match plan.is_confirmed(token) {
            true if maybe_sent => return Some(ItemOutcome::Accepted),
            true if self.item.check_first => return Some(ItemOutcome::AlreadySet),
            _ => {}
        }
        match (still_applies(self.bulk.kind, plan, token), maybe_sent) {
            (true, _) => None,
            // Verifying the bulk change shows which scopes the token has.
            (false, true) => Some(ItemOutcome::Unknown),
            (false, false) => Some(ItemOutcome::Outdated),
        }
    }
}

/// Whether the workspace refused the request itself, with an error code.
fn is_refusal(error: &WorkspaceError) -> bool {
    let code = error.upstream.as_ref().and_then(|upstream| upstream.code.as_ref());
    error.kind == ErrorKind::Rejected && error.status() == Some(400) && code.is_some()
}
