//! `/w/{workspace}/jobs`: the jobs of a workspace, so that one is found again.

use std::sync::Arc;

use console::{Actor, BulkRevocation, BulkState, Error};
use leptos::prelude::*;

use crate::components::{empty, moment};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// Jobs that are listed.
const LISTED: u32 = 100;

/// The jobs, the latest first.
#[component]
pub(crate) fn BulkListPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Jobs", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let jobs = request.console.jobs(&actor, LISTED).await?;
    let workspace = actor.workspace().name();
    let list = if jobs.is_empty() {
        let text = "Select tokens in the list and review them: what is started from there is listed here, with the outcome of each token.";
        empty("Nobody has revoked many tokens at once", text.to_owned(), ()).into_any()
    } else {
        table(&jobs)
    };
    let content = view! {
        <p class="crumbs">
            <a href=paths::tokens(workspace)>"Personal access tokens"</a>
        </p>
        <div class="head">
            <div>
                <h1>"Jobs"</h1>
                <p>"Revocations of many tokens. They go on when the browser is closed and when the console is restarted."</p>
            </div>
        </div>
        <section class="card" aria-label="Jobs">
            {list}
        </section>
    };
    Ok(PageResult {
        title: None,
        policy: None,
        said: None,
        failed: None,
        content: content.into_any(),
    })
}

fn table(jobs: &[BulkRevocation]) -> AnyView {
    view! {
        <div class="tablewrap">
            <table class="jobs">
                <caption>"The latest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Job"</th>
                        <th scope="col">"Started by"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"State"</th>
                    </tr>
                </thead>
                <tbody>{jobs.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(job: &BulkRevocation) -> AnyView {
    let (state, class) = match job.state {
        BulkState::Draft => ("Draft", "chip"),
        BulkState::Running => ("Running", "chip accent"),
        BulkState::Paused => ("Paused", "chip warn"),
        BulkState::Finished => ("Finished", "chip"),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=paths::job(&job.workspace, &job.id)>"Revoke tokens, " {moment(job.started.unwrap_or(job.created))}</a>
            </th>
            <td data-l="Started by">
                <bdi>{job.user_name.clone()}</bdi>
            </td>
            <td data-l="Reason">
                <bdi>{job.reason.clone()}</bdi>
            </td>
            <td data-l="State">
                <span class=class>{state}</span>
            </td>
        </tr>
    }
    .into_any()
}
