//! The menu that exports the activity log.

use console::activity::MAX_COUNTED;
use leptos::prelude::*;

use super::entries::entries_text;
use super::query::ActivityFilters;
use crate::components::export_links;
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// The ID of the text that says what is exported.
const TEXT_ID: &str = "export-text";

/// The number of matching entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Total {
    Exactly(u32),
    /// More than [`MAX_COUNTED`].
    More,
    /// Not known for a search.
    Unknown,
}

impl Total {
    /// `1 entry`, `214 entries`, `more than 10,000 entries`; `None` if it is not known.
    pub(super) fn text(self) -> Option<String> {
        match self {
            Self::Exactly(n) => Some(entries_text(n as usize)),
            Self::More => Some(format!("more than {}", entries_text(MAX_COUNTED as usize))),
            Self::Unknown => None,
        }
    }
}

/// The links that export all entries that match the filters, not only those on this page. If some filters of the page's
/// URL are not applied, no export is offered.
pub(super) fn export_menu(workspace: &str, filters: &ActivityFilters, total: Total) -> AnyView {
    let label = match total.text() {
        Some(entries) => format!("Export {entries}"),
        None => "Export all that match".to_owned(),
    };
    let content = match filters.are_all_applied() {
        true => links(workspace, filters),
        false => {
            let text = "Exports are not available, because some filters of this link are not applied. \
                        Remove them first.";
            view! { <p>{text}</p> }.into_any()
        }
    };
    view! {
        <details class="export-menu" data-menu>
            <summary class="btn">{label}</summary>
            <div class="export-links">{content}</div>
        </details>
    }
    .into_any()
}

fn links(workspace: &str, filters: &ActivityFilters) -> AnyView {
    let zone = PageTimeZone::current().name().to_owned();
    let text = match filters.are_set() {
        true => {
            format!("Exports every entry that matches, also the tokens of bulk changes. Days are those of {zone}.")
        }
        false => "Exports every entry, also the tokens of bulk changes.".to_owned(),
    };
    let url = |extension: &str| {
        let path = format!("{}.{extension}", paths::activity(workspace));
        filters.at_newest().url(&path)
    };
    view! {
        <p id=TEXT_ID>{text}</p>
        {export_links(&url("csv"), &url("json"), TEXT_ID)}
    }
    .into_any()
}
