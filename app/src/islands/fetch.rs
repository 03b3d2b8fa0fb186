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

/// Fetches a page. `None` if the response is not a page of the console.
pub(crate) async fn get(url: &str) -> Option<FetchedPage> {
    load(url, &RequestInit::new()).await
}

/// Posts the fields in `query` and follows the redirect. `from` is the URL of the form's page if that is not the
/// current one: a failure leads back there.
pub(crate) async fn post(action: &str, query: &str, from: Option<&str>) -> Option<FetchedPage> {
    let init = form_request(query)?;
    if let Some(from) = from {
        init.set_referrer(from);
    }
    load(action, &init).await
}

/// Posts the fields in `query`, and returns the URL of the redirect.
pub(crate) async fn post_for_url(action: &str, query: &str) -> Option<String> {
    let response = send(action, &form_request(query)?, "text/uri-list").await?;
    match response.ok() {
        true => text(&response).await,
        false => None,
    }
}

/// Fetches a page, or posts `fields` and follows the redirect.
pub(crate) async fn request(url: &str, fields: Option<&str>) -> Option<FetchedPage> {
    let init = match fields {
        Some(fields) => form_request(fields)?,
        None => RequestInit::new(),
    };
    load(url, &init).await
}

fn form_request(query: &str) -> Option<RequestInit> {
    let init = RequestInit::new();
    init.set_method("POST");
    let fields: JsValue = UrlSearchParams::new_with_str(query).ok()?.into();
    init.set_body(&fields);
    Some(init)
}

/// Waits for the response to a request without content. Returns whether it succeeded.
pub(crate) async fn is_reachable(url: &str) -> bool {
    let response = JsFuture::from(window().fetch_with_str(url)).await;
    response
        .ok()
        .and_then(|response| response.dyn_into::<Response>().ok())
        .is_some_and(|response| response.ok())
}

/// Sends a request that accepts this media type. `None` if there was no response.
pub(crate) async fn send(url: &str, init: &RequestInit, accept: &str) -> Option<Response> {
    let headers = Headers::new().ok()?;
    headers.set("Accept", accept).ok()?;
    init.set_headers(&headers);
    let response = JsFuture::from(window().fetch_with_str_and_init(url, init)).await;
    response.ok()?.dyn_into().ok()
}

/// The body of a response as text. `None` if it did not arrive completely.
pub(crate) async fn text(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

async fn load(url: &str, init: &RequestInit) -> Option<FetchedPage> {
    let response = send(url, init, "text/html").await?;
    let html = text(&response).await?;
    let document = DomParser::new()
        .ok()?
        .parse_from_string(&html, SupportedType::TextHtml)
        .ok()?;
    // A proxy that cannot reach the console responds with its own error page.
    if response.status() >= 500 && document.query_selector("main").ok()?.is_none() {
        return None;
    }
    Some(FetchedPage {
        document,
        url: response.url(),
    })
}

/// Waits, for at most 24 days, the limit of a browser's timer.
pub(crate) async fn sleep(delay: Duration) {
    let milliseconds = i32::try_from(delay.as_millis()).unwrap_or(i32::MAX);
    let promise = js_sys::Promise::new(&mut |done, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&done, milliseconds);
    });
    let _ = JsFuture::from(promise).await;
}
