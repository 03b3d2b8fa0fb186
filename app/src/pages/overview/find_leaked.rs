//! The lookup of leaked tokens in all workspaces that this browser is signed in to. The text is hashed once, and then
//! each workspace is searched.

use std::sync::Arc;

use console::leak_lookup::{LeakResult, PossibleIds};
use console::{Actor, Error, Snapshot, Workspace};
use futures_util::future::join_all;
use leptos::prelude::*;

use super::order;
use crate::components::{Cell, Column, DataTable, TableName, count_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::tokens::{
    found_cells, found_columns, leaked_value_field, limit_notice, lookup_gone_notice, sent_ids,
};
use crate::problem::{Failure, Problem};

/// The URL parameter with the ID of a lookup.
pub(super) const LOOKUP_PARAM: &str = "lookup";

/// What a workspace knows about the tokens of a lookup.
struct WorkspaceLookup {
    workspace: Arc<Workspace>,
    result: Result<Found, LookupFailure>,
}

struct Found {
    actor: Actor,
    snapshot: Arc<Snapshot>,
    /// One result for each token of the text, in the same order.
    results: Vec<LeakResult>,
}

/// Why a workspace has no results.
enum LookupFailure {
    /// This person did not look in this workspace, or too long ago.
    NotLookedUp,
    /// The workspace may still respond, but the page does not wait any longer.
    TookTooLong,
    /// The workspace could not be searched; [`Error::SignedOut`] without a session.
    Failed(Error),
}

impl WorkspaceLookup {
    fn result_of(&self, token: usize) -> Option<&LeakResult> {
        self.result.as_ref().ok()?.results.get(token)
    }

    fn has_token(&self, token: usize) -> bool {
        matches!(self.result_of(token), Some(LeakResult::Found(_)))
    }

    fn is_complete(&self) -> bool {
        let is_known = |result: &LeakResult| !matches!(result, LeakResult::Unreadable(_));
        self.result
            .as_ref()
            .is_ok_and(|found| found.results.iter().all(is_known))
    }

    fn can_have_lookup(&self) -> bool {
        let has_none = matches!(
            self.result,
            Err(LookupFailure::NotLookedUp | LookupFailure::Failed(Error::SignedOut))
        );
        !has_none
    }
}

/// The form for leaked text.
pub(super) fn form(request: &Request) -> AnyView {
    view! {
        <section class="card pad" aria-labelledby="leaked-heading">
            <h2 id="leaked-heading">"Find a leaked token"</h2>
            <p>
                "Looks in every workspace that you are signed in to. Paste any text that contains the token: values \
                 are hashed in your browser and never sent; without JavaScript the text is sent once, hashed and \
                 discarded."
            </p>
            <form class="token-form" method="post" action="/api/tokens/find_in_all" data-hash-values="always">
                {order::field(request)} {leaked_value_field()}
            </form>
        </section>
    }
    .into_any()
}

/// The results of the lookup in the URL, by workspace. `None` if the URL has none.
pub(super) async fn results(request: &Request, workspaces: &[Arc<Workspace>]) -> Option<AnyView> {
    let lookup = request.query(LOOKUP_PARAM)?;
    let asking = workspaces.iter().map(async |workspace| {
        let asked = request.console.in_time_for_lookup(ask(request, workspace, &lookup));
        WorkspaceLookup {
            workspace: Arc::clone(workspace),
            result: asked.await.unwrap_or(Err(LookupFailure::TookTooLong)),
        }
    });
    let lookups = join_all(asking).await;
    Some(match lookups.iter().any(WorkspaceLookup::can_have_lookup) {
        true => table(request, &lookups),
        false => lookup_gone_notice(),
    })
}

async fn ask(request: &Request, workspace: &Workspace, lookup: &str) -> Result<Found, LookupFailure> {
    let actor = request.actor(workspace.name()).await.map_err(LookupFailure::Failed)?;
    let tokens = request
        .console
        .lookup(&actor, lookup)
        .await
        .map_err(LookupFailure::Failed)?;
    let tokens = tokens.ok_or(LookupFailure::NotLookedUp)?;
    let found = request.console.find_leaked(&actor, &tokens).await;
    let (snapshot, results) = found.map_err(LookupFailure::Failed)?;
    Ok(Found {
        actor,
        snapshot,
        results,
    })
}

/// How many tokens were looked up: the same number in every workspace.
fn looked_up(lookups: &[WorkspaceLookup]) -> usize {
    let lookups = lookups.iter().filter_map(|lookup| lookup.result.as_ref().ok());
    lookups.map(|found| found.results.len()).max().unwrap_or_default()
}

fn table(request: &Request, lookups: &[WorkspaceLookup]) -> AnyView {
    let tokens = looked_up(lookups);
    let by_token = (0..tokens).flat_map(|token| token_rows(lookups, token));
    let not_known = lookups
        .iter()
        .filter_map(|lookup| not_known_row(request, lookup, tokens));
    let [token, owner, status, action] = found_columns();
    let table = DataTable {
        class: Some("leak-table"),
        name: TableName::Heading("results-heading"),
        columns: [
            Column::name("In the text"),
            Column::value("Workspace"),
            token,
            owner,
            status,
            action,
        ],
    };
    view! {
        <section class="card" aria-labelledby="results-heading">
            <div class="pad" role="status">
                <h2 id="results-heading">{heading(lookups)}</h2>
            </div>
            {table.view(by_token.chain(not_known))}
            {limit_notice(tokens)}
            <p class="pad">
                "A token that was not found may be revoked already, or belong to a workspace that is not listed here. \
                 The ID of an older token may not be a hash of its value."
            </p>
        </section>
    }
    .into_any()
}

/// How many tokens were found; for a single one, where. "Not found" covers only workspaces that could be searched.
fn heading(lookups: &[WorkspaceLookup]) -> String {
    let tokens = looked_up(lookups);
    let has_token = |token| lookups.iter().any(|lookup| lookup.has_token(token));
    let found = (0..tokens).filter(|token| has_token(*token)).count();
    let asked = lookups.iter().filter(|lookup| lookup.is_complete()).count();
    let others = lookups.len() - asked;
    let text = match (found, asked) {
        (0, 0) => return "Unknown: no workspace could be searched".to_owned(),
        (0, _) if others == 0 => return format!("Not found in any of {}", count_of(asked, "workspace")),
        (0, _) => {
            return format!(
                "Not found in {}; {others} could not be searched",
                count_of(asked, "workspace")
            );
        }
        (_, _) if tokens == 1 => {
            let names = lookups.iter().filter(|lookup| lookup.has_token(0));
            let names: Vec<_> = names.map(|lookup| lookup.workspace.name()).collect();
            format!("Found in {}", names.join(", "))
        }
        (found, _) => format!("{found} of {} found", count_of(tokens, "token")),
    };
    match others {
        0 => text,
        others => format!("{text}; {} could not be searched", count_of(others, "workspace")),
    }
}

/// The rows of one token of the text: one for each workspace that has it, or a single one that lists where it was not
/// found.
fn token_rows(lookups: &[WorkspaceLookup], token: usize) -> Vec<[Cell; 6]> {
    let label = format!("No. {}", token + 1);
    let (mut rows, mut not_found) = (Vec::new(), Vec::new());
    for lookup in lookups {
        let name = lookup.workspace.name();
        match (&lookup.result, lookup.result_of(token)) {
            (Ok(found), Some(LeakResult::Found(token))) => {
                rows.push(row(&label, name, found_cells(&found.actor, &found.snapshot, token)));
            }
            (_, Some(LeakResult::NotFound)) => not_found.push(name),
            _ => {}
        }
    }
    // If nothing is known, the workspace's own row says so.
    if rows.is_empty() && !not_found.is_empty() {
        rows.push(row(&label, &not_found.join(", "), Cell::across("Not found")));
    }
    rows
}

/// The row of a workspace without results, or with results for some tokens only.
fn not_known_row(request: &Request, lookup: &WorkspaceLookup, tokens: usize) -> Option<[Cell; 6]> {
    let name = lookup.workspace.name();
    let title = |error: &Error| request.problem(error).title(Some(name));
    let (label, cells) = match &lookup.result {
        Ok(found) => {
            let unreadable = found
                .results
                .iter()
                .enumerate()
                .filter_map(|(token, result)| match result {
                    LeakResult::Unreadable(error) => Some((token + 1, Error::Workspace(error.clone()))),
                    _ => None,
                });
            let unreadable: Vec<_> = unreadable.collect();
            let (_, error) = unreadable.first()?;
            let numbers: Vec<_> = unreadable.iter().map(|(number, _)| number.to_string()).collect();
            let label = format!("No. {}", numbers.join(", "));
            (label, Cell::across(format!("Unknown: {}.", title(error))))
        }
        Err(reason) => {
            let label = if tokens == 1 { "No. 1" } else { "All" };
            (label.to_owned(), no_response_cells(name, reason, title))
        }
    };
    Some(row(&label, name, cells))
}

fn no_response_cells(workspace: &str, reason: &LookupFailure, title: impl Fn(&Error) -> String) -> [Cell; 4] {
    match reason {
        LookupFailure::NotLookedUp => Cell::across("Not looked up here"),
        LookupFailure::TookTooLong => Cell::across("Unknown: it took too long"),
        LookupFailure::Failed(Error::SignedOut) => Cell::across(view! {
            "Not signed in. "
            <a href=paths::sign_in(Some(&paths::tokens(workspace)))>
                "Sign in" <span class="visually-hidden">{format!(" to {workspace}")}</span>
            </a>
        }),
        LookupFailure::Failed(error) => Cell::across(format!("Unknown: {}.", title(error))),
    }
}

fn row(label: &str, workspace: &str, [token, owner, status, action]: [Cell; 4]) -> [Cell; 6] {
    [
        Cell::new(label.to_owned()),
        Cell::new(workspace.to_owned()),
        token,
        owner,
        status,
        action,
    ]
}

/// Stores the tokens in a text, or the IDs that the browser computed, for every workspace that this browser is signed
/// in to, and discards the input. Redirects to the overview in its previous order, which does the lookup.
#[server(prefix = "/api", endpoint = "tokens/find_in_all")]
pub(crate) async fn find_in_all(
    value: Option<String>,
    hashes: Option<String>,
    sort: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let tokens = sent_ids(value.as_deref(), hashes.as_deref());
    let overview = order::url_of_field(sort.as_deref());
    match remember(&request, tokens).await {
        Ok(Some(lookup)) => {
            request.redirect(&paths::with_param(&overview, LOOKUP_PARAM, &lookup));
            Ok(())
        }
        Ok(None) => Err(request.fail_form_at(Problem::NoTokenInText, &overview)),
        Err(error) => Err(request.fail_form(request.problem(&error))),
    }
}

/// Returns the ID of the lookup; `None` if there is nothing to look up.
async fn remember(request: &Request, tokens: PossibleIds) -> Result<Option<String>, Error> {
    let sign_ins = request.sign_ins().await?;
    let asking = sign_ins
        .keys()
        .map(|workspace| request.console.in_time_for_lookup(request.actor(workspace)));
    let (mut actors, mut failure) = (Vec::new(), Error::SignedOut);
    for asked in join_all(asking).await {
        match asked {
            Some(Ok(actor)) => actors.push(actor),
            Some(Err(Error::SignedOut | Error::UnknownWorkspace)) => {}
            // A failure in one workspace does not affect the others. Its row says why.
            Some(Err(error)) => failure = error,
            None => failure = Error::StillLoading,
        }
    }
    if actors.is_empty() {
        return Err(failure);
    }
    if tokens.is_empty() {
        return Ok(None);
    }
    for actor in &actors {
        request.console.check_lookup_limit(actor).await?;
    }
    let actors: Vec<_> = actors.iter().collect();
    Ok(Some(request.console.remember_lookup(&actors, tokens).await))
}
