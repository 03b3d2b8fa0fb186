//! Notices about the result of an action.

use leptos::prelude::*;

use crate::problem::{Failure, Interrupted, Problem};

/// An action succeeded: what was done, and how that was confirmed.
pub(crate) fn success_notice(title: impl Into<String>, text: String) -> AnyView {
    let title: String = title.into();
    view! {
        <div class="notice ok">
            <p>
                <b>{title}</b>
                " "
                {text}
            </p>
        </div>
    }
    .into_any()
}

/// An action failed: the reason, the consequences, and the request ID for support.
pub(crate) fn error_notice(failure: &Failure, workspace: Option<&str>, interrupted: Interrupted) -> AnyView {
    let problem = failure.problem;
    view! {
        <div class="notice danger">
            <p>
                <b>{problem.title(workspace)} "."</b>
                " "
                {failure.advice(workspace, interrupted)}
            </p>
            {workspace_message(failure)}
            {request_id(failure)}
        </div>
    }
    .into_any()
}

/// The workspace's own message, if nothing else explains the problem.
pub(super) fn workspace_message(failure: &Failure) -> Option<AnyView> {
    let message = failure.message.as_ref().filter(|_| failure.problem.is_unexplained())?;
    let message = message.clone();
    Some(view! { <p>"It responded: \u{201c}" <bdi>{message}</bdi> "\u{201d}"</p> }.into_any())
}

/// The request ID for support, folded away. Only shown if the console's log says more than the advice.
pub(super) fn request_id(failure: &Failure) -> Option<AnyView> {
    let id = failure
        .plausible_request_id()
        .filter(|_| is_unexpected(failure.problem))?
        .to_owned();
    let details = view! {
        <details>
            <summary>"Details"</summary>
            <small class="muted mono">"Request ID " {id}</small>
        </details>
    };
    Some(details.into_any())
}

fn is_unexpected(problem: Problem) -> bool {
    match problem {
        Problem::Rejected | Problem::OAuthRefused => true,
        Problem::RateLimited { .. } | Problem::StillLoading => false,
        problem => problem.is_transient(),
    }
}
