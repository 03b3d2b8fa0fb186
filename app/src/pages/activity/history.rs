//! The latest operations on some targets, as a card of another page.

use console::Actor;
use console::activity::{ActivityQuery, Operation};
use leptos::prelude::*;

use super::table::table;
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
        Ok(page) => Some(card(heading, operations_table(actor, &page.operations))),
        Err(error) => {
            tracing::error!(request = request.id(), %error, "could not read the activity log");
            let text = "The activity log could not be read. Reload the page to try again.";
            Some(card(heading, view! { <p class="pad">{text}</p> }.into_any()))
        }
    }
}

fn operations_table(actor: &Actor, operations: &[Operation]) -> AnyView {
    table(actor.workspace().name(), "Newest first".to_owned(), operations)
}

fn card(heading: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="card" aria-label=heading>
            <h2 class="pad">{heading}</h2>
            {content}
        </section>
    }
    .into_any()
}
