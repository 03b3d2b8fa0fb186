//! The menu that exports the list.

use console::Snapshot;
use domain::TokenQuery;
use leptos::prelude::*;

use crate::components::{count_of, export_links};
use crate::http::paths;

/// The ID of the text that says what is exported.
const TEXT_ID: &str = "export-text";

/// The ID of the element with the links, which scripts update together with the list.
const EXPORTS_ID: &str = "exports";

/// The links that export all tokens that match the filters, not only those on this page. Empty if nothing matches. If
/// data is missing, the link leads to the page that explains what. If some filters of the page's URL are not applied,
/// no export is offered.
pub(crate) fn export_menu(
    workspace: &str,
    snapshot: &Snapshot,
    query: &TokenQuery,
    matching: usize,
    has_all_filters: bool,
) -> AnyView {
    let links = (matching > 0).then(|| {
        let links = links(workspace, snapshot, query, matching, has_all_filters);
        view! {
            <details class="export-menu" data-menu>
                <summary class="btn">"Export"</summary>
                <div class="export-links">{links}</div>
            </details>
        }
    });
    view! { <div id=EXPORTS_ID>{links}</div> }.into_any()
}

fn links(workspace: &str, snapshot: &Snapshot, query: &TokenQuery, matching: usize, has_all_filters: bool) -> AnyView {
    if !has_all_filters {
        let text = "Exports are not available, because some filters of this link are not applied. Remove them first.";
        return view! { <p>{text}</p> }.into_any();
    }
    if !snapshot.inventory.unread().is_empty() {
        return view! {
            <p id=TEXT_ID>"Exports are incomplete, because something is not loaded."</p>
            <a href=paths::export_page(workspace, query) aria-describedby=TEXT_ID>
                "Export"
            </a>
        }
        .into_any();
    }
    let text = match (query.is_filtered(), matching) {
        (true, _) => format!("Exports the {}.", count_of(matching, "matching token")),
        (false, 1) => "Exports the only token.".to_owned(),
        (false, _) => format!("Exports all {}.", count_of(matching, "token")),
    };
    let csv = paths::tokens_export(workspace, query, "csv", false);
    let json = paths::tokens_export(workspace, query, "json", false);
    view! {
        <p id=TEXT_ID>{text}</p>
        {export_links(&csv, &json, TEXT_ID)}
        <a href=paths::export_page(workspace, query)>"CLI and REST"</a>
    }
    .into_any()
}
