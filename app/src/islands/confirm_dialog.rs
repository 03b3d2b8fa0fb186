//! Confirmation pages as dialogs: the page that a `data-confirm` button leads to is fetched and shown in a dialog, and
//! its form is posted from there.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use domain::can_contain_token_value;
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, Event, FormData, HtmlButtonElement, HtmlDialogElement, HtmlFormElement, HtmlInputElement, SubmitEvent,
    UrlSearchParams,
};

use super::dom::{document, find, find_all, focus, go, listen, replace_children, set_text, target, unfold};
use super::fetch::{FetchedPage, get, post};
use super::history::show_url;
use super::stylesheet_cache::load_stylesheet;
use super::swap::swap;
use super::{connection, copy_button, long_urls, pending_change, token_drawer, type_to_confirm};

/// The buttons that open the dialog.
const OPENER_SELECTOR: &str = "button[data-confirm]";

#[derive(Clone)]
struct Dialog(Rc<DialogState>);

struct DialogState {
    element: HtmlDialogElement,
    /// The URL of the confirmation page in the dialog.
    url: RefCell<String>,
    /// The index of the button that opened the dialog. It identifies where the focus returns to, even if that row is
    /// gone.
    opener: Cell<usize>,
    /// Whether the opener was in the drawer.
    is_of_drawer: Cell<bool>,
    busy: Cell<bool>,
    /// The number of the latest requested page: earlier ones that arrive late are dropped.
    latest_page: Cell<u32>,
}

/// Attaches the page's dialog, which serves all its `data-confirm` buttons. Without JavaScript they lead to the
/// confirmation page itself.
pub(crate) fn attach() {
    let Some(element) = find("dialog.confirm") else { return };
    let element: HtmlDialogElement = element.unchecked_into();
    let dialog = Dialog(Rc::new(DialogState {
        element: element.clone(),
        url: RefCell::default(),
        opener: Cell::new(0),
        is_of_drawer: Cell::new(false),
        busy: Cell::new(false),
        latest_page: Cell::new(0),
    }));
    let submitting = dialog.clone();
    listen(&document(), "submit", move |event: SubmitEvent| {
        submitting.on_submit(&event)
    });
    let clicking = dialog.clone();
    listen(&element, "click", move |event: Event| clicking.on_click(&event));
    let cancelling = dialog.clone();
    listen(&element, "cancel", move |event: Event| {
        // A sent form cannot be recalled, and Escape must not look as if it could.
        if cancelling.0.busy.get() {
            event.prevent_default();
        }
    });
    listen(&element, "close", move |_: Event| dialog.restore_focus());
}

/// Marks the dialog while it shows something other than a confirmation.
const INFORMATION_ATTRIBUTE: &str = "data-information";

/// Shows something other than a confirmation in the page's dialog, with a button that closes it. The heading of
/// `content` has the ID `confirm-title`. Returns false if the page has no dialog, or has a confirmation open in it.
pub(crate) fn show(content: &Element) -> bool {
    let dialog = find("dialog.confirm").and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok());
    let Some(dialog) = dialog.filter(|dialog| !dialog.open()) else {
        return false;
    };
    let _ = dialog.remove_attribute("aria-busy");
    let _ = dialog.set_attribute(INFORMATION_ATTRIBUTE, "");
    dialog.replace_children_with_node_1(content);
    let close = add_close_button(&dialog, "Close");
    let _ = dialog.show_modal();
    if find("dialog[open] [autofocus]").is_none() {
        close.iter().for_each(focus);
    }
    true
}

fn show_loading(dialog: &Element) {
    dialog.set_text_content(None);
    if let Ok(text) = document().create_element("p") {
        text.set_class_name("body");
        let _ = text.set_attribute("role", "status");
        text.set_text_content(Some("Loading\u{2026}"));
        let _ = dialog.append_child(&text);
    }
    add_close_button(dialog, "Cancel");
}

fn add_close_button(dialog: &Element, label: &str) -> Option<Element> {
    let create = |tag| document().create_element(tag).ok();
    let (footer, button) = create("div").zip(create("button"))?;
    footer.set_class_name("card-footer");
    for (name, value) in [("type", "button"), ("data-cancel", ""), ("class", "btn")] {
        let _ = button.set_attribute(name, value);
    }
    button.set_text_content(Some(label));
    footer.append_child(&button).ok()?;
    dialog.append_child(&footer).ok()?;
    Some(button)
}

impl Dialog {
    fn on_submit(&self, event: &SubmitEvent) {
        let Some(form) = target(event).and_then(|e| e.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
        // A form that affects every later page needs a full page load.
        if form.has_attribute("data-loads-page") {
            return;
        }
        if self.0.element.contains(Some(&form)) {
            event.prevent_default();
            self.clone().send(form);
            return;
        }
        let opener = event.submitter().map(|e| e.unchecked_into::<HtmlButtonElement>());
        let Some(opener) = opener.filter(|b| b.has_attribute("data-confirm")) else {
            return;
        };
        let Some(query) = fields(&form) else { return };
        let query = String::from(query.to_string());
        if can_contain_token_value(&query) {
            // Submit it without the dialog: the server drops token values, and says so.
            return;
        }
        event.prevent_default();
        let index = find_all(OPENER_SELECTOR)
            .iter()
            .position(|e| *e == **opener.unchecked_ref::<web_sys::HtmlElement>());
        self.0.opener.set(index.unwrap_or_default());
        let is_of_drawer = opener.closest("#token-drawer").is_ok_and(|drawer| drawer.is_some());
        self.0.is_of_drawer.set(is_of_drawer);
        let page = if opener.has_attribute("formaction") {
            opener.form_action()
        } else {
            form.get_attribute("data-page").unwrap_or_else(|| form.action())
        };
        self.clone().open(page, query);
    }

    /// Opens the dialog immediately, with a Cancel button, then fills it. If the URL does not lead to a confirmation
    /// page, the browser goes to that page.
    fn open(self, url: String, query: String) {
        let element = &self.0.element;
        show_loading(element);
        let _ = element.remove_attribute(INFORMATION_ATTRIBUTE);
        let _ = element.set_attribute("aria-busy", "true");
        let _ = element.show_modal();
        let number = self.0.latest_page.get() + 1;
        self.0.latest_page.set(number);
        wasm_bindgen_futures::spawn_local(async move {
            let page = long_urls::open(&url, &query).await;
            load_stylesheet().await;
            if self.0.latest_page.get() != number || !self.0.element.open() {
                return;
            }
            match page {
                Some(page) if self.fill(&page) => *self.0.url.borrow_mut() = page.url,
                Some(page) => go(&page.url),
                None => {
                    self.0.element.close();
                    connection::report_list(move || self.clone().open(url.clone(), query.clone()));
                }
            }
        });
    }

    /// Puts a page's confirmation into the dialog. Returns whether the page has one.
    fn fill(&self, page: &FetchedPage) -> bool {
        let Some(confirm) = page.document.get_element_by_id("confirm") else {
            return false;
        };
        let element = &self.0.element;
        replace_children(element, &confirm);
        let _ = element.remove_attribute("aria-busy");
        let field = element.query_selector("[data-expect]").ok().flatten();
        field.iter().for_each(type_to_confirm::update_button);
        copy_button::show_buttons();
        let heading = || element.query_selector("#confirm-title").ok().flatten();
        if let Some(first) = field.or_else(heading) {
            focus(&first);
        }
        true
    }

    fn on_click(&self, event: &Event) {
        let Some(clicked) = target(event) else { return };
        if clicked.closest("[data-check-again]").ok().flatten().is_some() {
            return self.clone().check_again();
        }
        let cancel = clicked.closest("[data-cancel]").ok().flatten().is_some();
        let backdrop = clicked == *self.0.element.unchecked_ref::<Element>();
        if cancel {
            event.prevent_default();
        }
        if (cancel || backdrop) && !self.0.busy.get() {
            self.0.element.close();
        }
    }

    /// Posts the form once, and shows the page that it leads to: the list without the row, or the confirmation with an
    /// error.
    fn send(self, form: HtmlFormElement) {
        let Some(fields) = fields(&form) else { return };
        if self.0.busy.replace(true) {
            return;
        }
        self.set_busy(true);
        let (action, from) = (form.action(), self.0.url.borrow().clone());
        let fields = String::from(fields.to_string());
        wasm_bindgen_futures::spawn_local(async move {
            let page = post(&action, &fields, Some(&from)).await;
            self.0.busy.set(false);
            self.set_busy(false);
            match page {
                None => self.report_no_response(&form),
                Some(page) if self.fill(&page) => self.focus_alert(),
                Some(page) if page.document.get_element_by_id("content").is_none() => go(&page.url),
                Some(page) => self.done(&page),
            }
        });
    }

    /// Says that it is not known whether the form arrived. What was typed stays.
    fn report_no_response(&self, form: &HtmlFormElement) {
        let unknown = form.get_attribute("data-unknown");
        let unknown = unknown.as_deref().unwrap_or("the change was made");
        self.remove_no_response();
        let (Ok(alert), Ok(Some(body))) = (document().create_element("div"), form.query_selector(".body")) else {
            return;
        };
        alert.set_class_name("notice danger");
        let _ = alert.set_attribute("role", "alert");
        let _ = alert.set_attribute("data-no-response", "");
        let _ = body.insert_before(&alert, body.first_child().as_ref());
        alert.set_text_content(Some(&format!("No response. It is not known whether {unknown}. ")));
        if let Ok(button) = document().create_element("button") {
            let _ = button.set_attribute("type", "button");
            let _ = button.set_attribute("data-check-again", "");
            button.set_class_name("link");
            button.set_text_content(Some("Check again"));
            let _ = alert.append_child(&button);
            focus(&button);
        }
    }

    fn remove_no_response(&self) {
        if let Ok(Some(alert)) = self.0.element.query_selector("[data-no-response]") {
            alert.remove();
        }
    }

    /// Fetches the confirmation again to show the workspace's current state, or the page that took its place, for
    /// example because the token is gone.
    fn check_again(self) {
        if self.0.busy.replace(true) {
            return;
        }
        self.set_busy(true);
        let url = self.0.url.borrow().clone();
        let reason = self.reason_field().map(|field| field.value());
        wasm_bindgen_futures::spawn_local(async move {
            let page = get(&url).await;
            self.0.busy.set(false);
            self.set_busy(false);
            match page {
                None => {}
                Some(page) if self.fill(&page) => {
                    if let Some((field, reason)) = self.reason_field().zip(reason.filter(|reason| !reason.is_empty())) {
                        field.set_value(&reason);
                        unfold(&field);
                    }
                }
                Some(page) => go(&page.url),
            }
        });
    }

    fn reason_field(&self) -> Option<HtmlInputElement> {
        self.0.element.query_selector("#reason").ok()??.dyn_into().ok()
    }

    fn done(&self, page: &FetchedPage) {
        if !token_drawer::show(&page.document) {
            swap(&page.document);
            show_url(&page.url);
        }
        self.0.element.close();
        pending_change::watch();
    }

    fn focus_alert(&self) {
        if let Some(alert) = self.0.element.query_selector("[role=alert]").ok().flatten() {
            let _ = alert.set_attribute("tabindex", "-1");
            focus(&alert);
        }
    }

    fn set_busy(&self, busy: bool) {
        let element = &self.0.element;
        let state = if busy { "true" } else { "false" };
        let _ = element.set_attribute("aria-busy", state);
        // Chromium closes a dialog at the second Escape in a row, even if its `cancel` event was prevented.
        let _ = element.set_attribute("closedby", if busy { "none" } else { "closerequest" });
        for button in find_all("dialog[open] .card-footer .btn") {
            let _ = button.set_attribute("aria-disabled", state);
            // The style sheet shows it in place of the label.
            if let Some((label, progress)) = button.get_attribute("data-busy").zip(find("#confirm-progress")) {
                set_text(&progress, if busy { &label } else { "" });
            }
        }
    }

    /// Returns the focus to the opener, to the button now in its place, or to the page's content.
    fn restore_focus(&self) {
        // The browser itself returns the focus to the element that had it before.
        if self.0.element.has_attribute(INFORMATION_ATTRIBUTE) || has_moved_on() {
            return;
        }
        // A button in the drawer belongs to no row.
        if self.0.is_of_drawer.get() {
            let place = find("#token-name").or_else(|| find("#results"));
            place.iter().for_each(focus);
            return;
        }
        let openers = find_all(OPENER_SELECTOR);
        let index = self.0.opener.get().min(openers.len().saturating_sub(1));
        if let Some(element) = openers.get(index).cloned().or_else(|| find("#content")) {
            focus(&element);
        }
    }
}

/// Whether someone has moved the focus since the dialog closed: the `close` event fires a moment later. Until then the
/// focus is in the opener's row, on an opener, or nowhere.
fn has_moved_on() -> bool {
    let Some(focused) = document().active_element() else {
        return false;
    };
    let place = format!("tr, dialog, {OPENER_SELECTOR}");
    focused.tag_name() != "BODY" && focused.closest(&place).is_ok_and(|place| place.is_none())
}

/// A form's fields as the browser would send them.
pub(crate) fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let data = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_record_from_str_to_str(js_sys::Object::from_entries(&data).ok()?.unchecked_ref()).ok()
}
