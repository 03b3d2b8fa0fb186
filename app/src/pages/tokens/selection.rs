//! Picking tokens of the list: the boxes are fields of the filters' form, so that paging by its buttons, reviewing, and going back
//! keep what is picked without scripts. With them, links keep it too.

use std::collections::HashSet;

use console::Snapshot;
use domain::{MAX_SELECTED, ParsedSelection, Selection, Token, TokenPage, TokenQuery};
use leptos::prelude::*;

use crate::components::{count_of, group_digits};
use crate::http::paths;
use crate::islands::live_filter::FILTER_FORM_ID;

/// What is picked, said above the list, with what can be done about it.
pub(super) fn selection_bar(
    workspace: &str,
    snapshot: &Snapshot,
    query: &TokenQuery,
    page: &TokenPage<'_>,
    picked: &ParsedSelection,
) -> AnyView {
    let selection = &picked.selection;
    // Only what is there still, and passes: what is counted here is what a review would show.
    let live = match selection {
        Selection::Tokens(_) => snapshot.inventory.selected(query, selection),
        Selection::None | Selection::All => Vec::new(),
    };
    let all = *selection == Selection::All;
    let number = if all { page.matching } else { live.len() };
    let here: HashSet<_> = page.tokens.iter().map(|token| &token.id).collect();
    let away = live.iter().filter(|token| !here.contains(&token.id));
    let away: Vec<_> = away.map(|token| token.id.handle()).collect();
    let elsewhere = (!away.is_empty()).then(|| hidden_field("sel", away.join(",")));
    let select_all = (!all && page.matching > page.tokens.len()).then(|| {
        view! {
            <button class="btn small" form=FILTER_FORM_ID name="pick" value="all">
                {format!("Select all {}", group_digits(page.matching))}
            </button>
        }
    });
    let select_page = (!all).then(|| {
        view! {
            <button class="btn small" form=FILTER_FORM_ID name="pick" value="page">
                "Select this page"
            </button>
        }
    });
    view! {
        <div class="selection-bar" role="group" aria-label="Selection" data-all-selected=all.then_some("")>
            <span id="selected-count" aria-live="polite">
                {format!("{} selected", group_digits(number))}
            </span>
            {select_page}
            {select_all}
            <a class="btn small" href=paths::tokens_with(workspace, query) data-clear hidden=number == 0>
                "Clear selection"
            </a>
            <button class="btn small danger-outline" form=FILTER_FORM_ID formmethod="post" formaction=paths::bulk_draft(workspace)>
                "Review selected"
            </button>
            {elsewhere}
            {all.then(|| hidden_field("all", "1".to_owned()))}
            {hidden_field("of", selection.fingerprint(query))}
            {(page.number > 0).then(|| hidden_field("page", (page.number + 1).to_string()))}
            {selection_note(picked)}
        </div>
        {no_script_paging(page)}
    }
    .into_any()
}

fn hidden_field(name: &'static str, value: String) -> AnyView {
    view! { <input type="hidden" form=FILTER_FORM_ID name=name value=value /> }.into_any()
}

/// What happened to a selection that is not as it was.
fn selection_note(picked: &ParsedSelection) -> Option<AnyView> {
    let note = if picked.cleared {
        "Selection cleared because the filters changed.".to_owned()
    } else if picked.too_many {
        format!(
            "You can select up to {} individually. To revoke more, filter and use \u{201c}Select all\u{201d}.",
            count_of(MAX_SELECTED, "token")
        )
    } else {
        return None;
    };
    Some(view! { <p class="hint">{note}</p> }.into_any())
}

/// Links lead to other pages without what was ticked since; where no script takes it along, these buttons do.
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

/// A token as the names of its row's controls have it: what tells it apart from the others.
pub(super) fn spoken(token: &Token) -> String {
    let comment = match token.comment.trim() {
        "" => "token without comment",
        comment => comment,
    };
    format!("{comment}, {}", token.id.short())
}

/// The box in a row.
pub(super) fn select_checkbox(token: &Token, selection: &Selection) -> AnyView {
    let label = format!("Select {}", spoken(token));
    view! {
        <td class="cell-select">
            <input
                type="checkbox"
                form=FILTER_FORM_ID
                name="sel"
                value=token.id.handle().into_owned()
                checked=selection.contains(&token.id)
                disabled=*selection == Selection::All
                autocomplete="off"
                aria-label=label
            />
        </td>
    }
    .into_any()
}

/// The box above the boxes. It does nothing without scripts, where a button does the same.
pub(super) fn select_page_checkbox() -> AnyView {
    view! {
        <th scope="col" class="cell-select">
            <input type="checkbox" data-select-page hidden aria-label="Select all on this page" />
            <span class="visually-hidden">"Select"</span>
        </th>
    }
    .into_any()
}
