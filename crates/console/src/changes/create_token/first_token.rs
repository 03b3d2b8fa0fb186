//! The first token of a workspace, made for the admin who asks for it. A workspace has no permissions on tokens before
//! it has had a token
//! (<https://github.com/databricks/terraform-provider-databricks/issues/1122>).

use std::collections::HashSet;
use std::time::Duration;

use domain::{Token, TokenId};
use store::{ActivityKind, Detail, Outcome, RequestedValue};
use workspace_client::{CreateTokenRequest, CreatedToken, Error as WorkspaceError, ErrorKind};

use super::{NewToken, find_created, has_lifetime, lost_creation_error, own_tokens, read_created};
use crate::activity::PlannedChange;
use crate::changes::{Change, Look, Step};
use crate::{Actor, Error};

/// The comment of a first token, by which a lost response is found.
pub const FIRST_TOKEN_COMMENT: &str = "first token, made to open token permissions";

/// How long a first token lasts.
pub const FIRST_TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// The one scope that a first token has: without scopes it would have all of them.
pub const FIRST_TOKEN_SCOPE: &str = "authentication";

pub(super) struct CreateFirstToken {
    /// How long reading the new token may take.
    pub(super) read_timeout: Duration,
}

/// A first token in words, as the activity log stores it.
pub(crate) fn requested_first_token() -> String {
    format!("{FIRST_TOKEN_COMMENT} (1 hour; {FIRST_TOKEN_SCOPE})")
}

/// Whether a token is the first token of this actor.
fn is_first_token(actor: &Actor) -> impl Fn(&Token) -> bool + Send + use<> {
    let owner = Some(actor.principal);
    move |token| {
        token.owner == owner
            && token.comment == FIRST_TOKEN_COMMENT
            && has_lifetime(token, FIRST_TOKEN_LIFETIME, FIRST_TOKEN_LIFETIME)
    }
}

impl Change for CreateFirstToken {
    const KIND: ActivityKind = ActivityKind::CreateFirstToken;

    type Before = ();
    /// The IDs of the person's tokens before the call. If the response is lost, they show which token is new.
    type Plan = HashSet<TokenId>;
    type Accepted = CreatedToken;
    type Confirmed = NewToken;

    async fn read_before(&self, _actor: &Actor) {}

    async fn describe(&self, actor: &Actor, _before: Option<&()>) -> PlannedChange {
        PlannedChange {
            target: actor.user_name.clone(),
            before: String::new(),
            requested: RequestedValue::NewToken(requested_first_token()),
        }
    }

    async fn plan(&self, actor: &Actor, (): ()) -> Result<Step<Self>, Error> {
        match actor.api().token_permissions().await {
            Err(error) if error.kind == ErrorKind::NoTokenYet => own_tokens(actor).await.map(Step::Send),
            Ok(_) => Err(Error::HasTokens),
            Err(error) => Err(actor.refused(error)),
        }
    }

    async fn send(&self, actor: &Actor, _before: &HashSet<TokenId>) -> Result<CreatedToken, WorkspaceError> {
        let new = CreateTokenRequest {
            lifetime: FIRST_TOKEN_LIFETIME,
            comment: FIRST_TOKEN_COMMENT.to_owned(),
            scopes: vec![FIRST_TOKEN_SCOPE.to_owned()],
            autoscope: false,
        };
        actor.api().create_own_token(&new).await
    }

    /// A response with the ID and the value is the confirmation; reading the token only completes it.
    async fn look(&self, actor: &Actor, before: &HashSet<TokenId>, accepted: Option<&CreatedToken>) -> Look<NewToken> {
        match accepted {
            Some(created) => read_created(actor, created, self.read_timeout).await,
            None => find_created(actor, before, is_first_token(actor)).await,
        }
    }

    fn outcome(&self, (created, _): &NewToken) -> (Outcome, Detail) {
        (Outcome::Done, created.detail())
    }

    fn unconfirmed(&self, _lost: Option<WorkspaceError>, last: Look<NewToken>) -> Result<NewToken, Error> {
        Err(lost_creation_error(&last))
    }
}
