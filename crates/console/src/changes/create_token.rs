//! Creating a token for a service principal, or the first one of a workspace (`first_token.rs`). Its value exists only
//! in the workspace's response and is handed out once to the person who asked. Until then it is stored, sealed, for a
//! minute at most: their browser may wait at another instance.
//!
//! The call is sent once. If its response is lost, the list of tokens that the person created shows whether a token has
//! appeared. The value is lost then, and cannot be recovered.

mod first_token;
mod idempotency;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::{
    DAY, Expiry, Known, Principal, PrincipalId, PrincipalKind, Token, TokenId, are_same_scopes, format_scopes,
    permission_of,
};
use secrecy::SecretString;
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use tokio::time::timeout;
use workspace_client::{CreateTokenRequest, CreatedToken, Error as WorkspaceError, SearchResults};

pub(crate) use first_token::requested_first_token;
pub use first_token::{FIRST_TOKEN_COMMENT, FIRST_TOKEN_LIFETIME, FIRST_TOKEN_SCOPE};
pub(crate) use idempotency::IdempotencyKeys;

use super::{Change, Look, Step};
use crate::activity::PlannedChange;
use crate::sign_in::admin_proof;
use crate::{Actor, Console, Error, Snapshot};

/// A token to be created for a service principal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenSpec {
    /// The service principal's application ID.
    pub application_id: String,
    /// The lifetime of the token, in days.
    pub days: u32,
    /// Free text; may be empty.
    pub comment: String,
    /// Its scopes; an empty list is all of them.
    pub scopes: Vec<String>,
    /// Whether the platform limits it, after some time, to the scopes that it was seen to use.
    pub autoscope: bool,
}

/// The token that a form asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum RequestedToken {
    /// A token for a service principal.
    OnBehalfOf(TokenSpec),
    /// The first token of the workspace.
    First,
}

/// The service principal that a token is created for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The service principal; `None` if the workspace lists none with this application ID, or could not be asked.
    pub principal: Option<Principal>,
    /// Whether it can use tokens.
    pub can_use: Known<bool>,
}

/// How a creation ended. `Debug` does not show the value.
#[derive(Clone, Debug)]
pub enum CreationOutcome {
    /// The token exists, and this is its value, which is not shown again.
    Created {
        /// The token's ID.
        id: TokenId,
        /// Its value.
        value: SecretString,
        /// The token as read afterwards; `None` if that failed or took too long.
        token: Option<Box<Token>>,
    },
    /// The same form created this token earlier, and its value was handed out then.
    AlreadyCreated(TokenId),
    /// The token exists, and the response with its value was lost.
    ValueLost(TokenId),
}

/// The token that the call created.
#[derive(Clone, Debug)]
struct CreationRecord {
    id: TokenId,
    token: Option<Box<Token>>,
    /// Whether the response was lost, and with it the value.
    response_lost: bool,
}

impl CreationRecord {
    /// The detail for the activity log.
    fn detail(&self) -> Detail {
        match self.response_lost {
            false => Detail::CreatedToken(self.id.clone()),
            true => Detail::CreatedValueLost(self.id.clone()),
        }
    }
}

/// An ID for a new form: one form creates one token.
pub fn form_id() -> String {
    store::operation_id()
}

impl Console {
    /// Service principals by a part of their name, or by their application ID.
    ///
    /// # Errors
    /// If the actor cannot be proven to be an admin, or the search fails.
    pub async fn find_service_principals(&self, actor: &Actor, text: &str) -> Result<SearchResults<Principal>, Error> {
        admin_proof::ensure_admin(actor).await?;
        actor.end_proof_if_refused(actor.api().find_service_principals(text).await)
    }

    /// The service principal with this application ID, and whether it can use tokens.
    pub async fn recipient(&self, actor: &Actor, snapshot: &Snapshot, application_id: &str) -> Recipient {
        let directory = snapshot.inventory.directory();
        let principal = self.service_principal(actor, application_id).await;
        let owner = principal.as_ref().map(|principal| principal.id);
        Recipient {
            can_use: permission_of(snapshot.inventory.known_access(), directory, owner),
            principal,
        }
    }

    /// The service principal with this application ID; `None` if the workspace lists none, or could not be asked.
    pub async fn service_principal(&self, actor: &Actor, application_id: &str) -> Option<Principal> {
        if let Some(principal) = cached_principal(actor, application_id) {
            return Some(principal);
        }
        // Names are cached for some minutes, and a service principal is often created right before its token.
        let found = actor.api().find_service_principals(application_id).await.ok()?;
        let mut rows = found.rows.into_iter();
        rows.find(|principal| has_application_id(principal, application_id))
    }

    /// Creates a token for a service principal. `form` is the ID of the form that asks for it: one form creates one
    /// token, no matter how often and to which instance it is sent.
    ///
    /// The work continues even if the caller stops waiting for it.
    ///
    /// # Errors
    /// [`Error::CreationRefused`] if the workspace refuses it; [`Error::NotCreated`] if there was no response and no
    /// such token is listed; [`Error::CreationUnknown`] if that could not be determined; otherwise why it was not sent.
    pub async fn create_on_behalf_of(
        &self,
        actor: Arc<Actor>,
        spec: TokenSpec,
        form: &str,
    ) -> Result<CreationOutcome, Error> {
        self.create_once(actor, RequestedToken::OnBehalfOf(spec), form).await
    }

    /// Creates a token for the actor that ends after an hour, in a workspace without tokens: only then the workspace
    /// has permissions on tokens. `form` and the work that continues are as for [`Self::create_on_behalf_of`].
    ///
    /// # Errors
    /// [`Error::HasTokens`] if the workspace has permissions already; [`Error::NotCreated`] if there was no response
    /// and no such token is listed; [`Error::CreationUnknown`] if that could not be determined; otherwise why it was
    /// not sent or why the workspace refused it.
    pub async fn create_first_token(&self, actor: Arc<Actor>, form: &str) -> Result<CreationOutcome, Error> {
        self.create_once(actor, RequestedToken::First, form).await
    }

    /// Creates the token, and records it in the activity log.
    async fn create(&self, actor: &Actor, requested: &RequestedToken) -> Result<NewToken, Error> {
        let read_timeout = self.0.timing.new_token_timeout;
        match requested {
            RequestedToken::OnBehalfOf(spec) => self.perform(actor, &CreateToken { spec, read_timeout }).await,
            RequestedToken::First => {
                self.perform(actor, &first_token::CreateFirstToken { read_timeout })
                    .await
            }
        }
    }
}

/// The token that a call created, and its value unless that was lost.
type NewToken = (CreationRecord, Option<SecretString>);

struct CreateToken<'a> {
    spec: &'a TokenSpec,
    /// How long reading the new token may take.
    read_timeout: Duration,
}

impl Change for CreateToken<'_> {
    const KIND: ActivityKind = ActivityKind::CreateToken;

    type Before = ();
    /// The IDs of the person's tokens before the call. If the response is lost, they show which token is new.
    type Plan = HashSet<TokenId>;
    type Accepted = CreatedToken;
    type Confirmed = NewToken;

    async fn read_before(&self, _actor: &Actor) {}

    async fn describe(&self, _actor: &Actor, _before: Option<&()>) -> PlannedChange {
        let spec = self.spec;
        let scopes = Some(spec.scopes.as_slice()).filter(|scopes| !scopes.is_empty());
        PlannedChange {
            target: spec.application_id.clone(),
            before: String::new(),
            requested: RequestedValue::NewToken(requested_text(&spec.comment, spec.days, scopes, spec.autoscope)),
        }
    }

    async fn plan(&self, actor: &Actor, (): ()) -> Result<Step<Self>, Error> {
        own_tokens(actor).await.map(Step::Send)
    }

    async fn send(&self, actor: &Actor, _before: &HashSet<TokenId>) -> Result<CreatedToken, WorkspaceError> {
        let spec = self.spec;
        let new = CreateTokenRequest {
            lifetime: DAY * spec.days,
            comment: spec.comment.clone(),
            scopes: spec.scopes.clone(),
            autoscope: spec.autoscope,
        };
        actor.api().create_on_behalf_of(&spec.application_id, &new).await
    }

    /// A response with the ID and the value is the confirmation; reading the token only completes it.
    async fn look(&self, actor: &Actor, before: &HashSet<TokenId>, accepted: Option<&CreatedToken>) -> Look<NewToken> {
        match accepted {
            Some(created) => read_created(actor, created, self.read_timeout).await,
            None => find_created(actor, before, is_as_specified(actor, self.spec)).await,
        }
    }

    fn outcome(&self, (created, _): &Self::Confirmed) -> (Outcome, Detail) {
        (Outcome::Done, created.detail())
    }

    fn refused(&self, actor: &Actor, error: WorkspaceError) -> Error {
        // Most refusals are about the service principal, the policy or the workspace. Only the other ones are about the
        // person, and end their proof.
        match error.creation_refusal() {
            Some(why) => Error::CreationRefused { why, source: error },
            None => actor.refused(error),
        }
    }

    fn unconfirmed(&self, _lost: Option<WorkspaceError>, last: Look<NewToken>) -> Result<NewToken, Error> {
        Err(lost_creation_error(&last))
    }
}

/// A new token in words, as the activity log stores it.
pub(crate) fn requested_text(comment: &str, days: u32, scopes: Option<&[String]>, autoscope: bool) -> String {
    let days = match days {
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    };
    let autoscope = if autoscope { "; auto-scoping" } else { "" };
    format!("{comment} ({days}; {}{autoscope})", format_scopes(scopes))
        .trim_start()
        .to_owned()
}

pub(crate) fn has_application_id(principal: &Principal, application_id: &str) -> bool {
    principal.kind == PrincipalKind::ServicePrincipal && principal.name.eq_ignore_ascii_case(application_id)
}

/// The IDs of the tokens that the actor has created so far.
async fn own_tokens(actor: &Actor) -> Result<HashSet<TokenId>, Error> {
    let listed = actor.end_proof_if_refused(actor.api().tokens_created_by(actor.principal).await)?;
    Ok(listed.tokens.into_iter().map(|token| token.id).collect())
}

/// The token that the workspace says it has created, with as much as can be read of it in time.
async fn read_created(actor: &Actor, created: &CreatedToken, read_timeout: Duration) -> Look<NewToken> {
    let read = timeout(read_timeout, actor.api().token(&created.id)).await;
    let record = CreationRecord {
        token: read.ok().and_then(Result::ok).map(Box::new),
        response_lost: created.value.is_none(),
        id: created.id.clone(),
    };
    Look::Confirmed((record, created.value.clone()))
}

/// Whether a token is as it was specified.
fn is_as_specified(actor: &Actor, spec: &TokenSpec) -> impl Fn(&Token) -> bool + Send {
    let owner = match spec.application_id.eq_ignore_ascii_case(&actor.user_name) {
        // A service principal's username is its application ID.
        true => Some(actor.principal),
        false => cached_id(actor, &spec.application_id),
    };
    move |token| {
        // If the owner's ID is unknown, the best sign is that the token was created by someone other than its owner.
        let is_owned = match owner {
            Some(owner) => token.owner == Some(owner),
            None => token.on_behalf_of(),
        };
        // While the platform observes a token, it can list all scopes instead of the requested ones.
        let has_any_scopes = spec.scopes.is_empty() || spec.autoscope;
        let has_scopes = has_any_scopes || are_same_scopes(token.scopes.as_deref(), Some(&spec.scopes));
        is_owned && has_scopes && has_lifetime(token, DAY * spec.days, DAY) && token.comment == spec.comment
    }
}

/// Whether a token lasts this long, or it is not known how long it lasts.
fn has_lifetime(token: &Token, lifetime: Duration, tolerance: Duration) -> bool {
    match (token.expiry, token.created) {
        (Expiry::At(end), Some(created)) => end.duration_since(created).abs_diff(lifetime) < tolerance,
        _ => true,
    }
}

/// Looks for the token that has appeared and can only be the requested one. Its creation time is not considered, since
/// clocks may differ: it was not listed before.
async fn find_created(actor: &Actor, before: &HashSet<TokenId>, is_match: impl Fn(&Token) -> bool) -> Look<NewToken> {
    let listed = match actor.api().tokens_created_by(actor.principal).await {
        Ok(listed) => listed,
        Err(error) => return Look::Unreadable(error),
    };
    let is_new = |token: &Token| !before.contains(&token.id);
    let mut matches = listed
        .tokens
        .into_iter()
        .filter(|token| is_new(token) && is_match(token));
    match (matches.next(), matches.next()) {
        (Some(token), None) => Look::Confirmed((
            CreationRecord {
                id: token.id.clone(),
                token: Some(Box::new(token)),
                response_lost: true,
            },
            None,
        )),
        (Some(_), Some(_)) => Look::OtherState,
        (None, _) if listed.unreadable.is_empty() => Look::OldState,
        // The token may be one of the rows that could not be read.
        (None, _) => Look::OtherState,
    }
}

/// The error of a creation whose response was lost, after the last look.
fn lost_creation_error(last: &Look<NewToken>) -> Error {
    match last {
        Look::OldState => Error::NotCreated,
        Look::OtherState | Look::Unreadable(_) | Look::Confirmed(_) => Error::CreationUnknown,
    }
}

/// The service principal's ID, if its name is cached.
fn cached_id(actor: &Actor, application_id: &str) -> Option<PrincipalId> {
    Some(cached_principal(actor, application_id)?.id)
}

fn cached_principal(actor: &Actor, application_id: &str) -> Option<Principal> {
    let directory = actor.workspace.parts.names.last()?;
    let mut principals = directory.principals();
    principals
        .find(|principal| has_application_id(principal, application_id))
        .cloned()
}
