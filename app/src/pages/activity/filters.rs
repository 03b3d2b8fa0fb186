//! The filters above the activity log: links for common date ranges, and a form for the rest.

use console::activity::{ActivityKind, Outcome};
use domain::{Day, DayRange};
use leptos::prelude::*;

use super::query::ActivityFilters;
use super::ranges::{range_label, ranges};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// The links and the form. `today` is the day in the time zone of the page.
pub(super) fn filters(workspace: &str, filters: &ActivityFilters, today: Day) -> AnyView {
    view! {
        {range_links(workspace, filters, today)}
        {form(workspace, filters, today)}
    }
    .into_any()
}

fn range_links(workspace: &str, filters: &ActivityFilters, today: Day) -> AnyView {
    let links = ranges(today).into_iter().map(|range| {
        let current = (range.days == filters.days).then_some("true");
        view! {
            <a href=filters.on(range.days).url(&paths::activity(workspace)) aria-current=current>
                {range.label}
            </a>
        }
    });
    view! {
        <nav class="segments" aria-label="Dates">
            {links.collect_view()}
        </nav>
    }
    .into_any()
}

fn form(workspace: &str, filters: &ActivityFilters, today: Day) -> AnyView {
    let query = &filters.query;
    let kinds = ActivityKind::ALL;
    let kinds = kinds
        .each_ref()
        .map(|kind| (kind.to_stored(), kind.label(), query.kind.as_ref() == Some(kind)));
    let outcomes = Outcome::ALL.map(|o| (o.slug(), o.label(), query.outcome == Some(o)));
    let clear = filters.are_set().then(|| {
        view! {
            <a class="btn" href=paths::activity(workspace)>
                "Clear filters"
            </a>
        }
    });
    view! {
        <form
            class="activity-filters"
            method="post"
            action=paths::open_with_fields(&paths::activity(workspace))
            role="search"
            aria-label="Filter activity"
        >
            <details class="fold">
            <summary class="btn">{fold_label(filters, today)}</summary>
            {custom_dates(filters, today)}
            <label class="visually-hidden" for="q">
                "Search by target, value or reason"
            </label>
            <input
                class="input"
                id="q"
                type="search"
                name="q"
                value=query.text.clone()
                placeholder="Search"
                autocomplete="off"
                maxlength="256"
            />
            <label class="visually-hidden" for="actor">
                "Username"
            </label>
            <input
                class="input"
                id="actor"
                name="actor"
                value=query.actor.clone()
                placeholder="Username"
                autocomplete="off"
                maxlength="256"
            />
            {select("kind", "Action", &kinds)}
            {select("outcome", "Outcome", &outcomes)}
            <button class="btn">"Apply" <span class="visually-hidden">" filters"</span></button>
            {clear}
            </details>
        </form>
    }
    .into_any()
}

/// The label that unfolds the form on a phone, with the number of active filters.
fn fold_label(filters: &ActivityFilters, today: Day) -> String {
    let query = &filters.query;
    let in_use = [
        is_custom(filters.days, today),
        !query.text.is_empty(),
        !query.actor.is_empty(),
        query.kind.is_some(),
        query.outcome.is_some(),
    ];
    match in_use.into_iter().filter(|used| *used).count() {
        0 => "Filter".to_owned(),
        n => format!("Filter ({n})"),
    }
}

/// Whether the range differs from those of the links.
fn is_custom(days: DayRange, today: Day) -> bool {
    ranges(today).iter().all(|range| range.days != days)
}

/// Fields for any two days. A range from a link is filled in too, so that the form keeps it.
fn custom_dates(filters: &ActivityFilters, today: Day) -> AnyView {
    let days = filters.days;
    let is_custom = is_custom(days, today);
    let label = if is_custom {
        range_label(days)
    } else {
        "Custom dates".to_owned()
    };
    let class = if is_custom { "date-range is-used" } else { "date-range" };
    let zone = PageTimeZone::current().name().to_owned();
    view! {
        <details class=class data-menu>
            <summary>{label}</summary>
            <div class="date-fields">
                {day("from", "From", days.from)} {day("to", "To", days.to)}
                <p class="hint">"Both days are included. They are days in " {zone} "."</p>
                <button class="btn">"Apply dates"</button>
            </div>
        </details>
    }
    .into_any()
}

/// A date field.
fn day(name: &'static str, label: &'static str, value: Option<Day>) -> AnyView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input class="input" id=name type="date" name=name value=value.map(Day::to_iso) autocomplete="off" />
        </div>
    }
    .into_any()
}

/// A field with options. The first option shows the field's name. Each choice is a slug, a label, and whether it is
/// selected.
fn select(name: &'static str, label: &'static str, choices: &[(&str, &str, bool)]) -> AnyView {
    let options = choices.iter().map(|(slug, label, selected)| {
        view! { <option value=(*slug).to_owned() selected=*selected>{(*label).to_owned()}</option> }
    });
    view! {
        <select class="input" id=name name=name aria-label=label>
            <option value="">{label}</option>
            {options.collect_view()}
        </select>
    }
    .into_any()
}
