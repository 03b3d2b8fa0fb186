//! Fetching a page of the console, as the browser itself would.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Headers, RequestInit, Response, SupportedType, UrlSearchParams};

use super::dom::window;

/// A page, and where it was found after redirects.
pub(crate) struct FetchedPage {
    pub(crate) document: Document,
    pub(crate) address: String,
}

/// Fetches a page. `None` where no page came back.
pub(crate) async fn get(address: &str) -> Option<FetchedPage> {
    load(address, &RequestInit::new()).await
}

/// Posts a form and follows to the page that it leads to. `from` is the page that the form stands on: a failure leads
/// back there.
pub(crate) async fn post(action: &str, form: &UrlSearchParams, from: &str) -> Option<FetchedPage> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(form);
    init.set_referrer(from);
    load(action, &init).await
}

async fn load(address: &str, init: &RequestInit) -> Option<FetchedPage> {
    let headers = Headers::new().ok()?;
    headers.set("Accept", "text/html").ok()?;
    init.set_headers(&headers);
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(address, init))
        .await
        .ok()?
        .dyn_into()
        .ok()?;
    let html = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    let document = DomParser::new()
        .ok()?
        .parse_from_string(&html, SupportedType::TextHtml)
        .ok()?;
    Some(FetchedPage {
        document,
        address: response.url(),
    })
}

/// Waits.
pub(crate) async fn sleep(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds);
    });
    let _ = JsFuture::from(promise).await;
}
