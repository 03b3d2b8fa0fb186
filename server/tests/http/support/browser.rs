//! A browser without JavaScript. It stores cookies, sends `Referer` with a form, and does not follow redirects
//! automatically.

use std::net::SocketAddr;

use reqwest::header::{ACCEPT, COOKIE, HOST, ORIGIN, REFERER};
use reqwest::{Method, RequestBuilder, redirect};

use super::Response;
use crate::cookies::CookieJar;

/// The `Accept` header of a browser that opens a page or submits a form.
const ACCEPT_PAGE: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

pub(crate) struct Browser {
    http: reqwest::Client,
    base: String,
    origin: String,
    cookies: CookieJar,
    /// The header that a proxy adds to its requests.
    forwarded_for: Option<&'static str>,
}

impl Browser {
    pub(super) fn new(address: SocketAddr, origin: &str) -> Self {
        Self {
            http: reqwest::Client::builder()
                // Tests set the encoding and check the compressed response.
                .no_gzip()
                .redirect(redirect::Policy::none())
                .build()
                .unwrap(),
            base: format!("http://{address}"),
            origin: origin.to_owned(),
            cookies: CookieJar::default(),
            forwarded_for: None,
        }
    }

    /// This browser, behind a proxy that adds this header.
    pub(crate) fn forwarded_for(self, addresses: &'static str) -> Self {
        Self {
            forwarded_for: Some(addresses),
            ..self
        }
    }

    /// The cookies as `name=value; name=value`.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookies.header()
    }

    /// Replaces the cookies with those of a string from [`Self::cookie`].
    pub(crate) fn set_cookie(&self, cookies: Option<String>) {
        let pairs = cookies.iter().flat_map(|cookies| cookies.split("; "));
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap());
        *self.cookies.0.lock().unwrap() = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    }

    /// Sets a cookie, as an attacker who plants one would.
    pub(crate) fn plant_cookie(&self, name: &str, value: &str) {
        self.cookies.0.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// The value of the first cookie whose name starts like this.
    pub(crate) fn cookie_named(&self, prefix: &str) -> Option<(String, String)> {
        let cookies = self.cookies.0.lock().unwrap();
        let found = cookies.iter().find(|(name, _)| name.starts_with(prefix));
        found.map(|(name, value)| (name.clone(), value.clone()))
    }

    /// A request with the cookies, the host of the public URL and the proxy's header, and nothing else.
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

    /// Sends a request and stores the cookies of the response.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        self.cookies.update(response.headers());
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
