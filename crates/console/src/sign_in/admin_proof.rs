//! Who has recently been proven to be an admin of a workspace, and can therefore read what others fetched.
//!
//! The proof is a response of the token management API itself, with the list that was asked for
//! (`workspace_client::Api::prove_admin`). `Me` alone proves nothing, since a token with only the scope `scim` shows
//! the group `admins` too.

use std::time::Duration;

use domain::Timestamp;
use moka::sync::Cache;
use store::{Role, SignInId};

use crate::cache::expiring;
use crate::{Actor, Error, now};

/// How long a proof is valid.
const PROOF_TTL: Duration = Duration::from_mins(5);

const MAX_PROOFS: u64 = 10_000;

/// When the person behind each sign-in was last proven.
///
/// A proof is as old as the call that it comes from, not as its entry in the cache, so its age is checked here too.
pub(crate) struct Proofs(Cache<SignInId, Timestamp>);

impl Default for Proofs {
    fn default() -> Self {
        Self(expiring(MAX_PROOFS, PROOF_TTL))
    }
}

impl Proofs {
    /// Records a proof by a call that was sent at `at`.
    pub(crate) fn record(&self, sign_in: &SignInId, at: Timestamp) {
        self.0.insert(*sign_in, at);
    }

    pub(crate) fn end(&self, sign_in: &SignInId) {
        self.0.invalidate(sign_in);
    }

    pub(crate) fn is_valid(&self, sign_in: &SignInId, at: Timestamp) -> bool {
        self.0
            .get(sign_in)
            .is_some_and(|proven| at.duration_since(proven) < PROOF_TTL)
    }
}

/// Makes sure that the actor was an admin or auditor, as they signed in, within the last five minutes. Asks the
/// workspace if needed.
pub(crate) async fn ensure_admin(actor: &Actor) -> Result<(), Error> {
    if actor.role == Role::Auditor {
        return actor.workspace.prove_auditor(&actor.sign_in, &actor.own).await;
    }
    let proofs = &actor.workspace.proofs;
    if proofs.is_valid(&actor.sign_in, now()) {
        return Ok(());
    }
    prove_admin(actor).await
}

/// Asks the workspace now, even if there is a valid proof.
pub(crate) async fn prove_admin(actor: &Actor) -> Result<(), Error> {
    let asked_at = now();
    actor.end_proof_if_refused(actor.api().prove_admin(actor.principal).await)?;
    actor.workspace.proofs.record(&actor.sign_in, asked_at);
    Ok(())
}
