//! `/`: a summary of every workspace, production first or sorted by a number. All workspaces are read at the same time.
//! With a single workspace, it redirects to that workspace's tokens.

mod attention;
mod counters;
mod find_leaked;
mod order;
mod row;

use std::sync::Arc;

use console::overview::WorkspaceSummary;
use console::{Error, SignInId, Workspace};
use futures_util::future::{join, join_all};
use leptos::prelude::*;

use crate::components::{count_of, page_head};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{page_without_workspace, plain_page};

/// A workspace with its summary, or the reason why it has none.
struct Summary {
    workspace: Arc<Workspace>,
    result: Result<WorkspaceSummary, Error>,
}

impl Summary {
    /// Whether this browser is signed in to the workspace.
    fn is_signed_in(&self) -> bool {
        !matches!(self.result, Err(Error::SignedOut))
    }
}

/// All configured workspaces, with a summary of those that this browser is signed in to.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let request = Request::current();
    Suspend::new(async move {
        let sign_ins = match request.sign_ins().await {
            Ok(sign_ins) => sign_ins,
            Err(error) => return page_without_workspace(&request, "Workspaces", request.problem(&error)).await,
        };
        let mut workspaces: Vec<_> = request.console.workspaces().cloned().collect();
        let is_signed_in = workspaces
            .iter()
            .any(|workspace| sign_ins.contains_key(workspace.name()));
        match workspaces.as_slice() {
            [only] => {
                request.redirect(&paths::tokens(only.name()));
                return ().into_any();
            }
            _ if !is_signed_in => {
                request.redirect(&paths::sign_in(None));
                return ().into_any();
            }
            _ => {}
        }
        // The sort is stable: both groups keep the configured order.
        workspaces.sort_by_key(|workspace| !workspace.is_production());
        let leak_results = find_leaked::results(&request, &workspaces);
        let summaries = workspaces.iter().cloned().map(|workspace| {
            let sign_in = sign_ins.get(workspace.name()).copied();
            summary(&request, workspace, sign_in)
        });
        let (summaries, leak_results) = join(join_all(summaries), leak_results).await;
        plain_page(&request, "Workspaces", None, content(&request, summaries, leak_results))
    })
}

async fn summary(request: &Request, workspace: Arc<Workspace>, sign_in: Option<SignInId>) -> Summary {
    let result = match sign_in {
        Some(sign_in) => {
            let name = workspace.name().to_owned();
            request.console.workspace_summary(name, sign_in, request.source()).await
        }
        None => Err(Error::SignedOut),
    };
    Summary { workspace, result }
}

fn content(request: &Request, mut summaries: Vec<Summary>, leak_results: Option<AnyView>) -> AnyView {
    let sort = order::chosen(request);
    if let Some(counter) = sort {
        order::sort(&mut summaries, counter);
    }
    let rows = summaries.iter().map(|summary| row::row(request, summary));
    let line = view! {
        <p>
            {count_of(summaries.len(), "workspace")}
            ", read within the last minute unless the row says otherwise. "
            <a href=order::url(request, sort)>"Refresh"</a>
        </p>
    };
    view! {
        {page_head("Workspaces", line, ())}
        {leak_results}
        {order::links(request, sort)}
        <ul class="overview" aria-label="Workspaces">
            {rows.collect_view()}
        </ul>
        <div class="overview-foot">{attention::section(&summaries)} {find_leaked::form(request)}</div>
    }
    .into_any()
}
