//! Who has lately been proven to be an admin of a workspace, and so may read what others fetched.
//!
//! The proof is an answer of the token management itself: `Me` alone proves nothing, since a token that is scoped to
//! `scim` shows the group `admins` too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::Timestamp;
use store::{Role, SignInId};

use crate::{Actor, Error, now};

/// How long a proof holds, in milliseconds.
const PROOF_TTL: Duration = Duration::from_mins(5);

/// When each sign-in was last proven.
#[derive(Default)]
pub(crate) struct Proofs(Mutex<HashMap<SignInId, Timestamp>>);

impl Proofs {
    pub(crate) fn record(&self, sign_in: &SignInId, at: Timestamp) {
        let mut proofs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.retain(|_, proven| at.duration_since(*proven) < PROOF_TTL);
        proofs.insert(*sign_in, at);
    }

    pub(crate) fn end(&self, sign_in: &SignInId) {
        let mut proofs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        proofs.remove(sign_in);
    }

    pub(crate) fn is_valid(&self, sign_in: &SignInId, at: Timestamp) -> bool {
        let proofs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        proofs
            .get(sign_in)
            .is_some_and(|proven| at.duration_since(*proven) < PROOF_TTL)
    }
}

/// Makes sure that `actor` has been what they signed in as within the last five minutes, by asking the workspace where needed.
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

/// Asks the workspace now, whatever was proven before.
pub(crate) async fn prove_admin(actor: &Actor) -> Result<(), Error> {
    let asked = now();
    actor.end_proof_if_refused(actor.api().tokens_created_by(actor.principal).await)?;
    actor.workspace.proofs.record(&actor.sign_in, asked);
    Ok(())
}
