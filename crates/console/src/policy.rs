//! Reading a workspace's policy: whether tokens are enabled, and how long new ones can last.

use domain::{Policy, Timestamp};

use crate::moment::Moment;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

impl Console {
    /// The policy, read now, and when that was.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub async fn policy(&self, actor: &Actor) -> Result<(Policy, Timestamp), Error> {
        admin_proof::ensure_admin(actor).await?;
        let asked_at = Moment::now();
        let policy = actor.end_proof_if_refused(actor.api().policy().await)?;
        let part = &actor.workspace.parts.policy;
        // It was changed elsewhere: no page may still show the old one.
        if part.last().is_some_and(|shown| *shown != policy) {
            part.store(policy, asked_at);
        }
        Ok((policy, now()))
    }
}
