//! The search of the permission editor as an editable combobox
//! (<https://www.w3.org/WAI/ARIA/apg/patterns/combobox/>): the options are the results of the page behind the search, and
//! choosing one leads to the editor with it added.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::{html, prelude::*};
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, Event, FormData, HtmlElement, HtmlFormElement, HtmlInputElement, KeyboardEvent, UrlSearchParams,
};

use super::dom;
use super::dom::{document, find, find_all, focus, go, listen, show_address, target};
use super::fetch::{get, sleep};

/// Wraps the search field of the editor. Once alive the field is a combobox (the ARIA Authoring Practices' editable one):
/// what is chosen is added to the edit in the address and the editor shown anew. `search` is the page behind the search,
/// `editor` the editor's, `pair` the name of what is added to that, and `said` how it is announced, after its name.
#[island]
pub(crate) fn PrincipalPicker(
    search: String,
    editor: String,
    pair: String,
    said: String,
    children: Children,
) -> impl IntoView {
    let around = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let Some(around) = around.get() {
            attach(&around);
        }
    });
    view! {
        <div class="filters picker" node_ref=around data-add-param=pair data-search=search data-editor-page=editor data-announce=said>
            {children()}
        </div>
    }
}

/// After the last key, in milliseconds.
const SEARCH_DEBOUNCE: i32 = 250;

const OPTION: &str = "[role=option]";

#[derive(Clone)]
struct Combobox(Rc<ComboboxState>);

struct ComboboxState {
    input: HtmlInputElement,
    list: HtmlElement,
    /// Tells how many were found to who does not see them.
    status: Element,
    search: String,
    editor: String,
    /// The name of a choice in the editor's address.
    pair: String,
    /// What is said of a choice.
    said: String,
    /// The number of the newest wish: an answer to an older one is dropped.
    newest: Cell<u32>,
    active: RefCell<Option<Element>>,
}

/// Brings the pickers of what was just put in place to life.
pub(crate) fn attach_in_page() {
    for around in find_all("[data-add-param]") {
        attach(around.unchecked_ref());
    }
}

/// Brings one picker to life.
pub(crate) fn attach(around: &HtmlElement) {
    if let Some(combobox) = Combobox::build(around) {
        combobox.listen();
    }
}

impl Combobox {
    fn build(around: &HtmlElement) -> Option<Self> {
        let input: HtmlInputElement = around.query_selector("input").ok()??.dyn_into().ok()?;
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
        if let Some(button) = around.query_selector("button").ok()? {
            // Nor does Enter in another field press it.
            let _ = button.set_attribute("type", "button");
            button.unchecked_into::<HtmlElement>().set_hidden(true);
        }
        Some(Self(Rc::new(ComboboxState {
            search: around.get_attribute("data-search")?,
            editor: around.get_attribute("data-editor-page")?,
            pair: around.get_attribute("data-add-param")?,
            said: around.get_attribute("data-announce")?,
            input,
            list,
            status,
            newest: Cell::new(0),
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
        // The keyboard stays in the field, so that nothing closes before the click has arrived.
        listen(&list, "mousedown", |event: Event| event.prevent_default());
        listen(&list, "click", move |event: Event| {
            if let Some(option) = target(&event).and_then(|e| e.closest(OPTION).ok().flatten()) {
                self.clone().choose(&option);
            }
        });
    }

    fn on_key(&self, event: &KeyboardEvent) {
        let open = !self.0.list.hidden();
        // Taken out before anything that may set it anew.
        let active = self.0.active.borrow().clone();
        match event.key().as_str() {
            "ArrowDown" if open => self.move_active(1),
            "ArrowUp" if open => self.move_active(-1),
            "ArrowDown" => self.clone().search_after(0),
            "Enter" => match active {
                Some(option) if open => self.clone().choose(&option),
                _ => self.clone().search_after(0),
            },
            "Escape" if open => self.close(),
            _ => return,
        }
        event.prevent_default();
    }

    fn search_after(self, pause: i32) {
        // What was marked belongs to the text before.
        self.set_active(None);
        let wish = self.0.newest.get() + 1;
        self.0.newest.set(wish);
        leptos::task::spawn_local(async move {
            sleep(pause).await;
            if self.0.newest.get() == wish {
                self.search(wish).await;
            }
        });
    }

    async fn search(&self, wish: u32) {
        let text = self.0.input.value();
        if text.trim().is_empty() {
            return self.close();
        }
        let Ok(query) = UrlSearchParams::new() else { return };
        query.append("find", text.trim());
        let address = format!("{}?{}", self.0.search, String::from(query.to_string()));
        let page = get(&address).await;
        if self.0.newest.get() != wish {
            return;
        }
        let Some(page) = page else {
            return self.fail("No response. Check your connection and try again.");
        };
        match page.document.get_element_by_id("found") {
            Some(found) => self.set_visible(&found),
            // What is entered stays; only the search has failed, and the page says why.
            None => {
                let why = page.document.query_selector("main .blocked, main h2").ok().flatten();
                let why = why.and_then(|e| e.text_content());
                self.fail(
                    why.as_deref()
                        .unwrap_or("Sign in again in another tab, then try again."),
                );
            }
        }
    }

    fn fail(&self, why: &str) {
        self.0.list.set_inner_html("");
        if let Ok(item) = document().create_element("li") {
            let _ = item.set_attribute("role", "presentation");
            item.set_text_content(Some(why));
            let _ = self.0.list.append_child(&item);
        }
        self.0.status.set_text_content(Some(why));
        self.expand(true);
    }

    /// Shows the results as options; what is no result, such as that there are more, as a note below them.
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
                    if let Some(who) = row.query_selector(".who").ok().flatten() {
                        let _ = item.append_child(&who);
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
        let said = format!("{options} result{plural}. {}", more.unwrap_or_default());
        self.0.status.set_text_content(Some(&said));
        self.set_active(None);
        self.expand(true);
    }

    /// Moves through the options, round at the ends.
    fn move_active(&self, by: i32) {
        let options = self.options();
        let count = i32::try_from(options.len()).unwrap_or(0);
        if count == 0 {
            return;
        }
        let active = self.0.active.borrow().clone();
        let at = active.and_then(|active| options.iter().position(|option| *option == active));
        let next = match at.and_then(|at| i32::try_from(at).ok()) {
            Some(at) => (at + by).rem_euclid(count),
            None if by > 0 => 0,
            None => count - 1,
        };
        self.set_active(options.get(next.unsigned_abs() as usize).cloned());
    }

    fn options(&self) -> Vec<Element> {
        find_all(&format!("#find-options {OPTION}"))
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
        self.0.newest.set(self.0.newest.get() + 1);
        self.set_active(None);
        self.expand(false);
    }

    /// Shows the editor with the option added to what is entered already.
    fn choose(self, option: &Element) {
        let (Some(key), Some(form)) = (option.get_attribute("data-option"), self.0.input.form()) else {
            return;
        };
        let Some(query) = form_query(&form) else { return };
        query.append(&self.0.pair, &key);
        let name = option
            .query_selector(".name")
            .ok()
            .flatten()
            .and_then(|e| e.text_content());
        let name = name.unwrap_or_default();
        self.close();
        let address = format!("{}?{}", self.0.editor, String::from(query.to_string()));
        leptos::task::spawn_local(async move {
            match get(&address).await {
                Some(page) if page.document.get_element_by_id("editor").is_some() => {
                    dom::swap(&page.document);
                    show_address(&address);
                    if let Some(field) = find("#find") {
                        focus(&field);
                    }
                    announce(&format!("{name} {}", self.0.said));
                }
                _ => go(&address),
            }
        });
    }
}

/// Says something to who does not see the table change.
fn announce(text: &str) {
    let (Some(said), Ok(words)) = (find("#status-message"), document().create_element("p")) else {
        return;
    };
    words.set_class_name("visually-hidden");
    words.set_text_content(Some(text));
    said.set_inner_html("");
    let _ = said.append_child(&words);
}

/// What the editor's form holds, without the search: the query of its address.
pub(crate) fn form_query(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let data = FormData::new_with_form(form).ok()?;
    let query = UrlSearchParams::new().ok()?;
    for pair in js_sys::try_iter(&data).ok().flatten()?.flatten() {
        let pair: js_sys::Array = pair.unchecked_into();
        let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
        if name != "find" {
            query.append(&name, &value);
        }
    }
    Some(query)
}
