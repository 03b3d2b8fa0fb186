//! Fetching pages of the console as the browser itself would, and waiting.

use std::time::Duration;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Headers, RequestInit, Response, SupportedType, UrlSearchParams};

use super::dom::window;

/// A page, and its URL after redirects.
pub(crate) struct FetchedPage {
    pub(crate) document: Document,
    pub(crate) url: String,
}

/// Fetches a page. `None` if no page came back.
pub(crate) async fn get(url: &str) -> Option<FetchedPage> {
    load(url, &RequestInit::new()).await
}

/// Posts a form and follows to the page that it leads to. `from` is the URL of the form's page: a failure leads back
/// there.
pub(crate) async fn post(action: &str, form: &UrlSearchParams, from: &str) -> Option<FetchedPage> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(form);
    init.set_referrer(from);
    load(action, &init).await
}

/// Waits for the response to a request without content. Returns whether it succeeded.
pub(crate) async fn is_reachable(url: &str) -> bool {
    let response = JsFuture::from(window().fetch_with_str(url)).await;
    response
        .ok()
        .and_then(|response| response.dyn_into::<Response>().ok())
        .is_some_and(|response| response.ok())
}

async fn load(url: &str, init: &RequestInit) -> Option<FetchedPage> {
    let headers = Headers::new().ok()?;
    headers.set("Accept", "text/html").ok()?;
    init.set_headers(&headers);
    let response: Response = JsFuture::from(window().fetch_with_str_and_init(url, init))
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
        url: response.url(),
    })
}

/// Waits; at most for the 24 days that fit into a browser's timer.
pub(crate) async fn sleep(delay: Duration) {
    let milliseconds = i32::try_from(delay.as_millis()).unwrap_or(i32::MAX);
    let promise = js_sys::Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds);
    });
    let _ = JsFuture::from(promise).await;
}
