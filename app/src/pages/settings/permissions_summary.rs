//! Who can create and use tokens, in one line.

use console::access::AccessSummary;
use console::{Actor, Error};
use domain::Policy;
use leptos::prelude::*;

use crate::components::count_of;
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
        Ok(summary) => summary_text(summary),
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

fn summary_text(summary: AccessSummary) -> AnyView {
    let everyone = summary.all_users.then(|| {
        view! {
            <p>
                "The group \u{201c}users\u{201d} is included, so everyone in this workspace can use tokens. "
                <span class="chip warn">"Everyone"</span>
            </p>
        }
    });
    let counts = [
        (summary.groups, "group"),
        (summary.users, "user"),
        (summary.service_principals, "service principal"),
    ];
    let grantees: Vec<_> = counts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, noun)| count_of(n, noun))
        .collect();
    let text = match grantees.as_slice() {
        [] if summary.all_users => None,
        [] => Some("Only workspace admins can create and use tokens.".to_owned()),
        [one] => Some(format!("Admins and {one} can create and use tokens.")),
        [first @ .., last] => Some(format!(
            "Admins, {} and {last} can create and use tokens.",
            first.join(", ")
        )),
    };
    view! {
        {text.map(|text| view! { <p>{text}</p> })}
        {everyone}
    }
    .into_any()
}
