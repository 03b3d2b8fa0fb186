//! The links that export the list.

use console::Snapshot;
use domain::TokenQuery;
use leptos::prelude::*;

use crate::components::count_of;
use crate::http::paths;

/// Links that export everything that matches the filters, not this page alone. `None` if nothing matches. If something
/// is missing, they lead to the page that says what. Without all filters of the link, nothing is exported.
pub(crate) fn export_links(
    workspace: &str,
    snapshot: &Snapshot,
    query: &TokenQuery,
    matching: usize,
    has_all_filters: bool,
) -> Option<AnyView> {
    if matching == 0 {
        return None;
    }
    if !has_all_filters {
        let text = "Exports are not available, because some filters of this link are not applied. Remove them first.";
        return Some(view! { <p class="toolbar" id="exports">{text}</p> }.into_any());
    }
    let is_partial = !snapshot.inventory.unread().is_empty();
    if is_partial {
        return Some(
            view! {
                <div class="toolbar">
                    <p id="exports">"Exports are incomplete, because something is not loaded."</p>
                    <div class="row">
                        <a class="btn" href=paths::export_page(workspace, query) aria-describedby="exports">
                            "Export"
                        </a>
                    </div>
                </div>
            }
            .into_any(),
        );
    }
    let text = match (query.is_filtered(), matching) {
        (true, _) => format!("Exports the {}.", count_of(matching, "matching token")),
        (false, 1) => "Exports the only token.".to_owned(),
        (false, _) => format!("Exports all {}.", count_of(matching, "token")),
    };
    let csv = paths::tokens_export(workspace, query, "csv", false);
    let link = |url: String, label: &'static str| {
        view! {
            <a
                class="btn"
                href=url
                download
                aria-describedby="exports"
            >
                {label}
            </a>
        }
    };
    Some(
        view! {
            <div class="toolbar">
                <p id="exports">{text}</p>
                <div class="row">
                    {link(csv.clone(), "Export CSV")}
                    {link(paths::with_param(&csv, paths::BYTE_ORDER_MARK, "1"), "Export for Excel")}
                    {link(paths::tokens_export(workspace, query, "json", false), "Export JSON")}
                </div>
            </div>
        }
        .into_any(),
    )
}
