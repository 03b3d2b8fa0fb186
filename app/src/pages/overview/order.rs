//! The order of the workspaces: as configured, or sorted by a number.

use domain::{Counter, Known};
use leptos::prelude::*;

use super::Summary;
use super::find_leaked::LOOKUP_PARAM;
use crate::http::paths;
use crate::http::request::Request;

/// The URL parameter with the number to sort by.
const SORT_PARAM: &str = "sort";

/// The parameter's value for a number.
const fn slug(counter: Counter) -> &'static str {
    match counter {
        Counter::Active => "active",
        Counter::ExpiringSoon => "expiring-soon",
        Counter::NeverExpire => "never-expire",
        Counter::OverPolicy => "over-policy",
        Counter::Unused => "unused",
        Counter::OwnerGone => "owner-gone",
    }
}

/// The number to sort by. `None` for the configured order.
pub(super) fn chosen(request: &Request) -> Option<Counter> {
    parse(&request.query(SORT_PARAM)?)
}

fn parse(sort: &str) -> Option<Counter> {
    Counter::ALL.into_iter().find(|counter| slug(*counter) == sort)
}

/// The page's order as a hidden field of a form. `None` for the configured order.
pub(super) fn field(request: &Request) -> Option<AnyView> {
    let sort = chosen(request).map(slug)?;
    Some(view! { <input type="hidden" name=SORT_PARAM value=sort /> }.into_any())
}

/// Sorts by the number, largest first. Workspaces whose number is unknown come last, in the configured order.
pub(super) fn sort(summaries: &mut [Summary], counter: Counter) {
    summaries.sort_by_key(|summary| {
        let counts = summary.result.as_ref().ok();
        let count = counts.map(|found| found.snapshot.inventory.counts().of(counter));
        match count {
            Some(Known::Known(count)) => std::cmp::Reverse(Some(count.seen())),
            _ => std::cmp::Reverse(None),
        }
    });
}

/// The URL of the overview in this order, with the current lookup's results.
pub(super) fn url(request: &Request, order: Option<Counter>) -> String {
    let url = url_in(order);
    match request.query(LOOKUP_PARAM) {
        Some(id) => paths::with_param(&url, LOOKUP_PARAM, &id),
        None => url,
    }
}

/// The URL of the overview in the order that a form's field contains. An unknown order is ignored.
pub(super) fn url_of_field(sort: Option<&str>) -> String {
    url_in(sort.and_then(parse))
}

fn url_in(order: Option<Counter>) -> String {
    match order {
        Some(counter) => paths::with_param("/", SORT_PARAM, slug(counter)),
        None => "/".to_owned(),
    }
}

/// The links that change the order.
pub(super) fn links(request: &Request, chosen: Option<Counter>) -> AnyView {
    let link = |url: String, label: &'static str, is_current: bool| {
        view! {
            <a href=url aria-current=is_current.then_some("true")>
                {label}
            </a>
        }
    };
    let by_number =
        Counter::ALL.map(|counter| link(url(request, Some(counter)), counter.label(), chosen == Some(counter)));
    view! {
        <nav class="overview-order" aria-label="Order of the workspaces">
            <span>"Sort by"</span>
            {link(url(request, None), "Configured order", chosen.is_none())}
            {by_number.into_iter().collect_view()}
        </nav>
    }
    .into_any()
}
