//! Shows another view of the list without a page load: other filters, another order, another page. The field that has
//! the focus and the scroll position stay.

use wasm_bindgen::JsCast;
use web_sys::{Document, Element, HtmlInputElement, HtmlSelectElement, MouseEvent};

use super::dom::{find, find_all, find_in, focus, go, is_plain_click, listen, replace_children, target};
use super::fetch::{FetchedPage, get};
use super::history::{self, Navigation, push_url};
use super::live_filter::{self, show_busy};
use super::stylesheet_cache::load_stylesheet;
use super::swap::say_briefly;
use super::{connection, dom, selection, token_drawer};

/// The headings of the columns, which sort the list.
const HEADING_LINKS: &str = "#results thead a";

/// Another page of the same list.
const PAGE_LINKS: &str = "#results .pager a";

/// The active filters: links to the list without one or all of them, or with another owner.
const ACTIVE_FILTER_LINKS: &str =
    "#filters .owner-pill, #results .active-filters a, #results .empty a, #results .people a";

/// The counters and weeks above the list, which link to the list with their filters.
const BAND_LINKS: &str = ".band a";

/// Opens the list's links without a page load.
pub(crate) fn watch() {
    listen(&dom::document(), "click", |event: MouseEvent| {
        let Some(link) = link_of(&event).filter(|_| is_plain_click(&event) && !event.default_prevented()) else {
            return;
        };
        event.prevent_default();
        open(link.get_attribute("href").unwrap_or_default(), Place::of(&link));
    });
}

/// The link to another view of the list that was clicked.
pub(crate) fn link_of(event: &MouseEvent) -> Option<Element> {
    let link = target(event)?.closest("a").ok()??;
    links().contains(&link).then_some(link)
}

/// All links to other views of the list. Other links in the same elements lead to a person, or from a person to the
/// list.
pub(crate) fn links() -> Vec<Element> {
    let list = token_drawer::list_url().unwrap_or_else(history::path_and_query);
    let is_of_list = |link: &Element| {
        let href = link.get_attribute("href").unwrap_or_default();
        path_of(&href) == path_of(&list)
    };
    let all = [HEADING_LINKS, PAGE_LINKS, ACTIVE_FILTER_LINKS, BAND_LINKS]
        .into_iter()
        .flat_map(find_all);
    all.filter(is_of_list).collect()
}

fn path_of(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// Where the focus goes after another view of the list is shown.
#[derive(Clone, Copy)]
pub(crate) enum Place {
    /// The link with this index among those that match a selector, or the last of them.
    Link(&'static str, usize),
    /// The top of the list.
    Top,
}

/// The elements that match `selector` and can be focused.
fn visible(selector: &str) -> Vec<Element> {
    let is_visible = |element: &Element| element.get_bounding_client_rect().height() > 0.0;
    find_all(selector).into_iter().filter(is_visible).collect()
}

impl Place {
    /// The place after following `link`.
    pub(crate) fn of(link: &Element) -> Self {
        let place = [HEADING_LINKS, ACTIVE_FILTER_LINKS, BAND_LINKS]
            .into_iter()
            .find_map(|selector| {
                let index = visible(selector).iter().position(|other| other == link)?;
                Some(Self::Link(selector, index))
            });
        place.unwrap_or(Self::Top)
    }

    /// Whether the link changes the filters, so that the form's fields have to be updated.
    fn changes_filters(self) -> bool {
        matches!(self, Self::Link(ACTIVE_FILTER_LINKS | BAND_LINKS, _))
    }

    fn focus(self) {
        let results = find("#results");
        match self {
            Self::Link(selector, index) => {
                let links = visible(selector);
                let link = links.get(index).or(links.last());
                link.or(results.as_ref()).into_iter().for_each(focus);
            }
            Self::Top => {
                if let Some(results) = results {
                    focus(&results);
                    results.scroll_into_view();
                }
            }
        }
    }
}

/// Shows the view that a link of the list leads to.
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
            Some(page) if show(&page, push_url) => {
                live_filter::end_entry();
                if place.changes_filters() {
                    live_filter::show_fields(&page);
                }
                place.focus();
            }
            Some(page) => go(&page.url),
            None => connection::report_list(move || open(url.clone(), place)),
        }
    });
}

/// Shows the list of a fetched page, and updates the address bar with `show_url`. Returns false if either page has no
/// list.
pub(crate) fn show(fetched: &FetchedPage, show_url: fn(&str)) -> bool {
    connection::clear();
    let page = &fetched.document;
    let (Some(results), Some(fresh)) = (find("#results"), page.get_element_by_id("results")) else {
        return false;
    };
    // The list is empty if an early filter has moved its rows to the page already.
    if fresh.has_child_nodes() {
        replace_children(&results, &fresh);
    }
    // The new view replaces the open token, also in the browser's history.
    let show_url = match token_drawer::discard() {
        true => history::show_url,
        false => show_url,
    };
    // Before the selection is shown, since it is part of the URL too.
    show_url(&fetched.url);
    // The band of one owner is another element than the workspace's.
    if let (Some(to), Some(from)) = (find(".band"), find_in(page, ".band")) {
        if from.class_name().contains("owner-band") {
            // The rules that a page of the list contains lack those of an owner.
            wasm_bindgen_futures::spawn_local(load_stylesheet());
        }
        let _ = to.replace_with_with_node_1(&from);
    }
    for selector in ["#exports", ".filters-fold > summary"] {
        if let (Some(to), Some(from)) = (find(selector), find_in(page, selector)) {
            replace_children(&to, &from);
        }
    }
    copy_value::<HtmlSelectElement>(page, "#sort", HtmlSelectElement::value, HtmlSelectElement::set_value);
    let (value, set_value) = (HtmlInputElement::value, HtmlInputElement::set_value);
    copy_value::<HtmlInputElement>(page, ".as-of input[name=back]", value, set_value);
    // This note came with the new list.
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
