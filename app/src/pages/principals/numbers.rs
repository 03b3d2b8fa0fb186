//! The numbers of one owner's tokens: each leads to the list of the tokens that it counts.

use domain::{Counter, ExpiryWindow, Facets, Known, PrincipalId, TokenCount, TokenQuery, UnreadParts, UseWindow};
use leptos::prelude::*;

use super::detail::of_owner;
use crate::components::{expiry_weeks, not_available, number_of, sentence};
use crate::http::paths;

/// The counters and the weeks.
pub(super) fn numbers(workspace: &str, id: PrincipalId, facets: &Facets, unread: UnreadParts) -> AnyView {
    // Whether the owner is gone is the same for all of its tokens.
    let counters = Counter::ALL
        .into_iter()
        .filter(|counter| *counter != Counter::OwnerGone);
    let counters = counters.map(|counter| {
        let query = TokenQuery {
            owner: id.to_string(),
            ..counter.query()
        };
        let is_warning = counter != Counter::Active;
        let tokens = facets.counter(counter).map(|tokens| unread.count(tokens));
        number(workspace, tokens, counter.label(), is_warning, &query)
    });
    let recent = TokenQuery {
        last_used: Some(UseWindow::Days7),
        ..of_owner(id)
    };
    let used = Known::Known(unread.count(facets.last_used(UseWindow::Days7)));
    let expiring = |window: ExpiryWindow| {
        let query = TokenQuery {
            expires_in: Some(window),
            ..of_owner(id)
        };
        paths::tokens_with(workspace, &query)
    };
    view! {
        <section class="card principal-numbers" aria-label="Numbers">
            <nav class="principal-counts" aria-label="Counts">
                {counters.collect_view()} {number(workspace, used, "Used in 7 days", false, &recent)}
            </nav>
            {expiry_weeks(&facets.expiry_weeks(), expiring)}
        </section>
    }
    .into_any()
}

/// One number as a link to its list; without a link if it is not available.
fn number(
    workspace: &str,
    tokens: Known<TokenCount>,
    label: &'static str,
    is_warning: bool,
    query: &TokenQuery,
) -> AnyView {
    match tokens {
        Known::Known(tokens) => {
            let class = (is_warning && tokens.seen() > 0).then_some("count-warning");
            view! {
                <a href=paths::tokens_with(workspace, query) class=class>
                    <b class="num">{sentence(&number_of(tokens))}</b>
                    <span>{label}</span>
                </a>
            }
            .into_any()
        }
        Known::NotAvailable(part) => view! {
            <div title=not_available(part)>
                <b>"Unknown"</b>
                <span>{label}</span>
            </div>
        }
        .into_any(),
    }
}
