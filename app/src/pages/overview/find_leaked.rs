//! The lookup of leaked tokens in all workspaces that this browser is signed in to. The text is hashed once, and each
//! workspace has an answer of its own.

use std::sync::Arc;

use console::leak_lookup::{LeakResult, PossibleIds};
use console::{Actor, Error, Snapshot, Workspace};
use futures_util::future::join_all;
use leptos::prelude::*;

use crate::components::count_of;
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::tokens::{forgotten, found_cells, leaked_value_field, limit_notice, no_cells, sent_ids};
use crate::problem::{Failure, Problem};

/// The parameter with the ID of a lookup.
const LOOKUP: &str = "lookup";

/// What a workspace knows about the tokens of a lookup.
struct Answer {
    workspace: Arc<Workspace>,
    /// An error if it could not be asked; [`Error::SignedOut`] without a session.
    result: Result<Found, Error>,
}

struct Found {
    actor: Actor,
    snapshot: Arc<Snapshot>,
    results: Vec<LeakResult>,
}

impl Answer {
    fn tokens(&self) -> impl Iterator<Item = &LeakResult> {
        self.result.iter().flat_map(|found| &found.results)
    }

    fn has_token(&self) -> bool {
        self.tokens().any(|result| matches!(result, LeakResult::Found(_)))
    }

    fn is_complete(&self) -> bool {
        self.result.is_ok() && self.tokens().all(|result| !matches!(result, LeakResult::Unreadable(_)))
    }
}

/// The form for a leaked text.
pub(super) fn form() -> AnyView {
    view! {
        <section class="card pad" aria-labelledby="leaked-heading">
            <h2 id="leaked-heading">"Find a leaked token"</h2>
            <p>
                "Looks in every workspace that you are signed in to. Paste any text that contains the token: values \
                 are hashed in your browser and never sent; without JavaScript the text is sent once, hashed and \
                 discarded."
            </p>
            <form class="token-form" method="post" action="/api/tokens/find_in_all" data-hash-values="always">
                {leaked_value_field()}
            </form>
        </section>
    }
    .into_any()
}

/// What the workspaces know about the tokens of the lookup in the URL. `None` if it has none.
pub(super) async fn results(request: &Request, workspaces: &[Arc<Workspace>]) -> Option<AnyView> {
    let lookup = request.query(LOOKUP)?;
    let asking = workspaces.iter().map(|workspace| ask(request, workspace, &lookup));
    let answers: Option<Vec<_>> = join_all(asking).await.into_iter().collect();
    Some(match answers {
        Some(answers) => table(request, &answers),
        None => forgotten(),
    })
}

/// Asks one workspace. `None` if this person did not look there, or too long ago.
async fn ask(request: &Request, workspace: &Arc<Workspace>, lookup: &str) -> Option<Answer> {
    let result = match request.actor(workspace.name()).await {
        Err(error) => Err(error),
        Ok(actor) => {
            let tokens = request.console.lookup(&actor, lookup)?;
            let found = request.console.find_leaked(&actor, &tokens).await;
            found.map(|(snapshot, results)| Found {
                actor,
                snapshot,
                results,
            })
        }
    };
    let workspace = Arc::clone(workspace);
    Some(Answer { workspace, result })
}

fn table(request: &Request, answers: &[Answer]) -> AnyView {
    let rows = answers.iter().map(|answer| rows(request, answer));
    view! {
        <section class="card" aria-labelledby="results-heading">
            <div class="pad" role="status">
                <h2 id="results-heading">{heading(answers)}</h2>
            </div>
            <div class="tablewrap">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"Workspace"</th>
                            <th scope="col">"Token"</th>
                            <th scope="col">"Owner"</th>
                            <th scope="col">"Status"</th>
                            <th scope="col">
                                <span class="visually-hidden">"Action"</span>
                            </th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
            {limit_notice(looked_up(answers))}
            <p class="pad">
                "A token that was not found may be revoked already, or belong to a workspace that is not listed here. \
                 The ID of an older token may not be a hash of its value."
            </p>
        </section>
    }
    .into_any()
}

/// How many tokens were looked up: the same in every workspace that was asked.
fn looked_up(answers: &[Answer]) -> usize {
    let counts = answers.iter().map(|answer| answer.tokens().count());
    counts.max().unwrap_or_default()
}

/// Where a token was found. That none was found is said only of workspaces that could be asked.
fn heading(answers: &[Answer]) -> String {
    let names: Vec<_> = answers.iter().filter(|answer| answer.has_token()).collect();
    let names: Vec<_> = names.iter().map(|answer| answer.workspace.name()).collect();
    let asked = answers.iter().filter(|answer| answer.is_complete()).count();
    match (names.is_empty(), asked) {
        (false, _) => format!("Found in {}", names.join(", ")),
        (true, 0) => "Not known: no workspace could be asked".to_owned(),
        (true, asked) if asked < answers.len() => {
            format!("Not found in {} of {}", asked, count_of(answers.len(), "workspace"))
        }
        (true, _) => format!("Not found in any of {}", count_of(answers.len(), "workspace")),
    }
}

/// The rows of a workspace: one for each token that it has, and one for the others.
fn rows(request: &Request, answer: &Answer) -> AnyView {
    let name = answer.workspace.name();
    let cells = match &answer.result {
        Ok(found) => cells_of(request, found),
        Err(Error::SignedOut) => vec![no_cells(view! {
            "Not signed in. "
            <a href=paths::sign_in(Some(&paths::tokens(name)))>
                "Sign in" <span class="visually-hidden">{format!(" to {name}")}</span>
            </a>
        })],
        Err(error) => vec![no_cells(not_known(request, error, name))],
    };
    let rows = cells.into_iter().map(|cells| {
        view! {
            <tr>
                <th scope="row">{name.to_owned()}</th>
                {cells}
            </tr>
        }
    });
    rows.collect_view().into_any()
}

fn cells_of(request: &Request, found: &Found) -> Vec<AnyView> {
    let (mut cells, mut not_found, mut failure) = (Vec::new(), 0, None);
    for result in &found.results {
        match result {
            LeakResult::Found(token) => cells.push(found_cells(&found.actor, &found.snapshot, token)),
            LeakResult::NotFound => not_found += 1,
            LeakResult::Unreadable(error) => failure = Some(Error::Workspace(error.clone())),
        }
    }
    match (not_found, found.results.len()) {
        (0, _) => {}
        (_, 1) => cells.push(no_cells("Not found")),
        (n, all) => cells.push(no_cells(format!("{n} of {} not found", count_of(all, "token")))),
    }
    cells.extend(failure.map(|error| no_cells(not_known(request, &error, found.actor.workspace().name()))));
    cells
}

fn not_known(request: &Request, error: &Error, workspace: &str) -> String {
    format!("Not known: {}.", request.problem(error).title(Some(workspace)))
}

/// Remembers the tokens in a text, or the IDs that the browser made from it, for every workspace that this browser is
/// signed in to, and discards both. Redirects to the overview, which looks them up.
#[server(prefix = "/api", endpoint = "tokens/find_in_all")]
pub(crate) async fn find_in_all(value: Option<String>, hashes: Option<String>) -> Result<(), Failure> {
    let request = Request::current();
    let tokens = sent_ids(value.as_deref(), hashes.as_deref());
    match remember(&request, tokens).await {
        Ok(Some(lookup)) => {
            request.redirect(&paths::with_param("/", LOOKUP, &lookup));
            Ok(())
        }
        Ok(None) => Err(request.fail_form_at(Problem::NoTokenInText, "/")),
        Err(error) => Err(request.fail_form(request.problem(&error))),
    }
}

/// Returns the ID of the lookup; `None` if there is nothing to look up.
async fn remember(request: &Request, tokens: PossibleIds) -> Result<Option<String>, Error> {
    let mut actors = Vec::new();
    for (workspace, _) in request.session.all_sign_ins().await {
        match request.actor(&workspace).await {
            Ok(actor) => actors.push(actor),
            // Its row says so.
            Err(Error::SignedOut | Error::UnknownWorkspace) => {}
            Err(error) => return Err(error),
        }
    }
    if actors.is_empty() {
        return Err(Error::SignedOut);
    }
    if tokens.is_empty() {
        return Ok(None);
    }
    for actor in &actors {
        request.console.check_lookup_limit(actor)?;
    }
    let actors: Vec<_> = actors.iter().collect();
    Ok(Some(request.console.remember_lookup(&actors, tokens)))
}
