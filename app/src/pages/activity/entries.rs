//! The rows of the activity log: a time, a sentence, an outcome, and details that are folded away.

use console::activity::{
    ActivityKind, ActivityRow, BulkRow, KnownNames, Operation, Outcome, RequestedValue, before_label,
};
use domain::{Day, Timestamp};
use leptos::prelude::*;

use super::outcome::{BulkResult, bulk_chip, chip, detail_text, reason_of_outcome};
use super::ranges::day_heading;
use super::sentence::{Sentence, bulk_sentence, item_sentence, sentence};
use crate::components::{count_of, date_time, group_digits};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// How many tokens of a bulk change a row lists. The page of the bulk change lists all of them.
const MAX_ITEMS_SHOWN: usize = 20;

/// What the rows need in addition to the operations.
pub(super) struct EntryList<'a> {
    pub(super) workspace: &'a str,
    pub(super) names: &'a KnownNames,
    /// Whether rows show their date, if no heading does.
    pub(super) has_dates: bool,
}

/// The rows grouped by day, each day under its heading.
pub(super) fn entries_by_day(list: &EntryList<'_>, rows: &[ActivityRow], today: Day) -> AnyView {
    let zone = PageTimeZone::current();
    let day = |row: &ActivityRow| row.first().map(|operation| zone.day(operation.at));
    let days = rows.chunk_by(|one, next| day(one) == day(next)).map(|rows| {
        let heading = rows.first().and_then(day).map(|day| day_heading(day, today));
        view! {
            <h2>{heading}</h2>
            {entries(list, rows)}
        }
    });
    days.collect_view().into_any()
}

/// The rows, without headings.
pub(super) fn entries(list: &EntryList<'_>, rows: &[ActivityRow]) -> AnyView {
    let rows = rows.iter().map(|row| match row {
        ActivityRow::One(operation) => one(list, operation),
        ActivityRow::Bulk(bulk) => bulk_row(list, bulk),
    });
    view! { <ul class="entries">{rows.collect_view()}</ul> }.into_any()
}

fn one(list: &EntryList<'_>, operation: &Operation) -> AnyView {
    let sentence = sentence(list.workspace, operation, list.names);
    let object = format!(": {}", sentence.plain());
    view! {
        <li>
            {time(list, operation.at)}
            <div>
                <p>{sentence.view()} {after_sentence(operation)}</p>
                <details class="entry-details">
                    <summary>"Details" <span class="visually-hidden">{object}</span></summary>
                    {facts(list, operation)}
                </details>
            </div>
            {chip(operation).view()}
        </li>
    }
    .into_any()
}

fn bulk_row(list: &EntryList<'_>, bulk: &BulkRow) -> AnyView {
    let Some(first) = bulk.run.as_ref().or(bulk.items.first()) else {
        return ().into_any();
    };
    let sentence: Sentence = bulk_sentence(bulk, list.names);
    let after = match &bulk.run {
        Some(run) => after_sentence(run),
        // The tokens can have failed for different reasons.
        None => reason_view(&first.reason),
    };
    // Failed tokens come first: they are why someone opens a bulk change.
    let mut items: Vec<&Operation> = bulk.items.iter().collect();
    items.sort_by_key(|item| item.outcome == Outcome::Done);
    let shown = items.iter().take(MAX_ITEMS_SHOWN).map(|item| item_row(list, item));
    let shown = shown.collect_view();
    let more = (items.len() > MAX_ITEMS_SHOWN).then(|| {
        let rest = count_of(items.len() - MAX_ITEMS_SHOWN, "more token");
        view! { <li class="muted">{rest}</li> }
    });
    let items = (!items.is_empty()).then(|| view! { <ul>{shown} {more}</ul> });
    let noun = match first.kind {
        ActivityKind::EditScopes | ActivityKind::EditScopesInBulk => "bulk change",
        _ => "bulk revocation",
    };
    let open = match total(bulk) {
        Some(total) => format!("Open the {noun}, all {}", count_of(total, "token")),
        None => format!("Open the {noun}"),
    };
    let entries = entries_text(bulk.items.len() + usize::from(bulk.run.is_some()));
    view! {
        <li>
            {time(list, first.at)}
            <details>
                <summary>{sentence.view()} {after}</summary>
                {items}
                <p>
                    <a href=paths::bulk_detail(list.workspace, &bulk.id)>{open}</a>
                    <span class="muted">" This row stands for " {entries} "."</span>
                </p>
                {facts(list, first)}
            </details>
            {bulk_chip(bulk).view()}
        </li>
    }
    .into_any()
}

fn item_row(list: &EntryList<'_>, item: &Operation) -> AnyView {
    let why = reason_of_outcome(item).map(|why| view! { <span class="muted">" \u{b7} " {why}</span> });
    view! {
        <li>
            <p>{item_sentence(list.workspace, item, list.names).view()} {why}</p>
            {chip(item).view()}
        </li>
    }
    .into_any()
}

/// The number of its tokens at its end, or else at its start.
fn total(bulk: &BulkRow) -> Option<usize> {
    let run = bulk.run.as_ref()?;
    match (BulkResult::of_run(run), &run.requested) {
        (Some(result), _) => Some(result.total()),
        (
            None,
            RequestedValue::Tokens(count)
            | RequestedValue::KeepScopes(count)
            | RequestedValue::NarrowScopes(count)
            | RequestedValue::PutBackScopes(count),
        ) => Some(*count),
        _ => None,
    }
}

/// `1 entry`, `214 entries`.
pub(super) fn entries_text(n: usize) -> String {
    match n {
        1 => "1 entry".to_owned(),
        n => format!("{} entries", group_digits(n)),
    }
}

/// The reason that was entered, and why the operation ended as it did.
fn after_sentence(operation: &Operation) -> Option<AnyView> {
    let reason = reason_view(&operation.reason);
    let why = reason_of_outcome(operation).map(|why| view! { <span class="muted">" \u{b7} " <bdi>{why}</bdi></span> });
    (reason.is_some() || why.is_some()).then(|| view! { {reason} {why} }.into_any())
}

fn reason_view(reason: &str) -> Option<AnyView> {
    let reason = Some(reason.trim()).filter(|reason| !reason.is_empty())?.to_owned();
    Some(view! { " \u{b7} " <bdi>{reason}</bdi> }.into_any())
}

fn time(list: &EntryList<'_>, at: Timestamp) -> AnyView {
    let zone = PageTimeZone::current();
    let time = zone.hour_and_minute(at);
    if list.has_dates {
        let day = zone.day(at).to_string();
        return view! {
            <span class="entry-time">
                <time datetime=at.to_iso()>{day}</time>
                " "
                <small>{time}</small>
            </span>
        }
        .into_any();
    }
    view! { <time datetime=at.to_iso() class="entry-time">{time}</time> }.into_any()
}

/// Everything that was recorded, worded like the filters.
fn facts(list: &EntryList<'_>, operation: &Operation) -> AnyView {
    let user = operation.actor.clone();
    let user = match list.names.principal(&operation.actor) {
        Some(known) => view! { <a href=paths::principal(list.workspace, known.id)><bdi>{user}</bdi></a> }.into_any(),
        None => view! { <bdi>{user}</bdi> }.into_any(),
    };
    let detail = Some(detail_text(&operation.detail)).filter(|detail| !detail.is_empty());
    let outcome = detail.map_or_else(
        || operation.outcome.label().to_owned(),
        |detail| format!("{}. {detail}", operation.outcome.label()),
    );
    view! {
        <dl>
            <dt>"Action"</dt>
            <dd>{operation.kind.label().to_owned()}</dd>
            <dt>"Time"</dt>
            <dd>{date_time(operation.at)}</dd>
            <dt>"User"</dt>
            <dd>{user} " " <span class="muted">{client_label(operation)}</span></dd>
            {fact("Target", operation.target.clone())}
            {fact("Before", before_label(&operation.kind, &operation.before).into_owned())}
            {fact("Change", operation.requested.label().into_owned())}
            <dt>"Outcome"</dt>
            <dd><bdi>{outcome}</bdi></dd>
            {fact("Request ID", operation.request_id.clone())}
        </dl>
    }
    .into_any()
}

fn fact(label: &'static str, text: String) -> Option<AnyView> {
    (!text.is_empty()).then(|| {
        view! {
            <dt>{label}</dt>
            <dd><bdi>{text}</bdi></dd>
        }
        .into_any()
    })
}

/// Where the request for a change came from. Earlier versions did not record it.
fn client_label(operation: &Operation) -> String {
    match operation.client_address.as_deref() {
        None => "address not recorded".to_owned(),
        Some("") => "from an unknown address".to_owned(),
        Some(address) => format!("from {address}"),
    }
}
