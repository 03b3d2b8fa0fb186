//! `/`: a summary of every workspace; all are read at the same time. With a single workspace, a redirect to its tokens.

use std::sync::Arc;

use console::overview::WorkspaceSummary;
use console::{Error, Role, Workspace};
use domain::{UnreadPart, with_visible_directions};
use leptos::prelude::*;

use crate::components::{count_of, date_time, not_available, number_of, sentence};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{plain_page, workspace_name};
use crate::problem::{Interrupted, Problem};

/// All configured workspaces, with a summary of those that this browser is signed in to.
#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let request = Request::current();
    Suspend::new(async move {
        let sign_ins = request.session.all_sign_ins().await;
        let workspaces: Vec<_> = request.console.workspaces().cloned().collect();
        let is_signed_in = sign_ins
            .iter()
            .any(|(name, _)| workspaces.iter().any(|workspace| workspace.name() == name));
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
        let total = workspaces.len();
        let summaries = workspaces.into_iter().map(|workspace| {
            let sign_in = sign_ins
                .iter()
                .find(|(name, _)| name == workspace.name())
                .map(|(_, id)| *id);
            let (console, source) = (request.console.clone(), request.source());
            async move {
                let summary = match sign_in {
                    Some(sign_in) => {
                        console
                            .workspace_summary(workspace.name().to_owned(), sign_in, source)
                            .await
                    }
                    None => Err(Error::SignedOut),
                };
                (workspace, summary)
            }
        });
        let rows = futures_util::future::join_all(summaries).await;
        let rows = rows
            .into_iter()
            .map(|(workspace, summary)| row(&request, &workspace, summary))
            .collect_view();
        let content = view! {
            <div class="head">
                <div>
                    <h1>"Workspaces"</h1>
                    <p>"Data is at most one minute old."</p>
                </div>
            </div>
            <section class="card" aria-label="Workspaces">
                <div class="tablewrap">
                    <table class="overview">
                        <caption>{count_of(total, "workspace")}</caption>
                        <thead>
                            <tr>
                                <th scope="col">"Workspace"</th>
                                <th scope="col">"Personal access tokens"</th>
                                <th scope="col">"Maximum lifetime"</th>
                                <th scope="col">"Tokens"</th>
                                <th scope="col">"Never expire"</th>
                                <th scope="col">"Updated"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        };
        plain_page(&request, "Workspaces", None, content.into_any())
    })
}

fn row(request: &Request, workspace: &Arc<Workspace>, summary: Result<WorkspaceSummary, Error>) -> AnyView {
    let cells = match summary {
        Ok(summary) => summary_cells(workspace.name(), &summary),
        Err(Error::SignedOut) => view! {
            <td colspan="5" data-label="Not signed in">
                <a class="btn small" href=paths::sign_in(Some(&paths::tokens(workspace.name())))>
                    "Sign in"
                </a>
            </td>
        }
        .into_any(),
        Err(error) => error_cells(request.problem(&error), workspace.name()),
    };
    let class = format!("tone-{}", workspace.colour().name());
    view! {
        <tr class=class>
            <th scope="row">
                <a href=paths::tokens(workspace.name())>{workspace_name(workspace)}</a>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

/// Why the workspace has no summary. The rows of the other workspaces are not affected.
fn error_cells(problem: Problem, workspace: &str) -> AnyView {
    view! {
        <td colspan="5" data-label="Not available">
            <div class="notice">
                <p>
                    <b>{problem.title(Some(workspace))} "."</b>
                    " "
                    {problem.advice(Some(workspace), Interrupted::Page)}
                </p>
            </div>
        </td>
    }
    .into_any()
}

fn summary_cells(workspace: &str, summary: &WorkspaceSummary) -> AnyView {
    let inventory = &summary.snapshot.inventory;
    let counts = inventory.counts();
    let (switch, limit) = match summary.snapshot.policy {
        Some(policy) if policy.enabled => ("On", policy.max_lifetime.to_string()),
        Some(policy) => ("Off", policy.max_lifetime.to_string()),
        None if summary.snapshot.loading().has(UnreadPart::Policy) => ("Loading", "Loading".to_owned()),
        None => ("Not available", not_available(UnreadPart::Policy)),
    };
    let dot = match switch {
        "On" => "dot",
        "Off" => "dot off",
        _ => "dot unknown",
    };
    let is_auditor = summary.role == Role::Auditor;
    let role = is_auditor.then(|| view! { " " <span class="chip warn">"Auditor (view only)"</span> });
    view! {
        <td data-label="Personal access tokens">
            <a href=paths::settings(workspace) class="status">
                <span class=dot></span>
                {switch}
            </a>
        </td>
        <td data-label="Maximum lifetime">{limit}</td>
        <td data-label="Tokens" class="num">{sentence(&number_of(counts.total))}</td>
        <td data-label="Never expire" class="num">{sentence(&number_of(counts.never_expire))}</td>
        <td data-label="Updated">
            {date_time(inventory.as_of())}
            <small>{with_visible_directions(&summary.user_name).into_owned()} {role}</small>
        </td>
    }
    .into_any()
}
