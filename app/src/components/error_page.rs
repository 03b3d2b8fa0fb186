//! A page's body where there is nothing to show: what happened, what it means, and the next step.

use leptos::prelude::*;

use crate::http::paths;
use crate::problem::{Failure, Problem};

/// Why a page shows nothing, for the workspace at `host`. `retry` is the address to try again.
pub(crate) fn blocked(failure: &Failure, host: &str, retry: &str) -> AnyView {
    let problem = failure.problem;
    let id = failure
        .shown_id()
        .map(|id| view! { <small class="muted mono">"Request " {id.to_owned()}</small> });
    let host = (!host.is_empty()).then(|| view! { <p class="mono">{host.to_owned()}</p> });
    view! {
        <section class="card empty">
            <h2>{problem.title()}</h2>
            {host}
            <p>{problem.advice()}</p>
            <div class="row">{next_step(problem, retry)} <a class="btn" href=paths::sign_in(None)>"Workspaces"</a></div>
            {id}
        </section>
    }
    .into_any()
}

fn next_step(problem: Problem, retry: &str) -> AnyView {
    problem
        .is_passing()
        .then(|| {
            view! {
                <a class="btn primary" href=retry.to_owned()>
                    "Try again"
                </a>
            }
        })
        .into_any()
}

/// Nothing to show, and that is no failure.
pub(crate) fn empty(title: &'static str, text: String, next: impl IntoView + 'static) -> AnyView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {next}
        </div>
    }
    .into_any()
}
