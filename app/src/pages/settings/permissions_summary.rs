//! Who can create and use tokens, in one line.

use console::access::AccessSummary;
use console::{Actor, Error};
use domain::Policy;
use leptos::prelude::*;

use crate::components::access_summary;
use crate::http::paths;
use crate::http::request::Request;
use crate::problem::{Interrupted, Problem};

/// The summary, or why it is not available.
pub(super) fn setting(
    request: &Request,
    actor: &Actor,
    policy: Policy,
    access: Result<AccessSummary, Error>,
) -> AnyView {
    let text = match access {
        Ok(summary) => access_summary(summary),
        Err(error) => {
            let problem = match error.is_feature_off() {
                true => Problem::of_feature_off(Some(&policy)),
                false => request.problem(&error),
            };
            let workspace = Some(request.workspace());
            view! {
                <p>
                    <b>{problem.title(workspace)} "."</b>
                    " "
                    {problem.advice(workspace, Interrupted::Page)}
                </p>
            }
            .into_any()
        }
    };
    view! {
        <section class="setting" aria-labelledby="permissions-heading">
            <div>
                <h2 id="permissions-heading">"Permissions"</h2>
                {text}
            </div>
            <a class="btn" href=paths::permissions(actor.workspace().name())>
                "Open permissions"
            </a>
        </section>
    }
    .into_any()
}
