//! The result of an action, where the page says it.

use leptos::prelude::*;

use crate::problem::Failure;

/// It is done: what, and by which read-back one knows.
pub(crate) fn done(title: &'static str, text: String) -> AnyView {
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

/// It failed: why, what that means, and the id for support.
pub(crate) fn failed(failure: &Failure) -> AnyView {
    let id = failure
        .shown_id()
        .map(|id| view! { <small class="muted mono">"Request " {id.to_owned()}</small> });
    view! {
        <div class="notice danger">
            <p>
                <b>{failure.problem.title()} "."</b>
                " "
                {failure.problem.advice()}
            </p>
            {id}
        </div>
    }
    .into_any()
}
