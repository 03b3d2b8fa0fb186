//! The drawer: on a wide window, the page of a token opens beside the list, and the list stays. The address is that of
//! the token, so that reloading shows its page; Back, Close and Escape lead back to the list as it was.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlFormElement, KeyboardEvent, MouseEvent, SubmitEvent};

use super::dom::{
    document, find, find_all, find_in, focus, go, is_plain_click, listen, replace_children, set_text, target, window,
};
use super::fetch::{get, post};
use super::history::{Navigation, path_and_query, push_url, show_url};
use super::swap::{show_messages, swap};
use super::{confirm_dialog, connection, copy_button, selection, shortcuts};

/// The parameter of a token's page that holds the query of the list that someone came from.
pub(crate) const LIST_PARAM: &str = "from";

/// The parameter that asks for a token's page as the drawer shows it.
pub(crate) const DRAWER_PARAM: &str = "drawer";

/// The least width of a window with a drawer, in CSS pixels.
const MIN_WIDTH: f64 = 1440.0;

const DRAWER: &str = "#token-drawer";

/// What a page has for the drawer.
const CONTENT: &str = ".token-page[data-in-drawer]";

/// On the drawer: the list behind the token's entry in the browser's history.
const LIST: &str = "data-list";

const CURRENT_LINK: &str = "table.tokens a[aria-current]";

/// Opens tokens in the drawer, and sends the forms of a token's page that stay in place.
pub(crate) fn watch() {
    listen(&document(), "click", on_click);
    listen(&document(), "submit", on_submit);
    listen(&document(), "keydown", |event: KeyboardEvent| {
        if event.key() == "Escape"
            && !event.default_prevented()
            && !shortcuts::is_typing(&event)
            && find("dialog[open]").is_none()
        {
            close();
        }
    });
    // What is too narrow for a drawer shows the page.
    listen(&window(), "resize", |_: Event| {
        if list_url().is_some() && !is_wide() {
            let _ = window().location().reload();
        }
    });
}

fn is_wide() -> bool {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    width.is_some_and(|width| width >= MIN_WIDTH)
}

/// The list beside the drawer, as a path and a query. `None` if no drawer is open.
pub(crate) fn list_url() -> Option<String> {
    find(DRAWER)?.get_attribute(LIST)
}

fn on_click(event: MouseEvent) {
    let link = target(&event).and_then(|element| element.closest("a").ok().flatten());
    let Some(link) = link.filter(|_| is_plain_click(&event) && !event.default_prevented()) else {
        return;
    };
    let href = link.get_attribute("href").unwrap_or_default();
    if link.has_attribute("data-close") {
        close();
    } else if link.has_attribute("data-drawer") {
        open(href);
    } else if is_wide() && link.matches("table.tokens th a").unwrap_or(false) {
        let list = list_url().unwrap_or_else(path_and_query);
        let query = list.split_once('?').map_or("", |(_, query)| query);
        open(format!(
            "{href}?{LIST_PARAM}={}",
            String::from(js_sys::encode_uri_component(query))
        ));
    } else {
        return;
    }
    event.prevent_default();
}

/// Shows a token in the drawer, which is opened if it is not.
fn open(url: String) {
    let navigation = Navigation::begin();
    let Some(drawer) = find(DRAWER).or_else(create) else {
        return go(&url);
    };
    let _ = drawer.set_attribute("aria-busy", "true");
    leptos::task::spawn_local(async move {
        let page = get(&format!("{url}&{DRAWER_PARAM}=1")).await;
        if !navigation.is_latest() {
            return;
        }
        match page {
            Some(page) if find_in(&page.document, CONTENT).is_some() => {
                // One entry of the history for all tokens that are looked at, so that Back leads to the list.
                match list_url() {
                    Some(_) => show_url(&url),
                    None => {
                        let _ = drawer.set_attribute(LIST, &path_and_query());
                        push_url(&url);
                    }
                }
                show(&page.document);
            }
            Some(_) => go(&url),
            None => {
                discard_unless_filled();
                connection::report_list(move || open(url.clone()));
            }
        }
    });
}

fn create() -> Option<Element> {
    let drawer = document().create_element("aside").ok()?;
    drawer.set_id(&DRAWER[1..]);
    drawer.set_class_name("card");
    let _ = drawer.set_attribute("aria-labelledby", "token-name");
    find("#content")?.append_child(&drawer).ok()?;
    Some(drawer)
}

fn discard_unless_filled() {
    match list_url() {
        Some(_) => find(DRAWER).map(|drawer| drawer.remove_attribute("aria-busy").ok()),
        None => find(DRAWER).map(|drawer| Some(drawer.remove())),
    };
}

/// Puts a token's page into the drawer. Returns whether there is a drawer, and the page is made for it.
pub(crate) fn show(page: &Document) -> bool {
    let (Some(drawer), Some(content)) = (find(DRAWER), find_in(page, CONTENT)) else {
        return false;
    };
    replace_children(&drawer, &content);
    let _ = drawer.remove_attribute("aria-busy");
    show_messages(page);
    copy_button::show_buttons();
    let heading = find("#token-name");
    for link in find_all(CURRENT_LINK) {
        let _ = link.remove_attribute("aria-current");
    }
    if let Some(link) = link_of_address() {
        let _ = link.set_attribute("aria-current", "true");
        // The comment may have been changed.
        set_text(
            &link,
            &heading
                .as_ref()
                .and_then(|heading| heading.text_content())
                .unwrap_or_default(),
        );
    }
    heading.iter().for_each(focus);
    true
}

/// The link in the list to the token that the address names.
fn link_of_address() -> Option<Element> {
    let path = window().location().pathname().ok()?;
    find(&format!("table.tokens th a[href='{path}']"))
}

fn close() {
    match list_url() {
        Some(_) => drop(window().history().and_then(|history| history.back())),
        // It is still loading.
        None => {
            Navigation::begin();
            discard();
        }
    }
}

/// Removes the drawer, if it is open. Returns whether it was.
pub(crate) fn discard() -> bool {
    find(DRAWER).inspect(Element::remove).is_some()
}

/// Brings the drawer in line with the address that Back or Forward has led to; `before` is the one that was shown.
/// Returns whether that shows what belongs to the address.
pub(crate) fn follow_history(before: &str) -> bool {
    if let Some(list) = list_url() {
        return list == path_and_query() && {
            discard();
            // The selection can be another one by now.
            selection::reattach();
            let current = find(CURRENT_LINK);
            current.clone().or_else(|| find("#results")).iter().for_each(focus);
            current.is_none_or(|link| link.remove_attribute("aria-current").is_ok())
        };
    }
    let is_token_of_list = is_wide() && before.split('?').next().is_some() && link_of_address().is_some();
    if is_token_of_list && let (Some(drawer), Ok(url)) = (create(), window().location().href()) {
        let _ = drawer.set_attribute(LIST, before);
        open(url);
    }
    is_token_of_list
}

/// Sends a form that is marked so, and puts the page that it leads to in place.
fn on_submit(event: SubmitEvent) {
    let form = target(&event).and_then(|element| element.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form.filter(|form| form.has_attribute("data-in-place") && !event.default_prevented()) else {
        return;
    };
    if let Some(fields) = confirm_dialog::fields(&form) {
        event.prevent_default();
        send(form.action(), fields.to_string().into());
    }
}

fn send(action: String, fields: String) {
    leptos::task::spawn_local(async move {
        match post(&action, &fields, None).await {
            Some(page) if show(&page.document) => {}
            Some(page) if find_in(&page.document, "#content").is_some() => {
                swap(&page.document);
                show_url(&page.url);
                find("#content").iter().for_each(focus);
            }
            Some(page) => go(&page.url),
            None => connection::report("It is not known whether it was saved.", move || {
                send(action.clone(), fields.clone());
            }),
        }
    });
}
