//! The most urgent items of all workspaces, each with one link.

use console::overview::Attention;
use domain::UnreadPart;
use leptos::prelude::*;

use super::Summary;
use crate::components::{count_of, group_digits, tokens_of};
use crate::http::paths;
use crate::pages::bulk::{not_done, noun_within};

/// How many items are shown.
const MAX_ITEMS: usize = 8;

/// The most severe items of all workspaces, in the order of the workspaces, and the workspaces that could not be
/// checked.
pub(super) fn section(summaries: &[Summary]) -> AnyView {
    let mut items: Vec<(&str, &Attention)> = Vec::new();
    let mut unknown: Vec<String> = Vec::new();
    for summary in summaries {
        let name = summary.workspace.name();
        match &summary.result {
            Ok(found) => {
                items.extend(found.attention.iter().map(|item| (name, item)));
                let unread = found.snapshot.inventory.unread();
                let parts = [UnreadPart::Names, UnreadPart::Permissions, UnreadPart::Rows];
                if parts.into_iter().any(|part| unread.has(part)) {
                    unknown.push(format!("{name} (not everything could be read)"));
                }
            }
            Err(_) if summary.is_signed_in() => unknown.push(format!("{name} (could not be read)")),
            Err(_) => unknown.push(format!("{name} (not signed in)")),
        }
    }
    items.sort_by_key(|(_, item)| !item.is_severe());
    let more = items.len().saturating_sub(MAX_ITEMS);
    let more = (more > 0).then(|| view! { <p class="muted">{format!("{} more.", group_digits(more))}</p> });
    let list = match items.as_slice() {
        [] => view! { <p>"Nothing was found."</p> }.into_any(),
        items => {
            let items = items
                .iter()
                .take(MAX_ITEMS)
                .map(|(workspace, item)| line(workspace, item));
            view! { <ol class="attention">{items.collect_view()}</ol> }.into_any()
        }
    };
    let unknown = (!unknown.is_empty()).then(|| {
        let text = format!("Not included, or not completely: {}.", unknown.join(", "));
        view! { <p class="muted">{text}</p> }
    });
    view! {
        <section class="card pad" aria-labelledby="attention-heading">
            <h2 id="attention-heading">"Needs attention"</h2>
            {list}
            {more}
            {unknown}
        </section>
    }
    .into_any()
}

fn line(workspace: &str, item: &Attention) -> AnyView {
    let (text, link, url) = parts(workspace, item);
    let class = item.is_severe().then_some("is-severe");
    view! {
        <li class=class>
            <span>
                <b>{workspace.to_owned()}</b>
                {format!(": {text}")}
            </span>
            <a href=url>{link} <span class="visually-hidden">{format!(" in {workspace}")}</span></a>
        </li>
    }
    .into_any()
}

/// The item's text, the text of its link, and the link's URL.
fn parts(workspace: &str, item: &Attention) -> (String, String, String) {
    match item {
        Attention::Finding(result) => {
            let title = result.rule.title();
            match (result.open.known(), result.query()) {
                (Some(tokens), Some(query)) => (
                    format!("{}: {}", title, tokens_of(tokens, "token")),
                    format!("Review {}", tokens_of(tokens, "token")),
                    paths::tokens_with(workspace, &query),
                ),
                _ => (
                    title.to_owned(),
                    "Open permissions".to_owned(),
                    paths::permissions(workspace),
                ),
            }
        }
        Attention::BulkFailed { id, kind, failed } => (
            format!(
                "{} of a {} could not be {}, or not with certainty",
                count_of(*failed, "token"),
                noun_within(*kind),
                not_done(*kind)
            ),
            format!("Open the {}", noun_within(*kind)),
            paths::bulk_detail(workspace, id),
        ),
        Attention::BulkPaused { id, kind } => (
            format!("a {} is paused", noun_within(*kind)),
            format!("Open the {}", noun_within(*kind)),
            paths::bulk_detail(workspace, id),
        ),
    }
}
