//! A browser without JavaScript that stores cookies, for use with several instances of the console.

use std::time::Duration;

use demo_workspace::Running;
use reqwest::header::{ACCEPT, COOKIE, HOST, LOCATION, ORIGIN};
use reqwest::{Method, RequestBuilder, redirect};

use crate::cookies::CookieJar;
use crate::support::LIST;

/// How long the browser waits for a response. No page takes that long.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) struct Visitor {
    http: reqwest::Client,
    /// The public URL of the console.
    origin: String,
    cookies: CookieJar,
}

/// A response to a visitor.
#[derive(Debug)]
pub(crate) struct VisitorResponse {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl VisitorResponse {
    /// The value of the input `name`; empty if the page has none.
    pub(crate) fn field(&self, name: &str) -> String {
        let mut tags = self.body.split("<input");
        let tag = tags.find(|tag| tag.contains(&format!("name=\"{name}\"")));
        let value = tag.and_then(|tag| tag.split('>').next()?.split_once(" value=\""));
        let value = value.and_then(|(_, rest)| rest.split_once('"'));
        value.map(|(value, _)| value.to_owned()).unwrap_or_default()
    }

    /// The text of a page, without its elements.
    pub(crate) fn text(&self) -> String {
        let pieces = self
            .body
            .split('<')
            .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text));
        let text = pieces.collect::<Vec<_>>().join(" ");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text that has to be typed into the input `name`; empty if the page has none.
    pub(crate) fn expected(&self, name: &str) -> String {
        let mut tags = self.body.split("<input");
        let tag = tags.find(|tag| tag.contains(&format!("name=\"{name}\"")));
        let value = tag.and_then(|tag| tag.split_once(" data-expect=\"")?.1.split_once('"'));
        value.map(|(value, _)| value.to_owned()).unwrap_or_default()
    }
}

impl Visitor {
    pub(crate) fn new(origin: &str) -> Self {
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(REQUEST_TIMEOUT)
            .build()
            .unwrap();
        Self {
            http,
            origin: origin.to_owned(),
            cookies: CookieJar::default(),
        }
    }

    /// Another tab of the same browser, which does not receive later cookies.
    pub(crate) fn copy(&self) -> Self {
        Self {
            http: self.http.clone(),
            origin: self.origin.clone(),
            cookies: self.cookies.clone(),
        }
    }

    fn request(&self, at: &str, method: Method, path: &str) -> RequestBuilder {
        let host = self.origin.strip_prefix("http://").unwrap();
        let request = self.http.request(method, format!("{at}{path}"));
        request
            .header(HOST, host)
            .header(ACCEPT, "text/html")
            .header(COOKIE, self.cookies.header().unwrap_or_default())
    }

    async fn send(&self, request: RequestBuilder) -> reqwest::Result<VisitorResponse> {
        let response = request.send().await?;
        self.cookies.update(response.headers());
        let location = response.headers().get(LOCATION);
        Ok(VisitorResponse {
            status: response.status().as_u16(),
            location: location
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default(),
            body: response.text().await?,
        })
    }

    /// Opens a page of the instance at this address.
    ///
    /// # Errors
    /// Without a response.
    pub(crate) async fn try_get(&self, at: &str, path: &str) -> reqwest::Result<VisitorResponse> {
        self.send(self.request(at, Method::GET, path)).await
    }

    /// Like [`Self::try_get`], for an instance that responds.
    pub(crate) async fn get(&self, at: &str, path: &str) -> VisitorResponse {
        self.try_get(at, path).await.unwrap()
    }

    /// Submits a form to the instance at this address.
    ///
    /// # Errors
    /// Without a response.
    pub(crate) async fn try_post(
        &self,
        at: &str,
        path: &str,
        form: &[(&str, &str)],
    ) -> reqwest::Result<VisitorResponse> {
        let request = self.request(at, Method::POST, path);
        self.send(request.header(ORIGIN, &self.origin).form(form)).await
    }

    /// Like [`Self::try_post`], for an instance that responds.
    pub(crate) async fn post(&self, at: &str, path: &str, form: &[(&str, &str)]) -> VisitorResponse {
        self.try_post(at, path, form).await.unwrap()
    }

    /// Signs in with an access token.
    pub(crate) async fn sign_in(&self, at: &str, token: &str) {
        self.sign_in_to("acme", at, token).await;
    }

    /// Like [`Self::sign_in`], for the workspace with this name.
    pub(crate) async fn sign_in_to(&self, workspace: &str, at: &str, token: &str) {
        let form = [("workspace", workspace), ("token", token), ("next", "")];
        let answer = self.post(at, "/api/sign_in/with_token", &form).await;
        assert_eq!(answer.location, format!("/w/{workspace}/tokens"), "{answer:?}");
    }

    /// Signs in as a user of the workspace with OAuth: starts on one instance, and returns to another.
    pub(crate) async fn sign_in_with_oauth(&self, begin_at: &str, return_to: &str, demo: &Running, user: &str) {
        let path = self.choose_at_workspace(begin_at, demo, user).await;
        let answer = self.get(return_to, &path).await;
        assert_eq!(answer.location, LIST, "{answer:?}");
    }

    /// Starts a sign-in on an instance and chooses a user at the workspace. Returns the path of the return.
    pub(crate) async fn choose_at_workspace(&self, begin_at: &str, demo: &Running, user: &str) -> String {
        let start = format!("/sign-in/oauth?workspace=acme&next={LIST}");
        let begun = self.get(begin_at, &start).await;
        let authorize: url::Url = begun.location.parse().unwrap();
        let mut form: Vec<(String, String)> = authorize.query_pairs().into_owned().collect();
        form.push(("decision".to_owned(), user.to_owned()));
        let page = format!("{}{}", demo.url(), authorize.path());
        let allowed = self.http.post(page).form(&form).send().await.unwrap();
        let callback = allowed.headers()[LOCATION].to_str().unwrap();
        callback.strip_prefix(&self.origin).unwrap().to_owned()
    }
}
