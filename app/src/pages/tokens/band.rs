//! The card above the list: counters with links to their tokens, and the weeks in which tokens expire.

use std::borrow::Cow;

use console::Snapshot;
use domain::{Counter, Counts, ExpiryWindow, Known, Status, TokenCount, TokenQuery};
use leptos::prelude::*;

use crate::components::{expiry_weeks, group_digits, not_available, number_of};
use crate::http::paths;

/// How many days without use the link next to the number of unused tokens stands for.
const UNUSED_PRESET_DAYS: u16 = 30;

/// The text and the colour of a counter's link.
pub(crate) struct CounterText {
    /// The number. "At least" is small, so that the numbers stay in one line.
    pub(crate) number: AnyView,
    /// What the number counts.
    pub(crate) label: Cow<'static, str>,
    /// The class that colours a number other than 0.
    pub(crate) class: Option<&'static str>,
}

impl CounterText {
    /// The text of a counter. While tokens are disabled, even active ones do not work.
    pub(crate) fn new(counter: Counter, count: TokenCount, tokens_enabled: Option<bool>) -> Self {
        let (number, label) = match (counter, tokens_enabled) {
            (Counter::Active, Some(false)) => ("0".into_any(), format!("Work, {} suspended", number_of(count)).into()),
            // Whether active tokens work also depends on the workspace's settings.
            (Counter::Active, None) => (large_number(count), "Active (by expiry only)".into()),
            (counter, _) => (large_number(count), counter.label().into()),
        };
        let class = match counter {
            _ if count.seen() == 0 => None,
            Counter::Active => None,
            Counter::OwnerGone => Some("stat-danger"),
            _ => Some("stat-warning"),
        };
        Self { number, label, class }
    }
}

/// A number above its label.
pub(crate) fn large_number(count: TokenCount) -> AnyView {
    let number = group_digits(count.seen());
    match count {
        TokenCount::Exactly(_) => number.into_any(),
        TokenCount::AtLeast(_) => view! {
            <small>"At least "</small>
            {number}
        }
        .into_any(),
    }
}

/// The counters of all tokens, and the weeks in which they expire.
pub(super) fn band(workspace: &str, snapshot: &Snapshot, query: &TokenQuery) -> AnyView {
    let tokens_enabled = snapshot.policy.map(|policy| policy.enabled);
    view! {
        <div class="card band">
            {counters(workspace, snapshot.inventory.counts(), tokens_enabled, query)}
            {expiry_weeks(&snapshot.inventory.expiry_weeks(), |window| week_url(workspace, window))}
        </div>
    }
    .into_any()
}

/// The counters of all tokens, independent of the filters, each with a link to the tokens that it counts. An unknown
/// number is shown as unknown, without a link.
fn counters(workspace: &str, counts: Counts, tokens_enabled: Option<bool>, query: &TokenQuery) -> AnyView {
    let filters = query.unordered();
    let links = Counter::ALL.map(|counter| {
        let text = counts
            .of(counter)
            .map(|count| CounterText::new(counter, count, tokens_enabled));
        let (href, is_current) = (
            paths::tokens_with(workspace, &counter.query()),
            counter.query() == filters,
        );
        let preset = (counter == Counter::Unused).then(|| unused_preset(workspace, &filters));
        view! {
            {counter_link(href, text, counter.label(), is_current)}
            {preset}
        }
        .into_any()
    });
    view! {
        <nav class="counters" aria-label="Counts">
            {links.into_iter().collect_view()}
        </nav>
    }
    .into_any()
}

/// A counter as a link to its list. An unknown counter is plain text, and `label` says what it would count.
pub(crate) fn counter_link(href: String, text: Known<CounterText>, label: &'static str, is_current: bool) -> AnyView {
    match text {
        Known::Known(text) => view! {
            <a href=href class=text.class aria-current=is_current.then_some("true")>
                <b class="num">{text.number}</b>
                {text.label}
            </a>
        }
        .into_any(),
        Known::NotAvailable(part) => view! {
            <span class="unknown" title=not_available(part)>
                <b>"unknown"</b>
                {label}
            </span>
        }
        .into_any(),
    }
}

/// The link to active tokens that were not used for a month, which is less than the finding requires.
fn unused_preset(workspace: &str, filters: &TokenQuery) -> AnyView {
    let query = TokenQuery {
        status: Some(Status::Active),
        idle_days: Some(UNUSED_PRESET_DAYS),
        ..TokenQuery::default()
    };
    let current = (query == *filters).then_some("true");
    view! {
        <a href=paths::tokens_with(workspace, &query) class="preset" aria-current=current>
            {format!("Unused {UNUSED_PRESET_DAYS} days")}
        </a>
    }
    .into_any()
}

/// The list of the tokens that expire in this window.
fn week_url(workspace: &str, window: ExpiryWindow) -> String {
    let query = TokenQuery {
        expires_in: Some(window),
        ..TokenQuery::default()
    };
    paths::tokens_with(workspace, &query)
}
