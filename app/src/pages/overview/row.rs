//! One workspace of the overview: its name and settings, its numbers, and the latest change; or why these are missing.

use console::activity::Operation;
use console::overview::WorkspaceSummary;
use console::{Role, Workspace};
use domain::{MaxLifetime, PLATFORM_MAX_LIFETIME_DAYS, Policy, UnreadPart, with_visible_directions};
use leptos::prelude::*;

use super::Summary;
use super::counters::{counters, sparkline};
use super::order;
use crate::components::{count_of, hidden_fields, loading_text, time_ago};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::environment_chip;
use crate::problem::{Interrupted, Problem};

pub(super) fn row(request: &Request, summary: &Summary) -> AnyView {
    let workspace = &summary.workspace;
    let class = format!("card tone-{}", workspace.colour().name());
    let (settings, rest) = match &summary.result {
        Ok(found) => (
            settings(workspace.name(), found.snapshot.policy, found).into_any(),
            numbers(request, workspace, found),
        ),
        Err(_) if !summary.is_signed_in() => (
            view! { <small>"Not signed in"</small> }.into_any(),
            sign_in_options(workspace),
        ),
        Err(error) => (().into_any(), failed(request, request.problem(error), workspace.name())),
    };
    view! {
        <li class=class>
            <div class="overview-name">
                <h2>
                    {environment_chip(workspace)}
                    <a href=paths::tokens(workspace.name())>{workspace.name().to_owned()}</a>
                </h2>
                <small>{workspace.url().host().to_owned()}</small>
                {settings}
            </div>
            {rest}
        </li>
    }
    .into_any()
}

/// Whether tokens are enabled, how long new ones can last, and who is signed in.
fn settings(workspace: &str, policy: Option<Policy>, summary: &WorkspaceSummary) -> AnyView {
    let loading = summary.snapshot.loading().has(UnreadPart::Policy);
    let text = match policy {
        Some(policy) => {
            let (state, class) = if policy.enabled {
                ("On", None)
            } else {
                ("Off", Some("is-off"))
            };
            let limit = match policy.max_lifetime {
                MaxLifetime::Days(days) => count_of(days as usize, "day"),
                MaxLifetime::NoCustomLimit => format!("{PLATFORM_MAX_LIFETIME_DAYS} days (platform)"),
            };
            view! {
                <a href=paths::settings(workspace) class=class>
                    "Personal access tokens "
                    <b>{state}</b>
                    <span class="visually-hidden">{format!(" in {workspace}")}</span>
                </a>
                {format!(" \u{b7} maximum lifetime {limit}")}
            }
            .into_any()
        }
        None if loading => "Tokens and maximum lifetime: loading".into_any(),
        None => "Tokens and maximum lifetime: unknown".into_any(),
    };
    let auditor =
        (summary.role == Role::Auditor).then(|| view! { <span class="chip warn">"Auditor (view only)"</span> });
    view! {
        <small>{text}</small>
        <small>
            "Signed in as "
            <bdi>{with_visible_directions(&summary.user_name).into_owned()}</bdi>
            " "
            {auditor}
        </small>
    }
    .into_any()
}

fn numbers(request: &Request, workspace: &Workspace, summary: &WorkspaceSummary) -> AnyView {
    let name = workspace.name();
    view! {
        {counters(name, &summary.snapshot)}
        <div class="overview-recent">
            {sparkline(name, &summary.snapshot)}
            {last_change(name, summary.last_change.as_ref())}
        </div>
        {state_notice(request, name, summary)}
    }
    .into_any()
}

fn last_change(workspace: &str, last: Option<&Operation>) -> AnyView {
    let Some(last) = last else {
        return view! { <small>"No change through this console yet"</small> }.into_any();
    };
    view! {
        <small>
            <a href=paths::activity(workspace)>
                {last.kind.label().to_owned()}
                <span class="visually-hidden">{format!(" in {workspace}: activity")}</span>
            </a>
            " \u{b7} "
            <bdi>{with_visible_directions(&last.actor).into_owned()}</bdi>
            ", "
            {time_ago(last.at)}
        </small>
    }
    .into_any()
}

/// Says that the numbers are old, or that some of them are still loading.
fn state_notice(request: &Request, workspace: &str, summary: &WorkspaceSummary) -> Option<AnyView> {
    let loading = summary.snapshot.loading();
    let text = if summary.age.is_stale {
        let reason = summary.age.failure.as_ref().map(|(error, _)| {
            let title = request.problem(error).title(Some(workspace));
            format!("{title}. ")
        });
        format!(
            "{}The numbers are from {} ago.",
            reason.unwrap_or_default(),
            count_of((summary.age.age.as_secs() / 60).max(1) as usize, "minute")
        )
    } else if loading.is_empty() {
        return None;
    } else {
        loading_text(loading)
    };
    let back = order::url(request, order::chosen(request));
    let notice = view! {
        <form class="notice" method="post" action="/api/tokens/refresh">
            {hidden_fields([("workspace", workspace.to_owned()), ("back", back)])}
            {text}
            <button class="link">"Retry" <span class="visually-hidden">{format!(" {workspace}")}</span></button>
        </form>
    };
    Some(notice.into_any())
}

/// Why the workspace has no summary. The other workspaces are not affected.
fn failed(request: &Request, problem: Problem, workspace: &str) -> AnyView {
    view! {
        <div class="overview-rest">
            <div class="notice">
                <p>
                    <b>{problem.title(Some(workspace))} "."</b>
                    " "
                    {problem.advice(Some(workspace), Interrupted::Page)}
                </p>
            </div>
            <a class="btn" href=order::url(request, order::chosen(request))>
                "Retry"
                <span class="visually-hidden">{format!(" {workspace}")}</span>
            </a>
        </div>
    }
    .into_any()
}

/// The ways to sign in to the workspace.
fn sign_in_options(workspace: &Workspace) -> AnyView {
    let name = workspace.name().to_owned();
    let tokens = paths::tokens(&name);
    let oauth = workspace.oauth().map(|_| {
        view! {
            <a class="btn primary" href=paths::sign_in_oauth(&name, &tokens)>
                "Sign in with Databricks"
                <span class="visually-hidden">{format!(" to {name}")}</span>
            </a>
        }
    });
    let token = workspace.allows_token_sign_in().then(|| {
        view! {
            <a class="btn" href=paths::sign_in(Some(&tokens))>
                "Use an access token"
                <span class="visually-hidden">{format!(" for {name}")}</span>
            </a>
        }
    });
    view! { <div class="overview-rest row">{oauth} {token}</div> }.into_any()
}
