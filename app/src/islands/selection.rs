//! Picking rows of the list: the count, the box above the boxes, and links that take along what is picked.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::number::group_digits;

use super::dom;
use super::dom::{document, find, find_all, listen, show_address, target, window};

const ROW_BOXES: &str = "input[type=checkbox][name=sel]";
const SELECT_PAGE_BOX: &str = "input[data-select-page]";

/// Watches the boxes, those of lists to come too.
pub(crate) fn attach() {
    listen(&document(), "change", |event: Event| {
        let Some(on) = target(&event) else { return };
        if on.matches(SELECT_PAGE_BOX).unwrap_or(false) {
            let checked = on.unchecked_ref::<HtmlInputElement>().checked();
            boxes().iter().for_each(|pick| pick.set_checked(checked));
        } else if !on.matches(ROW_BOXES).unwrap_or(false) {
            return;
        }
        update();
    });
    // A browser that goes back ticks the boxes as they were.
    listen(&window(), "pageshow", |_: Event| reattach());
    reattach();
}

/// Brings a list that was just put in place to life.
pub(crate) fn reattach() {
    if find(".selection-bar").is_some_and(|bar| !bar.has_attribute("data-all-selected")) {
        update();
    }
}

fn boxes() -> Vec<HtmlInputElement> {
    find_all(ROW_BOXES)
        .into_iter()
        .filter_map(|e| e.dyn_into().ok())
        .collect()
}

/// A hidden field of the selection.
fn field(name: &str) -> Option<String> {
    let field = find(&format!(".selection-bar input[type=hidden][name={name}]"))?;
    Some(field.unchecked_into::<HtmlInputElement>().value())
}

fn update() {
    let boxes = boxes();
    let mut handles: Vec<String> = field("sel")
        .iter()
        .flat_map(|sel| sel.split(','))
        .map(str::to_owned)
        .collect();
    let here = boxes.iter().filter(|pick| pick.checked()).count();
    handles.extend(boxes.iter().filter(|pick| pick.checked()).map(HtmlInputElement::value));
    if let Some(count) = find("#selected-count") {
        dom::set_text(&count, &format!("{} selected", group_digits(handles.len())));
    }
    if let Some(above) = find(SELECT_PAGE_BOX).and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        above.set_hidden(false);
        above.set_checked(here > 0 && here == boxes.len());
        above.set_indeterminate(here > 0 && here < boxes.len());
    }
    if let Some(clear) = find("[data-clear]").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        clear.set_hidden(handles.is_empty());
    }
    let carried = match (handles.is_empty(), field("of")) {
        (false, Some(of)) => format!("sel={}&of={of}", handles.join(",")),
        _ => String::new(),
    };
    for link in find_all("#results thead a, #results .pager a") {
        add_to_link(&link, &carried);
    }
    // A revocation in place leads back to the list as it is now.
    if let Some(back) = find("#results input[name=back]").and_then(|e| e.dyn_into::<HtmlInputElement>().ok()) {
        back.set_value(&with_selection(&back.value(), &carried));
    }
    if let Ok(address) = window().location().href() {
        show_address(&with_selection(&address, &carried));
    }
}

fn add_to_link(link: &Element, carried: &str) {
    if let Some(href) = link.get_attribute("href") {
        let _ = link.set_attribute("href", &with_selection(&href, carried));
    }
}

/// `address` with the selection `carried` in the place of any other. The server writes it last.
fn with_selection(address: &str, carried: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let of_selection = ["sel=", "of=", "pick=", "all="];
    let mut pairs: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !of_selection.iter().any(|name| pair.starts_with(name)))
        .collect();
    if !carried.is_empty() {
        pairs.push(carried);
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
    fn one_selection_takes_the_place_of_another() {
        assert_eq!(with_selection("/t?q=a&sel=x&of=1", "sel=y&of=2"), "/t?q=a&sel=y&of=2");
        assert_eq!(with_selection("/t?sel=x&of=1&pick=page", ""), "/t");
        assert_eq!(with_selection("/t", "sel=y&of=2"), "/t?sel=y&of=2");
        assert_eq!(with_selection("/t?page=2", ""), "/t?page=2");
    }
}
