//! The buttons that start the review of a change of scopes for all tokens of a section.

use console::bulk::ScopesChange;
use console::{Actor, Snapshot};
use domain::{Selection, TokenCount, TokenQuery};
use leptos::prelude::*;

use crate::components::{hidden_fields, tokens_of};
use crate::http::paths;

/// The form field with the change to make to the selected tokens.
pub(crate) const CHANGE_FIELD: &str = "change";

/// The label of the button for a change.
pub(crate) const fn change_label(change: ScopesChange) -> &'static str {
    match change {
        ScopesChange::NarrowScopes => "Narrow to proposed",
        ScopesChange::KeepScopes => "Keep current scopes",
    }
}

/// The fields of a draft of all tokens that match `query`, which filters by scopes only.
fn draft_fields(query: &TokenQuery, change: ScopesChange) -> Vec<(&'static str, String)> {
    let state = query.scope_state.as_ref().map(|state| ("scope_state", state.slug()));
    let window = query.narrows_within;
    let window = window.map(|window| ("narrows_within", window.slug().to_owned()));
    let selection = [
        ("all", "1".to_owned()),
        ("of", Selection::All.fingerprint(query)),
        (CHANGE_FIELD, change.slug().to_owned()),
    ];
    state.into_iter().chain(window).chain(selection).collect()
}

/// The forms, for people who can make changes. Each stores all `tokens` that match `query` as a draft, like "Select
/// all" in the list. `section` is the title of their section.
pub(super) fn change_forms(
    actor: &Actor,
    snapshot: &Snapshot,
    changes: &[ScopesChange],
    query: &TokenQuery,
    tokens: TokenCount,
    section: &str,
) -> Option<AnyView> {
    if !actor.can_change() || changes.is_empty() || tokens.seen() == 0 {
        return None;
    }
    let workspace = actor.workspace().name();
    let is_loading = !snapshot.loading().is_empty();
    let forms = changes.iter().map(|change| {
        let name = format!("{}: {}, {section}", change_label(*change), tokens_of(tokens, "token"));
        view! {
            <form method="post" action=paths::bulk_draft(workspace)>
                {hidden_fields(draft_fields(query, *change))}
                <button class="btn" aria-label=name disabled=is_loading>
                    {change_label(*change)}
                </button>
            </form>
        }
    });
    Some(view! { <div class="row">{forms.collect_view()}</div> }.into_any())
}
