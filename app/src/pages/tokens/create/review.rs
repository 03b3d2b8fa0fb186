//! `/w/{workspace}/tokens/new/review`: what will be created, for whom, where and by whom, before it is.

use std::sync::Arc;

use crate::snippets::databricks_cli;
use console::changes::create_token::{Recipient, TokenSpec, form_id};
use console::{Actor, Error, Snapshot};
use domain::{ALL_APIS, DAY};
use leptos::prelude::*;

use super::form::max_days;
use super::form_input::{FormInput, field};
use super::recipient::{recipient_name, warnings};
use crate::components::{count_of, date, error_notice, hidden_fields, snippet};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_heading, workspace_page};
use crate::pages::activity::reason_field;
use crate::pages::tokens::acting_as;
use crate::problem::Interrupted;

/// The review.
#[component]
pub(crate) fn ReviewNewTokenPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Review new token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let snapshot = request.console.snapshot(&actor).await?;
    let typed = FormInput::of(&request);
    let content = match typed.wanted(max_days(&snapshot)) {
        Ok(wanted) => {
            let recipient = request
                .console
                .recipient(&actor, &snapshot, &wanted.application_id)
                .await;
            let view = NewTokenReview {
                request: &request,
                actor: &actor,
                snapshot: &snapshot,
                typed: &typed,
                wanted: &wanted,
                recipient: &recipient,
            };
            view.page()
        }
        Err(problem) => {
            let form = typed.form(actor.workspace().name());
            request.redirect(&request.failure(problem).to_url(&form));
            ().into_any()
        }
    };
    Ok(PageResult::new(content).policy(snapshot.policy.clone().ok()).error(
        request
            .failure_in_url()
            .map(|failure| error_notice(&failure, Some(actor.workspace().name()), Interrupted::Edit)),
    ))
}

struct NewTokenReview<'a> {
    request: &'a Request,
    actor: &'a Actor,
    snapshot: &'a Snapshot,
    typed: &'a FormInput,
    wanted: &'a TokenSpec,
    recipient: &'a Recipient,
}

impl NewTokenReview<'_> {
    fn page(&self) -> AnyView {
        let workspace = self.actor.workspace();
        let wanted = self.wanted;
        let form = self.typed.form(workspace.name());
        let url = workspace.url().to_string();
        view! {
            <p class="crumbs">
                <a href=form>"Create service principal token"</a>
            </p>
            <h1>"Review new token"</h1>
            <section class="card pad review">
                {workspace_heading(workspace)}
                {warnings(workspace, self.snapshot, self.recipient, &wanted.application_id)}
                {self.facts()}
                <p>"The token value is shown once, on the next page. It cannot be retrieved later."</p>
                {snippet(
                    databricks_cli::create_on_behalf_of(&url, &wanted.application_id, wanted.days, &wanted.comment, &wanted.scopes),
                )}
                {self.send()}
            </section>
        }
        .into_any()
    }

    fn facts(&self) -> AnyView {
        let wanted = self.wanted;
        let end = console::now().plus(DAY * wanted.days);
        let comment = match wanted.comment.as_str() {
            "" => view! { <span class="muted">"No comment"</span> }.into_any(),
            comment => view! { <bdi>{comment.to_owned()}</bdi> }.into_any(),
        };
        let scopes = match wanted.scopes.as_slice() {
            [] => "all-apis: full access, everything that the service principal can do".to_owned(),
            scopes if scopes.iter().any(|scope| scope == ALL_APIS) => {
                format!(
                    "{}: full access, everything that the service principal can do",
                    scopes.join(", ")
                )
            }
            scopes => scopes.join(", "),
        };
        view! {
            <dl class="facts">
                <dt>"Service principal"</dt>
                <dd>{recipient_name(self.recipient, &wanted.application_id)}</dd>
                <dt>"Lifetime"</dt>
                <dd>{count_of(wanted.days as usize, "day")} ", until " {date(end.day())}</dd>
                <dt>"Comment"</dt>
                <dd>{comment}</dd>
                <dt>"Scopes"</dt>
                <dd>{scopes}</dd>
            </dl>
        }
        .into_any()
    }

    fn send(&self) -> AnyView {
        let name = self.actor.workspace().name();
        let fields = [
            ("workspace", name.to_owned()),
            ("form", form_id()),
            (field::SERVICE_PRINCIPAL, self.typed.service.clone()),
            (field::DAYS, self.wanted.days.to_string()),
            (field::COMMENT, self.typed.comment.clone()),
            (field::SCOPES, self.typed.scopes.clone()),
        ];
        view! {
            <form method="post" action="/api/tokens/create" class="form-footer">
                {hidden_fields(fields)}
                {reason_field(self.request)}
                <p class="muted">{acting_as(self.actor)}</p>
                <div class="row">
                    <a class="btn" href=paths::tokens(name)>
                        "Cancel"
                    </a>
                    <a class="btn" href=self.typed.form(name)>
                        "Back"
                    </a>
                    <button class="btn primary" data-submit-once>
                        "Create token"
                    </button>
                </div>
            </form>
        }
        .into_any()
    }
}
