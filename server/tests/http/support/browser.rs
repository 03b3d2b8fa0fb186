//! A browser without JavaScript: it keeps one cookie, follows nothing by itself, and says where a form was.

use std::net::SocketAddr;
use std::sync::Mutex;

use reqwest::header::{ACCEPT, COOKIE, HOST, HeaderMap, LOCATION, ORIGIN, REFERER, SET_COOKIE};
use reqwest::{Method, RequestBuilder, redirect};

/// What browsers ask for when a person opens a page or submits a form.
const PAGES: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A browser.
pub(crate) struct Browser {
    http: reqwest::Client,
    base: String,
    origin: String,
    cookie: Mutex<Option<String>>,
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
        }
    }

    /// The cookie as `name=value`.
    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// Puts a cookie in, as `name=value`.
    pub(crate) fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }

    /// A request with the cookie and the host of the public address, and nothing else.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let request = self
            .http
            .request(method, format!("{}{path}", self.base))
            .header(HOST, host);
        match self.cookie() {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    /// Sends a request and keeps the cookie that comes back.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        if let Some(set) = response.headers().get(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let ended = pair.ends_with('=');
            self.set_cookie((!ended).then_some(pair));
        }
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: String::from_utf8(response.bytes().await.unwrap().to_vec()).unwrap(),
        }
    }

    /// Opens a page.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).header(ACCEPT, PAGES)).await
    }

    /// Submits a form of the page `from`.
    pub(crate) async fn submit(&self, from: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request(Method::POST, action)
            .header(ACCEPT, PAGES)
            .header(ORIGIN, &self.origin)
            .header(REFERER, format!("{}{from}", self.origin))
            .header("sec-fetch-site", "same-origin")
            .form(fields);
        self.send(request).await
    }

    /// Submits a form and opens the page that it leads to.
    pub(crate) async fn submit_and_follow(&self, from: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.submit(from, action, fields).await;
        self.follow(&answer).await
    }

    /// Opens the page that an answer leads to.
    pub(crate) async fn follow(&self, answer: &Answer) -> Answer {
        assert!((300..400).contains(&answer.status), "{} {}", answer.status, answer.body);
        let to = answer.location();
        self.get(to.strip_prefix(&self.origin).unwrap_or(&to)).await
    }

    /// Calls a server function as a script does.
    pub(crate) async fn call(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self
            .request(Method::POST, action)
            .header(ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin")
            .form(fields);
        self.send(request).await
    }
}

/// A response, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header's value; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it leads.
    pub(crate) fn location(&self) -> String {
        self.header(LOCATION.as_str()).to_owned()
    }

    /// What a person reads: without tags, with single spaces.
    pub(crate) fn text(&self) -> String {
        text(
            self.body
                .split_once("<body")
                .map_or(self.body.as_str(), |(_, body)| body),
        )
    }

    /// The good news of a form.
    pub(crate) fn said(&self) -> String {
        self.between("id=\"status-message\"", "id=\"error-message\"")
    }

    /// The bad news of a form.
    pub(crate) fn failed(&self) -> String {
        let after = self
            .body
            .split_once("id=\"error-message\"")
            .map_or("", |(_, after)| after);
        let end = ["id=\"content\"", "<section"]
            .iter()
            .filter_map(|end| after.find(end))
            .min();
        text(&after[..end.unwrap_or(after.len())])
    }

    /// The page's headings of the first level.
    pub(crate) fn h1(&self) -> Vec<String> {
        let parts = self.body.split("<h1").skip(1);
        parts
            .map(|part| text(part.split_once("</h1>").map_or(part, |(h1, _)| h1)))
            .collect()
    }

    /// The value of the input of this name, as the browser reads it.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let tags = self.body.split("<input").skip(1).filter_map(|tag| tag.split_once('>'));
        let tag = tags
            .map(|(tag, _)| tag)
            .find(|tag| tag.contains(&format!("name=\"{name}\"")))?;
        let (_, rest) = tag.split_once(" value=\"")?;
        Some(unescaped(rest.split_once('"')?.0))
    }

    fn between(&self, begin: &str, end: &str) -> String {
        let after = self.body.split_once(begin).map_or("", |(_, after)| after);
        text(after.split_once(end).map_or("", |(inside, _)| inside))
    }
}

/// The text of a piece of HTML, which may begin or end inside a tag.
fn text(html: &str) -> String {
    let html = format!("<{html}").replace("<!>", "");
    let without_comments = html
        .split("<!--")
        .map(|part| part.split_once("-->").map_or(part, |(_, after)| after));
    let mut out = String::new();
    for part in without_comments.collect::<String>().split('<') {
        out.push_str(part.split_once('>').map_or("", |(_, text)| text));
        out.push(' ');
    }
    unescaped(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(html: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    named
        .iter()
        .fold(html.to_owned(), |html, (entity, text)| html.replace(entity, text))
}
