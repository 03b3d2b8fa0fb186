//! The switch that enables and disables tokens: its state, its change, and the result of the change.

use console::activity::{ActivityKind, Detail};
use console::changes::switch_tokens::{SWITCH_TIMEOUT, SwitchResult};
use console::{Actor, Snapshot};
use domain::{Known, Policy, Status, Timestamp, TokenQuery, TokenUsage, UseWindow};
use leptos::prelude::*;

use super::switch_confirm::needs_name;
use crate::components::{error_notice, number_of, success_notice, time_text};
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::activity::with_reason;
use crate::problem::{ChangeFailure, Failure, Interrupted, Problem};

/// The card with the switch. It shows the state that the workspace reports, and leads to the confirmation page.
pub(super) fn setting(actor: &Actor, policy: Policy, snapshot: Option<&Snapshot>) -> AnyView {
    let (state, to) = match (policy.enabled, policy.is_switch_set) {
        (true, false) => ("On (default, never set)", "off"),
        (true, true) => ("On", "off"),
        (false, _) => ("Off", "on"),
    };
    let default = (!policy.is_switch_set).then(|| {
        view! {
            <p>
                "No one has used this switch: by default, everyone with permission can create and use tokens."
            </p>
        }
    });
    view! {
        <section class="setting" aria-labelledby="switch-heading">
            <div>
                <h2 id="switch-heading">"Personal Access Tokens"</h2>
                <p>
                    "Allow personal access tokens in this workspace. Disabling deletes nothing; unexpired tokens work \
                     again once enabled."
                </p>
                {default}
                {counters(actor.workspace().name(), policy, snapshot)}
            </div>
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
        </section>
    }
    .into_any()
}

/// How many tokens the switch affects, with links to them.
fn counters(workspace: &str, policy: Policy, snapshot: Option<&Snapshot>) -> AnyView {
    let Some(snapshot) = snapshot else {
        return view! { <p>"The number of active tokens is unknown: the token list is not loaded."</p> }.into_any();
    };
    let usage = snapshot.inventory.usage();
    let active = TokenQuery {
        status: Some(Status::Active),
        ..TokenQuery::default()
    };
    let used = TokenQuery {
        last_used: Some(UseWindow::Days7),
        ..active.clone()
    };
    let state = if policy.enabled { "active" } else { "suspended" };
    let noun = if usage.tokens.seen() == 1 { "token" } else { "tokens" };
    view! {
        <p class="setting-counters">
            <a href=paths::tokens_with(workspace, &active)>
                <b>{number_of(usage.tokens)}</b> {format!(" {state} {noun}")}
            </a>
            <a href=paths::tokens_with(workspace, &used)>
                <b>{number_of(usage.recently_used)}</b> " used in 7 days"
            </a>
            {service_principals(&usage)}
        </p>
    }
    .into_any()
}

/// How many service principals own active tokens, and so how many jobs, pipelines and tools use them. No list of tokens
/// shows this number, so it is not a link.
fn service_principals(usage: &TokenUsage) -> AnyView {
    match usage.service_principals {
        Known::Known(count) => {
            let noun = if count.seen() == 1 {
                "service principal"
            } else {
                "service principals"
            };
            view! { <span><b>{number_of(count)}</b> {format!(" {noun} among the owners")}</span> }.into_any()
        }
        Known::NotAvailable(part) => {
            view! { <span>{format!("Service principals among the owners: unknown ({})", part.reason())}</span> }
                .into_any()
        }
    }
}

/// The success message and the error of the change that redirected here; at most one of them.
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
    // Without a recent change, the URL was made up or is old.
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
        let effect = if enable {
            ""
        } else {
            "No token works until they are enabled again. "
        };
        let text = format!("{effect}Confirmed at {}.", time_text(as_of));
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

/// Enables or disables personal access tokens; see [`needs_name`].
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
    let actor = actor.and_then(|actor| actor.with_reason(&reason));
    let actor = actor.map_err(|e| refuse(request.change_failure(&e)))?;
    let typed = typed.unwrap_or_default();
    if !enable && needs_name(&actor) && !typed.trim().eq_ignore_ascii_case(&workspace) {
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
