//! The numbers of one owner's tokens, each with a link to the tokens that it counts.

use console::Snapshot;
use domain::{Counter, ExpiryWindow, Facets, Known, PrincipalId, TokenQuery, UseWindow};
use leptos::prelude::*;

use super::detail::of_owner;
use crate::components::expiry_weeks;
use crate::http::paths;
use crate::pages::tokens::{CounterText, counter_link, large_number};

const USED: &str = "Used in 7 days";

/// The counters and the weeks.
pub(super) fn numbers(workspace: &str, id: PrincipalId, facets: &Facets, snapshot: &Snapshot) -> AnyView {
    let expiring = |window: ExpiryWindow| {
        let query = TokenQuery {
            expires_in: Some(window),
            ..of_owner(id)
        };
        paths::tokens_with(workspace, &query)
    };
    view! {
        <div class="card band has-weeks">
            {counters(workspace, id, facets, snapshot)}
            {expiry_weeks(&facets.expiry_weeks(), expiring)}
        </div>
    }
    .into_any()
}

/// The counters of the token list, for one owner's tokens, and the number of those in use.
pub(super) fn counters(workspace: &str, id: PrincipalId, facets: &Facets, snapshot: &Snapshot) -> AnyView {
    let unread = snapshot.inventory.unread();
    let tokens_enabled = snapshot.policy.map(|policy| policy.enabled);
    // Whether the owner is gone is the same for all its tokens.
    let counters = Counter::ALL
        .into_iter()
        .filter(|counter| *counter != Counter::OwnerGone);
    let counters = counters.map(|counter| {
        let query = TokenQuery {
            owner: id.to_string(),
            ..counter.query()
        };
        let text = facets
            .counter(counter)
            .map(|tokens| CounterText::new(counter, unread.count(tokens), tokens_enabled));
        counter_link(paths::tokens_with(workspace, &query), text, counter.label(), false)
    });
    let recent = TokenQuery {
        last_used: Some(UseWindow::Days7),
        ..of_owner(id)
    };
    let used = unread.count(facets.last_used(UseWindow::Days7));
    let used = Known::Known(CounterText {
        number: large_number(used),
        label: USED.into(),
        class: None,
    });
    view! {
        <nav class="counters" aria-label="Counts">
            {counters.collect_view()} {counter_link(paths::tokens_with(workspace, &recent), used, USED, false)}
        </nav>
    }
    .into_any()
}
