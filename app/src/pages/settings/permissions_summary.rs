//! Who may create and use tokens, in one line.

use console::Error;
use console::access::AccessSummary;
use leptos::prelude::*;

use crate::components::count;
use crate::http::request::Request;

/// The summary; why there is none, where there is none.
pub(super) fn setting(request: &Request, access: Result<AccessSummary, Error>) -> AnyView {
    let text = match access {
        Ok(summary) => summarised(summary),
        Err(error) => {
            let problem = request.problem(&error);
            view! {
                <p>
                    <b>{problem.title()} "."</b>
                    " "
                    {problem.advice()}
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
        </section>
    }
    .into_any()
}

fn summarised(summary: AccessSummary) -> AnyView {
    let everybody = summary.everybody.then(|| {
        view! {
            <p>
                "Everyone in the group "
                <b>"users"</b>
                " may: that is everybody in this workspace. "
                <span class="chip warn">"everyone"</span>
            </p>
        }
    });
    let named = format!(
        "{}, {} and {}",
        count(summary.groups, "group"),
        count(summary.users, "user"),
        count(summary.service_principals, "service principal")
    );
    let nobody = summary == AccessSummary::default();
    let text = if nobody {
        "Only workspace admins may create and use tokens.".to_owned()
    } else {
        format!("Besides the admins, {named} may create and use tokens.")
    };
    view! {
        <p>{text}</p>
        {everybody}
    }
    .into_any()
}
