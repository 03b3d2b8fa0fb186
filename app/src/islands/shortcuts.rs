//! Keyboard shortcuts. They are single keys, so people can turn them off
//! (<https://www.w3.org/WAI/WCAG22/Understanding/character-key-shortcuts.html>), and they are ignored in fields and
//! dialogs.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::dom::{document, find, find_all, focus, go, listen, target, unfold};
use super::fetch::get;
use super::{confirm_dialog, selection};

/// The page with the list of the shortcuts.
pub(crate) const PAGE: &str = "/keyboard-shortcuts";

/// The ID of the list on that page.
pub(crate) const LIST_ID: &str = "shortcuts";

const ROWS: &str = "table.tokens tbody tr";

/// Listens to keys, unless the browser's cookie turns the shortcuts off.
pub(crate) fn watch() {
    listen(&document(), "keydown", |event: KeyboardEvent| {
        let is_plain = !(event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented());
        if is_plain && are_on() && !is_typing(&event) && find("dialog[open]").is_none() && act(&event) {
            event.prevent_default();
        }
    });
}

fn are_on() -> bool {
    let root = document().document_element();
    root.is_none_or(|root| root.get_attribute("data-shortcuts").as_deref() != Some("off"))
}

/// Whether the key is meant for the focused element, such as a text field or a list.
pub(crate) fn is_typing(event: &KeyboardEvent) -> bool {
    target(event).is_some_and(|element| is_field(&element))
}

/// Whether the element accepts text or a choice.
pub(crate) fn is_field(element: &Element) -> bool {
    let fields = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";
    element.matches(fields).unwrap_or(false)
}

/// Performs the shortcut. Returns whether the key is a shortcut on this page.
fn act(event: &KeyboardEvent) -> bool {
    match event.key().as_str() {
        "/" => find("#search").inspect(focus).is_some(),
        "?" => {
            wasm_bindgen_futures::spawn_local(show_list());
            true
        }
        key @ ("j" | "k") => step(key).unwrap_or_else(|| move_by(if key == "j" { 1 } else { -1 })),
        "o" => current_row()
            .and_then(|row| in_row::<HtmlElement>(&row, "th a"))
            .inspect(HtmlElement::click)
            .is_some(),
        // With Caps Lock on, the letter's case does not show whether Shift is pressed.
        "x" | "X" => checkbox_of_current_row()
            .inspect(|row| match event.shift_key() {
                true => select_range(row),
                false => row.click(),
            })
            .is_some(),
        "r" => current_row()
            .and_then(|row| in_row::<HtmlElement>(&row, "button[data-confirm]"))
            .inspect(|button| button.click())
            .is_some(),
        // The bar comes after all rows.
        "s" => find(".selection-bar[data-selected] .danger-outline")
            .inspect(focus)
            .is_some(),
        "e" => open_exports(),
        _ => false,
    }
}

fn current_row() -> Option<Element> {
    document().active_element()?.closest(ROWS).ok()?
}

fn in_row<E: JsCast>(row: &Element, selector: &str) -> Option<E> {
    row.query_selector(selector).ok()??.dyn_into().ok()
}

fn checkbox_of_current_row() -> Option<HtmlInputElement> {
    in_row(&current_row()?, "input[name=sel]")
}

fn select_range(row: &HtmlInputElement) {
    row.set_checked(!row.checked());
    selection::select_to(row, true);
}

/// Opens the previous or next token. `None` if no token is shown, or the focus is in the list.
fn step(key: &str) -> Option<bool> {
    let steps = find(".token-steps").filter(|_| current_row().is_none())?;
    let link = steps
        .query_selector(&format!("[aria-keyshortcuts={key}]"))
        .ok()
        .flatten();
    Some(
        link.and_then(|link| link.dyn_into::<HtmlElement>().ok())
            .inspect(HtmlElement::click)
            .is_some(),
    )
}

/// Moves the focus to the link of another row, or of the first row if none has the focus.
fn move_by(by: i32) -> bool {
    let rows = find_all(ROWS);
    let current = current_row().and_then(|current| rows.iter().position(|row| *row == current));
    let next = match current.and_then(|index| i32::try_from(index).ok()) {
        Some(index) => usize::try_from(index + by).ok(),
        None => Some(0),
    };
    let row = next.and_then(|next| rows.get(next));
    let link = row.and_then(|row| in_row::<HtmlElement>(row, "th a"));
    link.inspect(|link| focus(link)).is_some()
}

fn open_exports() -> bool {
    let Some(menu) = find("#exports details") else {
        return false;
    };
    unfold(&menu);
    // On a phone the menu is inside another `<details>`.
    menu.parent_element().iter().for_each(unfold);
    let first = menu.query_selector("a").ok().flatten();
    first.inspect(focus).is_some()
}

/// Shows the list of shortcuts in the page's dialog, or as a page if the page has no dialog.
async fn show_list() {
    let page = get(PAGE).await;
    let list = page.and_then(|page| page.document.get_element_by_id(LIST_ID));
    if list.is_none_or(|list| !confirm_dialog::show(&list)) {
        go(PAGE);
    }
}
