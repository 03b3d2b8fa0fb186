//! Hashing leaked token values in the browser, so that they are never sent.

use std::fmt::Write as _;

use domain::{PastedToken, can_contain_token_value, pasted_tokens};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ClipboardEvent, Document, FormData, HtmlFormElement, HtmlInputElement, SubmitEvent, UrlSearchParams};

use super::confirm_dialog;
use super::dom::{document, find, find_all_in, find_in, focus, go, listen, set_text, target, window};
use super::fetch::post;
use super::history::push_url;
use super::shortcuts::is_field;
use super::swap::swap;

/// The server says the same about such a text.
const NO_TOKEN_MESSAGE: &str = "No value in the shape of a Databricks token (dapi and 32 hex digits) was found. This \
                                does not show that none is there.";

/// How many characters of each end of a value its label shows.
const LABEL_CHARS: usize = 4;

/// The results of a page.
const RESULTS: &str = "section[aria-labelledby=results-heading]";

/// Watches the forms with `data-hash-values`, into which people paste leaked text: the browser looks for token values
/// and sends only their hashes. With `data-hash-values="if-any"`, as in the search of the bar, text that cannot contain
/// a token value is sent as it is. A token value that is pasted into that search, or anywhere outside a field, is
/// looked up immediately.
pub(crate) fn watch() {
    listen(&document(), "submit", |event: SubmitEvent| {
        let form = target(&event).and_then(|element| element.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|_| !event.default_prevented()) else {
            return;
        };
        let hashes = match form.get_attribute("data-hash-values").as_deref() {
            Some("if-any") => field(&form, "value").is_none_or(|value| can_contain_token_value(&value)),
            Some(_) => true,
            None => false,
        };
        if hashes {
            // Before anything else: the value must not be sent, even if something fails below.
            event.prevent_default();
            hash_and_send(&form, &field(&form, "value").unwrap_or_default());
        }
    });
    listen(&document(), "paste", |event: ClipboardEvent| {
        let Some((form, input)) = search_of(&event) else { return };
        let text = event.clipboard_data().and_then(|data| data.get_data("text").ok());
        let Some(text) = text.filter(|text| !pasted_tokens(text).is_empty()) else {
            return;
        };
        event.prevent_default();
        input.set_value(&text);
        // Not what the field holds: it has joined the lines.
        hash_and_send(&form, &text);
    });
}

/// The search of the bar, if the paste is into it or outside any field.
fn search_of(event: &ClipboardEvent) -> Option<(HtmlFormElement, HtmlInputElement)> {
    let input: HtmlInputElement = find("#search")?.dyn_into().ok()?;
    let target = target(event)?;
    let is_free = !is_field(&target) && find("dialog[open]").is_none();
    let form = input.form().filter(|_| is_free || target == **input)?;
    Some((form, input))
}

fn field(form: &HtmlFormElement, name: &str) -> Option<String> {
    FormData::new_with_form(form).ok()?.get(name).as_string()
}

fn hash_and_send(form: &HtmlFormElement, text: &str) {
    let tokens = pasted_tokens(text);
    if tokens.is_empty() {
        return show_hint(form, NO_TOKEN_MESSAGE);
    }
    let form = form.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let labels: Vec<_> = tokens.iter().map(label).collect();
        match hashes(tokens).await {
            Some(hashes) => send(&form, &hashes, &labels).await,
            None => show_hint(&form, "Hashing needs HTTPS. Open the console over HTTPS and try again."),
        }
    });
}

/// Sends the hashes. For the search of the bar, the results are shown in a dialog over the page; other forms go where
/// the response leads.
async fn send(form: &HtmlFormElement, hashes: &str, labels: &[Option<String>]) {
    let Ok(fields) = UrlSearchParams::new() else { return };
    // The form of the overview searches all workspaces, and has the order of their rows.
    for name in ["workspace", "sort"] {
        if let Some(value) = field(form, name) {
            fields.append(name, &value);
        }
    }
    fields.append("hashes", hashes);
    let in_place = form.get_attribute("data-hash-values").as_deref() == Some("if-any");
    if in_place {
        fields.append("in_place", "1");
    }
    match post(&form.action(), &String::from(fields.to_string()), None).await {
        Some(page) if in_place && show_results(&page.document, labels) => form.reset(),
        // Loading the page would lose the labels.
        Some(page) if !in_place && add_labels(&page.document, labels) => {
            // First, since what is attached to the content reads it.
            push_url(&page.url);
            swap(&page.document);
            find("#content").iter().for_each(focus);
        }
        Some(page) => go(&page.url),
        None => show_hint(form, "No response. Check your connection and try again."),
    }
}

/// Shows the results of a page in the dialog. Returns whether the page has results.
fn show_results(page: &Document, labels: &[Option<String>]) -> bool {
    let Some(results) = find_in(page, RESULTS).filter(|_| add_labels(page, labels)) else {
        return false;
    };
    if let Some(heading) = page.get_element_by_id("results-heading") {
        heading.set_id("confirm-title");
    }
    confirm_dialog::show(&results)
}

/// Adds the labels of the tokens, which only the browser knows, to the results of a page. Returns whether it has
/// results.
fn add_labels(page: &Document, labels: &[Option<String>]) -> bool {
    if find_in(page, RESULTS).is_none() {
        return false;
    }
    for number in find_all_in(page, ".leak-table tbody th") {
        let text = number.text_content().unwrap_or_default();
        let index: Option<usize> = text.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().ok();
        if let Some(Some(label)) = index.and_then(|number| labels.get(number.checked_sub(1)?)) {
            set_text(&number, &format!("{text}: {label}"));
        }
    }
    true
}

/// The two ends and the length of a value, so that a person recognises it. `None` for an ID, which the results show.
fn label(token: &PastedToken) -> Option<String> {
    let PastedToken::Value(values) = token else { return None };
    let value = values.first()?;
    let last = value.len().checked_sub(LABEL_CHARS)?;
    let (first, last) = (value.get(..LABEL_CHARS)?, value.get(last..)?);
    Some(format!("{first}\u{2026}{last}, {} characters", value.len()))
}

/// The possible IDs of each token, as in `id.id*id`. `None` if the browser does not support hashing.
async fn hashes(tokens: Vec<PastedToken>) -> Option<String> {
    let mut groups = Vec::with_capacity(tokens.len());
    for token in tokens {
        groups.push(match token {
            PastedToken::Id(id) => id.to_string(),
            PastedToken::Value(values) => {
                let mut ids = Vec::with_capacity(values.len());
                for value in values {
                    ids.push(hash(&value).await?);
                }
                ids.join(".")
            }
        });
    }
    Some(groups.join("*"))
}

fn show_hint(form: &HtmlFormElement, text: &str) {
    if let Ok(Some(hint)) = form.query_selector("[data-hint]") {
        hint.set_text_content(Some(text));
    }
}

/// The SHA-256 hash in hexadecimal digits, which is the workspace's ID of the token. `None` if the browser does not
/// support hashing, as over plain HTTP.
async fn hash(value: &str) -> Option<String> {
    let crypto = window().crypto().ok()?;
    let bytes = js_sys::Uint8Array::from(value.as_bytes());
    let subtle = js_sys::Reflect::get(&crypto, &"subtle".into()).ok()?;
    let subtle: web_sys::SubtleCrypto = (!subtle.is_undefined()).then(|| subtle.unchecked_into())?;
    let digest = subtle.digest_with_str_and_js_u8_array("SHA-256", &bytes).ok()?;
    let digest = js_sys::Uint8Array::new(&JsFuture::from(digest).await.ok()?);
    Some(digest.to_vec().iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    }))
}
