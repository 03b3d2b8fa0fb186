//! Creating a token for a service principal. Its value exists in the workspace's one answer, is handed to whoever asked,
//! once, and is kept nowhere.
//!
//! The call is sent once. Where its answer is lost, the list of the tokens that the person created tells whether one has
//! appeared; its value is lost then, and nothing can bring it back.

mod idempotency;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::{DAY, Principal, PrincipalId, PrincipalKind, Token, TokenId, format_scopes};
use secrecy::SecretString;
use store::Outcome;
use tokio::time::{Instant, sleep, timeout};
use workspace_client::{CreateTokenRequest, Error as WorkspaceError, SearchResults};

pub(crate) use idempotency::IdempotencyKeys;

use crate::activity::{PlannedChange, kind, may_have_arrived};
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Snapshot};

/// How long the list is given to show a token whose creation was not answered.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long reading a new token back may take. Its value waits for nothing longer.
const FETCH_NEW_TOKEN_TIMEOUT: Duration = Duration::from_secs(3);

/// A token that somebody wants for a service principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenSpec {
    /// The service principal's application id.
    pub application_id: String,
    /// How long the token lives, in days.
    pub days: u32,
    /// Free text; may be empty.
    pub comment: String,
    /// The scopes that it holds; none are all.
    pub scopes: Vec<String>,
}

/// Whom a token is created for, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// The service principal; `None` where the workspace lists none of this application id, or could not be asked.
    pub principal: Option<Principal>,
    /// Whether it may use tokens; `None` where that is not known.
    pub may_use: Option<bool>,
}

/// How a creation ended. Its `Debug` shows nothing of a value.
#[derive(Clone, Debug)]
pub enum CreationOutcome {
    /// It exists, and this is its value: nobody is told it again.
    Now {
        /// The token's id.
        id: TokenId,
        /// Its value.
        value: SecretString,
        /// The token as read back; `None` where that did not work in time.
        token: Option<Box<Token>>,
    },
    /// The same form created this token before, and its value was handed out then.
    Before(TokenId),
    /// It exists, and the workspace's answer with its value was lost.
    ValueLost(TokenId),
}

/// What became of the call.
#[derive(Clone, Debug)]
struct CreationRecord {
    id: TokenId,
    token: Option<Box<Token>>,
    /// Whether the answer was lost, and the value with it.
    response_lost: bool,
}

impl CreationRecord {
    fn requested_text(&self) -> String {
        match self.response_lost {
            false => format!("created token {}", self.id),
            true => format!("created token {}; its value was lost", self.id),
        }
    }
}

/// A name for a new form: one form creates one token.
pub fn form_id() -> String {
    store::operation_id()
}

impl Console {
    /// Service principals by a part of their name, or by their application id.
    ///
    /// # Errors
    /// Where the actor cannot be proven to be an admin, or the search fails.
    pub async fn find_service_principals(&self, actor: &Actor, text: &str) -> Result<SearchResults<Principal>, Error> {
        admin_proof::ensure_admin(actor).await?;
        actor.end_proof_if_refused(actor.api().find_service_principals(text).await)
    }

    /// Who has this application id, and whether they may use tokens.
    pub async fn recipient(&self, actor: &Actor, snapshot: &Snapshot, application_id: &str) -> Recipient {
        let directory = snapshot.inventory.directory();
        let listed = directory
            .principals()
            .find(|p| has_application_id(p, application_id))
            .cloned();
        let principal = match listed {
            Some(principal) => Some(principal),
            // Names are kept for some minutes, and a service principal is often made just before its token.
            None => {
                let found = actor.api().find_service_principals(application_id).await.ok();
                found.and_then(|found| found.rows.into_iter().find(|p| has_application_id(p, application_id)))
            }
        };
        let access = snapshot.inventory.access();
        let may_use = principal
            .as_ref()
            .zip(access)
            .and_then(|(p, access)| access.can_use(p.id));
        Recipient { principal, may_use }
    }

    /// Creates a token for a service principal. `form` names the form that asks for it: one form creates one token, however
    /// often it is sent.
    ///
    /// The work goes on where whoever asked does not wait for it.
    ///
    /// # Errors
    /// [`Error::CreationRefused`] where the workspace refuses it; [`Error::NotCreated`] where no answer came and no such
    /// token is listed; [`Error::CreationUnknown`] where that could not be told; else why it was not sent.
    pub async fn create_on_behalf_of(
        &self,
        actor: Arc<Actor>,
        wanted: TokenSpec,
        form: &str,
    ) -> Result<CreationOutcome, Error> {
        let creation = self.0.creations.begin(self, actor, wanted, form);
        creation.ended().await
    }

    /// The creation, recorded.
    async fn create(&self, actor: &Actor, wanted: &TokenSpec) -> Result<(CreationRecord, Option<SecretString>), Error> {
        let days = match wanted.days {
            1 => "1 day".to_owned(),
            days => format!("{days} days"),
        };
        let scopes = Some(wanted.scopes.as_slice()).filter(|scopes| !scopes.is_empty());
        let intent = PlannedChange {
            kind: kind::CREATE_TOKEN,
            target: wanted.application_id.clone(),
            before: String::new(),
            requested: format!("{} ({days}; {})", wanted.comment, format_scopes(scopes))
                .trim_start()
                .to_owned(),
        };
        let work = create_once(actor, wanted);
        let ended = |(made, _): &(CreationRecord, Option<SecretString>)| (Outcome::Done, made.requested_text());
        self.perform(actor, intent, work, ended).await
    }
}

fn has_application_id(principal: &Principal, application_id: &str) -> bool {
    principal.kind == PrincipalKind::ServicePrincipal && principal.name.eq_ignore_ascii_case(application_id)
}

async fn create_once(actor: &Actor, wanted: &TokenSpec) -> Result<(CreationRecord, Option<SecretString>), Error> {
    // What is there before, so that a token whose creation was not answered can be told from its elders.
    let before = actor.end_proof_if_refused(actor.api().tokens_created_by(actor.principal).await)?;
    let before: HashSet<_> = before.tokens.into_iter().map(|token| token.id).collect();
    let new = CreateTokenRequest {
        application_id: wanted.application_id.clone(),
        lifetime: DAY * wanted.days,
        comment: wanted.comment.clone(),
        scopes: wanted.scopes.clone(),
    };
    let sent = actor.api().create_on_behalf_of(&new).await;
    actor.workspace.snapshots.forget();
    match sent {
        Ok(created) => {
            let read = timeout(FETCH_NEW_TOKEN_TIMEOUT, actor.api().token(&created.id)).await;
            let made = CreationRecord {
                token: read.ok().and_then(Result::ok).map(Box::new),
                response_lost: created.value.is_none(),
                id: created.id,
            };
            Ok((made, created.value))
        }
        Err(error) if may_have_arrived(&error.kind) => {
            tracing::warn!(
                request = actor.request_id,
                %error,
                "no response to a token creation, searching for the token"
            );
            find_created(actor, wanted, &before).await.map(|made| (made, None))
        }
        Err(error) => Err(creation_refused(actor, error)),
    }
}

/// A refusal says something of the service principal, of the policy or of the workspace; only what is left says something
/// of the person.
fn creation_refused(actor: &Actor, error: WorkspaceError) -> Error {
    if let Some(why) = error.creation_refusal() {
        return Error::CreationRefused { why, source: error };
    }
    let noted: Result<(), _> = actor.end_proof_if_refused(Err(error.clone()));
    noted.err().unwrap_or(Error::Workspace(error))
}

/// Whether a token has appeared that can only be the wanted one. Clocks may differ, so that nothing is made of when it was
/// created: it was not there before.
async fn find_created(actor: &Actor, wanted: &TokenSpec, before: &HashSet<TokenId>) -> Result<CreationRecord, Error> {
    let owner = owner(actor, &wanted.application_id);
    let is_it = |token: &Token| {
        let owned = owner.is_none_or(|owner| token.owner == Some(owner));
        owned && token.on_behalf_of() && token.comment == wanted.comment && !before.contains(&token.id)
    };
    let deadline = Instant::now() + VERIFY_TIMEOUT;
    let mut pause = Duration::from_millis(200);
    loop {
        let listed = actor.api().tokens_created_by(actor.principal).await;
        let listed = listed.map_err(|error| {
            tracing::warn!(request = actor.request_id, %error, "could not determine whether a token was created");
            Error::CreationUnknown
        })?;
        let is_complete = listed.unreadable.is_empty();
        let mut found = listed.tokens.into_iter().filter(is_it);
        match (found.next(), found.next()) {
            (Some(token), None) => {
                return Ok(CreationRecord {
                    id: token.id.clone(),
                    token: Some(Box::new(token)),
                    response_lost: true,
                });
            }
            (Some(_), Some(_)) => return Err(Error::CreationUnknown),
            (None, _) if Instant::now() + pause > deadline && is_complete => return Err(Error::NotCreated),
            (None, _) if Instant::now() + pause > deadline => return Err(Error::CreationUnknown),
            (None, _) => sleep(pause).await,
        }
        pause *= 2;
    }
}

/// The service principal's id, where its name was read lately.
fn owner(actor: &Actor, application_id: &str) -> Option<PrincipalId> {
    let names = actor.workspace.snapshots.principals(crate::now())?;
    let named = names.principals().find(|p| has_application_id(p, application_id))?;
    Some(named.id)
}
