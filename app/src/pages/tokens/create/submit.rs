//! Sending the form. This is not a server function: those respond to a form with a redirect, and a token's value must
//! not be in a URL. Instead, the server responds with the page itself.

use std::sync::Arc;

use console::changes::create_token::{CreationOutcome, TokenSpec};
use domain::PLATFORM_MAX_LIFETIME_DAYS;
use http::request::Parts;

use super::form_input::{FormInput, field};
use crate::http::paths;
use crate::http::request::{Request, Services};
use crate::pages::activity::with_reason;
use crate::problem::{ChangeFailure, Failure, Problem};

/// The outcome of a sent form, for the page in the response. It may contain a token's value, which only that page
/// shows.
#[derive(Clone)]
pub struct CreatedTokenPage {
    pub(super) spec: TokenSpec,
    pub(super) outcome: CreationOutcome,
}

/// Why a sent form created no token, as far as is known, and the page that says so and still has the input.
pub struct CreateTokenFailure {
    /// What went wrong.
    pub failure: Failure,
    /// Whether a browser shows the response; otherwise a script reads it.
    pub wants_html: bool,
    /// The URL of that page: the review with the same input.
    pub back: String,
}

/// Creates the token that a form asks for. `fields` are the names and values of the form's fields, `parts` is the head
/// of its request. Returns the URL of the page to respond with, and what it shows.
///
/// # Errors
/// If no token was created, or none that is known of.
pub async fn create_token(
    services: &Services,
    parts: &Parts,
    fields: &[(String, String)],
) -> Result<(String, CreatedTokenPage), CreateTokenFailure> {
    let request = Request::detached(services, parts);
    let value_of = |name: &str| {
        let pair = fields.iter().find(|(n, _)| n == name);
        pair.map(|(_, value)| value.clone())
    };
    let workspace = value_of("workspace").unwrap_or_default();
    let reason = value_of("reason").unwrap_or_default();
    let creates_another = value_of(field::AGAIN).is_some();
    let input = FormInput::from(value_of);
    let form_id = value_of("form").filter(|id| is_form_id(id)).unwrap_or_default();
    let result = create(&request, &workspace, &input, (&form_id, creates_another), &reason).await;
    match result {
        Ok(created) => Ok((paths::new_token(&workspace), created)),
        Err(failure) => Err(CreateTokenFailure {
            failure: request.failure(failure),
            wants_html: request.wants_html(),
            back: with_reason(&input.review_url(&workspace), &reason),
        }),
    }
}

async fn create(
    request: &Request,
    workspace: &str,
    input: &FormInput,
    (form_id, creates_another): (&str, bool),
    reason: &str,
) -> Result<CreatedTokenPage, ChangeFailure> {
    let actor = request
        .actor_for_change(workspace)
        .await
        .map_err(|e| request.change_failure(&e))?;
    // Only the workspace knows its current limit. It rejects the request if the lifetime exceeds that.
    let spec = input.spec(PLATFORM_MAX_LIFETIME_DAYS)?;
    if form_id.is_empty() {
        return Err(Problem::BadRequest.into());
    }
    if !creates_another && request.console.created_before(&actor, &spec, form_id).is_some() {
        return Err(Problem::CreatedBefore.into());
    }
    let actor = Arc::new(actor.with_reason(reason));
    let result = request.console.create_on_behalf_of(actor, spec.clone(), form_id).await;
    match result {
        Ok(outcome) => Ok(CreatedTokenPage { spec, outcome }),
        Err(error) => Err(request.change_failure(&error).map(|problem| match problem {
            // Every other reason for a rejection has a problem of its own, so that the scopes are the reason.
            Problem::Rejected if error.is_rejected() && !spec.scopes.is_empty() => Problem::ScopesRejected,
            problem => problem,
        })),
    }
}

/// Whether the text can be the ID of a form, which the review page made.
fn is_form_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
