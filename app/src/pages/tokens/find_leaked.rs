//! `/w/{workspace}/find`: finds the tokens of this workspace whose values are in a leaked text. Values are never
//! stored, logged or put into a URL.

use std::sync::Arc;

use console::leak_lookup::{LeakResult, PossibleIds, possible_ids};
use console::{Actor, Error, Snapshot};
use domain::{Day, MAX_PASTED_TOKENS, ParsedQuery, PrincipalId, Token, TokenId, can_contain_token_value};
use leptos::prelude::*;

use super::row_texts::ago;
use crate::components::token_cells::{self, accessible_name, comment, owner_link, status};
use crate::components::{Cell, Column, DataTable, TableName, count_of, crumbs, error_notice};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::problem::{Failure, Interrupted, Problem};

/// The form for a leaked text, and below it the results of the last lookup.
#[component]
pub(crate) fn FindPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Find a leaked token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let console = &request.console;
    console.prove_now(&actor).await?;
    let results = match request.query("lookup") {
        None => None,
        Some(id) => match console.lookup(&actor, &id).await? {
            None => Some(lookup_gone_notice()),
            Some(tokens) => {
                let (snapshot, found) = console.find_leaked(&actor, &tokens).await?;
                Some(results(&request, &actor, &snapshot, &tokens, &found))
            }
        },
    };
    let policy = console.shown_policy(&actor).await;
    let workspace = actor.workspace().name().to_owned();
    let content = view! {
        {crumbs(paths::tokens(&workspace), "Personal access tokens")}
        <h1>"Find a leaked token"</h1>
        {results}
        <section class="card pad">
            <p>
                "Paste the token, or any text that contains it: a line of a script, a log, several tokens. Values are \
                 hashed in your browser and never sent. (Without JavaScript the text is sent once, hashed and \
                 discarded.) A token ID works too."
            </p>
            <form class="token-form" method="post" action="/api/tokens/find" data-hash-values="always">
                <input type="hidden" name="workspace" value=workspace />
                {leaked_value_field()}
            </form>
            <p class="muted">"A lookup changes nothing."</p>
        </section>
    };
    Ok(PageResult::new(content).policy(policy).error(
        request
            .failure_in_url()
            .map(|failure| error_notice(&failure, Some(actor.workspace().name()), Interrupted::Page)),
    ))
}

/// The field for a leaked text, its button, and an element for a script's error message.
pub(crate) fn leaked_value_field() -> AnyView {
    view! {
        <div class="field grow">
            <label for="value">"Leaked value"</label>
            <textarea
                class="input mono"
                id="value"
                name="value"
                rows="4"
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                aria-describedby="value-hint"
                required
            ></textarea>
        </div>
        <button class="btn primary">"Find" <span class="visually-hidden">" leaked tokens"</span></button>
        <p class="hint danger-text" id="value-hint" role="alert" data-hint></p>
    }
    .into_any()
}

/// The message for a link to a lookup of another person, or to one that is too old.
pub(crate) fn lookup_gone_notice() -> AnyView {
    view! {
        <div class="notice" role="status">
            <p>
                <b>"This lookup was not found."</b>
                " Paste the text again."
            </p>
        </div>
    }
    .into_any()
}

/// Warns that the text may contain more tokens, if the maximum number per lookup was reached.
pub(crate) fn limit_notice(looked_up: usize) -> Option<AnyView> {
    let is_full = looked_up >= MAX_PASTED_TOKENS;
    is_full.then(|| {
        let text = format!("Only the first {MAX_PASTED_TOKENS} tokens of the text were looked up.");
        view! { <p class="pad">{text}</p> }.into_any()
    })
}

/// A row for each token in the text, found ones first.
fn results(
    request: &Request,
    actor: &Actor,
    snapshot: &Snapshot,
    tokens: &PossibleIds,
    found: &[LeakResult],
) -> AnyView {
    let workspace = actor.workspace().name();
    let is_found = |result: &&LeakResult| matches!(result, LeakResult::Found(_));
    let number = found.iter().filter(is_found).count();
    let heading = match (found.len(), number) {
        (1, 1) => format!("The token is in {workspace}"),
        (1, _) => format!("The token was not found in {workspace}"),
        (all, n) => format!("{n} of {} found in {workspace}", count_of(all, "token")),
    };
    let mut numbered: Vec<_> = (1..).zip(found).collect();
    numbered.sort_by_key(|(_, result)| !is_found(result));
    let rows = numbered
        .into_iter()
        .map(|(number, result)| row(request, actor, snapshot, number, result));
    let has_missing = number < found.len();
    let not_found_text = has_missing.then(|| {
        view! {
            <div class="pad">
                <p>
                    "A token that was not found may be revoked already, or belong to another workspace. The ID of an \
                     older token may not be a hash of its value: "
                    <a href=paths::tokens(workspace)>"search for it by comment or owner"</a>
                    "."
                </p>
                {look_in_all(request, tokens)}
            </div>
        }
    });
    let [token, owner, status, action] = found_columns();
    let table = DataTable {
        class: Some("leak-table"),
        name: TableName::Heading("results-heading"),
        columns: [Column::name("In the text"), token, owner, status, action],
    };
    view! {
        <section class="card" aria-labelledby="results-heading">
            <div class="pad" role="status">
                <h2 id="results-heading">{heading}</h2>
            </div>
            {table.view(rows)}
            {limit_notice(found.len())}
            {not_found_text}
        </section>
    }
    .into_any()
}

/// A link to the same lookup in all workspaces that this browser is signed in to, if there are several.
fn look_in_all(request: &Request, tokens: &PossibleIds) -> Option<AnyView> {
    if request.console.workspaces().count() < 2 {
        return None;
    }
    let form = view! {
        <form method="post" action="/api/tokens/find_in_all" data-loads-page>
            <input type="hidden" name="hashes" value=to_hashes(tokens) />
            <button class="btn">"Look in all workspaces"</button>
        </form>
    };
    Some(form.into_any())
}

fn row(request: &Request, actor: &Actor, snapshot: &Snapshot, number: usize, result: &LeakResult) -> [Cell; 5] {
    let workspace = actor.workspace().name();
    let [token, owner, status, action] = match result {
        LeakResult::Found(token) => found_cells(actor, snapshot, token),
        LeakResult::NotFound => Cell::across("Not found"),
        LeakResult::Unreadable(error) => {
            let title = request.problem(&Error::Workspace(error.clone())).title(Some(workspace));
            Cell::across(format!("Unknown: {title}."))
        }
    };
    [Cell::new(format!("No. {number}")), token, owner, status, action]
}

/// The columns of [`found_cells`].
pub(crate) fn found_columns() -> [Column; 4] {
    [
        Column::value("Token"),
        Column::value("Owner"),
        Column::value("Status"),
        Column::actions("Action"),
    ]
}

/// The cells of a found token, after the first cell of its row.
pub(crate) fn found_cells(actor: &Actor, snapshot: &Snapshot, token: &Token) -> [Cell; 4] {
    let (workspace, now) = (actor.workspace().name(), snapshot.inventory.as_of());
    let revoke = actor.can_change().then(|| {
        view! {
            <a
                class="btn danger"
                href=paths::revoke(workspace, &token.id)
                aria-label=format!("Revoke {}", accessible_name(token))
                autofocus
            >
                "Revoke"
            </a>
        }
    });
    [
        Cell::new(token_cells::link(
            leak_page(workspace, &token.id),
            comment(token),
            &token.id,
        )),
        Cell::new(owner_link(workspace, snapshot.inventory.owner(token))),
        Cell::new(view! { {status(token.status(now))} <small>{last_use(token, now.day())}</small> }),
        Cell::new(revoke),
    ]
}

/// Whether a leaked token is in use decides how urgent it is.
fn last_use(token: &Token, today: Day) -> String {
    match token.last_used {
        Some(day) => format!("Last used {} ({day})", ago(day, today)),
        None => "Never used".to_owned(),
    }
}

/// The page of a token that was found by a leaked value.
fn leak_page(workspace: &str, id: &TokenId) -> String {
    paths::with_param(&paths::token(workspace, id), "from", "leak")
}

/// Looks up the tokens in a text, or the IDs that the browser computed, and discards the input. Redirects to the
/// token's page if the text has only one token and it is found, and otherwise to the results.
#[server(prefix = "/api", endpoint = "tokens/find")]
pub(crate) async fn find(workspace: String, value: Option<String>, hashes: Option<String>) -> Result<(), Failure> {
    let request = Request::current();
    let tokens = sent_ids(value.as_deref(), hashes.as_deref());
    find_tokens(&request, &workspace, tokens, false).await
}

/// The search of the bar. Text that can contain a token value is looked up; any other text is searched for in the list.
/// With `in_place`, a script shows the results on the current page, and needs them even for a single token.
#[server(prefix = "/api", endpoint = "search")]
pub(crate) async fn search(
    workspace: String,
    value: Option<String>,
    hashes: Option<String>,
    in_place: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let text = value.unwrap_or_default();
    let tokens = sent_ids(Some(&text), hashes.as_deref());
    if !tokens.is_empty() || can_contain_token_value(&text) {
        return find_tokens(&request, &workspace, tokens, in_place.is_some()).await;
    }
    let actor = match request.actor(&workspace).await {
        Ok(actor) => actor,
        Err(error) => return Err(request.fail_form(request.problem(&error))),
    };
    if let Some(owner) = principal_with_id(&request, &actor, text.trim()).await {
        request.redirect(&paths::principal(&workspace, owner));
        return Ok(());
    }
    let parsed = ParsedQuery::from_pairs([("q", text.trim())]);
    match parsed.strict() {
        Ok(query) => {
            request.redirect(&paths::tokens_with(&workspace, query));
            Ok(())
        }
        // Without the text, the list would show all tokens as if they matched.
        Err(_) => Err(request.fail_form_at(request.problem(&Error::InvalidFilter), &paths::tokens(&workspace))),
    }
}

/// The user or service principal whose ID was searched for, if it exists or owns tokens.
async fn principal_with_id(request: &Request, actor: &Actor, text: &str) -> Option<PrincipalId> {
    let id = PrincipalId::new(text.parse().ok()?);
    let snapshot = request.console.snapshot(actor).await.ok()?;
    let is_owner = || snapshot.inventory.tokens().any(|token| token.owner == Some(id));
    (snapshot.inventory.directory().get(id).is_some() || is_owner()).then_some(id)
}

/// Redirects to the token's page if there is only one and it is found; otherwise, or with `in_place`, to the results.
async fn find_tokens(request: &Request, workspace: &str, tokens: PossibleIds, in_place: bool) -> Result<(), Failure> {
    let opened = async {
        let actor = request.actor(workspace).await?;
        if tokens.is_empty() {
            return Ok(None);
        }
        request.console.check_lookup_limit(&actor).await?;
        let only = match tokens.len() {
            1 if !in_place => {
                let found = request.console.find_leaked(&actor, &tokens).await;
                found.map(|(_, mut results)| results.pop())
            }
            _ => Ok(None),
        };
        // The page with the results says why the lookup failed. Nothing has to be pasted again.
        let only = only.ok().flatten();
        Ok::<_, Error>(Some(match only {
            Some(LeakResult::Found(token)) => leak_page(workspace, &token.id),
            _ => {
                let lookup = request.console.remember_lookup(&[&actor], tokens).await;
                paths::with_param(&paths::find_leaked(workspace), "lookup", &lookup)
            }
        }))
    };
    match opened.await {
        Ok(Some(url)) => {
            request.redirect(&url);
            Ok(())
        }
        Ok(None) => Err(request.fail_form_at(Problem::NoTokenInText, &paths::find_leaked(workspace))),
        Err(error) => Err(request.fail_form(request.problem(&error))),
    }
}

/// The possible IDs of each token in a form: those that the browser computed, or else those of the text.
pub(crate) fn sent_ids(value: Option<&str>, hashes: Option<&str>) -> PossibleIds {
    match hashes {
        Some(hashes) => ids_in(hashes),
        None => possible_ids(value.unwrap_or_default()),
    }
}

/// The possible IDs of each token, in the format of the browser: `id.id*id`, without characters that forms encode.
fn ids_in(hashes: &str) -> PossibleIds {
    let tokens = hashes.split('*').take(MAX_PASTED_TOKENS).map(|ids| {
        let ids = ids.split('.').map(TokenId::new).filter(TokenId::is_hash);
        ids.collect::<Vec<_>>()
    });
    tokens.filter(|ids| !ids.is_empty()).collect()
}

/// The reverse of [`ids_in`].
fn to_hashes(tokens: &PossibleIds) -> String {
    let tokens = tokens.iter().map(|ids| {
        let ids: Vec<_> = ids.iter().map(TokenId::as_str).collect();
        ids.join(".")
    });
    tokens.collect::<Vec<_>>().join("*")
}
