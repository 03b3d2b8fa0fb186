//! Creates the token when the form is submitted. This is not a server function: those respond to forms with a redirect,
//! and a token's value must not be in a URL. Instead, the response is the page itself.

use std::sync::Arc;

use console::Actor;
use console::changes::create_token::{CreationOutcome, TokenSpec};
use domain::{PLATFORM_MAX_LIFETIME_DAYS, Principal};
use http::request::Parts;

use super::form_input::{FormInput, field};
use crate::http::paths;
use crate::http::request::{Request, Services};
use crate::pages::activity::with_reason;
use crate::problem::{ChangeFailure, Failure, Problem};

/// The forms that create a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewTokenForm {
    /// The review of a token for a service principal.
    ServicePrincipal,
    /// The confirmation page of a workspace's first token.
    First,
}

/// The outcome of a submitted form, for the page in the response. It can contain the token's value, which only that
/// page shows.
#[derive(Clone)]
pub struct CreatedTokenPage {
    pub(super) created: Created,
    pub(super) outcome: CreationOutcome,
}

/// What a form created.
#[derive(Clone)]
pub(super) enum Created {
    /// A token for a service principal; the principal is `None` if its name could not be read.
    OnBehalfOf(TokenSpec, Option<Principal>),
    /// The first token of the workspace.
    FirstToken,
}

/// Why a submitted form created no token, as far as is known, and the page that shows this with the input.
pub struct CreateTokenFailure {
    /// What went wrong.
    pub failure: Failure,
    /// Whether a browser shows the response, rather than a script reading it.
    pub wants_html: bool,
    /// The URL of that page: the review with the same input.
    pub back: String,
}

/// Creates the token that `form` requests. `fields` are the names and values of the form's fields, `parts` is the head
/// of the request. Returns the URL and the content of the page to respond with.
///
/// # Errors
///
/// If no token was created, or none is known to have been created.
pub async fn create_token(
    services: &Services,
    parts: &Parts,
    form: NewTokenForm,
    fields: &[(String, String)],
) -> Result<(String, CreatedTokenPage), CreateTokenFailure> {
    let request = Request::detached(services, parts);
    let value_of = |name: &str| {
        let pair = fields.iter().find(|(n, _)| n == name);
        pair.map(|(_, value)| value.clone())
    };
    let workspace = value_of("workspace").unwrap_or_default();
    let reason = value_of("reason").unwrap_or_default();
    let input = FormInput::from(value_of);
    let sent = SentForm {
        request: &request,
        workspace: &workspace,
        form_id: &value_of("form").filter(|id| is_form_id(id)).unwrap_or_default(),
        reason: &reason,
    };
    let (page, back, result) = match form {
        NewTokenForm::ServicePrincipal => (
            paths::new_token(&workspace),
            input.review_url(&workspace),
            sent.create(&input, value_of(field::AGAIN).is_some()).await,
        ),
        NewTokenForm::First => (
            paths::first_token(&workspace),
            paths::first_token(&workspace),
            sent.create_first_token().await,
        ),
    };
    match result {
        Ok(created) => Ok((page, created)),
        Err(failure) => Err(CreateTokenFailure {
            failure: request.failure(failure),
            wants_html: request.wants_html(),
            back: with_reason(&back, &reason),
        }),
    }
}

/// A form as submitted.
struct SentForm<'a> {
    request: &'a Request,
    workspace: &'a str,
    /// Empty if the submitted ID is not valid.
    form_id: &'a str,
    reason: &'a str,
}

impl SentForm<'_> {
    async fn create(&self, input: &FormInput, creates_another: bool) -> Result<CreatedTokenPage, ChangeFailure> {
        let (request, actor) = (self.request, self.actor().await?);
        // Only the workspace knows its current limit, and rejects a longer lifetime.
        let spec = input.spec(PLATFORM_MAX_LIFETIME_DAYS);
        let spec = spec.map_err(|errors| errors.first().unwrap_or(Problem::BadRequest))?;
        self.ensure_has_id()?;
        if !creates_another {
            let before = request.console.created_before(&actor, &spec, self.form_id).await;
            if before.map_err(|error| request.change_failure(&error))?.is_some() {
                return Err(Problem::CreatedBefore.into());
            }
        }
        let created = request
            .console
            .create_on_behalf_of(Arc::clone(&actor), spec.clone(), self.form_id)
            .await;
        match created {
            Ok(outcome) => {
                let owner = request.console.service_principal(&actor, &spec.application_id).await;
                let created = Created::OnBehalfOf(spec, owner);
                Ok(CreatedTokenPage { created, outcome })
            }
            Err(error) => Err(request.change_failure(&error).map(|problem| match problem {
                // All other reasons for a rejection have their own problems, so the scopes must be the reason.
                Problem::Rejected if error.is_rejected() && !spec.scopes.is_empty() => Problem::ScopesRejected,
                problem => problem,
            })),
        }
    }

    async fn create_first_token(&self) -> Result<CreatedTokenPage, ChangeFailure> {
        let actor = self.actor().await?;
        self.ensure_has_id()?;
        let created = self.request.console.create_first_token(actor, self.form_id).await;
        let outcome = created.map_err(|error| self.request.change_failure(&error))?;
        Ok(CreatedTokenPage {
            created: Created::FirstToken,
            outcome,
        })
    }

    async fn actor(&self) -> Result<Arc<Actor>, ChangeFailure> {
        let actor = self.request.actor_for_change(self.workspace).await;
        let actor = actor.and_then(|actor| actor.with_reason(self.reason));
        Ok(Arc::new(actor.map_err(|error| self.request.change_failure(&error))?))
    }

    fn ensure_has_id(&self) -> Result<(), Problem> {
        match self.form_id {
            "" => Err(Problem::BadRequest),
            _ => Ok(()),
        }
    }
}

/// Whether the text can be a form ID made by the review page.
fn is_form_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
