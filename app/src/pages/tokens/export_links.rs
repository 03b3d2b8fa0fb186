//! The links that export the list.

use domain::TokenQuery;
use leptos::prelude::*;

use crate::components::count_of;
use crate::http::paths;

/// Links that export everything that matches the filters, not this page alone. `None` if nothing matches.
pub(crate) fn export_links(workspace: &str, query: &TokenQuery, matching: usize) -> Option<AnyView> {
    if matching == 0 {
        return None;
    }
    let text = match (query.is_filtered(), matching) {
        (true, _) => format!("Exports the {}.", count_of(matching, "matching token")),
        (false, 1) => "Exports the only token.".to_owned(),
        (false, _) => format!("Exports all {}.", count_of(matching, "token")),
    };
    let link = |format, label: &'static str| {
        view! {
            <a class="btn" href=paths::tokens_export(workspace, query, format) download aria-describedby="exports">
                {label}
            </a>
        }
    };
    Some(
        view! {
            <div class="toolbar">
                <p id="exports">{text}</p>
                <div class="row">{link("csv", "Export CSV")} {link("json", "Export JSON")}</div>
            </div>
        }
        .into_any(),
    )
}
