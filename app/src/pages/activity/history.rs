//! The latest operations on some targets, as a card of another page.

use console::Actor;
use console::activity::{ActivityQuery, ActivityRow, Operation, fold};
use domain::TokenId;
use leptos::prelude::*;

use super::entries::{EntryList, entries};
use crate::http::paths;
use crate::http::request::Request;

/// What a card shows the operations on.
pub(crate) enum HistoryOf {
    /// One token: each attempt at a change of it.
    Token(TokenId),
    /// The tokens with these IDs, of one owner. A bulk revocation is one row.
    Tokens(Vec<String>),
}

impl HistoryOf {
    const fn heading(&self) -> &'static str {
        match self {
            Self::Token(_) => "History",
            Self::Tokens(_) => "Recent activity on these tokens",
        }
    }

    fn targets(&self) -> Vec<String> {
        match self {
            Self::Token(id) => vec![id.to_string()],
            Self::Tokens(ids) => ids.clone(),
        }
    }

    /// Two attempts at one token would look like a bulk revocation of two.
    fn rows(&self, operations: Vec<Operation>) -> Vec<ActivityRow> {
        match self {
            Self::Token(_) => operations.into_iter().map(ActivityRow::One).collect(),
            Self::Tokens(_) => fold(operations),
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
/// card says so, since its absence would mean that nothing was done.
pub(crate) async fn history_card(request: &Request, actor: &Actor, history: HistoryOf, limit: u32) -> Option<AnyView> {
    let query = ActivityQuery {
        targets: history.targets(),
        ..ActivityQuery::default()
    };
    let heading = history.heading();
    match request.console.activity(actor, query, limit).await {
        Ok(page) if page.operations.is_empty() => None,
        Ok(page) => Some(card(heading, rows(request, actor, &history, page.operations).await)),
        Err(error) => {
            tracing::error!(request = request.id(), %error, "could not read the activity log");
            let text = "The activity log could not be read. Reload the page to try again.";
            Some(card(heading, view! { <p class="pad">{text}</p> }.into_any()))
        }
    }
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
