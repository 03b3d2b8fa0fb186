//! Filters a list while someone types: the form's page is fetched, and its results replace the list.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use domain::can_contain_token_value;
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, Event, FormData, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlSelectElement, SubmitEvent,
    UrlSearchParams,
};

use super::dom::{
    document, find, find_all, find_all_in, find_in, focus, go, listen, replace_children, set_text, target,
};
use super::fetch::{FetchedPage, sleep};
use super::history::{Navigation, push_url, show_url};
use super::owner_suggestions::{self, OWNER_FIELD_ID};
use super::stylesheet_cache::load_stylesheet;
use super::{connection, early_filter, long_urls, token_list};

/// The ID of the filters' form. The checkboxes of the list are fields of it too.
pub(crate) const FILTER_FORM_ID: &str = "filters";

/// The ID of the button for more filters, and of the section that it is replaced with.
pub(crate) const MORE_FILTERS_ID: &str = "more-filters";

/// The link that removes the filter by owner.
const OWNER_LINK: &str = "#filters .owner-pill";

/// A filtered list starts at its first page. The form keeps the selection; the server clears it if the filters changed.
const PAGE_PARAM: &str = "page";

/// From the last keystroke to the request.
const FILTER_DEBOUNCE: Duration = Duration::from_millis(200);

thread_local! {
    /// The field that the latest history entry belongs to. Continued typing in one field is one entry.
    static ENTRY_FIELD: RefCell<Option<String>> = const { RefCell::new(None) };
}

#[derive(Clone)]
struct Filter {
    form: HtmlFormElement,
    /// The ID of the field that changed last.
    field: Rc<RefCell<String>>,
}

/// Attaches to the filters of the page, or of the part of it that was just replaced. From then on `data-page` is
/// fetched with the fields, shortly after each keystroke or immediately on Enter, and its results are shown.
pub(crate) fn attach_in_page() {
    if let Some(form) = document().get_element_by_id(FILTER_FORM_ID) {
        attach(form.unchecked_ref());
    }
}

/// Attaches to the form, and applies what was typed before.
pub(crate) fn attach(form: &HtmlFormElement) {
    let filter = Filter {
        form: form.clone(),
        field: Rc::default(),
    };
    // What was typed before belongs to the history entry of the page itself.
    ENTRY_FIELD.set(Some(String::new()));
    let typing = filter.clone();
    listen(form, "input", move |event: Event| {
        let field = target(&event).map(|field| field.id()).unwrap_or_default();
        typing.field.replace(field.clone());
        // A username that is still being typed matches no one.
        if field != OWNER_FIELD_ID || is_suggested_owner(&event) {
            typing.clone().apply_after(FILTER_DEBOUNCE);
        }
    });
    let leaving = filter.clone();
    listen(form, "change", move |event: Event| {
        if target(&event).is_some_and(|field| field.id() == OWNER_FIELD_ID) {
            leaving.clone().apply_after(Duration::ZERO);
        }
    });
    let submitting = filter.clone();
    listen(form, "submit", move |event: SubmitEvent| {
        // Some buttons of the list (select, review) lead to other pages; only filters are applied in place.
        let is_of_list = |button: &HtmlElement| button.has_attribute("name") || button.has_attribute("formaction");
        match event.submitter() {
            Some(button) if button.id() == MORE_FILTERS_ID => {
                event.prevent_default();
                wasm_bindgen_futures::spawn_local(submitting.clone().unfold(button));
            }
            Some(button) if is_of_list(&button) => {}
            _ => {
                event.prevent_default();
                submitting.clone().apply_after(Duration::ZERO);
            }
        }
    });
    if was_edited_early(form) {
        filter.apply_after(Duration::ZERO);
    }
}

/// Whether someone chose a suggestion in the owner field.
fn is_suggested_owner(event: &Event) -> bool {
    let field = target(event).and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    field.is_some_and(|field| owner_suggestions::is_option(&field.value()))
}

/// Whether a field's value differs from the one that the server sent.
fn was_edited_early(form: &HtmlFormElement) -> bool {
    let fields = js_sys::Array::from(&form.elements());
    fields.iter().any(|field| match field.dyn_into::<HtmlInputElement>() {
        Ok(input) => input.value() != input.default_value(),
        Err(field) => field.dyn_into::<HtmlSelectElement>().is_ok_and(|select| {
            let chosen = select.query_selector("option[selected]").ok().flatten();
            let by_server = chosen.and_then(|option| option.get_attribute("value"));
            select.value() != by_server.unwrap_or_default()
        }),
    })
}

impl Filter {
    fn apply_after(self, delay: Duration) {
        let navigation = Navigation::begin();
        wasm_bindgen_futures::spawn_local(async move {
            if !delay.is_zero() {
                sleep(delay).await;
            }
            if navigation.is_latest() {
                self.apply(navigation).await;
            }
        });
    }

    async fn apply(&self, navigation: Navigation) {
        let Some(query) = self.query() else { return };
        show_busy(true);
        let page = match early_filter::take(&query).await {
            Some(page) => Some(page),
            None => long_urls::open(&self.page(), &query).await,
        };
        if !navigation.is_latest() {
            return;
        }
        show_busy(false);
        let Some(page) = page else {
            let filter = self.clone();
            return connection::report_list(move || filter.clone().apply_after(Duration::ZERO));
        };
        let is_unsure = self.finding_changed();
        let field = self.field.borrow().clone();
        let is_same_entry = ENTRY_FIELD.with_borrow(|entry| entry.as_ref() == Some(&field));
        if !token_list::show(&page, if is_same_entry { show_url } else { push_url }) {
            return go(&page.url);
        }
        // A link takes the place of the field once it names an owner.
        if field == OWNER_FIELD_ID && find_in(&page.document, OWNER_LINK).is_some() {
            end_entry();
            show_fields(&page);
            return find(OWNER_LINK).iter().for_each(focus);
        }
        ENTRY_FIELD.set(Some(field));
        // Keep the fields as they are, and update only the counts next to their options.
        for count in find_all("#result-count, [id^='n:']") {
            if let Some(fresh) = page.document.get_element_by_id(&count.id()) {
                set_count(&count, &fresh, is_unsure && count.id().starts_with("n:finding:"));
            }
        }
        for select in find_all("form.filters select") {
            let choices = format!("#{} option[value]", select.id());
            let fresh = find_all_in(&page.document, &choices);
            for choice in find_all(&choices) {
                let has_value = |fresh: &&Element| fresh.get_attribute("value") == choice.get_attribute("value");
                if let Some(fresh) = fresh.iter().find(has_value) {
                    set_count(&choice, fresh, is_unsure && select.id() == "finding");
                }
            }
        }
    }

    /// The URL of the page with the list.
    fn page(&self) -> String {
        self.form.get_attribute("data-page").unwrap_or_default()
    }

    /// Replaces the button for more filters with those filters.
    async fn unfold(self, button: HtmlElement) {
        let Some(mut query) = self.query() else { return };
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&format!("{}={}", button.get_attribute("name").unwrap_or_default(), 1));
        let page = long_urls::open(&self.page(), &query).await;
        load_stylesheet().await;
        let Some(page) = page else {
            return connection::report_list(move || {
                wasm_bindgen_futures::spawn_local(self.clone().unfold(button.clone()))
            });
        };
        let Some(fold) = page.document.get_element_by_id(MORE_FILTERS_ID) else {
            return go(&page.url);
        };
        if button.is_connected() {
            let _ = button.replace_with_with_node_1(&fold);
            if let Some(summary) = fold.query_selector("summary").ok().flatten() {
                focus(&summary);
            }
        }
    }

    /// Whether a finding is ticked under "advanced" while the main finding filter is empty. The server's form then uses
    /// that finding as the main one, so its counts for the other main options differ from what they would show here: no
    /// count is better than a wrong one.
    fn finding_changed(&self) -> bool {
        let has = |selector| self.form.query_selector(selector).is_ok_and(|found| found.is_some());
        has("#finding option[value='']:checked") && has("input[name=finding]:checked")
    }

    /// The fields with a value, as a query. `None` if one holds a token value, which must not leave the browser.
    fn query(&self) -> Option<String> {
        let data = FormData::new_with_form(&self.form).ok()?;
        let query = UrlSearchParams::new().ok()?;
        let mut has_token_value = false;
        for pair in js_sys::try_iter(&data).ok().flatten()?.flatten() {
            let pair: js_sys::Array = pair.unchecked_into();
            let (name, value) = (pair.get(0).as_string()?, pair.get(1).as_string()?);
            has_token_value |= can_contain_token_value(&value);
            if !value.trim().is_empty() && name != PAGE_PARAM {
                query.append(&name, value.trim());
            }
        }
        if let Some(hint) = find("#token-value-hint").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
            hint.set_hidden(!has_token_value);
        }
        // `of` says which list a selection belongs to.
        if !query.has("sel") && !query.has("all") {
            query.delete("of");
        }
        (!has_token_value).then(|| query.to_string().into())
    }
}

/// Makes the next change of a field a new entry of the browser's history.
pub(crate) fn end_entry() {
    ENTRY_FIELD.set(None);
}

/// Updates the filters and the count of matches from a fetched page, after a link has changed the filters.
pub(crate) fn show_fields(page: &FetchedPage) {
    for id in [FILTER_FORM_ID, "result-count"] {
        if let (Some(to), Some(from)) = (document().get_element_by_id(id), page.document.get_element_by_id(id)) {
            replace_children(&to, &from);
        }
    }
}

/// Marks the list as loading, or as loaded. While it loads, nothing can be selected in the old list, since the
/// selection would be lost.
pub(crate) fn show_busy(busy: bool) {
    if let Some(results) = find("#results") {
        let _ = results.toggle_attribute_with_force("inert", busy);
        let _ = results.set_attribute("aria-busy", if busy { "true" } else { "false" });
    }
}

/// Copies the text of an option from the same option of a fetched page; without its count if that is `unsure`.
fn set_count(choice: &Element, fresh: &Element, unsure: bool) {
    let text = fresh.text_content().unwrap_or_default();
    let label = text.split(" (").next().filter(|_| unsure);
    set_text(choice, label.unwrap_or(&text));
}
