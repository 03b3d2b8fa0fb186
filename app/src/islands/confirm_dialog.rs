//! Confirm pages as dialogs: any button with `data-confirm` leads to one; here it is fetched, shown in place, and its
//! form posted from there.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::{html, prelude::*};
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, Event, FormData, HtmlButtonElement, HtmlDialogElement, HtmlFormElement, SubmitEvent, UrlSearchParams,
};

use super::dom;
use super::dom::{find, find_all, focus, go, listen, show_address, target};
use super::fetch::{FetchedPage, get, post};
use super::pending_change;

/// Shows the confirm page behind any button with `data-confirm` as a dialog, and posts its form from there. One a
/// page. Without JavaScript the button leads to the page itself.
#[island]
pub(crate) fn ConfirmDialog() -> impl IntoView {
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            attach(&element);
        }
    });
    view! { <dialog class="confirm" node_ref=element aria-labelledby="confirm-title"></dialog> }
}

/// What opens a dialog.
const OPENER_SELECTOR: &str = "button[data-confirm]";

#[derive(Clone)]
struct Dialog(Rc<DialogState>);

struct DialogState {
    element: HtmlDialogElement,
    /// The confirm page that is shown.
    address: RefCell<String>,
    /// Which of the page's openers was used: the keyboard goes back to its place, even where the row is gone.
    opener: Cell<usize>,
    busy: Cell<bool>,
}

/// Brings the dialog to life.
pub(crate) fn attach(element: &HtmlDialogElement) {
    let dialog = Dialog(Rc::new(DialogState {
        element: element.clone(),
        address: RefCell::default(),
        opener: Cell::new(0),
        busy: Cell::new(false),
    }));
    let on_submit = dialog.clone();
    listen(&dom::document(), "submit", move |event: SubmitEvent| {
        on_submit.submitted(&event)
    });
    let on_click = dialog.clone();
    listen(element, "click", move |event: Event| on_click.clicked(&event));
    let on_cancel = dialog.clone();
    listen(element, "cancel", move |event: Event| {
        // What is under way cannot be called back; Escape must not look as if it could.
        if on_cancel.0.busy.get() {
            event.prevent_default();
        }
    });
    listen(element, "close", move |_: Event| dialog.restore_focus());
}

impl Dialog {
    fn submitted(&self, event: &SubmitEvent) {
        let Some(form) = target(event).and_then(|e| e.dyn_into::<HtmlFormElement>().ok()) else {
            return;
        };
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
        event.prevent_default();
        let place = find_all(OPENER_SELECTOR)
            .iter()
            .position(|e| *e == **opener.unchecked_ref::<web_sys::HtmlElement>());
        self.0.opener.set(place.unwrap_or_default());
        let page = if opener.has_attribute("formaction") {
            opener.form_action()
        } else {
            form.action()
        };
        self.clone().open(format!("{page}?{}", String::from(query.to_string())));
    }

    /// Shows the dialog at once, empty, then fills it. What is no confirm page is gone to instead.
    fn open(self, address: String) {
        let element = &self.0.element;
        element.set_inner_html("");
        let _ = element.set_attribute("aria-busy", "true");
        let _ = element.show_modal();
        leptos::task::spawn_local(async move {
            match get(&address).await {
                Some(page) if self.fill(&page) => *self.0.address.borrow_mut() = address,
                _ => go(&address),
            }
        });
    }

    /// Puts a page's confirm in the dialog. Answers whether it has one.
    fn fill(&self, page: &FetchedPage) -> bool {
        let Some(confirm) = page.document.get_element_by_id("confirm") else {
            return false;
        };
        let element = &self.0.element;
        dom::replace_children(element, &confirm);
        let _ = element.remove_attribute("aria-busy");
        let typed = element.query_selector("[data-expect]").ok().flatten();
        typed.iter().for_each(super::type_to_confirm::matches);
        super::copy_button::show_buttons();
        if let Some(first) = typed.or_else(|| element.query_selector("[data-cancel]").ok().flatten()) {
            focus(&first);
        }
        true
    }

    fn clicked(&self, event: &Event) {
        let Some(on) = target(event) else { return };
        let cancel = on.closest("[data-cancel]").ok().flatten().is_some();
        let backdrop = on == *self.0.element.unchecked_ref::<Element>();
        if cancel {
            event.prevent_default();
        }
        if (cancel || backdrop) && !self.0.busy.get() {
            self.0.element.close();
        }
    }

    /// Posts the form once, and shows where it leads: the list without the row, or the confirm with what went wrong.
    fn send(self, form: HtmlFormElement) {
        let Some(fields) = fields(&form) else { return };
        if self.0.busy.replace(true) {
            return;
        }
        self.set_busy(true);
        let (action, from) = (form.action(), self.0.address.borrow().clone());
        leptos::task::spawn_local(async move {
            let page = post(&action, &fields, &from).await;
            self.0.busy.set(false);
            self.set_busy(false);
            match page {
                // Whether it arrived is not known: the page itself tells the state.
                None => go(&from),
                Some(page) if self.fill(&page) => self.focus_alert(),
                Some(page) if page.document.get_element_by_id("content").is_none() => go(&page.address),
                Some(page) => self.done(&page),
            }
        });
    }

    fn done(&self, page: &FetchedPage) {
        dom::swap(&page.document);
        show_address(&page.address);
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
        // Chromium closes a dialog at the second Escape in a row, whatever is done about its "cancel".
        let _ = element.set_attribute("closedby", if busy { "none" } else { "closerequest" });
        for button in find_all("dialog[open] .card-footer .btn") {
            let _ = button.set_attribute("aria-disabled", state);
        }
    }

    /// The keyboard goes to the opener's place, or to what now stands there, or to the page's content.
    fn restore_focus(&self) {
        let openers = find_all(OPENER_SELECTOR);
        let place = self.0.opener.get().min(openers.len().saturating_sub(1));
        if let Some(element) = openers.get(place).cloned().or_else(|| find("#content")) {
            focus(&element);
        }
    }
}

/// A form's fields, as a browser would send them.
fn fields(form: &HtmlFormElement) -> Option<UrlSearchParams> {
    let data = FormData::new_with_form(form).ok()?;
    UrlSearchParams::new_with_record_from_str_to_str(js_sys::Object::from_entries(&data).ok()?.unchecked_ref()).ok()
}
