//! The numbers of one owner's tokens: each leads to the list of the tokens that it counts.

use std::borrow::Cow;

use console::Snapshot;
use domain::{Counter, ExpiryWindow, Facets, Known, PrincipalId, TokenQuery, UseWindow};
use leptos::prelude::*;

use super::detail::of_owner;
use crate::components::{expiry_weeks, not_available, number_of, sentence};
use crate::http::paths;
use crate::pages::tokens::counter_text;

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

/// The counters of the token list, within the tokens of one owner, and the number of those in use.
pub(super) fn counters(workspace: &str, id: PrincipalId, facets: &Facets, snapshot: &Snapshot) -> AnyView {
    let unread = snapshot.inventory.unread();
    let tokens_enabled = snapshot.policy.map(|policy| policy.enabled);
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
        let text = facets.counter(counter).map(|tokens| {
            let tokens = unread.count(tokens);
            let (number, label) = counter_text(counter, tokens, tokens_enabled);
            (number, label, is_warning && tokens.seen() > 0)
        });
        number(workspace, text, counter.label(), &query)
    });
    let recent = TokenQuery {
        last_used: Some(UseWindow::Days7),
        ..of_owner(id)
    };
    let used = unread.count(facets.last_used(UseWindow::Days7));
    let used = Known::Known((sentence(&number_of(used)), Cow::Borrowed(USED), false));
    view! {
        <nav class="counters" aria-label="Counts">
            {counters.collect_view()} {number(workspace, used, USED, &recent)}
        </nav>
    }
    .into_any()
}

/// One number as a link to its list, with its label and whether it is a warning; without a link if it is not available.
fn number(
    workspace: &str,
    text: Known<(String, Cow<'static, str>, bool)>,
    label: &'static str,
    query: &TokenQuery,
) -> AnyView {
    match text {
        Known::Known((number, label, is_warning)) => {
            let class = is_warning.then_some("stat-warning");
            view! {
                <a href=paths::tokens_with(workspace, query) class=class>
                    <b class="num">{number}</b>
                    {label}
                </a>
            }
            .into_any()
        }
        Known::NotAvailable(part) => view! {
            <span class="unknown" title=not_available(part)>
                <b>"unknown"</b>
                {label}
            </span>
        }
        .into_any(),
    }
}
