//! A card with the latest operations on a token or on an owner's tokens, for other pages.

use std::cmp::Reverse;

use console::activity::{ActivityKind, ActivityQuery, ActivityRow, Operation, fold};
use console::{Actor, Error};
use domain::TokenId;
use leptos::prelude::*;

use super::entries::{EntryList, entries};
use crate::http::paths;
use crate::http::request::Request;

/// Whose operations a card shows.
pub(crate) enum HistoryOf {
    /// One token: each attempt to change it is a row.
    Token(TokenId),
    /// The tokens of one owner. A bulk revocation is one row.
    Tokens {
        /// The IDs of the tokens that are still listed.
        ids: Vec<String>,
        /// The owner's name in the activity log, which finds revocations of tokens that are gone.
        owner: Option<String>,
    },
}

impl HistoryOf {
    const fn heading(&self) -> &'static str {
        match self {
            Self::Token(_) => "History",
            Self::Tokens { .. } => "Recent activity on these tokens",
        }
    }

    fn targets(&self) -> Vec<String> {
        match self {
            Self::Token(id) => vec![id.to_string()],
            Self::Tokens { ids, .. } => ids.clone(),
        }
    }

    /// Two attempts at one token are two rows: grouped, they would look like a bulk revocation of two tokens.
    fn rows(&self, operations: Vec<Operation>) -> Vec<ActivityRow> {
        match self {
            Self::Token(_) => operations.into_iter().map(ActivityRow::One).collect(),
            Self::Tokens { .. } => fold(operations),
        }
    }

    /// The link to all operations on the token, with filters and an export.
    fn link_to_all(&self, workspace: &str) -> Option<AnyView> {
        let Self::Token(id) = self else { return None };
        let url = paths::with_param(&paths::activity(workspace), "q", id.as_str());
        let link = view! {
            <p class="pad">
                <a href=url>"All activity of this token"</a>
            </p>
        };
        Some(link.into_any())
    }
}

/// At most `limit` operations through this console. `None` without operations. If the activity log cannot be read, the
/// card says so: without a card, it would seem that nothing was done.
pub(crate) async fn history_card(request: &Request, actor: &Actor, history: HistoryOf, limit: u32) -> Option<AnyView> {
    let heading = history.heading();
    match operations(request, actor, &history, limit).await {
        Ok(found) if found.is_empty() => None,
        Ok(found) => Some(card(heading, rows(request, actor, &history, found).await)),
        Err(error) => {
            tracing::error!(request = request.id(), %error, "could not read the activity log");
            let text = "The activity log could not be read. Reload the page to try again.";
            Some(card(heading, view! { <p class="pad">{text}</p> }.into_any()))
        }
    }
}

/// The latest operations, newest first. Revoked tokens are no longer listed, so their revocations are found by the
/// owner's name.
async fn operations(
    request: &Request,
    actor: &Actor,
    history: &HistoryOf,
    limit: u32,
) -> Result<Vec<Operation>, Error> {
    let mut found = Vec::new();
    let targets = history.targets();
    if !targets.is_empty() {
        let query = ActivityQuery {
            targets,
            ..ActivityQuery::default()
        };
        found = request.console.activity(actor, query, limit).await?.operations;
    }
    if let HistoryOf::Tokens { owner: Some(owner), .. } = history {
        let query = ActivityQuery {
            kind: Some(ActivityKind::RevokeToken),
            text: owner.clone(),
            ..ActivityQuery::default()
        };
        let revoked = request.console.activity(actor, query, limit).await?.operations;
        let of_comment = format!("({owner})");
        let is_of_owner = |revoked: &Operation| revoked.before == *owner || revoked.before.ends_with(&of_comment);
        found.extend(revoked.into_iter().filter(is_of_owner));
    }
    found.sort_by_key(|operation| Reverse(operation.id));
    found.dedup_by_key(|operation| operation.id);
    found.truncate(limit as usize);
    Ok(found)
}

async fn rows(request: &Request, actor: &Actor, history: &HistoryOf, operations: Vec<Operation>) -> AnyView {
    let names = request.console.known_names(actor, &operations).await;
    let list = EntryList {
        workspace: actor.workspace().name(),
        names: &names,
        has_dates: true,
    };
    view! {
        {entries(&list, &history.rows(operations))}
        {history.link_to_all(list.workspace)}
    }
    .into_any()
}

fn card(heading: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="card activity" aria-label=heading>
            <h2 class="pad">{heading}</h2>
            {content}
        </section>
    }
    .into_any()
}
