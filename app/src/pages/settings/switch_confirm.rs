//! The confirmation page of the switch for personal access tokens.

use std::sync::Arc;

use console::{Actor, CredentialKind, Error, Snapshot};
use domain::{Known, TokenCount, TokenUsage};
use leptos::prelude::*;

use crate::components::{empty_card, sentence, tokens_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{
    Area, ConfirmButton, ConfirmCard, ConfirmFact, PageResult, confirm_details, confirm_facts, workspace_page,
};
use crate::pages::activity::reason_field;
use crate::snippets::ChangeSnippets;

/// Whether disabling tokens requires the workspace's name: in production, or if it ends the person's own access.
pub(super) fn needs_name(actor: &Actor) -> bool {
    actor.workspace().is_production() || actor.kind() == CredentialKind::PersonalAccessToken
}

/// The page.
#[component]
pub(crate) fn SwitchPage() -> impl IntoView {
    workspace_page(Area::Settings, "Personal Access Tokens", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let (policy, snapshot) = tokio::join!(request.console.policy(&actor), request.console.snapshot(&actor));
    let (policy, _) = policy?;
    // Even if the affected tokens are unknown, it must be possible to disable tokens in an emergency.
    let snapshot = snapshot.ok();
    let enable = request.query("to").as_deref() == Some("on");
    if policy.enabled == enable {
        return Ok(PageResult::new(nothing_to_change(&actor, enable))
            .title(title(&actor, enable))
            .policy(policy));
    }
    Ok(PageResult::new(confirm(&request, &actor, enable, snapshot.as_deref()))
        .title(title(&actor, enable))
        .policy(policy)
        .error_shown_in_content())
}

/// The switch is in the requested position already: the link is old, or someone else was faster.
fn nothing_to_change(actor: &Actor, enable: bool) -> AnyView {
    let name = actor.workspace().name();
    let state = if enable { "enabled" } else { "disabled" };
    view! {
        <h1>{title(actor, enable)}</h1>
        {empty_card(
            format!("Personal Access Tokens are already {state}"),
            format!("Nothing changes in {name}."),
            paths::settings(name),
            "Open settings",
        )}
    }
    .into_any()
}

fn title(actor: &Actor, enable: bool) -> String {
    let verb = if enable { "Enable" } else { "Disable" };
    format!("{verb} Personal Access Tokens in {}", actor.workspace().name())
}

fn confirm(request: &Request, actor: &Actor, enable: bool, snapshot: Option<&Snapshot>) -> AnyView {
    let workspace = actor.workspace();
    let usage = snapshot.map(|snapshot| snapshot.inventory.usage());
    let content = if enable {
        enable_content(usage.as_ref())
    } else {
        disable_content(request, actor, usage.as_ref())
    };
    let content = view! {
        {content}
        {confirm_details(actor, "switch", ChangeSnippets::switch_tokens(&workspace.into(), enable))}
    };
    let verb = if enable { "enable" } else { "disable" };
    let card = ConfirmCard {
        title: format!("{}?", title(actor, enable)),
        action: "/api/settings/switch",
        unknown: "the switch was changed",
        fields: vec![("to", if enable { "on" } else { "off" }.to_owned())],
        content: content.into_any(),
        back: &paths::settings(workspace.name()),
        button: ConfirmButton {
            label: "Confirm",
            object: format!(": {verb} Personal Access Tokens in {}", workspace.name()),
            busy: if enable {
                "Enabling\u{2026}"
            } else {
                "Disabling\u{2026}"
            },
            is_dangerous: !enable,
        },
    };
    card.view(request, workspace)
}

/// What the vendor documents about disabling tokens (<https://docs.databricks.com/aws/en/admin/access-control/tokens>),
/// and how many tokens and owners are affected.
fn disable_content(request: &Request, actor: &Actor, usage: Option<&TokenUsage>) -> AnyView {
    let workspace = actor.workspace().name();
    let used = usage.map(|usage| usage.recently_used);
    let keeps = (actor.kind() != CredentialKind::PersonalAccessToken)
        .then_some(" You keep access: you are signed in with OAuth.");
    view! {
        {confirm_facts([
            ConfirmFact::new("Stop working", count_text(usage.map(|usage| usage.tokens), "token"), false),
            ConfirmFact::new(
                "Used in 7 days",
                count_text(used, "token"),
                used.is_none_or(|used| used.seen() > 0),
            ),
            automation(usage),
        ])}
        <p>
            <b>"Nothing is deleted."</b>
            " Unexpired tokens work again once enabled. Partner Connect and partner integrations rely on tokens too."
            {keeps}
        </p>
        <p class="notice info">
            "Only some people? " <a href=paths::permissions(workspace)>"Use permissions instead"</a>
        </p>
        {(actor.kind() == CredentialKind::PersonalAccessToken).then(own_access_warning)}
        {needs_name(actor).then(|| name_field(workspace))}
        {reason_field(request)}
    }
    .into_any()
}

/// How many tokens and owners get access back.
fn enable_content(usage: Option<&TokenUsage>) -> AnyView {
    let owners = usage.map(|usage| usage.owners);
    view! {
        {confirm_facts([
            ConfirmFact::new("Work again", count_text(usage.map(|usage| usage.tokens), "unexpired token"), false),
            ConfirmFact::new("Of", count_text(owners, "owner"), false),
            automation(usage),
        ])}
        <p>
            <b>"New tokens can be created again, too."</b>
            " If you disabled tokens because of a leak, revoke the leaked ones first."
        </p>
    }
    .into_any()
}

/// How many owners are service principals, which means jobs, pipelines and tools.
fn automation(usage: Option<&TokenUsage>) -> ConfirmFact {
    let (text, is_warning) = match usage.map(|usage| usage.service_principals) {
        None => (UNKNOWN_TOKENS.to_owned(), true),
        Some(Known::NotAvailable(part)) => (format!("Not available: {}", part.reason()), true),
        Some(Known::Known(count)) => (sentence(&tokens_of(count, "service principal")), count.seen() > 0),
    };
    // Tokens without an owner can be automation too.
    let without_owner = usage.map(|usage| usage.without_owner).filter(|count| count.seen() > 0);
    let without_owner = without_owner.map(|count| format!(" ({} without an owner)", tokens_of(count, "token")));
    ConfirmFact::new("Automation", text + &without_owner.unwrap_or_default(), is_warning)
}

const UNKNOWN_TOKENS: &str = "Unknown: the token list could not be read";

fn count_text(count: Option<TokenCount>, noun: &str) -> String {
    count.map_or_else(|| UNKNOWN_TOKENS.to_owned(), |count| sentence(&tokens_of(count, noun)))
}

fn own_access_warning() -> AnyView {
    view! {
        <div class="notice danger">
            <p>
                <b>"You will be signed out, because you use a personal access token."</b>
                " You can return with \u{201c}Sign in with Databricks\u{201d} or an OAuth token, or use the \
                 workspace's own settings."
            </p>
        </div>
    }
    .into_any()
}

/// The field to type the workspace's name.
fn name_field(name: &str) -> AnyView {
    view! {
        <div class="field">
            <label for="typed">"Type " <b class="mono">{name.to_owned()}</b> " to confirm"</label>
            <input
                class="input"
                id="typed"
                name="typed"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                required
                data-expect=name.to_owned()
            />
        </div>
    }
    .into_any()
}
