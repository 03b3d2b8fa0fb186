//! `/sessions`: where one is signed in, and ending what one does not know.

use console::sign_in::own::{EndScope, OwnSession};
use domain::with_visible_directions;
use leptos::prelude::*;

use crate::components::{count_of, date_time, success_notice};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{plain_page, signed_in_with, workspace_name};
use crate::problem::{Failure, Problem};

/// One's own sign-ins.
#[component]
pub(crate) fn SessionsPage() -> impl IntoView {
    let request = Request::current();
    Suspend::new(async move {
        let held = request.session.all_sign_ins().await;
        match request.console.own_sign_ins(&held).await {
            Ok(own) => plain_page(&request, "Your sessions", result_message(&request, &own), content(&own)),
            Err(error) => {
                request.problem(&error);
                request.redirect(&paths::sign_in(Some(paths::SESSIONS)));
                ().into_any()
            }
        }
    })
}

/// The good news, as far as the list shows that it is true.
fn result_message(request: &Request, own: &[OwnSession]) -> Option<AnyView> {
    let only_here = own.iter().all(|own| own.is_current);
    (request.query("done")? == "ended" && only_here)
        .then(|| success_notice("Other sessions ended.", "This is your only session.".to_owned()))
}

fn content(own: &[OwnSession]) -> AnyView {
    let others = own.iter().filter(|own| !own.is_current).count();
    let end_others = (others > 0).then(|| {
        view! {
            <form method="post" action="/api/sessions/end_others">
                <button class="btn danger-outline">"End all other sessions"</button>
            </form>
        }
    });
    view! {
        <div class="head">
            <div>
                <h1>"Your sessions"</h1>
                <p>
                    "You have " {count_of(own.len(), "active session")}
                    ". Ending one signs that browser out but revokes no tokens. If you do not recognise a session, \
                     end it and revoke the token it used."
                </p>
            </div>
            {end_others}
        </div>
        <section class="card" aria-label="Your sessions">
            <div class="tablewrap">
                <table class="sign-ins">
                    <caption>"Most recent first"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Browser"</th>
                            <th scope="col">"Workspace"</th>
                            <th scope="col">"Signed in"</th>
                            <th scope="col">"Last seen"</th>
                            <th scope="col">"Expires"</th>
                            <th scope="col">
                                <span class="visually-hidden">"Action"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{own.iter().map(row).collect_view()}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn row(own: &OwnSession) -> AnyView {
    let sign_in = &own.sign_in;
    let device = match sign_in.device.as_str() {
        "" => "Unknown browser",
        device => device,
    };
    let here = own
        .is_current
        .then(|| view! { <span class="chip accent">"This browser"</span> });
    let user = with_visible_directions(&own.user_name);
    let user = format!("{user}, with {}", signed_in_with(sign_in.kind));
    let label = format!(
        "End session: {device}, {}, started {}",
        own.workspace.name(),
        sign_in.created.time_of_day()
    );
    view! {
        <tr>
            <th scope="row">{device.to_owned()} " " {here}</th>
            <td data-label="Workspace">
                {workspace_name(&own.workspace)}
                <small>{user}</small>
            </td>
            <td data-label="Signed in">{date_time(sign_in.created)}</td>
            <td data-label="Last seen">{date_time(sign_in.last_seen)}</td>
            <td data-label="Expires">{date_time(sign_in.ends)}</td>
            <td class="cell-actions">
                <form method="post" action="/api/sessions/end">
                    <input type="hidden" name="id" value=sign_in.id.to_string() />
                    <button class="btn quiet" aria-label=label>
                        "End session"
                    </button>
                </form>
            </td>
        </tr>
    }
    .into_any()
}

/// Ends one of one's own sign-ins.
#[server(prefix = "/api", endpoint = "sessions/end")]
pub(crate) async fn end_session(id: String) -> Result<(), Failure> {
    let request = Request::current();
    match id.parse() {
        Ok(id) => end(&request, EndScope::One(id)).await,
        Err(_) => Err(request.fail_form(Problem::BadRequest)),
    }
}

/// Ends all of one's own sign-ins but those of this browser.
#[server(prefix = "/api", endpoint = "sessions/end_others")]
pub(crate) async fn end_other_sessions() -> Result<(), Failure> {
    end(&Request::current(), EndScope::Others).await
}

async fn end(request: &Request, which: EndScope) -> Result<(), Failure> {
    let held = request.session.all_sign_ins().await;
    let ended = request.console.end_own_sessions(&held, which).await;
    ended.map_err(|error| request.fail_form(request.problem(&error)))?;
    request.redirect(&paths::with_param(paths::SESSIONS, "done", "ended"));
    Ok(())
}
