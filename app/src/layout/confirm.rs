//! Confirmation pages, which scripts show as dialogs. They are meant to be read in three seconds: where, what, three
//! facts and one consequence. Everything else is folded away.

use console::{Actor, Workspace};
use leptos::prelude::*;

use super::{credential_label, workspace_heading};
use crate::components::{change_snippets, error_notice, hidden_fields};
use crate::http::request::Request;
use crate::problem::Interrupted;
use crate::snippets::ChangeSnippets;

/// The form of a confirmation page.
pub(crate) struct ConfirmCard<'a> {
    /// The heading: the action and its object, for example “Revoke “Power BI refresh”?”.
    pub(crate) title: String,
    /// The URL of the server function.
    pub(crate) action: &'static str,
    /// Completes “It is not known whether …” without a response, for example “the token was revoked”.
    pub(crate) unknown: &'static str,
    /// Hidden fields, in addition to the workspace.
    pub(crate) fields: Vec<(&'static str, String)>,
    /// Facts, consequence, one field, and [`confirm_details`].
    pub(crate) content: AnyView,
    /// The page that “Cancel” leads to.
    pub(crate) back: &'a str,
    pub(crate) button: ConfirmButton,
}

/// The button that makes the change.
pub(crate) struct ConfirmButton {
    pub(crate) label: &'static str,
    /// Completes the label for screen readers, for example “ Power BI refresh”.
    pub(crate) object: String,
    /// Replaces the label while the change runs, for example “Revoking…”.
    pub(crate) busy: &'static str,
    /// Whether the change stops something that works.
    pub(crate) is_dangerous: bool,
}

impl ConfirmCard<'_> {
    /// The card, with the error of the last attempt.
    pub(crate) fn view(self, request: &Request, workspace: &Workspace) -> AnyView {
        let class = format!("confirm-form tone-{}", workspace.colour().name());
        let error = request.failure_in_url().map(|failure| {
            let notice = error_notice(&failure, Some(workspace.name()), Interrupted::Change);
            view! { <div role="alert">{notice}</div> }
        });
        let fields = hidden_fields(self.fields);
        let button = self.button;
        let button_class = if button.is_dangerous {
            "btn danger"
        } else {
            "btn primary"
        };
        view! {
            <section class="card confirm-card" id="confirm">
                <form method="post" action=self.action class=class data-unknown=self.unknown>
                    <div class="body">
                        {workspace_heading(workspace)}
                        <h1 id="confirm-title" tabindex="-1">
                            {self.title}
                        </h1>
                        {error}
                        {self.content}
                    </div>
                    <input type="hidden" name="workspace" value=workspace.name().to_owned() />
                    {fields}
                    <p class="visually-hidden" id="confirm-progress" role="status"></p>
                    <div class="card-footer">
                        {cancel_button()}
                        <button class=button_class data-busy=button.busy>
                            {button.label}
                            <span class="visually-hidden">{button.object}</span>
                        </button>
                    </div>
                </form>
                {cancel_form(self.back)}
            </section>
        }
        .into_any()
    }
}

/// The button that cancels: it closes the dialog, or submits [`cancel_form`].
pub(crate) fn cancel_button() -> AnyView {
    view! {
        <button class="btn" form="cancel-confirm" data-cancel>
            "Cancel"
        </button>
    }
    .into_any()
}

/// The form that [`cancel_button`] submits, next to the confirmation's own form: it loads the page at `back`, with its
/// filters, and sends no input.
pub(crate) fn cancel_form(back: &str) -> AnyView {
    let (path, query) = back.split_once('?').unwrap_or((back, ""));
    let fields = hidden_fields(form_urlencoded::parse(query.as_bytes()).into_owned());
    view! {
        <form method="get" action=path.to_owned() id="cancel-confirm" hidden>
            {fields}
        </form>
    }
    .into_any()
}

/// A fact that someone has to know before they confirm.
pub(crate) struct ConfirmFact {
    label: &'static str,
    value: AnyView,
    is_warning: bool,
}

impl ConfirmFact {
    /// A fact. A warning is highlighted as a reason to stop and think.
    pub(crate) fn new(label: &'static str, value: impl IntoAny, is_warning: bool) -> Self {
        Self {
            label,
            value: value.into_any(),
            is_warning,
        }
    }
}

/// Three facts next to each other.
pub(crate) fn confirm_facts(facts: [ConfirmFact; 3]) -> AnyView {
    let facts = facts.map(|fact| {
        view! {
            <div>
                <dt>{fact.label}</dt>
                <dd class=fact.is_warning.then_some("warn-text")>{fact.value}</dd>
            </div>
        }
    });
    view! { <dl class="confirm-facts">{facts.collect_view()}</dl> }.into_any()
}

/// Who makes the change, and the commands for other tools, folded away. `group` is that of [`change_snippets`].
pub(crate) fn confirm_details(actor: &Actor, group: &'static str, snippets: ChangeSnippets) -> AnyView {
    view! {
        <details class="confirm-details">
            <summary>
                {format!("Details: acting as {} \u{b7} CLI, REST and Terraform", actor.user_name())}
            </summary>
            <p class="muted">{acting_as(actor)}</p>
            {change_snippets(group, snippets)}
        </details>
    }
    .into_any()
}

/// Who makes the change and how they are signed in.
pub(crate) fn acting_as(actor: &Actor) -> String {
    format!("Acting as {} ({}).", actor.user_name(), credential_label(actor.kind()))
}
