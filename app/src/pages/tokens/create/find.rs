//! The search for service principals by part of their name: rows to choose from, which the script turns into the
//! options of the combobox.

use console::{Actor, Error};
use domain::Principal;
use leptos::prelude::*;

use super::form_input::field;
use crate::components::search_text;
use crate::http::paths;
use crate::http::request::Request;

/// The results of the search; `None` without a search text, or if a result was just chosen.
pub(super) async fn search_results(request: &Request, actor: &Actor) -> Result<Option<AnyView>, Error> {
    let text = search_text(request);
    if text.is_empty() || request.query(field::CHOSEN).is_some() {
        return Ok(None);
    }
    let mut found = request.console.find_service_principals(actor, &text).await?;
    if found.rows.is_empty() {
        let no_results = format!("No service principal matches \u{201c}{text}\u{201d}.");
        return Ok(Some(
            view! {
                <p class="pad" data-no-results>
                    {no_results}
                </p>
            }
            .into_any(),
        ));
    }
    let shown = i64::try_from(found.rows.len()).unwrap_or(i64::MAX);
    let more = found.total.filter(|total| *total > shown).map(|total| {
        let text = format!("Showing {shown} of {total} service principals. Type more of the name.");
        view! {
            <li class="muted" data-more-results>
                {text}
            </li>
        }
    });
    found
        .rows
        .sort_by_cached_key(|principal| principal.label().to_lowercase());
    let workspace = actor.workspace().name();
    let rows = found.rows.iter().map(|principal| row(workspace, principal));
    Ok(Some(
        view! { <ul class="search-results">{rows.collect_view()} {more}</ul> }.into_any(),
    ))
}

fn row(workspace: &str, principal: &Principal) -> AnyView {
    let inactive = (!principal.active).then(|| view! { <span class="chip danger">"Deactivated"</span> });
    view! {
        <li data-option=principal.name.clone()>
            <span class="who">
                <bdi class="name">{principal.label().to_owned()}</bdi>
                " "
                <small class="mono">{principal.name.clone()}</small>
                <span class="chips">
                    <span class="chip">"Service principal"</span>
                    {inactive}
                </span>
            </span>
            <button
                class="btn small"
                name=field::CHOSEN
                value=principal.name.clone()
                formaction=paths::open_with_fields(&paths::new_token(workspace))
                aria-label=format!("Choose {}", principal.label())
            >
                "Choose"
            </button>
        </li>
    }
    .into_any()
}
