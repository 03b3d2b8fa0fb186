//! A page's body where there is nothing to show: what happened, what it means, and the next step.

use leptos::prelude::*;

use super::notice::request_id;
use crate::http::paths;
use crate::problem::{Failure, Interrupted, Problem};

/// Why a page shows nothing, for the `workspace` at `host`. `retry` is the URL to try again.
pub(crate) fn error_card(failure: &Failure, workspace: Option<&str>, host: &str, retry: &str) -> AnyView {
    let problem = failure.problem;
    let host = (!host.is_empty()).then(|| view! { <p class="mono">{host.to_owned()}</p> });
    view! {
        <section class="card empty">
            <h2>{problem.title(workspace)}</h2>
            {host}
            <p>{problem.advice(workspace, Interrupted::Page)}</p>
            <div class="row">
                {next_step(problem, retry)}
                <a class="btn" href=paths::sign_in(None)>
                    {elsewhere(problem)}
                </a>
            </div>
            {request_id(failure)}
        </section>
    }
    .into_any()
}

fn next_step(problem: Problem, retry: &str) -> AnyView {
    problem
        .is_transient()
        .then(|| {
            view! {
                <a class="btn primary" href=retry.to_owned()>
                    "Try again"
                </a>
            }
        })
        .into_any()
}

/// What the sign-in page, which lists every workspace, is good for now.
fn elsewhere(problem: Problem) -> &'static str {
    match problem {
        Problem::SignedOut
        | Problem::BadCredential
        | Problem::ScopeMissing
        | Problem::NotAdmin
        | Problem::TokensNotAllowed => "Sign in another way",
        _ => "All workspaces",
    }
}

/// Nothing to show, and that is no failure.
pub(crate) fn empty_state(title: &'static str, text: String, next: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {next}
        </div>
    }
    .into_any()
}
