//! Who has recently been proven to be an admin of a workspace, and can therefore read what others fetched.
//!
//! The proof is a response of the token management API itself, with the list that was asked for
//! (`workspace_client::Api::prove_admin`). `Me` alone proves nothing, since a token with only the scope `scim` shows
//! the group `admins` too.

use std::time::Duration;

use moka::sync::Cache;
use store::{Role, SignInId};
use workspace_client::Api;

use crate::cache::expiring;
use crate::moment::Moment;
use crate::{Actor, Error};

/// How long a proof is valid.
const PROOF_TTL: Duration = Duration::from_mins(5);

/// How long it still lets a person read while the workspace cannot be asked.
const OUTAGE_TTL: Duration = Duration::from_mins(15);

const MAX_PROOFS: u64 = 10_000;

/// When the person behind each sign-in was last proven.
///
/// A proof is as old as the call that it comes from, not as its entry in the cache, so its age is checked here too.
pub(crate) struct Proofs(Cache<SignInId, Moment>);

impl Default for Proofs {
    fn default() -> Self {
        Self(expiring(MAX_PROOFS, OUTAGE_TTL))
    }
}

impl Proofs {
    /// Records a proof by a call that was sent at `at`.
    pub(crate) fn record(&self, sign_in: &SignInId, at: Moment) {
        self.0.insert(*sign_in, at);
    }

    pub(crate) fn end(&self, sign_in: &SignInId) {
        self.0.invalidate(sign_in);
    }

    pub(crate) fn is_valid(&self, sign_in: &SignInId) -> bool {
        self.is_within(sign_in, PROOF_TTL)
    }

    fn is_within(&self, sign_in: &SignInId, ttl: Duration) -> bool {
        self.0.get(sign_in).is_some_and(|proven| proven.is_within(ttl))
    }
}

/// Makes sure that the actor was an admin or auditor, as they signed in, within the last five minutes. Asks the
/// workspace if needed.
pub(crate) async fn ensure_admin(actor: &Actor) -> Result<(), Error> {
    if actor.role == Role::Auditor {
        return actor
            .workspace
            .prove_auditor(&actor.sign_in, &actor.own_credential)
            .await;
    }
    let proofs = &actor.workspace.proofs;
    if proofs.is_valid(&actor.sign_in) {
        return Ok(());
    }
    prove_admin(actor).await
}

/// Like [`ensure_admin`], for reading what was fetched before: while the workspace cannot be asked, a proof of the last
/// fifteen minutes is enough. If there is one, the workspace is asked only once, so that no page waits for the end of a
/// rate limit. Any refusal ends the proof at once.
pub(crate) async fn ensure_reader(actor: &Actor) -> Result<(), Error> {
    let proofs = &actor.workspace.proofs;
    let has_proof = actor.role != Role::Auditor && proofs.is_within(&actor.sign_in, OUTAGE_TTL);
    let result = match has_proof {
        true if proofs.is_valid(&actor.sign_in) => return Ok(()),
        true => prove_admin_with(actor, actor.api().without_retries()).await,
        false => ensure_admin(actor).await,
    };
    match result {
        Err(Error::Workspace(error)) if error.kind.is_outage() && proofs.is_within(&actor.sign_in, OUTAGE_TTL) => {
            tracing::warn!(request = actor.request_id, %error, "could not renew the proof of an admin");
            Ok(())
        }
        result => result,
    }
}

/// Asks the workspace now, even if there is a valid proof.
pub(crate) async fn prove_admin(actor: &Actor) -> Result<(), Error> {
    prove_admin_with(actor, actor.api()).await
}

async fn prove_admin_with(actor: &Actor, api: Api<'_>) -> Result<(), Error> {
    actor.ensure_session_checked()?;
    let asked_at = Moment::now();
    actor.end_proof_if_refused(api.prove_admin(actor.principal).await)?;
    actor.workspace.proofs.record(&actor.sign_in, asked_at);
    Ok(())
}
