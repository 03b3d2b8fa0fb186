//! The latest operations on some targets, as a card of another page.

use console::Actor;
use console::activity::{ActivityQuery, Operation, fold};
use leptos::prelude::*;

use super::entries::{EntryList, entries};
use crate::http::request::Request;

/// At most `limit` operations on `targets` through this console. `None` without operations. If the activity log cannot
/// be read, the card says so, since its absence would mean that nothing was done.
pub(crate) async fn history_card(
    request: &Request,
    actor: &Actor,
    heading: &'static str,
    targets: Vec<String>,
    limit: u32,
) -> Option<AnyView> {
    let query = ActivityQuery {
        targets,
        ..ActivityQuery::default()
    };
    match request.console.activity(actor, query, limit).await {
        Ok(page) if page.operations.is_empty() => None,
        Ok(page) => Some(card(heading, rows(request, actor, page.operations).await)),
        Err(error) => {
            tracing::error!(request = request.id(), %error, "could not read the activity log");
            let text = "The activity log could not be read. Reload the page to try again.";
            Some(card(heading, view! { <p class="pad">{text}</p> }.into_any()))
        }
    }
}

async fn rows(request: &Request, actor: &Actor, operations: Vec<Operation>) -> AnyView {
    let names = request.console.known_names(actor, &operations).await;
    let list = EntryList {
        workspace: actor.workspace().name(),
        names: &names,
        has_dates: true,
    };
    entries(&list, &fold(operations))
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
