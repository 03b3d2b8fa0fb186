//! `/sessions`: the browsers in which a person is signed in, with forms that end sessions.

use console::Error;
use console::sign_in::own::{EndScope, OwnSession};
use domain::{ClientAddress, with_visible_directions};
use leptos::prelude::*;

use crate::components::{
    Cell, Column, DataTable, TableName, count_of, date_time, page_head, success_notice, time_text,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{page_without_workspace, plain_page, signed_in_with, workspace_name};
use crate::problem::{Failure, Problem};

/// The sessions of all users that this browser is signed in as.
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    let request = Request::current();
    Suspend::new(async move {
        let sessions = async {
            let sign_ins: Vec<_> = request.sign_ins().await?.into_iter().collect();
            request.console.own_sign_ins(&sign_ins).await
        };
        match sessions.await {
            Ok(sessions) => {
                let message = result_message(&request, &sessions);
                plain_page(&request, "Your sessions", message, content(&sessions))
            }
            Err(error @ Error::Store(_)) => {
                page_without_workspace(&request, "Your sessions", request.problem(&error)).await
            }
            Err(error) => {
                request.problem(&error);
                request.redirect(&paths::sign_in(Some(paths::SESSIONS)));
                ().into_any()
            }
        }
    })
}

/// The success message, shown only if the list confirms it: anyone can make up a URL.
fn result_message(request: &Request, sessions: &[OwnSession]) -> Option<AnyView> {
    let is_only_session = sessions.iter().all(|session| session.is_current);
    (request.query("done")? == "ended" && is_only_session)
        .then(|| success_notice("Other sessions ended.", "This is your only session.".to_owned()))
}

fn content(sessions: &[OwnSession]) -> AnyView {
    let has_others = sessions.iter().any(|session| !session.is_current);
    let end_others = has_others.then(|| {
        view! {
            <form method="post" action="/api/sessions/end_others">
                <button class="btn danger-outline">"End all other sessions"</button>
            </form>
        }
    });
    let line = view! {
        <p>
            "You have " {count_of(sessions.len(), "active session")}
            ". Ending one signs that browser out but revokes no tokens. If you do not recognise a session, end it \
             and revoke the token it used."
        </p>
    };
    let table = DataTable {
        class: None,
        name: TableName::Caption("Most recent first".into()),
        columns: [
            Column::name("Browser"),
            Column::value("Workspace"),
            Column::value("Signed in"),
            Column::value("Last seen"),
            Column::value("Expires"),
            Column::actions("Action"),
        ],
    };
    view! {
        {page_head("Your sessions", line, end_others)}
        <section class="card" aria-label="Your sessions">
            {table.view(sessions.iter().map(row))}
        </section>
    }
    .into_any()
}

fn row(session: &OwnSession) -> [Cell; 6] {
    let sign_in = &session.sign_in;
    let browser = match sign_in.device.as_str() {
        "" => "Unknown browser",
        name => name,
    };
    let current_chip = session
        .is_current
        .then(|| view! { <span class="chip accent">"This browser"</span> });
    let user = with_visible_directions(&session.user_name);
    let user = format!("{user}, with {}", signed_in_with(sign_in.kind));
    let label = format!(
        "End session: {browser}, {}, started {}",
        session.workspace.name(),
        time_text(sign_in.created)
    );
    let end = view! {
        <form method="post" action="/api/sessions/end">
            <input type="hidden" name="id" value=sign_in.id.to_string() />
            <button class="btn quiet" aria-label=label>
                "End session"
            </button>
        </form>
    };
    [
        Cell::new(view! { {browser.to_owned()} " " {current_chip} <small>{client_label(sign_in.client)}</small> }),
        Cell::new(view! { {workspace_name(&session.workspace)} <small>{user}</small> }),
        Cell::new(date_time(sign_in.created)),
        Cell::new(date_time(sign_in.last_seen)),
        Cell::new(date_time(sign_in.ends)),
        Cell::new(end),
    ]
}

fn client_label(client: ClientAddress) -> String {
    match client.ip() {
        Some(ip) => format!("Signed in from {ip}"),
        None => "Signed in from an unknown address".to_owned(),
    }
}

/// Ends one of the person's own sessions.
#[server(prefix = "/api", endpoint = "sessions/end")]
pub(crate) async fn end_session(id: String) -> Result<(), Failure> {
    let request = Request::current();
    match id.parse() {
        Ok(id) => end(&request, EndScope::One(id)).await,
        Err(_) => Err(request.fail_form_at(Problem::BadRequest, paths::SESSIONS)),
    }
}

/// Ends all of the person's own sessions except those of this browser.
#[server(prefix = "/api", endpoint = "sessions/end_others")]
pub(crate) async fn end_other_sessions() -> Result<(), Failure> {
    end(&Request::current(), EndScope::Others).await
}

async fn end(request: &Request, scope: EndScope) -> Result<(), Failure> {
    let ended = async {
        let sign_ins: Vec<_> = request.sign_ins().await?.into_iter().collect();
        request.console.end_own_sessions(&sign_ins, scope).await
    };
    ended
        .await
        .map_err(|error| request.fail_form_at(request.problem(&error), paths::SESSIONS))?;
    request.redirect(&paths::with_param(paths::SESSIONS, "done", "ended"));
    Ok(())
}
