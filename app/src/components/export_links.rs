//! The links of an export menu.

use leptos::prelude::*;

use crate::http::paths;

/// A link per file format. The element with the ID `text_id` describes what is exported.
pub(crate) fn export_links(csv: &str, json: &str, text_id: &'static str) -> AnyView {
    let link = |url: String, label: &'static str| {
        view! {
            <a href=url download aria-describedby=text_id>
                {label}
            </a>
        }
    };
    view! {
        {link(csv.to_owned(), "Export CSV")}
        {link(paths::with_param(csv, paths::BYTE_ORDER_MARK, "1"), "Export for Excel")}
        {link(json.to_owned(), "Export JSON")}
    }
    .into_any()
}
