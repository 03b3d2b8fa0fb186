//! The lifetimes of active tokens: a bar chart with the limit as a line, whose bars are links, and the same as a table.

use domain::{
    LONGEST_LIFETIME_DAYS, LifetimeBar, LifetimeRange, Lifetimes, MaxLifetime, Status, TokenCount, TokenQuery,
};
use leptos::prelude::*;

use crate::components::{Cell, Column, DataTable, TableName, number_of, percent, sentence, tokens_of};
use crate::http::paths;

/// The top and the bottom of the bars, in pixels from the top of the chart: the number and the limit are above, the
/// days below.
const TOP_PX: usize = 26;
const MAX_BAR_PX: usize = 88;
const HEIGHT_PX: usize = TOP_PX + MAX_BAR_PX + 22;

/// The width of a bar, in thousandths of its share of the chart's width.
const BAR_WIDTH: usize = 860;

/// A bar of the chart, and a row of the table.
struct Bar {
    /// `31 to 60 days`.
    name: String,
    /// `≤60`.
    label: String,
    tokens: TokenCount,
    is_above: bool,
    url: String,
}

/// The chart. `limit` has to be the one that `lifetimes` was computed with.
pub(super) fn lifetime_picture(workspace: &str, lifetimes: &Lifetimes, limit: MaxLifetime) -> AnyView {
    let bars = bars(workspace, lifetimes, limit);
    let most = bars.iter().map(|bar| bar.tokens.seen()).max().unwrap_or(0);
    let count = bars.len();
    let name = match limit {
        MaxLifetime::NoCustomLimit => "Active tokens by lifetime, each a filter".to_owned(),
        MaxLifetime::Days(_) => format!("Active tokens by lifetime, each a filter; the line is the limit of {limit}"),
    };
    let pictures = bars.iter().enumerate().map(|(i, bar)| picture_of(bar, i, count, most));
    let line = bars
        .iter()
        .position(|bar| bar.is_above)
        .map(|first| limit_line(first, count, limit));
    let rows = bars.iter().map(|bar| {
        [
            Cell::new(sentence(&bar.name)),
            Cell::new(view! { <a href=bar.url.clone()>{number_of(bar.tokens)}</a> }),
        ]
    });
    let table = DataTable {
        class: None,
        name: TableName::HiddenCaption("Active tokens by lifetime"),
        columns: [Column::name("Lifetime"), Column::number("Active tokens")],
    };
    let unknown = (lifetimes.unknown.seen() > 0).then(|| {
        let tokens = sentence(&tokens_of(lifetimes.unknown, "active token"));
        view! { <p class="muted">{format!("{tokens} without a known creation: their lifetime is unknown.")}</p> }
    });
    view! {
        <div class="lifetimes">
            <svg width="100%" height=HEIGHT_PX role="group" aria-label=name>
                {pictures.collect_view()}
                {line}
            </svg>
        </div>
        {unknown}
        <details class="lifetimes-table">
            <summary>"As a table"</summary>
            {table.view(rows)}
        </details>
    }
    .into_any()
}

/// The active tokens whose lifetime is in a range.
pub(super) fn tokens_of_lifetime(workspace: &str, lifetime: LifetimeRange) -> String {
    let query = TokenQuery {
        status: Some(Status::Active),
        lifetime,
        ..TokenQuery::default()
    };
    paths::tokens_with(workspace, &query)
}

/// The active tokens that never expire.
pub(super) fn tokens_that_never_expire(workspace: &str) -> String {
    let query = TokenQuery {
        status: Some(Status::Active),
        expires_in: Some(domain::ExpiryWindow::Never),
        ..TokenQuery::default()
    };
    paths::tokens_with(workspace, &query)
}

fn bars(workspace: &str, lifetimes: &Lifetimes, limit: MaxLifetime) -> Vec<Bar> {
    let limit = limit.custom_days();
    let bar = |bar: &LifetimeBar| {
        let (name, label) = match (bar.over, bar.up_to) {
            (0, up_to) => (format!("up to {up_to} days"), format!("\u{2264}{up_to}")),
            (over, LONGEST_LIFETIME_DAYS) => (format!("over {over} days"), format!(">{over}")),
            (over, up_to) => (format!("{} to {up_to} days", over + 1), format!("\u{2264}{up_to}")),
        };
        Bar {
            name,
            label,
            tokens: bar.tokens,
            is_above: limit.is_some_and(|limit| bar.over >= limit),
            url: tokens_of_lifetime(workspace, bar.range()),
        }
    };
    let never = Bar {
        name: "never expires".to_owned(),
        label: "never".to_owned(),
        tokens: lifetimes.never,
        is_above: limit.is_some(),
        url: tokens_that_never_expire(workspace),
    };
    lifetimes.bars.iter().map(bar).chain([never]).collect()
}

fn picture_of(bar: &Bar, i: usize, count: usize, most: usize) -> AnyView {
    let share = 100_000 / count.max(1);
    let (x, width) = (i * share + share * (1000 - BAR_WIDTH) / 2000, share * BAR_WIDTH / 1000);
    let middle = percent(i * share + share / 2);
    // At least 2 pixels, so that every bar is visible.
    let height = (bar.tokens.seen() * MAX_BAR_PX / most.max(1)).max(2);
    let top = TOP_PX + MAX_BAR_PX - height;
    let above = if bar.is_above { ", above the limit" } else { "" };
    let name = format!(
        "{}: {}{above}",
        sentence(&bar.name),
        tokens_of(bar.tokens, "active token")
    );
    view! {
        <a href=bar.url.clone() aria-label=name>
            <rect class="track" x=percent(x) y=TOP_PX width=percent(width) height=MAX_BAR_PX rx="3"></rect>
            <rect
                class=if bar.is_above { "bar above" } else { "bar" }
                x=percent(x)
                y=top
                width=percent(width)
                height=height
                rx="3"
            ></rect>
            <text class="count" x=middle.clone() y=top - 4 text-anchor="middle">
                {number_of(bar.tokens)}
            </text>
            <text x=middle y=TOP_PX + MAX_BAR_PX + 16 text-anchor="middle">
                {bar.label.clone()}
            </text>
        </a>
    }
    .into_any()
}

/// The line before the first bar above the limit.
fn limit_line(first: usize, count: usize, limit: MaxLifetime) -> AnyView {
    let x = percent(first * (100_000 / count.max(1)));
    let anchor = match first {
        0 | 1 => "start",
        first if first + 1 >= count => "end",
        _ => "middle",
    };
    view! {
        <rect class="limit" x=x.clone() y="14" width="2" height=TOP_PX + MAX_BAR_PX - 10></rect>
        <text class="count" x=x y="11" text-anchor=anchor aria-hidden="true">
            {format!("limit {limit}")}
        </text>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_named_by_their_days() {
        let bar = |over, up_to| LifetimeBar {
            over,
            up_to,
            tokens: TokenCount::Exactly(2),
        };
        let lifetimes = Lifetimes {
            bars: vec![bar(0, 30), bar(30, 45), bar(730, LONGEST_LIFETIME_DAYS)],
            never: TokenCount::AtLeast(1),
            unknown: TokenCount::Exactly(0),
        };
        let bars = bars("acme", &lifetimes, MaxLifetime::Days(45));
        let shown: Vec<_> = bars
            .iter()
            .map(|bar| (bar.name.as_str(), bar.label.as_str(), bar.is_above))
            .collect();
        assert_eq!(
            shown,
            [
                ("up to 30 days", "≤30", false),
                ("31 to 45 days", "≤45", false),
                ("over 730 days", ">730", true),
                ("never expires", "never", true),
            ]
        );
        assert!(
            bars[1]
                .url
                .ends_with("tokens?status=active&lifetime_over=30&lifetime_to=45")
        );
        assert!(bars[3].url.ends_with("tokens?status=active&expires=never"));
    }
}
