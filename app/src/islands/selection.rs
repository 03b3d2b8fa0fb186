//! Selecting rows of the list: the count, the checkbox for the whole page, and links that keep the selection.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::dom::{document, find, find_all, listen, set_text, show_url, target, window};
use super::number::group_digits;
use super::swap::on_swap;

const ROW_BOXES: &str = "input[type=checkbox][name=sel]";
const SELECT_PAGE_BOX: &str = "input[data-select-page]";

/// Watches the checkboxes, also those of lists that are put in place later.
pub(crate) fn attach() {
    listen(&document(), "change", |event: Event| {
        let Some(checkbox) = target(&event) else { return };
        if checkbox.matches(SELECT_PAGE_BOX).unwrap_or(false) {
            let checked = checkbox.unchecked_ref::<HtmlInputElement>().checked();
            row_boxes().iter().for_each(|row| row.set_checked(checked));
        } else if !checkbox.matches(ROW_BOXES).unwrap_or(false) {
            return;
        }
        update();
    });
    // A browser that goes back ticks the boxes as they were.
    listen(&window(), "pageshow", |_: Event| reattach());
    reattach();
    on_swap(reattach);
}

/// Brings count, checkbox and links in line with a list that was just put in place.
pub(crate) fn reattach() {
    if find(".selection-bar").is_some_and(|bar| !bar.has_attribute("data-all-selected")) {
        update();
    }
}

fn row_boxes() -> Vec<HtmlInputElement> {
    find_all(ROW_BOXES)
        .into_iter()
        .filter_map(|e| e.dyn_into().ok())
        .collect()
}

/// The value of a hidden field of the selection.
fn field(name: &str) -> Option<String> {
    let field = find(&format!(".selection-bar input[type=hidden][name={name}]"))?;
    Some(field.unchecked_into::<HtmlInputElement>().value())
}

fn update() {
    let rows = row_boxes();
    // The selected tokens of other pages are in a hidden field.
    let mut handles: Vec<String> = field("sel")
        .iter()
        .flat_map(|sel| sel.split(','))
        .map(str::to_owned)
        .collect();
    let checked = rows.iter().filter(|row| row.checked()).count();
    handles.extend(rows.iter().filter(|row| row.checked()).map(HtmlInputElement::value));
    if let Some(count) = find("#selected-count") {
        set_text(&count, &format!("{} selected", group_digits(handles.len())));
    }
    if let Some(page) = find(SELECT_PAGE_BOX).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        page.set_hidden(false);
        page.set_checked(checked > 0 && checked == rows.len());
        page.set_indeterminate(checked > 0 && checked < rows.len());
    }
    if let Some(clear) = find("[data-clear]").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        clear.set_hidden(handles.is_empty());
    }
    let params = match (handles.is_empty(), field("of")) {
        (false, Some(of)) => format!("sel={}&of={of}", handles.join(",")),
        _ => String::new(),
    };
    for link in find_all("#results thead a, #results .pager a") {
        add_to_link(&link, &params);
    }
    // A revocation in a dialog leads back to the list as it is now.
    if let Some(back) = find("#results input[name=back]").and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        back.set_value(&with_selection(&back.value(), &params));
    }
    if let Ok(url) = window().location().href() {
        show_url(&with_selection(&url, &params));
    }
}

fn add_to_link(link: &Element, params: &str) {
    if let Some(href) = link.get_attribute("href") {
        let _ = link.set_attribute("href", &with_selection(&href, params));
    }
}

/// `url` with the selection `params` instead of any other. They go last, where the server writes them too.
fn with_selection(url: &str, params: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let of_selection = ["sel=", "of=", "pick=", "all="];
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !of_selection.iter().any(|name| pair.starts_with(name)))
        .collect();
    if !params.is_empty() {
        pairs.push(params);
    }
    if pairs.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", pairs.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::with_selection;

    #[test]
    fn a_selection_replaces_the_one_before() {
        assert_eq!(with_selection("/t?q=a&sel=x&of=1", "sel=y&of=2"), "/t?q=a&sel=y&of=2");
        assert_eq!(with_selection("/t?sel=x&of=1&pick=page", ""), "/t");
        assert_eq!(with_selection("/t", "sel=y&of=2"), "/t?sel=y&of=2");
        assert_eq!(with_selection("/t?page=2", ""), "/t?page=2");
    }
}
