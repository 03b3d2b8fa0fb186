//! The menu that exports the findings.

use console::Snapshot;
use domain::Severity;
use leptos::prelude::*;

use crate::components::export_links;
use crate::http::paths;

/// The ID of the text that says what is exported.
const TEXT_ID: &str = "export-text";

/// Links to files with all findings, or with those of one severity. Links to incomplete files say so.
pub(super) fn export_menu(workspace: &str, snapshot: &Snapshot) -> AnyView {
    let is_partial = !snapshot.inventory.unread().is_empty();
    let text = match is_partial {
        true => {
            "One row for each token, grant or setting with a finding, also accepted ones. Incomplete, because \
             something is not loaded: the names of the files end with _partial."
        }
        false => "One row for each token, grant or setting with a finding, also accepted ones.",
    };
    let url = |severity, extension| paths::findings_export(workspace, severity, extension, is_partial);
    let of_severity = Severity::ALL.map(|severity| {
        view! {
            <a href=url(Some(severity), "csv") download aria-describedby=TEXT_ID>
                {format!("Export CSV: {}", severity.label())}
            </a>
        }
    });
    view! {
        <details class="export-menu" data-menu>
            <summary class="btn">"Export"</summary>
            <div class="export-links">
                <p id=TEXT_ID>{text}</p>
                {export_links(&url(None, "csv"), &url(None, "json"), TEXT_ID)}
                {of_severity.into_iter().collect_view()}
            </div>
        </details>
    }
    .into_any()
}
