//! Selecting tokens in the list. The checkboxes are fields of the filter form, so that its buttons for paging and for
//! the review, and going back, keep the selection without JavaScript. With JavaScript, links keep it too.

use std::collections::HashSet;

use console::Snapshot;
use console::bulk::ScopesChange;
use domain::{MAX_SELECTED, Owner, ParsedSelection, PrincipalKind, Selection, Token, TokenPage, TokenQuery};
use leptos::prelude::*;

use super::row::{SelectAll, Viewer};
use super::table::lower_first;
use crate::components::token_cells::accessible_name;
use crate::components::{count_of, group_digits, loading_text};
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::live_filter::FILTER_FORM_ID;
use crate::islands::selection::{selected_text, selection_facts};
use crate::pages::scopes::{CHANGE_FIELD, change_label};

/// The longest selection that goes into a URL, in bytes: about 25 tokens. The server stores longer ones.
const MAX_SELECTION_BYTES: usize = 500;

/// The selection as parameters of a URL.
pub(super) async fn selection_params(request: &Request, query: &TokenQuery, selection: &Selection) -> String {
    let params = selection.to_query_string(query);
    if params.len() <= MAX_SELECTION_BYTES {
        return params;
    }
    let url = paths::with_query(paths::tokens(request.workspace()), &params);
    let short = request.short_url_of(&url, MAX_SELECTION_BYTES).await;
    short.split_once('?').map_or(params, |(_, params)| params.to_owned())
}

/// The bar above the list: how many tokens are selected, with buttons to change and to review the selection.
pub(super) fn selection_bar(
    workspace: &str,
    viewer: Viewer<'_>,
    snapshot: &Snapshot,
    query: &TokenQuery,
    page: &TokenPage<'_>,
    parsed: &ParsedSelection,
) -> AnyView {
    let note = select_all_note(viewer.select_all);
    let (can_select_all, described_by) = (note.is_none(), note.is_some().then_some("no-select-all"));
    let can_review = !matches!(viewer.select_all, SelectAll::Loading(_));
    let selection = &parsed.selection;
    // Only count tokens that still exist and match the filters, so that the review shows the same number.
    let selected = match selection {
        Selection::None => Vec::new(),
        // The list ignores filters that cannot be applied.
        _ => snapshot
            .inventory
            .selected(query, selection)
            .known()
            .unwrap_or_default(),
    };
    let inventory = &snapshot.inventory;
    let on_page: HashSet<_> = page.tokens.iter().map(|token| &token.id).collect();
    let on_other_pages: Vec<_> = selected.iter().filter(|token| !on_page.contains(&token.id)).collect();
    let is_of_service_principal = |token: &Token| is_service_principal(inventory.owner(token));
    let recent_on_other_pages = on_other_pages.iter().filter(|token| inventory.is_recent(token)).count();
    let principals_on_other_pages = on_other_pages
        .iter()
        .filter(|token| is_of_service_principal(token))
        .count();
    let recent = selected.iter().filter(|token| inventory.is_recent(token)).count();
    let principals = selected.iter().filter(|token| is_of_service_principal(token)).count();
    let (is_all, count) = (selection.is_all(), selected.len());
    let on_other_pages = match is_all {
        true => fields_of_all(snapshot, query, selection, page),
        false => {
            let on_other_pages: Vec<_> = on_other_pages.iter().map(|token| token.id.handle()).collect();
            (!on_other_pages.is_empty()).then(|| hidden_field("sel", on_other_pages.join(",")))
        }
    };
    let select_all = (!is_all && page.matching > page.tokens.len()).then(|| {
        view! {
            <button
                class="btn small"
                form=FILTER_FORM_ID
                name="pick"
                value="all"
                disabled=!can_select_all
                aria-describedby=described_by
            >
                {format!("Select all {}", group_digits(page.matching))}
            </button>
        }
    });
    let select_page = (!is_all).then(|| {
        view! {
            <button class="btn small" form=FILTER_FORM_ID name="pick" value="page">
                "Select this page"
            </button>
        }
    });
    view! {
        <div
            class="selection-bar"
            role="group"
            aria-label="Selection"
            data-all-selected=is_all.then_some(page.matching)
            data-selected=(count > 0).then_some("")
            data-recent=recent_on_other_pages
            data-sp=principals_on_other_pages
        >
            <span id="selected-count" aria-live="polite">
                {selected_text(count, is_all.then_some(page.matching))}
            </span>
            <small id="selected-facts">{selection_facts(recent, principals)}</small>
            {select_page}
            {select_all}
            <a class="btn small" href=paths::tokens_with(workspace, query) data-clear hidden=count == 0>
                "Clear selection"
            </a>
            {scope_changes(workspace, can_review)}
            <button
                class="btn small danger-outline"
                form=FILTER_FORM_ID
                formmethod="post"
                formaction=paths::bulk_draft(workspace)
                disabled=!can_review
                aria-describedby=(!can_review).then_some("no-select-all")
            >
                "Review selected"
            </button>
            {on_other_pages}
            {hidden_field("of", selection.fingerprint(query))}
            {(page.number > 0).then(|| hidden_field("page", (page.number + 1).to_string()))}
            {selection_note(parsed)}
            {note}
        </div>
        {no_script_paging(page)}
    }
    .into_any()
}

/// The buttons that review a change of scopes for the selected tokens, folded away next to the revoke button.
fn scope_changes(workspace: &str, can_review: bool) -> AnyView {
    let buttons = [ScopesChange::KeepScopes, ScopesChange::NarrowScopes].map(|change| {
        view! {
            <button
                class="btn small"
                form=FILTER_FORM_ID
                formmethod="post"
                formaction=paths::bulk_draft(workspace)
                name=CHANGE_FIELD
                value=change.slug()
                disabled=!can_review
            >
                {change_label(change)}
            </button>
        }
    });
    view! {
        <details>
            <summary class="btn small">"Change scopes"</summary>
            <div class="row">{buttons.into_iter().collect_view()}</div>
        </details>
    }
    .into_any()
}

/// The fields when all matching tokens are selected: a marker for all, the exceptions on other pages, and the rows on
/// this page; rows that are not ticked become exceptions too.
fn fields_of_all(
    snapshot: &Snapshot,
    query: &TokenQuery,
    selection: &Selection,
    page: &TokenPage<'_>,
) -> Option<AnyView> {
    let shown: Vec<_> = page.tokens.iter().map(|token| token.id.handle()).collect();
    // Exceptions that are gone or no longer match are not counted.
    let excluded = selection.excluded().cloned().unwrap_or_default();
    let excluded = snapshot.inventory.selected(query, &Selection::Tokens(excluded));
    let excluded = excluded.known().unwrap_or_default().into_iter();
    let mut on_other_pages: Vec<_> = excluded
        .map(|token| token.id.handle())
        .filter(|handle| !shown.contains(handle))
        .collect();
    on_other_pages.sort_unstable();
    let on_other_pages = (!on_other_pages.is_empty()).then(|| hidden_field("not", on_other_pages.join(",")));
    let all = hidden_field("all", "1".to_owned());
    Some(view! { {all} {on_other_pages} {hidden_field("shown", shown.join(","))} }.into_any())
}

fn hidden_field(name: &'static str, value: String) -> AnyView {
    view! { <input type="hidden" form=FILTER_FORM_ID name=name value=value /> }.into_any()
}

/// Says that the selection was cleared, or truncated at the maximum. `None` if neither happened.
fn selection_note(parsed: &ParsedSelection) -> Option<AnyView> {
    if parsed.cleared {
        let text = "Selection cleared because the filters changed.";
        return Some(view! { <p class="hint" id="selection-cleared">{text}</p> }.into_any());
    }
    let note = if parsed.too_many {
        format!(
            "You can select up to {} individually. To revoke more, filter and use \u{201c}Select all\u{201d}.",
            count_of(MAX_SELECTED, "token")
        )
    } else {
        return None;
    };
    Some(view! { <p class="hint">{note}</p> }.into_any())
}

/// Why not all matching tokens can be selected, or why the selection cannot be reviewed.
fn select_all_note(select_all: SelectAll) -> Option<AnyView> {
    let text = match select_all {
        SelectAll::Available => return None,
        SelectAll::FiltersLeftOut => "\u{201c}Select all\u{201d} is not available, because some filters of this link \
                                      are not applied. Remove them first."
            .to_owned(),
        SelectAll::Loading(parts) => format!(
            "\u{201c}Select all\u{201d} and \u{201c}Review selected\u{201d} are not available yet: {}",
            lower_first(&loading_text(parts))
        ),
    };
    Some(
        view! {
            <p class="hint" id="no-select-all">
                {text}
            </p>
        }
        .into_any(),
    )
}

/// Paging buttons for pages without scripts: the links do not contain what was selected since the page was loaded, but
/// these buttons submit it.
fn no_script_paging(page: &TokenPage<'_>) -> Option<AnyView> {
    if page.pages == 1 {
        return None;
    }
    let previous = page.number.max(1).to_string();
    let next = (page.number + 2).min(page.pages).to_string();
    let (has_previous, has_next) = (page.number > 0, page.number + 1 < page.pages);
    Some(
        view! {
            <div class="selection-bar plain">
                <button class="btn small" form=FILTER_FORM_ID name="page" value=previous disabled=!has_previous>
                    "Previous page (keep selection)"
                </button>
                <button class="btn small" form=FILTER_FORM_ID name="page" value=next disabled=!has_next>
                    "Next page (keep selection)"
                </button>
            </div>
        }
        .into_any(),
    )
}

fn is_service_principal(owner: Owner<'_>) -> bool {
    matches!(owner, Owner::Known(principal) if principal.kind == PrincipalKind::ServicePrincipal)
}

/// The checkbox in a row.
pub(super) fn select_checkbox(token: &Token, owner: Owner<'_>, is_recent: bool, selection: &Selection) -> AnyView {
    let label = format!("Select {}", accessible_name(token));
    let is_recent = is_recent.then_some("");
    let is_service_principal = is_service_principal(owner).then_some("");
    view! {
        <input
            type="checkbox"
            form=FILTER_FORM_ID
            name="sel"
            value=token.id.handle().into_owned()
            checked=selection.contains(&token.id)
            autocomplete="off"
            aria-label=label
            data-recent=is_recent
            data-sp=is_service_principal
        />
    }
    .into_any()
}

/// The checkbox that selects all rows of the page. It needs scripts; without them, the button "Select this page" does
/// the same.
pub(super) fn select_page_checkbox() -> AnyView {
    view! { <input type="checkbox" data-select-page hidden aria-label="Select all on this page" /> }.into_any()
}
