//! The body of a page that cannot be shown: what happened, what it means, and the next step.

use leptos::prelude::*;

use super::notice::{request_id, workspace_message};
use crate::http::paths;
use crate::problem::{Failure, Interrupted, Problem};

/// Why a page cannot be shown, for the `workspace` at `host`. `retry` is the URL to try again.
pub(crate) fn error_card(failure: &Failure, workspace: Option<&str>, host: &str, retry: &str) -> AnyView {
    let problem = failure.problem;
    let names_host = !host.is_empty() && !problem.is_about_console();
    let host = names_host.then(|| view! { <p class="mono">{host.to_owned()}</p> });
    view! {
        <section class="card empty">
            <h2>{problem.title(workspace)}</h2>
            {host}
            <p>{problem.advice(workspace, Interrupted::Page)}</p>
            {workspace_message(failure)}
            <div class="row">
                {next_step(problem, retry)}
                {other_step(problem, retry)}
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

/// A link to another way to sign in, if that is the advice, which leads back to the page afterwards; otherwise a link
/// to the other workspaces.
fn other_step(problem: Problem, retry: &str) -> AnyView {
    let (url, label) = match problem {
        Problem::SignedOut
        | Problem::BadCredential
        | Problem::ScopeMissing { .. }
        | Problem::NotInWorkspace
        | Problem::NotAdmin
        | Problem::TokensNotAllowed => {
            let next = Some(retry).filter(|retry| *retry != "/");
            (paths::sign_in(next), "Sign in another way")
        }
        _ => ("/".to_owned(), "All workspaces"),
    };
    view! {
        <a class="btn" href=url>
            {label}
        </a>
    }
    .into_any()
}
