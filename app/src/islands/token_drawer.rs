//! The drawer: in a wide window, a token's page opens next to the list. The address bar shows the token's URL, so a
//! reload shows its page; Back, Close and Escape lead back to the unchanged list.

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlFormElement, HtmlInputElement, KeyboardEvent, MouseEvent, SubmitEvent};

use super::dom::{
    document, find, find_all, find_in, focus, go, is_plain_click, listen, replace_children, set_text, target, window,
};
use super::fetch::{FetchedPage, request};
use super::history::{Navigation, path_and_query, push_url, show_url};
use super::stylesheet_cache::load_stylesheet;
use super::swap::{show_messages, swap};
use super::{confirm_dialog, connection, copy_button, selection, shortcuts};

/// The parameter of a token's page with the query of the list that someone came from.
pub(crate) const LIST_PARAM: &str = "from";

/// The parameter that requests a token's page as the content of the drawer.
pub(crate) const DRAWER_PARAM: &str = "drawer";

/// The minimum width of a window with a drawer, in CSS pixels.
const MIN_WIDTH: f64 = 1440.0;

const DRAWER: &str = "#token-drawer";

/// The content for the drawer in a fetched page.
const CONTENT_SELECTOR: &str = ".token-page[data-in-drawer]";

/// An attribute of the drawer: the URL of the list that it was opened from.
const LIST_ATTRIBUTE: &str = "data-list";

/// Marks a form that was sent and has no response yet.
const SENDING_ATTRIBUTE: &str = "data-sending";

const UNKNOWN_RESULT: &str = "It is not known whether the change was saved.";

/// Links contain this many characters of a token's ID.
const HANDLE_CHARS: usize = 16;

thread_local! {
    /// Whether the drawer shows the result of a form for the previous token: the next token does not replace it.
    static HAS_RESULT: Cell<bool> = const { Cell::new(false) };
}

/// The list's link to the token that is shown or loading.
const CURRENT_LINK_SELECTOR: &str = "table.tokens a[aria-current]";

/// Opens tokens in the drawer, and sends the forms of a token's page without leaving the drawer.
pub(crate) fn watch() {
    listen(&document(), "click", on_click);
    listen(&document(), "submit", on_submit);
    listen(&document(), "keydown", |event: KeyboardEvent| {
        let is_for_drawer = !event.default_prevented() && !shortcuts::is_typing(&event);
        let is_covered = find("dialog[open]").is_some() || find(":popover-open").is_some();
        if event.key() == "Escape" && is_for_drawer && !is_covered && !event.repeat() {
            close();
        }
    });
    // In a window too narrow for the drawer, the token's page is loaded. If that would lose input, the style sheet
    // hides the list instead.
    listen(&window(), "resize", |_: Event| {
        if list_url().is_some() && !is_wide() && !has_input() {
            let _ = window().location().reload();
        }
    });
}

/// Whether reloading would lose something: typed text, ticked rows, or an open confirmation.
fn has_input() -> bool {
    let changed = find_all("#token-drawer input, #token-drawer textarea")
        .into_iter()
        .any(|field| {
            let input = field.dyn_ref::<HtmlInputElement>();
            input.is_some_and(|input| input.type_() != "hidden" && input.value() != input.default_value())
        });
    // The token's own page has no rows.
    let ticked = find_all("table.tokens input[name=sel]").into_iter().any(|row| {
        let row = row.dyn_ref::<HtmlInputElement>();
        row.is_some_and(|row| row.checked() != row.default_checked())
    });
    changed || ticked || find("dialog[open]").is_some()
}

fn is_wide() -> bool {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width >= MIN_WIDTH)
}

/// Path and query of the list next to the drawer. `None` if no drawer is open.
pub(crate) fn list_url() -> Option<String> {
    find(DRAWER)?.get_attribute(LIST_ATTRIBUTE)
}

fn on_click(event: MouseEvent) {
    let link = target(&event).and_then(|element| element.closest("a").ok().flatten());
    let Some(link) = link.filter(|_| is_plain_click(&event) && !event.default_prevented()) else {
        return;
    };
    let mut url = link.get_attribute("href").unwrap_or_default();
    if link.has_attribute("data-close") {
        event.prevent_default();
        return close();
    }
    if !link.has_attribute("data-drawer") {
        if !is_wide() || !link.matches("table.tokens th a").unwrap_or(false) {
            return;
        }
        let list = list_url().unwrap_or_else(path_and_query);
        url = url + "?" + LIST_PARAM + "=" + &String::from(js_sys::encode_uri_component(&query_of_list(&list)));
        mark(Some(&link));
    }
    event.prevent_default();
    load(url, None);
}

/// The query of the list on the page at `url`. The server reads the same from a referring page.
fn query_of_list(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    match path.rsplit_once("/principals/") {
        Some((_, owner)) => format!("owner={owner}"),
        None => query.to_owned(),
    }
}

/// Sends a form that is marked for the drawer, and shows the page that it leads to.
fn on_submit(event: SubmitEvent) {
    let form = target(&event).and_then(|element| element.dyn_into::<HtmlFormElement>().ok());
    let form = form.filter(|form| form.has_attribute("data-in-place") && !event.default_prevented());
    if let Some((form, fields)) = form.and_then(|form| Some((form.clone(), confirm_dialog::fields(&form)?))) {
        event.prevent_default();
        // Enter was pressed twice.
        if form.has_attribute(SENDING_ATTRIBUTE) {
            return;
        }
        let _ = form.set_attribute(SENDING_ATTRIBUTE, "");
        load(form.action(), Some(fields.to_string().into()));
    }
}

/// Loads a token into the drawer, or the page that a form with these fields leads to.
fn load(url: String, fields: Option<String>) {
    let navigation = Navigation::begin();
    if fields.is_none() {
        HAS_RESULT.set(false);
    }
    wasm_bindgen_futures::spawn_local(async move {
        let page = match &fields {
            Some(_) => url.clone(),
            None => url.clone() + "&" + DRAWER_PARAM + "=1",
        };
        let page = request(&page, fields.as_deref()).await;
        load_stylesheet().await;
        if fields.is_some() {
            for form in find_all(&format!("form[{SENDING_ATTRIBUTE}]")) {
                let _ = form.remove_attribute(SENDING_ATTRIBUTE);
            }
        }
        if !navigation.is_latest() {
            // Another token was opened in the meantime. The result of the form is still worth showing.
            match page {
                _ if fields.is_none() => {}
                Some(page) => {
                    show_messages(&page.document);
                    update_row(&page);
                    HAS_RESULT.set(true);
                }
                None => connection::report(UNKNOWN_RESULT, move || load(url.clone(), fields.clone())),
            }
            return;
        }
        let Some(page) = page else {
            let unknown = match fields {
                Some(_) => UNKNOWN_RESULT,
                None => "The token is not loaded.",
            };
            let shown = link_of_drawer();
            mark(shown.as_ref());
            return connection::report(unknown, move || load(url.clone(), fields.clone()));
        };
        connection::clear();
        let document = &page.document;
        let is_for_drawer = find_in(document, CONTENT_SELECTOR).is_some();
        match fields {
            None if is_for_drawer => {
                // The link may contain only the beginning of the ID.
                let whole = find_in(document, "[data-address]").and_then(|page| page.get_attribute("data-address"));
                open(whole.as_deref().unwrap_or(&url));
                fill(document);
                if !HAS_RESULT.take() {
                    show_messages(document);
                }
            }
            None => go(&url),
            Some(_) if show(document) => {}
            // The drawer was closed in the meantime.
            Some(_) if is_for_drawer => show_messages(document),
            Some(_) if find_in(document, "#content").is_some() => {
                swap(document);
                show_url(&page.url);
                find("#content").iter().for_each(focus);
            }
            Some(_) => go(&page.url),
        }
    });
}

/// Opens the drawer, and shows the token's URL in the address bar. All tokens that are looked at in turn are one
/// history entry, so that Back leads to the list. The URL is set before the drawer opens, because the browser saves the
/// list's scroll position then.
fn open(url: &str) {
    if find(DRAWER).is_some() {
        return show_url(url);
    }
    let list = path_and_query();
    push_url(url);
    add_drawer(&list);
}

/// Adds an empty drawer next to the list at `list`.
fn add_drawer(list: &str) {
    if let (Ok(drawer), Some(content)) = (document().create_element("aside"), find("#content")) {
        drawer.set_id(&DRAWER[1..]);
        drawer.set_class_name("card token-page");
        let _ = drawer.set_attribute("aria-labelledby", "token-name");
        let _ = drawer.set_attribute(LIST_ATTRIBUTE, list);
        let _ = content.append_child(&drawer);
    }
}

/// Shows a token's page in the drawer. Returns false without a drawer, or if the page was not rendered
/// for it.
pub(crate) fn show(page: &Document) -> bool {
    let is_shown = fill(page);
    if is_shown {
        show_messages(page);
    }
    is_shown
}

/// Like [`show`], without the messages.
fn fill(page: &Document) -> bool {
    let (Some(drawer), Some(content)) = (find(DRAWER), find_in(page, CONTENT_SELECTOR)) else {
        return false;
    };
    replace_children(&drawer, &content);
    copy_button::show_buttons();
    let link = link_of_drawer();
    mark(link.as_ref());
    selection::reattach();
    if let Some(heading) = find("#token-name") {
        focus(&heading);
        // The comment may have changed.
        if let Some((link, comment)) = link.zip(heading.text_content()) {
            set_text(&link, &comment);
        }
    }
    true
}

/// Updates the comment in the row of a token that is no longer in the drawer.
fn update_row(page: &FetchedPage) {
    let row = find_in(&page.document, "[data-row]").and_then(|page| page.get_attribute("data-row"));
    let link = row.and_then(|href| find(&("table.tokens th a[href='".to_owned() + &href + "']")));
    let comment = find_in(&page.document, "#token-name").and_then(|heading| heading.text_content());
    if let Some((link, comment)) = link.zip(comment) {
        set_text(&link, &comment);
    }
}

/// The list's link to the token in the drawer.
fn link_of_drawer() -> Option<Element> {
    let href = find("#token-drawer [data-row]")?.get_attribute("data-row")?;
    find(&("table.tokens th a[href='".to_owned() + &href + "']"))
}

/// Marks the list's link to the token in the drawer.
fn mark(link: Option<&Element>) {
    if let Some(before) = find(CURRENT_LINK_SELECTOR) {
        let _ = before.remove_attribute("aria-current");
    }
    if let Some(link) = link {
        let _ = link.set_attribute("aria-current", "true");
        show_row(link);
    }
}

/// Scrolls the list to the row of the token, if it is out of view: a key can lead to one.
fn show_row(link: &Element) {
    let Ok(Some(row)) = link.closest("tr") else { return };
    let (row_place, height) = (row.get_bounding_client_rect(), window().inner_height());
    let height = height.ok().and_then(|height| height.as_f64()).unwrap_or(f64::MAX);
    if row_place.top() < 0.0 || row_place.bottom() > height {
        row.scroll_into_view_with_bool(row_place.top() < 0.0);
    }
}

/// Returns to the list. If the token is still loading, only cancels that.
fn close() {
    if list_url().is_some() {
        drop(window().history().and_then(|history| history.back()));
    } else if find(CURRENT_LINK_SELECTOR).is_some() {
        Navigation::begin();
        mark(None);
    }
}

/// Reopens the drawer if Forward has led from the list `before` to one of its tokens. Returns whether it has.
pub(crate) fn reopen_beside(before: &str) -> bool {
    let url = path_and_query();
    let path = url.split_once(&format!("?{LIST_PARAM}=")).map(|(path, _)| path);
    // The link may contain only the beginning of the ID.
    let leads_to = |link: &Element, path: &str| {
        let href = link.get_attribute("href").unwrap_or_default();
        let is_short = href.rsplit('/').next().is_some_and(|id| id.len() == HANDLE_CHARS);
        href == path || (is_short && path.starts_with(&href))
    };
    let link = path.and_then(|path| {
        let mut links = find_all("table.tokens th a").into_iter();
        links.find(|link| leads_to(link, path))
    });
    if link.is_none() || !is_wide() || list_url().is_some() {
        return false;
    }
    add_drawer(before);
    mark(link.as_ref());
    load(url, None);
    true
}

/// Removes the drawer, if it is open. Returns whether it was.
pub(crate) fn discard() -> bool {
    find(DRAWER).inspect(Element::remove).is_some()
}

/// Closes the drawer if Back has led to the list beside it. Returns whether it has.
pub(crate) fn close_at_list() -> bool {
    let is_list = list_url().is_some_and(|list| list == path_and_query());
    if is_list {
        discard();
        // The selection may have changed in the meantime.
        selection::reattach();
        find(CURRENT_LINK_SELECTOR)
            .or_else(|| find("#results"))
            .iter()
            .for_each(focus);
        mark(None);
    }
    is_list
}
