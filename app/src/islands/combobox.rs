//! The search for users, groups and service principals as an editable combobox
//! (<https://www.w3.org/WAI/ARIA/apg/patterns/combobox/>). The options are the rows of the results page. Choosing one
//! opens the editor with that option added.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use domain::can_contain_token_value;
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, Event, FormData, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent, UrlSearchParams,
};

use super::dom::{document, find, find_all, focus, go, listen, target};
use super::fetch::{get, sleep};
use super::history::show_url;
use super::long_urls;
use super::swap::swap;

/// From the last keystroke to the search.
pub(crate) const SEARCH_DEBOUNCE: Duration = Duration::from_millis(250);

const OPTION_SELECTOR: &str = "[role=option]";

const NO_RESPONSE: &str = "No response. Check your connection and try again.";

#[derive(Clone)]
struct Combobox(Rc<ComboboxState>);

struct ComboboxState {
    input: HtmlInputElement,
    list: HtmlElement,
    /// The number of results, for screen readers.
    status: Element,
    search: String,
    editor: String,
    /// The parameter of the editor's URL that holds the chosen option.
    param: String,
    /// What a screen reader reads after the name of the chosen option.
    announcement: String,
    /// The number of the latest request: responses to earlier ones are dropped.
    latest_request: Cell<u32>,
    active: RefCell<Option<Element>>,
}

/// Turns the pickers of the page, or of the part of it that was just replaced, into comboboxes: the chosen option is
/// added to the edits in the URL, and the editor is shown again. `data-search` is the URL of the results page,
/// `data-editor-page` that of the editor, `data-add-param` the parameter for the chosen option, and `data-announce`
/// what is read after its name.
pub(crate) fn attach_in_page() {
    for picker in find_all("[data-add-param]") {
        attach(picker.unchecked_ref());
    }
}

/// Turns a picker into a combobox.
pub(crate) fn attach(picker: &HtmlElement) {
    if let Some(combobox) = Combobox::build(picker) {
        combobox.listen();
    }
}

impl Combobox {
    fn build(picker: &HtmlElement) -> Option<Self> {
        let input: HtmlInputElement = picker.query_selector("input").ok()??.dyn_into().ok()?;
        let list: HtmlElement = document().create_element("ul").ok()?.unchecked_into();
        list.set_id("find-options");
        list.set_class_name("search-results combobox-list");
        list.set_hidden(true);
        let status = document().create_element("p").ok()?;
        status.set_class_name("visually-hidden");
        for (element, name, value) in [
            (&**input, "role", "combobox"),
            (&input, "aria-autocomplete", "list"),
            (&input, "aria-expanded", "false"),
            (&input, "aria-controls", "find-options"),
            (&list, "role", "listbox"),
            (&list, "aria-label", "Users, groups and service principals"),
            (&status, "aria-live", "polite"),
        ] {
            element.set_attribute(name, value).ok()?;
        }
        let field = input.parent_element()?;
        field.append_child(&list).ok()?;
        field.append_child(&status).ok()?;
        if let Some(button) = picker.query_selector("button").ok()? {
            // A plain button, so that Enter in another field does not press it.
            let _ = button.set_attribute("type", "button");
            button.unchecked_into::<HtmlElement>().set_hidden(true);
        }
        Some(Self(Rc::new(ComboboxState {
            search: picker.get_attribute("data-search")?,
            editor: picker.get_attribute("data-editor-page")?,
            param: picker.get_attribute("data-add-param")?,
            announcement: picker.get_attribute("data-announce")?,
            input,
            list,
            status,
            latest_request: Cell::new(0),
            active: RefCell::default(),
        })))
    }

    fn listen(self) {
        let (input, list) = (self.0.input.clone(), self.0.list.clone());
        let typing = self.clone();
        listen(&input, "input", move |_: Event| {
            typing.clone().search_after(SEARCH_DEBOUNCE)
        });
        let keys = self.clone();
        listen(&input, "keydown", move |event: KeyboardEvent| keys.on_key(&event));
        let leaving = self.clone();
        listen(&input, "blur", move |_: Event| leaving.close());
        // Keep the focus in the field: losing it would close the list before the click arrives.
        listen(&list, "mousedown", |event: Event| event.prevent_default());
        listen(&list, "click", move |event: Event| {
            if let Some(option) = target(&event).and_then(|e| e.closest(OPTION_SELECTOR).ok().flatten()) {
                self.clone().choose(&option);
            }
        });
    }

    fn on_key(&self, event: &KeyboardEvent) {
        let open = !self.0.list.hidden();
        // Clone it before anything can set it again.
        let active = self.0.active.borrow().clone();
        match event.key().as_str() {
            "ArrowDown" if open => self.move_active(1),
            "ArrowUp" if open => self.move_active(-1),
            "ArrowDown" => self.clone().search_after(Duration::ZERO),
            "Enter" => match active {
                Some(option) if open => self.clone().choose(&option),
                _ => self.clone().search_after(Duration::ZERO),
            },
            "Escape" if open => self.close(),
            _ => return,
        }
        event.prevent_default();
    }

    fn search_after(self, delay: Duration) {
        // The active option belongs to the previous text.
        self.set_active(None);
        let request = self.0.latest_request.get() + 1;
        self.0.latest_request.set(request);
        wasm_bindgen_futures::spawn_local(async move {
            sleep(delay).await;
            if self.0.latest_request.get() == request {
                self.search(request).await;
            }
        });
    }

    async fn search(&self, request: u32) {
        let text = self.0.input.value();
        let Some(url) = search_url(&self.0.search, &text) else {
            return self.close();
        };
        let page = get(&url).await;
        if self.0.latest_request.get() != request {
            return;
        }
        let Some(page) = page else {
            return self.fail(NO_RESPONSE);
        };
        match page.document.get_element_by_id("found") {
            Some(found) => self.set_visible(&found),
            // Only the search has failed, and the page says why. The edits stay.
            None => {
                let reason = page.document.query_selector("main h2").ok().flatten();
                let reason = reason.and_then(|e| e.text_content());
                self.fail(
                    reason
                        .as_deref()
                        .unwrap_or("Sign in again in another tab, then try again."),
                );
            }
        }
    }

    fn fail(&self, reason: &str) {
        self.0.list.set_inner_html("");
        if let Ok(item) = document().create_element("li") {
            let _ = item.set_attribute("role", "presentation");
            item.set_text_content(Some(reason));
            let _ = self.0.list.append_child(&item);
        }
        self.0.status.set_text_content(Some(reason));
        self.expand(true);
    }

    /// Shows the results as options, and other rows, such as "more results", as a note below them.
    fn set_visible(&self, found: &Element) {
        self.0.list.set_inner_html("");
        let mut options = 0;
        let rows = found.query_selector_all("li, [data-no-results]").ok();
        for row in rows
            .iter()
            .flat_map(|rows| (0..rows.length()).filter_map(|i| rows.item(i)))
        {
            let row: Element = row.unchecked_into();
            let Ok(item) = document().create_element("li") else {
                return;
            };
            match row.get_attribute("data-option") {
                Some(key) => {
                    let _ = item.set_attribute("role", "option");
                    let _ = item.set_attribute("aria-selected", "false");
                    let _ = item.set_attribute("data-option", &key);
                    item.set_id(&format!("find-option-{options}"));
                    options += 1;
                    if let Some(principal) = row.query_selector(".who").ok().flatten() {
                        let _ = item.append_child(&principal);
                    }
                }
                None => {
                    let _ = item.set_attribute("role", "presentation");
                    item.set_class_name("muted");
                    item.set_text_content(row.text_content().as_deref());
                }
            }
            let _ = self.0.list.append_child(&item);
        }
        let more = found
            .query_selector("[data-more-results]")
            .ok()
            .flatten()
            .and_then(|e| e.text_content());
        let plural = if options == 1 { "" } else { "s" };
        let announcement = format!("{options} result{plural}. {}", more.unwrap_or_default());
        self.0.status.set_text_content(Some(&announcement));
        self.set_active(None);
        self.expand(true);
    }

    /// Moves the active option by `by`; after the last comes the first.
    fn move_active(&self, by: i32) {
        let options = self.options();
        let count = i32::try_from(options.len()).unwrap_or(0);
        if count == 0 {
            return;
        }
        let active = self.0.active.borrow().clone();
        let index = active.and_then(|active| options.iter().position(|option| *option == active));
        let next = match index.and_then(|index| i32::try_from(index).ok()) {
            Some(index) => (index + by).rem_euclid(count),
            None if by > 0 => 0,
            None => count - 1,
        };
        self.set_active(options.get(next.unsigned_abs() as usize).cloned());
    }

    fn options(&self) -> Vec<Element> {
        find_all(&format!("#find-options {OPTION_SELECTOR}"))
    }

    fn set_active(&self, option: Option<Element>) {
        for other in self.options() {
            let _ = other.set_attribute("aria-selected", "false");
        }
        match &option {
            Some(option) => {
                let _ = option.set_attribute("aria-selected", "true");
                let _ = self.0.input.set_attribute("aria-activedescendant", &option.id());
                option.scroll_into_view_with_bool(false);
            }
            None => drop(self.0.input.remove_attribute("aria-activedescendant")),
        }
        *self.0.active.borrow_mut() = option;
    }

    fn expand(&self, open: bool) {
        self.0.list.set_hidden(!open);
        let _ = self
            .0
            .input
            .set_attribute("aria-expanded", if open { "true" } else { "false" });
    }

    fn close(&self) {
        self.0.latest_request.set(self.0.latest_request.get() + 1);
        self.set_active(None);
        self.expand(false);
    }

    /// Opens the editor with the option added to the previous edits.
    fn choose(self, option: &Element) {
        let (Some(key), Some(form)) = (option.get_attribute("data-option"), self.0.input.form()) else {
            return;
        };
        let Some(query) = form_query(&form) else { return };
        query.append(&self.0.param, &key);
        let name = option
            .query_selector(".name")
            .ok()
            .flatten()
            .and_then(|e| e.text_content());
        let name = name.unwrap_or_default();
        self.close();
        let query = String::from(query.to_string());
        wasm_bindgen_futures::spawn_local(async move {
            match long_urls::open(&self.0.editor, &query).await {
                Some(page) if page.document.get_element_by_id("editor").is_some() => {
                    swap(&page.document);
                    show_url(&page.url);
                    if let Some(field) = find("#find") {
                        focus(&field);
                    }
                    announce(&format!("{name} {}", self.0.announcement));
                }
                Some(page) => go(&page.url),
                None => self.fail(NO_RESPONSE),
            }
        });
    }
}

/// Has screen readers read a text, since their users do not see the table change.
fn announce(text: &str) {
    let (Some(message), Ok(announcement)) = (find("#status-message"), document().create_element("p")) else {
        return;
    };
    announcement.set_class_name("visually-hidden");
    announcement.set_text_content(Some(text));
    message.set_inner_html("");
    let _ = message.append_child(&announcement);
}

/// The URL of the results page for `text`. `None` if `text` is empty or not valid in a URL.
pub(crate) fn search_url(page: &str, text: &str) -> Option<String> {
    if text.trim().is_empty() || can_contain_token_value(text) {
        return None;
    }
    let query = UrlSearchParams::new().ok()?;
    query.append("find", text.trim());
    Some(format!("{page}?{}", String::from(query.to_string())))
}

/// The fields of the editor's form, except the search, as the query of the editor's URL.
pub(crate) fn form_query(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let data = FormData::new_with_form(form).ok()?;
    let query = UrlSearchParams::new().ok()?;
    for pair in js_sys::try_iter(&data).ok().flatten()?.flatten() {
        let pair: js_sys::Array = pair.unchecked_into();
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        if name != "find" && !value.is_empty() {
            query.append(&name, &value);
        }
    }
    Some(query)
}
