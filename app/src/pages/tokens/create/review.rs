//! `/w/{workspace}/tokens/new/review`: the review of a new token before it is created.

use std::sync::Arc;

use console::changes::create_token::{Recipient, TokenSpec, form_id};
use console::{Actor, Error, Snapshot};
use domain::{ALL_APIS, AUTOSCOPE_WINDOW_DAYS, DAY, Timestamp, TokenId};
use leptos::prelude::*;

use super::fields::max_days;
use super::form_input::{FormInput, field};
use super::recipient::{recipient_name, warnings};
use crate::components::{count_of, crumbs, date_of, error_notice, time_text};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, cancel_button, cancel_form, confirm_details, workspace_heading, workspace_page};
use crate::pages::activity::reason_field;
use crate::problem::Interrupted;
use crate::snippets::ChangeSnippets;

/// The review, with the form that creates the token.
#[component]
pub(crate) fn ReviewNewTokenPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Review new token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let snapshot = request.console.snapshot(&actor).await?;
    let input = FormInput::of(&request);
    let content = match input.spec(max_days(&snapshot)) {
        Ok(spec) => {
            let recipient = request.console.recipient(&actor, &snapshot, &spec.application_id).await;
            let view = NewTokenReview {
                request: &request,
                actor: &actor,
                snapshot: &snapshot,
                input: &input,
                spec: &spec,
                recipient: &recipient,
                created_before: request.console.created_before(&actor, &spec, "").await?,
            };
            view.page()
        }
        // The form shows the error of each field.
        Err(_) => {
            let form = input.form_url(actor.workspace().name());
            request.redirect(&paths::with_param(&form, field::CHECK, "1"));
            ().into_any()
        }
    };
    Ok(PageResult::new(content).error(
        request
            .failure_in_url()
            .map(|failure| error_notice(&failure, Some(actor.workspace().name()), Interrupted::Edit)),
    ))
}

struct NewTokenReview<'a> {
    request: &'a Request,
    actor: &'a Actor,
    snapshot: &'a Snapshot,
    input: &'a FormInput,
    spec: &'a TokenSpec,
    recipient: &'a Recipient,
    /// The token that was created a moment ago with the same input, and when.
    created_before: Option<(TokenId, Timestamp)>,
}

impl NewTokenReview<'_> {
    fn page(&self) -> AnyView {
        let workspace = self.actor.workspace();
        let spec = self.spec;
        let form = self.input.form_url(workspace.name());
        let snippets = ChangeSnippets::create_on_behalf_of(&workspace.into(), spec);
        view! {
            {crumbs(form, "Create service principal token")}
            <h1>"Review new token"</h1>
            <section class="card pad review">
                {workspace_heading(workspace)}
                {warnings(workspace, self.snapshot, self.recipient, &spec.application_id)}
                {self.facts()}
                <p>"The token value is shown once, on the next page. It cannot be retrieved later."</p>
                {confirm_details(self.actor, "create", snippets)}
                {self.form()}
            </section>
        }
        .into_any()
    }

    fn facts(&self) -> AnyView {
        let spec = self.spec;
        let expiry = console::now().plus(DAY * spec.days);
        let comment = match spec.comment.as_str() {
            "" => view! { <span class="muted">"No comment"</span> }.into_any(),
            comment => view! { <bdi>{comment.to_owned()}</bdi> }.into_any(),
        };
        view! {
            <dl class="facts">
                <dt>"Service principal"</dt>
                <dd>{recipient_name(self.recipient, &spec.application_id)}</dd>
                <dt>"Lifetime"</dt>
                <dd>{count_of(spec.days as usize, "day")} ", until " {date_of(expiry)}</dd>
                <dt>"Comment"</dt>
                <dd>{comment}</dd>
                <dt>"Scopes"</dt>
                <dd>{scopes_text(&spec.scopes)}</dd>
                <dt>"Auto-scoping"</dt>
                <dd>{autoscope_text(spec)}</dd>
            </dl>
        }
        .into_any()
    }

    /// Asks whether another token is wanted if the same one was created a moment ago: the person may have used Back.
    fn created_before(&self) -> Option<AnyView> {
        let (token, at) = self.created_before.as_ref()?;
        let workspace = self.actor.workspace().name();
        let notice = view! {
            <div class="notice">
                <p>
                    <b>{format!("You already created this token at {}.", time_text(*at))}</b>
                    " "
                    <a href=paths::token(workspace, token)>"View token"</a>
                </p>
                <label class="check">
                    <input type="checkbox" name=field::AGAIN value="1" required />
                    "Create another token like it"
                </label>
            </div>
        };
        Some(notice.into_any())
    }

    fn form(&self) -> AnyView {
        let name = self.actor.workspace().name();
        let of_form = [("workspace", name.to_owned()), ("form", form_id())];
        let of_form = of_form.map(|(name, value)| (name.to_owned(), value));
        let fields = of_form.into_iter().chain(self.input.fields());
        let fields = fields.map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
        view! {
            <form method="post" action="/api/tokens/create" class="form-footer">
                {fields.collect_view()}
                {self.created_before()}
                {reason_field(self.request)}
                <div class="row">
                    {cancel_button()}
                    <a class="btn" href=self.input.form_url(name)>
                        "Back"
                    </a>
                    <button class="btn primary" data-submit-once>
                        "Create token"
                    </button>
                </div>
            </form>
            {cancel_form(&paths::tokens(name))}
        }
        .into_any()
    }
}

/// The scopes of a token for a service principal, and what full access means.
pub(super) fn scopes_text(scopes: &[String]) -> String {
    let is_all = scopes.is_empty() || scopes.iter().any(|scope| scope == ALL_APIS);
    let names = if scopes.is_empty() {
        ALL_APIS.to_owned()
    } else {
        scopes.join(", ")
    };
    match is_all {
        true => format!("{names}: full access, everything that the service principal can do"),
        false => names,
    }
}

/// What Databricks later does to the token's scopes automatically. It does not announce the day, so the date is an
/// estimate.
pub(super) fn autoscope_text(spec: &TokenSpec) -> AnyView {
    if !spec.autoscope {
        return "Off: Databricks is asked not to limit its scopes.".into_any();
    }
    let observed = "Until then it can have full access, whatever its scopes say.";
    match spec.days <= AUTOSCOPE_WINDOW_DAYS {
        true => {
            let days = count_of(spec.days as usize, "day");
            format!(
                "On, but the token ends after {days}, and Databricks observes it for about {AUTOSCOPE_WINDOW_DAYS}: it \
                 is probably never limited. It can have full access all that time, whatever its scopes say."
            )
            .into_any()
        }
        false => view! {
            "On: about "
            {date_of(console::now().plus(DAY * AUTOSCOPE_WINDOW_DAYS))}
            {format!(
                ", {AUTOSCOPE_WINDOW_DAYS} days from now, Databricks probably removes every scope that the token has \
                 not used by then. What needs another one fails from then on. {observed}"
            )}
        }
        .into_any(),
    }
}
