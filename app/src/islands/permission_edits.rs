//! The permission editor: removes and restores permissions without a page load, and filters the list.

use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::dom::{document, find, find_all, focus, listen, set_text, target};
use super::number::group_digits;
use super::unsaved_changes::save_in_url;

/// The ID of the form that filters the list. It is separate from the editor's form, where Enter starts a search.
pub(crate) const FILTER_FORM_ID: &str = "permission-filter";

/// Rows that the filter never hides.
const EDITED_ROWS: &str = ".added, :has([name=remove]:checked)";

/// Watches the editor of the page.
pub(crate) fn watch() {
    listen(&document(), "click", |event: Event| {
        let Some(button) = target(&event).and_then(|e| e.closest("button[data-removal]").ok().flatten()) else {
            return;
        };
        event.prevent_default();
        let Some(row) = button.closest("tr").ok().flatten().map(|row| row.id()) else {
            return;
        };
        if let Some(removes) = find(&(String::from("#") + &row + " [name=remove][type=checkbox]")) {
            let removes: HtmlInputElement = removes.unchecked_into();
            removes.set_checked(!removes.checked());
        }
        // Both buttons (remove and keep), and the label next to the name.
        for element in find_all(&(String::from("#") + &row + " [data-removal]")) {
            let _ = element.toggle_attribute("hidden");
            // Does nothing for a hidden element or one that is not a button.
            focus(&element);
        }
        save_in_url();
        if let Some(count) = find("#edit-count") {
            let count_of = |selector| find_all(selector).len();
            let removals = count_of("#editor [name=remove]:checked");
            set_text(
                &count,
                &edits_text(removals, count_of("#editor [type=hidden][name=add]")),
            );
        }
    });
    // Enter in the filter, which has been applied already, would reload the page and lose the latest edits.
    listen(&document(), "submit", |event: Event| {
        // Read the attribute: the property `id` of a form with a field named "id" is that field.
        let is_filter = |form: &Element| form.get_attribute("id").as_deref() == Some(FILTER_FORM_ID);
        if target(&event).as_ref().is_some_and(is_filter) {
            event.prevent_default();
        }
    });
    listen(&document(), "input", |event: Event| {
        if let Some(field) = target(&event).filter(|e| e.has_attribute("data-filter-rows")) {
            filter(&field.unchecked_into());
        }
    });
}

fn filter(field: &HtmlInputElement) {
    let text = field.value();
    let needle = String::from(js_sys::JsString::from(text.trim()).to_lower_case());
    let rows = find_all(".permissions-table tbody tr");
    let mut shown = 0;
    for row in &rows {
        let names = row.get_attribute("data-names").unwrap_or_default();
        let is_shown = names.contains(&needle) || row.matches(EDITED_ROWS).unwrap_or(false);
        shown += usize::from(is_shown);
        row.unchecked_ref::<HtmlElement>().set_hidden(!is_shown);
    }
    if let Some(count) = find("#permission-count") {
        set_text(&count, &shown_text(shown, rows.len()));
    }
    if let Some(sent) = find("#editor [name=filter]") {
        sent.unchecked_into::<HtmlInputElement>().set_value(&text);
        save_in_url();
    }
}

/// `27 permissions`, `3 of 27 permissions`.
pub(crate) fn shown_text(shown: usize, total: usize) -> String {
    let all = counted(total, "permission");
    match shown == total {
        true => all,
        false => group_digits(shown) + " of " + &all,
    }
}

/// `2 removals, 1 addition`.
pub(crate) fn edits_text(removals: usize, additions: usize) -> String {
    let (removed, added) = (counted(removals, "removal"), counted(additions, "addition"));
    match (removals, additions) {
        (0, 0) => "No changes".to_owned(),
        (_, 0) => removed,
        (0, _) => added,
        _ => removed + ", " + &added,
    }
}

/// Like `components::count_of`, but without the formatting machinery, which would make the WebAssembly larger.
fn counted(n: usize, one: &str) -> String {
    group_digits(n) + " " + one + if n == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_and_rows_are_counted_in_words() {
        for (removals, additions, text) in [
            (0, 0, "No changes"),
            (1, 0, "1 removal"),
            (0, 2, "2 additions"),
            (2, 1, "2 removals, 1 addition"),
        ] {
            assert_eq!(edits_text(removals, additions), text);
        }
        assert_eq!(shown_text(27, 27), "27 permissions");
        assert_eq!(shown_text(1, 27), "1 of 27 permissions");
        assert_eq!(shown_text(1, 1), "1 permission");
    }
}
