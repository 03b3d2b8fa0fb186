//! The switch that enables and disables tokens: its state, its confirmation page, the change, and the result.

use std::sync::Arc;

use crate::snippets::ChangeSnippets;
use console::activity::{ActivityKind, Detail};
use console::changes::switch_tokens::{SWITCH_TIMEOUT, SwitchResult};
use console::{Actor, CredentialKind, Error, Snapshot};
use domain::{Known, Policy, Timestamp, TokenCount, TokenUsage};
use leptos::prelude::*;

use crate::components::{error_notice, number_of, sentence, success_notice, time_text, tokens_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, confirm_details, workspace_heading, workspace_page};
use crate::pages::activity::{reason_field, with_reason};
use crate::problem::{ChangeFailure, Failure, Interrupted, Problem};

/// The switch in its card. It shows the state that the workspace reports, and leads to the confirmation page.
pub(super) fn setting(actor: &Actor, policy: Policy) -> AnyView {
    let (state, to) = if policy.enabled { ("On", "off") } else { ("Off", "on") };
    view! {
        <section class="setting" aria-labelledby="switch-heading">
            <div>
                <h2 id="switch-heading">"Personal Access Tokens"</h2>
                <p>
                    "Allow personal access tokens in this workspace. Disabling deletes nothing; unexpired tokens work \
                     again once enabled."
                </p>
            </div>
            <div class="side-by-side">
                <form method="get" action=paths::switch(actor.workspace().name())>
                    <input type="hidden" name="to" value=to />
                    <button
                        class="switch"
                        role="switch"
                        aria-checked=if policy.enabled { "true" } else { "false" }
                        aria-labelledby="switch-heading"
                        disabled=!actor.can_change()
                        data-confirm
                    >
                        <span class="track">
                            <span class="thumb"></span>
                        </span>
                        {state}
                    </button>
                </form>
                <a class="btn small" href=paths::permissions(actor.workspace().name())>
                    "Who can use tokens"
                </a>
            </div>
        </section>
    }
    .into_any()
}

/// The result of the change that redirected here: the success message and the error, at most one of them.
pub(super) fn result_message(
    request: &Request,
    actor: &Actor,
    policy: Policy,
    as_of: Timestamp,
) -> (Option<AnyView>, Option<AnyView>) {
    if request.query("done").as_deref() != Some("switch") {
        return (None, None);
    }
    let enable = request.query("to").as_deref() == Some("on");
    // If no such change was sent recently, the URL was made up or is old.
    let sent = request.console.last_switch(actor);
    let Some((_, sent)) = sent.filter(|(enabled, _)| *enabled == enable) else {
        return (None, None);
    };
    if policy.enabled == enable {
        let title = if enable {
            "Personal access tokens are enabled."
        } else {
            "Personal access tokens are disabled."
        };
        let text = format!("Confirmed at {}.", time_text(as_of));
        (Some(success_notice(title, text)), None)
    } else if as_of.duration_since(sent) < SWITCH_TIMEOUT {
        (
            Some(pending_notice(request, actor.workspace().name(), enable, sent)),
            None,
        )
    } else {
        let failure = request.failure(Problem::NotConfirmed);
        let notice = error_notice(&failure, Some(actor.workspace().name()), Interrupted::Change);
        (None, Some(notice))
    }
}

fn pending_notice(request: &Request, workspace: &str, enable: bool, sent: Timestamp) -> AnyView {
    let to = if enable { "on" } else { "off" };
    let again = paths::with_param(&paths::with_param(&request.current_url(), "done", "switch"), "to", to);
    view! {
        <div class="notice" data-pending>
            <p>
                <b>"Waiting for confirmation."</b>
                {format!(
                    " {workspace} accepted the change at {}; it usually takes effect within seconds. ",
                    time_text(sent),
                )}
                <a href=again>"Check again"</a>
            </p>
        </div>
    }
    .into_any()
}

/// The confirmation page of the switch.
#[component]
pub(crate) fn SwitchPage() -> impl IntoView {
    workspace_page(Area::Settings, "Personal Access Tokens", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let (policy, snapshot) = tokio::join!(request.console.policy(&actor), request.console.snapshot(&actor));
    let (policy, _) = policy?;
    // Even if the affected tokens are unknown, disabling tokens in an emergency has to be possible.
    let snapshot = snapshot.ok();
    let enable = request.query("to").as_deref() == Some("on");
    Ok(PageResult::new(confirm(&request, &actor, enable, snapshot.as_deref()))
        .title(title(&actor, enable))
        .policy(policy)
        .error_shown_in_content())
}

fn title(actor: &Actor, enable: bool) -> String {
    let verb = if enable { "Enable" } else { "Disable" };
    format!("{verb} personal access tokens in {}", actor.workspace().name())
}

fn confirm(request: &Request, actor: &Actor, enable: bool, snapshot: Option<&Snapshot>) -> AnyView {
    let workspace = actor.workspace();
    let back = paths::settings(workspace.name());
    let ends_own_access = !enable && actor.kind() == CredentialKind::PersonalAccessToken;
    let error = request.failure_in_url().map(|failure| {
        let notice = error_notice(&failure, Some(workspace.name()), Interrupted::Change);
        view! { <div role="alert">{notice}</div> }
    });
    let consequences = if enable {
        enable_consequences(snapshot).into_any()
    } else {
        disable_consequences(snapshot, actor).into_any()
    };
    view! {
        <section class="card confirm-card" id="confirm">
            <form method="post" action="/api/settings/switch">
                <div class="body">
                    {workspace_heading(workspace)}
                    <h1 id="confirm-title">{title(actor, enable)}</h1>
                    {error}
                    {consequences}
                    {ends_own_access.then(|| own_access_warning(workspace.name()))}
                    {(!enable).then(|| reason_field(request))}
                    {confirm_details(actor, "switch", ChangeSnippets::switch_tokens(&workspace.into(), enable))}
                </div>
                <input type="hidden" name="workspace" value=workspace.name().to_owned() />
                <input type="hidden" name="to" value=if enable { "on" } else { "off" } />
                <div class="card-footer">
                    <a class="btn" href=back data-cancel role="button">
                        "Cancel"
                    </a>
                    <button class=if enable { "btn primary" } else { "btn danger" }>"Confirm"</button>
                </div>
            </form>
        </section>
    }
    .into_any()
}

/// What the vendor documents about disabling tokens (<https://docs.databricks.com/aws/en/admin/access-control/tokens>),
/// and how many tokens and owners are affected.
fn disable_consequences(snapshot: Option<&Snapshot>, actor: &Actor) -> AnyView {
    let counted = match snapshot.map(|s| s.inventory.usage()) {
        None => view! { <p>"The number of affected tokens is not available: the token list could not be read."</p> }
            .into_any(),
        Some(usage) => {
            let stop = match usage.tokens.seen() {
                1 => " stops working, including automation. ",
                _ => " stop working, including automation. ",
            };
            let used = match usage.recently_used.seen() {
                1 => " of them was used in the last 7 days.",
                _ => " of them were used in the last 7 days.",
            };
            view! {
                <p>
                    <b class="num">{sentence(&tokens_of(usage.tokens, "active token"))}</b>
                    {of_owners(&usage)}
                    {stop}
                    <b class="num">{sentence(&number_of(usage.recently_used))}</b>
                    {used}
                </p>
                <div class="notice danger">
                    <p>
                        "Partner Connect, partner integrations and service principals rely on personal access tokens. "
                        {service_principals_text(usage.service_principals)}
                    </p>
                </div>
            }
            .into_any()
        }
    };
    let keeps = (actor.kind() != CredentialKind::PersonalAccessToken)
        .then(|| view! { <li>"You keep access: you are signed in with OAuth."</li> });
    view! {
        {counted}
        <ul>
            <li>"Nothing is deleted."</li>
            <li>"Unexpired tokens work again once enabled."</li>
            <li>"It can take a few seconds."</li>
            {keeps}
        </ul>
    }
    .into_any()
}

/// " of 5 owners", and how many of the tokens have none.
fn of_owners(usage: &TokenUsage) -> AnyView {
    let without_owner =
        (usage.without_owner.seen() > 0).then(|| format!(" ({} without an owner)", number_of(usage.without_owner)));
    view! {
        " of "
        <b class="num">{tokens_of(usage.owners, "owner")}</b>
        {without_owner}
    }
    .into_any()
}

/// How many service principals own active tokens, if that is known.
fn service_principals_text(service_principals: Known<TokenCount>) -> AnyView {
    match service_principals {
        Known::Known(count) => {
            let own = match count.seen() {
                1 => " owns active tokens here.",
                _ => " own active tokens here.",
            };
            view! {
                <b>{sentence(&tokens_of(count, "service principal"))}</b>
                {own}
            }
            .into_any()
        }
        Known::NotAvailable(part) => view! {
            "How many of them own active tokens here is "
            <b>{format!("not available: {}.", part.reason())}</b>
        }
        .into_any(),
    }
}

/// How many unexpired tokens work again.
fn enable_consequences(snapshot: Option<&Snapshot>) -> AnyView {
    let counted = match snapshot.map(|s| s.inventory.usage()) {
        None => view! { <p>
               "The number of tokens that will work again is not available: the token list could not be read."
           </p>
        }
        .into_any(),
        Some(usage) => {
            let work = if usage.tokens.seen() == 1 { " works" } else { " work" };
            view! {
                <p>
                    <b class="num">{sentence(&tokens_of(usage.tokens, "unexpired token"))}</b>
                    {of_owners(&usage)}
                    {work}
                    " again, and new ones can be created. If you disabled tokens because of a leak, revoke the \
                     leaked ones first."
                </p>
            }
            .into_any()
        }
    };
    view! {
        {counted}
        <ul>
            <li>"It can take a few seconds."</li>
        </ul>
    }
    .into_any()
}

/// The warning that the change stops the session's own token, with the field in which the workspace's name has to be
/// typed to confirm that.
fn own_access_warning(name: &str) -> AnyView {
    view! {
        <div class="notice danger">
            <p>
                <b>"You will be signed out, because you use a personal access token."</b>
                " You can return with \u{201c}Sign in with Databricks\u{201d} or an OAuth token, or use the \
                 workspace's own settings."
            </p>
        </div>
        <div class="field">
            <label for="typed">"Type " <b>{name.to_owned()}</b> " to confirm"</label>
            <input
                class="input"
                id="typed"
                name="typed"
                autocomplete="off"
                spellcheck="false"
                data-expect=name.to_owned()
            />
        </div>
    }
    .into_any()
}

/// Enables or disables personal access tokens. Someone who is signed in with one has to type the workspace's name to
/// disable them.
#[server(prefix = "/api", endpoint = "settings/switch")]
pub(crate) async fn switch_tokens(
    workspace: String,
    to: String,
    typed: Option<String>,
    reason: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let enable = match to.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(request.fail_form(Problem::BadRequest)),
    };
    let reason = reason.unwrap_or_default();
    let confirm = with_reason(&paths::with_param(&paths::switch(&workspace), "to", &to), &reason);
    let refuse = |failure: ChangeFailure| request.fail_form_at(failure, &confirm);
    let actor = request.actor_for_change(&workspace).await;
    let actor = actor
        .map_err(|e| refuse(request.change_failure(&e)))?
        .with_reason(&reason);
    let typed = typed.unwrap_or_default();
    let needs_name = !enable && actor.kind() == CredentialKind::PersonalAccessToken;
    if needs_name && !typed.trim().eq_ignore_ascii_case(&workspace) {
        let refusal = request
            .console
            .record_refusal(&actor, ActivityKind::SwitchTokens, "off", Detail::NameMismatch);
        refusal.await.map_err(|e| refuse(request.change_failure(&e)))?;
        return Err(refuse(Problem::NameMismatch.into()));
    }
    let result = request.console.switch_tokens(&actor, enable).await;
    let page = paths::settings(&workspace);
    let next = match result.map_err(|e| refuse(request.change_failure(&e)))? {
        SwitchResult::Confirmed | SwitchResult::Accepted => {
            paths::with_param(&paths::with_param(&page, "done", "switch"), "to", &to)
        }
        SwitchResult::DisabledWithSession => {
            paths::with_param(&paths::sign_in(Some(&page)), "done", "own-access-ended")
        }
    };
    request.redirect(&next);
    Ok(())
}
