//! Reading a workspace's policy: whether tokens are enabled, and how long new ones can last.

use domain::{AdminRestriction, Policy, Timestamp};
use store::{ChangedPart, EventKind};
use tokio::time::timeout;

use crate::moment::Moment;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

impl Console {
    /// The policy, read now, and when that was.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn policy(&self, actor: &Actor) -> Result<(Policy, Timestamp), Error> {
        admin_proof::ensure_admin(actor).await?;
        let (asked_at, generation) = (Moment::now(), actor.workspace.parts.policy.generation());
        let policy = actor.end_proof_if_refused(actor.api().policy().await)?;
        let parts = &actor.workspace.parts;
        // The policy was changed elsewhere: cached pages must not show the old one, and the tokens can have changed
        // too.
        if parts.policy.last().is_some_and(|shown| *shown != policy) {
            parts.policy.store(policy, asked_at, generation);
            parts.tokens.invalidate();
            actor.workspace.announce(EventKind::PartsChanged {
                parts: vec![ChangedPart::Policy, ChangedPart::Tokens],
            });
        }
        Ok((policy, now()))
    }

    /// Whether workspace admins can create tokens for any service principal, read now. `None` means not known: the
    /// workspace does not have the setting, does not show it, or takes long. It never means that they can.
    pub async fn admin_restriction(&self, actor: &Actor) -> Option<AdminRestriction> {
        let api = actor.api();
        timeout(self.0.timing.stale_wait, api.admin_restriction())
            .await
            .ok()?
            .ok()
    }

    /// The policy for a page that also shows something else: read now, and `None` if it cannot be read or takes long.
    pub async fn shown_policy(&self, actor: &Actor) -> Option<Policy> {
        let reading = timeout(self.0.timing.stale_wait, self.policy(actor));
        reading.await.ok()?.ok().map(|(policy, _)| policy)
    }
}
