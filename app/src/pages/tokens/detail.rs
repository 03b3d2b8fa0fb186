//! `/w/{workspace}/tokens/{id}`: everything that the workspace reports about one token, as a page or in the drawer next
//! to the list (`islands/token_drawer.rs`).

mod facts;
mod findings;
mod life;
mod life_bar;
mod origin;
mod position;
mod scopes;

use std::sync::Arc;

use console::activity::{ActivityKind, Operation};
use console::inventory::TokenDetail;
use console::{Actor, Error, Snapshot};
use domain::{Status, TokenId};
use leptos::prelude::*;

use self::facts::{creation_card, facts_card, technical_details};
use self::findings::findings_list;
use self::life_bar::life_bar;
pub(crate) use self::origin::Origin;
use self::position::crumbs;
use self::scopes::scopes_card;
use super::id_in_path::id_in_path;
use crate::components::{
    error_notice, listed_token_notice, loading_notice, recent_time, success_notice, time_text, token_cells,
};
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::token_drawer::DRAWER_PARAM;
use crate::layout::{self, Area, PageResult, workspace_page};
use crate::pages::activity::{HistoryOf, history_card};
use crate::pages::findings::acceptance_message;
use crate::problem::{Interrupted, Problem};

/// How many operations a token's history shows.
const HISTORY_LIMIT: u32 = 50;

/// How many characters of a comment the tab's title or a message shows.
const MAX_TITLE_CHARS: usize = 60;

/// One token.
#[component]
pub(crate) fn TokenPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Token", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let id = id_in_path(&request, &actor).await?;
    let history = history_card(&request, &actor, HistoryOf::Token(id.clone()), HISTORY_LIMIT);
    let snapshot = request.console.snapshot_if_quick(&actor);
    let (token, history, snapshot) = tokio::join!(read_token(&request, &actor, &id), history, snapshot);
    let origin = Origin::of(&request, actor.workspace().name());
    match token {
        Ok(detail) => {
            let done = match request.query("done").as_deref() {
                Some("comment") => Some((ActivityKind::EditComment, "Comment saved")),
                Some("scopes") => Some((ActivityKind::EditScopes, "Scopes changed")),
                _ => None,
            };
            let saved = match done {
                Some((kind, what)) => {
                    let is_change_of_token =
                        |operation: &Operation| operation.kind == kind && operation.target == id.as_str();
                    request
                        .console
                        .did_recently(&actor, is_change_of_token)
                        .await
                        .then_some(what)
                }
                None => None,
            };
            let success = match saved {
                Some(what) => Some(saved_message(what, &detail)),
                None => acceptance_message(&request, &detail.accepted),
            };
            // Forms of this page keep their input in the URL.
            let has_input = ["comment", "scopes", "reason"]
                .iter()
                .any(|field| request.query(field).is_some());
            let workspace = Some(actor.workspace().name());
            let failure = request.failure_in_url();
            let parts = Parts {
                request: &request,
                actor: &actor,
                detail: &detail,
                snapshot: snapshot.as_deref(),
                origin: &origin,
            };
            Ok(PageResult::new(parts.content(history))
                .title(title(&detail))
                .policy(detail.policy)
                .success(success)
                .error(failure.map(|failure| error_notice(&failure, workspace, Interrupted::by_form(has_input)))))
        }
        Err(error) if Problem::from(&error) == Problem::TokenNotFound => {
            request.set_status(Problem::TokenNotFound);
            Ok(not_found(&request, &actor, &id, &origin, history))
        }
        Err(error) => Err(error),
    }
}

/// After a change, reads the token from the workspace and not from a cache.
async fn read_token(request: &Request, actor: &Actor, id: &TokenId) -> Result<TokenDetail, Error> {
    match request.query("done").is_some() || request.failure_in_url().is_some() {
        true => request.console.token(actor, id).await,
        false => request.console.token_or_listed(actor, id).await,
    }
}

/// "Comment saved for “Power BI refresh” (3b54933e)."
fn saved_message(what: &'static str, detail: &TokenDetail) -> AnyView {
    let id = detail.token.id.short();
    let title = match short_comment(detail) {
        None => format!("{what} for token {id}."),
        Some(comment) => format!("{what} for \u{201c}{comment}\u{201d} ({id})."),
    };
    success_notice(title, format!("Confirmed at {}.", time_text(detail.as_of)))
}

/// The title of the browser tab.
fn title(detail: &TokenDetail) -> String {
    short_comment(detail).unwrap_or_else(|| format!("Token {}", detail.token.id.short()))
}

/// The comment, shortened if it is long. `None` if it is empty.
fn short_comment(detail: &TokenDetail) -> Option<String> {
    let comment = detail.token.comment.trim();
    match comment.chars().count() {
        0 => None,
        1..=MAX_TITLE_CHARS => Some(comment.to_owned()),
        _ => Some(comment.chars().take(MAX_TITLE_CHARS).chain(['\u{2026}']).collect()),
    }
}

/// The page for a token that does not exist, or no longer exists.
fn not_found(request: &Request, actor: &Actor, id: &TokenId, origin: &Origin, history: Option<AnyView>) -> PageResult {
    let workspace = actor.workspace().name();
    let is_leak_lookup = request.query("from").as_deref() == Some("leak");
    let text = if is_leak_lookup {
        format!(
            "No token in {workspace} has this value. It may already be revoked, belong to another workspace, or be \
             too old to be found by value; then search by owner or comment."
        )
    } else {
        Problem::TokenNotFound.advice(Some(workspace), Interrupted::Page)
    };
    let next = view! {
        <div class="row">
            <a class="btn primary" href=origin.list_url(workspace)>
                {if origin.list().is_some() { "Back to the list" } else { "All tokens" }}
            </a>
            <a class="btn" href=paths::find_leaked(workspace)>
                "Find a leaked token"
            </a>
        </div>
    };
    layout::not_found(
        Problem::TokenNotFound,
        "Token",
        id.as_str(),
        text,
        next.into_any(),
        history,
    )
}

/// What the parts of the page are rendered from.
struct Parts<'a> {
    request: &'a Request,
    actor: &'a Actor,
    detail: &'a TokenDetail,
    /// The list, if it was available quickly.
    snapshot: Option<&'a Snapshot>,
    origin: &'a Origin,
}

impl Parts<'_> {
    fn content(&self, history: Option<AnyView>) -> AnyView {
        let Self {
            request,
            actor,
            detail,
            snapshot,
            origin,
        } = *self;
        let crumbs = crumbs(actor.workspace().name(), &detail.token.id, origin, snapshot);
        let listed = listed_token_notice(request, detail);
        let loading = (!origin.is_drawer).then(|| loading_notice(request, detail.loading));
        let undetermined = token_cells::undetermined(detail.findings());
        let findings = findings_list(request, actor, detail, origin);
        let facts = facts_card(request, actor, detail, snapshot, origin);
        let scopes = scopes_card(request, actor, detail, origin);
        let history = history.or_else(|| creation_card(&detail.token));
        let technical = technical_details(actor, &detail.token);
        let life = life_bar(&detail.token, detail.as_of);
        // The drawer has one column, so the most important parts come first.
        let body = match origin.is_drawer {
            true => view! {
                <div class="stack">
                    {findings} {undetermined} {facts} {scopes} {history} {technical}
                </div>
            }
            .into_any(),
            false => view! {
                <div class="token-columns">
                    <div class="stack">{findings} {undetermined} {scopes}</div>
                    <div class="stack">{facts} {history} {technical}</div>
                </div>
            }
            .into_any(),
        };
        view! {
            <div class="token-page" data-in-drawer=origin.is_drawer data-address=self.whole_address()>
                {crumbs} {self.head()} {listed} {loading} {life} {body}
            </div>
        }
        .into_any()
    }

    /// The URL of this page with the whole ID, if it was opened with the beginning of an ID: for the address bar,
    /// because only the whole ID stays unique when more tokens are created.
    fn whole_address(&self) -> Option<String> {
        let (token, workspace) = (&self.detail.token, self.actor.workspace().name());
        let query = self.request.uri().query().unwrap_or_default();
        let address = || paths::with_query(paths::token(workspace, &token.id), query);
        let is_whole = self.request.token_id() == token.id;
        (!is_whole).then(|| paths::without_params(&address(), &[DRAWER_PARAM]))
    }

    /// The URL of the token's row in the list, by which the drawer marks that row.
    fn row_url(&self) -> Option<String> {
        let (token, workspace) = (&self.detail.token, self.actor.workspace().name());
        let snapshot = self.snapshot.filter(|_| self.origin.is_drawer)?;
        Some(paths::token(workspace, &snapshot.inventory.short_id(&token.id)))
    }

    fn head(&self) -> AnyView {
        let (token, workspace) = (&self.detail.token, self.actor.workspace().name());
        let page = self.origin.add_to(&paths::token(workspace, &token.id));
        let comment = token_cells::comment(token);
        // The drawer is next to the list, whose heading is the page's `h1`.
        let heading = match self.origin.is_drawer {
            true => view! {
                <h2 class="token-name" id="token-name" tabindex="-1">
                    {comment}
                </h2>
            }
            .into_any(),
            false => view! { <h1 class="token-name">{comment}</h1> }.into_any(),
        };
        let is_own = self.actor.own_token().as_ref() == Some(&token.id);
        let own = is_own.then(|| view! { <span class="chip accent">"This session"</span> });
        let open = self.origin.is_drawer.then(|| {
            view! {
                <a class="btn" href=page.clone()>
                    "Open as page"
                </a>
            }
        });
        view! {
            <div class="token-head" data-row=self.row_url()>
                {heading}
                <p class="muted">
                    <span class="mono">{token.id.short().to_owned()}</span>
                    " · "
                    <b>{self.status()}</b>
                    " · Updated "
                    {recent_time(self.detail.as_of)}
                    " · "
                    <a href=page.clone() data-drawer=self.origin.is_drawer>
                        "Refresh"
                    </a>
                    {own}
                </p>
                <div class="row">
                    {open} <span class="copy-id">
                        <code hidden>{token.id.to_string()}</code>
                        <button type="button" class="btn" data-copy hidden>
                            "Copy ID"
                        </button>
                    </span> {self.revoke()}
                </div>
            </div>
        }
        .into_any()
    }

    fn status(&self) -> &'static str {
        let status = self.detail.token.status(self.detail.as_of);
        match self.detail.policy {
            Some(policy) if !policy.enabled && status == Status::Active => "Suspended",
            _ => status.label(),
        }
    }

    fn revoke(&self) -> Option<AnyView> {
        let (token, workspace) = (&self.detail.token, self.actor.workspace().name());
        let name = match token.comment.trim() {
            "" => format!(" token {}", token.id.short()),
            comment => format!(" {comment}"),
        };
        let form = self.actor.can_change().then(|| {
            view! {
                <form method="get" action=paths::revoke(workspace, &token.id)>
                    <input type="hidden" name="back" value=self.origin.list_url(workspace) />
                    <button class="btn danger-outline" data-confirm>
                        "Revoke"
                        <span class="visually-hidden">{name}</span>
                    </button>
                </form>
            }
        })?;
        Some(form.into_any())
    }
}
