//! The sending of the form. It is no server function: those answer a form by a redirect, and an address is no place for a
//! token's value. The server answers it with the page itself.

use std::sync::Arc;

use console::changes::create_token::{CreationOutcome, TokenSpec};
use domain::PLATFORM_MAX_LIFETIME_DAYS;
use http::request::Parts;

use super::form_input::FormInput;
use crate::http::paths;
use crate::http::request::{Request, Services};
use crate::pages::activity::with_reason;
use crate::problem::{Failure, Problem};

/// What a sent form came to, for the page that answers it. It may hold a token's value, which that page shows and nothing
/// else does.
#[derive(Clone)]
pub struct CreatedTokenPage {
    pub(super) wanted: TokenSpec,
    pub(super) created: CreationOutcome,
}

/// Why a sent form created nothing that is known of, and the page that says so with everything still typed.
pub struct CreateTokenFailure {
    /// Why.
    pub failure: Failure,
    /// Whether a browser shows the answer, rather than a script reading it.
    pub wants_page: bool,
    /// The address of the page.
    pub back: String,
}

/// Creates what a form asks for. `fields` are those of the form, `parts` the head of its request. Answers with the page's
/// address beside what it is to show.
///
/// # Errors
/// Why not.
pub async fn create_token(
    services: &Services,
    parts: &Parts,
    fields: &[(String, String)],
) -> Result<(String, CreatedTokenPage), CreateTokenFailure> {
    let request = Request::detached(services, parts);
    let field = |name: &str| {
        let pair = fields.iter().find(|(n, _)| n == name);
        pair.map(|(_, value)| value.clone())
    };
    let workspace = field("workspace").unwrap_or_default();
    let reason = field("reason").unwrap_or_default();
    let typed = FormInput::from(field);
    let form = field("form").filter(|form| is_form_id(form)).unwrap_or_default();
    let result = create(&request, &workspace, &typed, &form, &reason).await;
    match result {
        Ok(created) => Ok((paths::new_token(&workspace), created)),
        Err(problem) => Err(CreateTokenFailure {
            failure: request.failure(problem),
            wants_page: request.wants_html(),
            back: with_reason(&typed.review(&workspace), &reason),
        }),
    }
}

async fn create(
    request: &Request,
    workspace: &str,
    typed: &FormInput,
    form: &str,
    reason: &str,
) -> Result<CreatedTokenPage, Problem> {
    let actor = request.actor(workspace).await.map_err(|e| request.problem(&e))?;
    // Only the workspace knows its limit for sure, and says so where it is lower.
    let wanted = typed.wanted(PLATFORM_MAX_LIFETIME_DAYS)?;
    if form.is_empty() {
        return Err(Problem::BadRequest);
    }
    let actor = Arc::new(actor.with_reason(reason));
    let created = request.console.create_on_behalf_of(actor, wanted.clone(), form).await;
    match created {
        Ok(created) => Ok(CreatedTokenPage { wanted, created }),
        Err(error) => Err(match (&error, request.problem(&error)) {
            // What else could be wrong with the request is known by its name.
            (error, Problem::Rejected) if error.is_rejected() && !wanted.scopes.is_empty() => Problem::ScopesRejected,
            (_, problem) => problem,
        }),
    }
}

fn is_form_id(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
