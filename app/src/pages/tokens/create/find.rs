//! The search for service principals by a part of their name: rows to choose from, which a script turns into the
//! options of the combobox.

use console::{Actor, Error};
use domain::Principal;
use leptos::prelude::*;

use super::form_input::field;
use crate::components::{FoundPrincipal, more_results, no_results, search_text};
use crate::http::paths;
use crate::http::request::Request;

/// The search results; `None` without a search text, or if a result was just chosen.
pub(super) async fn search_results(request: &Request, actor: &Actor) -> Result<Option<AnyView>, Error> {
    let text = search_text(request);
    if text.is_empty() || request.query(field::CHOSEN).is_some() {
        return Ok(None);
    }
    let mut found = request.console.find_service_principals(actor, &text).await?;
    if found.rows.is_empty() {
        return Ok(Some(no_results("service principal", &text)));
    }
    let more = more_results("service principals", found.rows.len(), found.total);
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
    let mut chips = vec![("chip", "Service principal")];
    if !principal.active {
        chips.push(("chip danger", "Deactivated"));
    }
    let found = FoundPrincipal {
        label: principal.label().to_owned(),
        detail: principal.name.clone(),
        chips,
        field: (field::CHOSEN, principal.name.clone()),
        verb: "Choose",
        page: Some(paths::new_token(workspace)),
    };
    found.row()
}
