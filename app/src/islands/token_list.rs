//! Putting another view of the list in place: other filters, another order, another page. What someone types in, and
//! where they are on the page, stays.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlInputElement, HtmlSelectElement, MouseEvent};

use super::dom::{find, find_all, find_in, focus, go, is_plain_click, listen, replace_children, target};
use super::fetch::{FetchedPage, get};
use super::history::{self, Navigation, push_url};
use super::live_filter::show_busy;
use super::swap::say_briefly;
use super::{connection, dom, selection, token_drawer};

/// The links that show the same list in another order, or another page of it.
pub(crate) const LINKS: &str = "#results thead a, #results .pager a";

/// Opens the links of the list in place.
pub(crate) fn watch() {
    listen(&dom::document(), "click", |event: MouseEvent| {
        let Some(link) = link_of(&event).filter(|_| is_plain_click(&event) && !event.default_prevented()) else {
            return;
        };
        event.prevent_default();
        open(link.get_attribute("href").unwrap_or_default(), Place::of(&link));
    });
}

/// The link of the list on which an event happened.
pub(crate) fn link_of(event: &MouseEvent) -> Option<Element> {
    let link = target(event)?.closest("a").ok()??;
    link.matches(LINKS).unwrap_or(false).then_some(link)
}

/// Where the focus goes once another view of the list is in place.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// The heading of a column, by its number among those with a link.
    Heading(usize),
    /// The beginning of the list.
    Top,
}

impl Place {
    /// The place for someone who follows `link`.
    pub(crate) fn of(link: &Element) -> Self {
        let headings = find_all("#results thead a");
        match headings.iter().position(|heading| heading == link) {
            Some(index) => Self::Heading(index),
            None => Self::Top,
        }
    }

    fn focus(self) {
        match self {
            Self::Heading(index) => {
                if let Some(heading) = find_all("#results thead a").get(index) {
                    focus(heading);
                }
            }
            Self::Top => {
                if let Some(results) = find("#results") {
                    focus(&results);
                    results.scroll_into_view();
                }
            }
        }
    }
}

/// Puts the view behind a link of the list in place.
pub(crate) fn open(url: String, place: Place) {
    let navigation = Navigation::begin();
    wasm_bindgen_futures::spawn_local(async move {
        show_busy(true);
        let page = get(&url).await;
        if !navigation.is_latest() {
            return;
        }
        show_busy(false);
        match page {
            Some(page) if show(&page, push_url) => place.focus(),
            Some(page) => go(&page.url),
            None => connection::report_list(move || open(url.clone(), place)),
        }
    });
}

/// Takes over the list from a page, and puts its URL in the address bar with `show_url`. Returns whether both have a
/// list.
pub(crate) fn show(fetched: &FetchedPage, show_url: fn(&str)) -> bool {
    connection::clear();
    let page = &fetched.document;
    let (Some(results), Some(fresh)) = (find("#results"), page.get_element_by_id("results")) else {
        return false;
    };
    // Empty if an early filter has put its rows in place.
    if fresh.has_child_nodes() {
        replace_children(&results, &fresh);
    }
    // Another view of the list takes the place of the token, in the browser's history too.
    let show_url = match token_drawer::discard() {
        true => history::show_url,
        false => show_url,
    };
    // Before the selection is shown, which is part of the URL too.
    show_url(&fetched.url);
    for selector in [".band", "#exports", ".filters-fold > summary"] {
        if let (Some(to), Some(from)) = (find(selector), find_in(page, selector)) {
            to.set_class_name(&from.class_name());
            replace_children(&to, &from);
        }
    }
    copy_value::<HtmlSelectElement>(page, "#sort", HtmlSelectElement::value, HtmlSelectElement::set_value);
    let (value, set_value) = (HtmlInputElement::value, HtmlInputElement::set_value);
    copy_value::<HtmlInputElement>(page, ".as-of input[name=back]", value, set_value);
    // It came with the list.
    if let Some(note) = find("#selection-cleared") {
        say_briefly(note.text_content().unwrap_or_default());
    }
    selection::reattach();
    true
}

fn copy_value<E: JsCast>(page: &Document, selector: &str, value: fn(&E) -> String, set_value: fn(&E, &str)) {
    let to = find(selector).and_then(|e| e.dyn_into::<E>().ok());
    let from = find_in(page, selector).and_then(|e| e.dyn_into::<E>().ok());
    if let (Some(to), Some(from)) = (to, from) {
        set_value(&to, &value(&from));
    }
}
