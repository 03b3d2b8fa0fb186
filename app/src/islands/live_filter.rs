//! The filters of a list, while one types: the page behind the GET form is fetched and its results put in place.

use std::cell::Cell;
use std::rc::Rc;

use domain::looks_like_token_value;
use leptos::{html, prelude::*};
use wasm_bindgen::prelude::*;
use web_sys::{Event, FormData, HtmlElement, HtmlFormElement, HtmlInputElement, SubmitEvent, UrlSearchParams};

use super::dom;
use super::dom::{find, go, listen, show_address};
use super::fetch::{get, sleep};

/// The id of the filters' form, of which the boxes of the list are fields too.
pub(crate) const FILTER_FORM_ID: &str = "filters";

/// Wraps the filters' fields in their GET form. Once alive it fetches the list by itself a moment after each key,
/// at once on Enter, and puts the result in place; what was typed before that is taken up.
#[island]
pub(crate) fn LiveFilter(action: String, children: Children) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            attach(&form);
        }
    });
    view! {
        <form id=FILTER_FORM_ID class="filters" method="get" action=action role="search" aria-label="Filter tokens" node_ref=form>
            {children()}
        </form>
    }
}

/// Another list begins at its first page. What is picked goes along: the server drops it where the filters are others.
const PAGE_PARAM: &str = "page";

/// After the last key, in milliseconds.
const FILTER_DEBOUNCE: i32 = 200;

/// The form and the number of the newest wish: an answer to an older one is dropped.
#[derive(Clone)]
struct Filter {
    form: HtmlFormElement,
    newest: Rc<Cell<u32>>,
}

/// Takes over the filters of what was just put in place.
pub(crate) fn attach_in_page() {
    for form in dom::find_all("form[role=search]") {
        attach(form.unchecked_ref());
    }
}

/// Takes over the form, and takes up what was typed before.
pub(crate) fn attach(form: &HtmlFormElement) {
    let filter = Filter {
        form: form.clone(),
        newest: Rc::default(),
    };
    let typing = filter.clone();
    listen(form, "input", move |_: Event| {
        typing.clone().apply_after(FILTER_DEBOUNCE)
    });
    let asked = filter.clone();
    listen(form, "submit", move |event: SubmitEvent| {
        // Buttons of the list (select, review) lead to a page of their own; only filtering happens in place.
        let of_list = |by: web_sys::HtmlElement| by.has_attribute("name") || by.has_attribute("formaction");
        if event.submitter().is_some_and(of_list) {
            return;
        }
        event.prevent_default();
        asked.clone().apply_after(0);
    });
    if let Ok(Some(more)) = form.query_selector("details.advanced-filters") {
        let fold = more.clone();
        listen(&more, "toggle", move |_: Event| upgrade_date_fields(&fold));
        upgrade_date_fields(&more);
    }
    if was_edited_early(form) {
        filter.apply_after(0);
    }
}

/// Once they are unfolded, fields for days are calendars.
fn upgrade_date_fields(fold: &web_sys::Element) {
    if fold.has_attribute("open") {
        for day in dom::find_all("details.advanced-filters input[placeholder='YYYY-MM-DD']") {
            let _ = day.set_attribute("type", "date");
        }
    }
}

/// Whether the search holds something else than the server put there.
fn was_edited_early(form: &HtmlFormElement) -> bool {
    let inputs = js_sys::Array::from(&form.elements());
    inputs
        .iter()
        .filter_map(|e| e.dyn_into::<HtmlInputElement>().ok())
        .any(|i| i.value() != i.default_value())
}

impl Filter {
    fn apply_after(self, pause: i32) {
        let wish = self.newest.get() + 1;
        self.newest.set(wish);
        leptos::task::spawn_local(async move {
            if pause > 0 {
                sleep(pause).await;
            }
            if self.newest.get() == wish {
                self.apply(wish).await;
            }
        });
    }

    async fn apply(&self, wish: u32) {
        let Some(query) = self.query() else { return };
        let action = self.form.action();
        let address = if query.is_empty() {
            action
        } else {
            format!("{action}?{query}")
        };
        let results = find("#results");
        busy(true);
        let page = get(&address).await;
        if self.newest.get() != wish {
            return;
        }
        busy(false);
        let Some(page) = page else { return go(&address) };
        let fresh = page.document.get_element_by_id("results");
        let (Some(results), Some(fresh)) = (results, fresh) else {
            return go(&address);
        };
        dom::replace_children(&results, &fresh);
        // The fields stay as they are; only the counts beside their choices are told anew.
        let unsure = self.finding_changed();
        for count in dom::find_all("#result-count, [id^='n:']") {
            let Some(fresh) = page.document.get_element_by_id(&count.id()) else {
                continue;
            };
            let text = fresh.text_content().unwrap_or_default();
            let label = text
                .split(" (")
                .next()
                .filter(|_| unsure && count.id().starts_with("n:finding:"));
            dom::set_text(&count, label.unwrap_or(&text));
        }
        show_address(&address);
        super::selection::reattach();
    }

    /// Whether a box is ticked beside no first mark. The server's form has that mark as the first one, so that what it counts beside the
    /// other first marks is not what they would show here: better no number.
    fn finding_changed(&self) -> bool {
        let there = |selector| self.form.query_selector(selector).is_ok_and(|found| found.is_some());
        there("#finding option[value='']:checked") && there("input[name=finding]:checked")
    }

    /// The fields that say something, as a query. `None` where a field holds a token's value, which must not leave.
    fn query(&self) -> Option<String> {
        let data = FormData::new_with_form(&self.form).ok()?;
        let query = UrlSearchParams::new().ok()?;
        let mut leak = false;
        for pair in js_sys::try_iter(&data).ok().flatten()?.flatten() {
            let pair: js_sys::Array = pair.unchecked_into();
            let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
            leak |= looks_like_token_value(&value);
            if !value.trim().is_empty() && name != PAGE_PARAM {
                query.append(&name, value.trim());
            }
        }
        if let Some(hint) = find("#token-value-hint").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            hint.set_hidden(!leak);
        }
        (!leak).then(|| query.to_string().into())
    }
}

fn busy(busy: bool) {
    if let Some(results) = find("#results") {
        let _ = results.set_attribute("aria-busy", if busy { "true" } else { "false" });
    }
}
