//! Reading a workspace's policy: whether tokens are enabled, and how long new ones can last.

use domain::{Policy, Timestamp};

use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, now};

impl Console {
    /// The policy, read now, and when that was.
    ///
    /// # Errors
    /// Whatever keeps it from being read.
    pub async fn policy(&self, actor: &Actor) -> Result<(Policy, Timestamp), Error> {
        admin_proof::ensure_admin(actor).await?;
        let policy = actor.end_proof_if_refused(actor.api().policy().await)?;
        let snapshots = &actor.workspace.snapshots;
        // It was changed elsewhere: no page may still show the old one.
        if snapshots
            .current()
            .is_some_and(|s| s.policy.as_ref().is_ok_and(|shown| *shown != policy))
        {
            snapshots.invalidate();
        }
        Ok((policy, now()))
    }
}
