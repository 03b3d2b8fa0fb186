//! The six numbers of a workspace, each with a link to the tokens that it counts, and a chart of the coming weeks.

use console::Snapshot;
use domain::{Counter, Direction, Known, Sort, SortKey, Status, TokenQuery};
use leptos::prelude::*;

use crate::components::{expiry_sparkline, number_of, sentence, tokens_expire};
use crate::http::paths;
use crate::pages::tokens::CounterText;

pub(super) fn counters(workspace: &str, snapshot: &Snapshot) -> AnyView {
    let counts = snapshot.inventory.counts();
    let tokens_enabled = snapshot.policy.map(|policy| policy.enabled);
    let links = Counter::ALL.map(|counter| match counts.of(counter) {
        Known::Known(count) => {
            let text = CounterText::new(counter, count, tokens_enabled);
            view! {
                <a href=paths::tokens_with(workspace, &counter.query()) class=text.class>
                    <b>{text.number}</b>
                    " "
                    {text.label}
                    <span class="visually-hidden">{format!(" in {workspace}")}</span>
                </a>
            }
            .into_any()
        }
        Known::NotAvailable(part) => view! {
            <span class="unknown" title=sentence(part.reason())>
                <b>"unknown"</b>
                " "
                {counter.label()}
            </span>
        }
        .into_any(),
    });
    view! { <div class="overview-counts">{links.into_iter().collect_view()}</div> }.into_any()
}

/// The chart of the weeks in which tokens expire, as one link to all active tokens, soonest first.
pub(super) fn sparkline(workspace: &str, snapshot: &Snapshot) -> AnyView {
    let weeks = snapshot.inventory.expiry_weeks();
    let seen = weeks.weeks.iter().map(|week| week.tokens.seen()).sum();
    let total = snapshot.inventory.unread().count(seen);
    let soon = weeks.weeks.first().map_or(total, |week| week.tokens);
    let label = format!(
        "{workspace}: {} in 7 days, {} in {} weeks",
        tokens_expire(soon),
        number_of(total),
        weeks.weeks.len()
    );
    let query = TokenQuery {
        status: Some(Status::Active),
        sort: Sort {
            key: SortKey::Expires,
            direction: Direction::Ascending,
        },
        ..TokenQuery::default()
    };
    view! {
        <a class="sparkline" href=paths::tokens_with(workspace, &query) aria-label=label>
            {expiry_sparkline(&weeks)}
        </a>
    }
    .into_any()
}
