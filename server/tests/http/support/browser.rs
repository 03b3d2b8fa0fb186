//! A browser without JavaScript. It keeps one cookie, sends `Referer` with a form, and does not follow redirects on its
//! own.

use std::net::SocketAddr;
use std::sync::Mutex;

use reqwest::header::{ACCEPT, COOKIE, HOST, ORIGIN, REFERER, SET_COOKIE};
use reqwest::{Method, RequestBuilder, redirect};

use super::Response;

/// The `Accept` header of a browser that opens a page or submits a form.
const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

pub(crate) struct Browser {
    http: reqwest::Client,
    base: String,
    origin: String,
    cookie: Mutex<Option<String>>,
    /// What a proxy adds to its requests.
    forwarded_for: Option<&'static str>,
}

impl Browser {
    pub(super) fn new(address: SocketAddr, origin: &str) -> Self {
        Self {
            http: reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .build()
                .unwrap(),
            base: format!("http://{address}"),
            origin: origin.to_owned(),
            cookie: Mutex::new(None),
            forwarded_for: None,
        }
    }

    /// The same browser behind a proxy, which adds this header.
    pub(crate) fn forwarded_for(self, addresses: &'static str) -> Self {
        Self {
            forwarded_for: Some(addresses),
            ..self
        }
    }

    /// The cookie as `name=value`.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// Replaces the cookie by one of the form `name=value`.
    pub(crate) fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }

    /// A request with the cookie, the host of the public address and what a proxy adds, and nothing else.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header(HOST, host);
        let request = match self.forwarded_for {
            Some(addresses) => request.header("x-forwarded-for", addresses),
            None => request,
        };
        match self.cookie() {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    /// Sends a request and stores the cookie of the response.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        if let Some(set) = response.headers().get(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let is_removed = pair.ends_with('=');
            self.set_cookie((!is_removed).then_some(pair));
        }
        Response {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: String::from_utf8(response.bytes().await.unwrap().to_vec()).unwrap(),
        }
    }

    /// Opens a page.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path).header(ACCEPT, ACCEPT_PAGE))
            .await
    }

    /// Submits a form of the page `from`.
    pub(crate) async fn submit(&self, from: &str, action: &str, fields: &[(&str, &str)]) -> Response {
        let request = self
            .request(Method::POST, action)
            .header(ACCEPT, ACCEPT_PAGE)
            .header(ORIGIN, &self.origin)
            .header(REFERER, format!("{}{from}", self.origin))
            .header("sec-fetch-site", "same-origin")
            .form(fields);
        self.send(request).await
    }

    /// Submits a form and follows its redirect.
    pub(crate) async fn submit_and_follow(&self, from: &str, action: &str, fields: &[(&str, &str)]) -> Response {
        let response = self.submit(from, action, fields).await;
        self.follow(&response).await
    }

    /// Follows a redirect.
    pub(crate) async fn follow(&self, response: &Response) -> Response {
        assert!(
            (300..400).contains(&response.status),
            "{} {}",
            response.status,
            response.body
        );
        let location = response.location();
        self.get(location.strip_prefix(&self.origin).unwrap_or(&location)).await
    }

    /// Calls a server function like a script.
    pub(crate) async fn call(&self, action: &str, fields: &[(&str, &str)]) -> Response {
        let request = self
            .request(Method::POST, action)
            .header(ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .form(fields);
        self.send(request).await
    }
}
