//! A workspace, and a client that calls it over HTTP.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use demo_workspace::{CONSOLE_CLIENT_ID, Change, ChangeOutcome, Config, NewToken, Person, Running};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, Url};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(crate) const CONF: &str = "/api/2.0/workspace-conf";
pub(crate) const BOTH_KEYS: &str = "/api/2.0/workspace-conf?keys=enableTokensConfig%2CmaxTokenLifetimeDays";
pub(crate) const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";
pub(crate) const TOKENS: &str = "/api/2.0/token-management/tokens";
pub(crate) const ON_BEHALF: &str = "/api/2.0/token-management/on-behalf-of/tokens";
pub(crate) const OWN: &str = "/api/2.0/token";
pub(crate) const SCIM: &str = "/api/2.0/preview/scim/v2";
pub(crate) const CALLBACK: &str = "http://127.0.0.1:3000/sign-in/callback";
pub(crate) const DAY_MS: u64 = 86_400_000;

/// The code verifier of every sign-in in these tests.
pub(crate) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters-0123456789";

pub(crate) struct Api {
    pub(crate) workspace: Running,
    pub(crate) http: Client,
}

/// A response, with its whole body.
#[derive(Debug)]
pub(crate) struct ApiResponse {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl ApiResponse {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Self {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, error_code: &str, message: &str) {
        assert_eq!(
            (self.status, self.json()["error_code"].as_str()),
            (status, Some(error_code)),
            "{}",
            self.text
        );
        assert_eq!(self.json()["message"], message);
    }

    /// The gateway's error for a credential without a scope: its code is a number.
    #[track_caller]
    pub(crate) fn assert_missing_scope(&self, message: &str) {
        assert_eq!(self.status, 403, "{}", self.text);
        assert_eq!(self.json(), json!({ "error_code": 403, "message": message }));
    }

    /// The gateway's error for an invalid personal access token.
    #[track_caller]
    pub(crate) fn assert_invalid_token(&self) {
        assert_eq!(self.status, 403, "{}", self.text);
        assert_eq!(
            self.json(),
            json!({ "error_code": 403, "message": "Invalid access token." })
        );
    }
}

/// The tokens from a response of the token endpoint.
#[derive(Debug)]
pub(crate) struct OAuthTokens {
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl Api {
    /// Starts a small workspace that contains all curated tokens.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            tokens: 80,
            users: 24,
            ..Config::default()
        };
        change(&mut config);
        let workspace = demo_workspace::start(config).await.unwrap();
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self { workspace, http }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.workspace.url())
    }

    pub(crate) fn admin(&self) -> &Person {
        &self.workspace.credentials().admin
    }

    pub(crate) fn non_admin(&self) -> &Person {
        &self.workspace.credentials().non_admin
    }

    /// The value of the admin's token.
    pub(crate) fn pat(&self) -> String {
        self.admin().pat.clone().unwrap()
    }

    pub(crate) fn non_admin_pat(&self) -> String {
        self.non_admin().pat.clone().unwrap()
    }

    pub(crate) async fn call(&self, method: Method, path: &str, credential: &str, body: Option<Value>) -> ApiResponse {
        let mut request = self.http.request(method, self.url(path)).bearer_auth(credential);
        if let Some(body) = body {
            request = request.json(&body);
        }
        ApiResponse::read(request.send().await.unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str, credential: &str) -> ApiResponse {
        self.call(Method::GET, path, credential, None).await
    }

    pub(crate) async fn delete(&self, path: &str, credential: &str) -> ApiResponse {
        self.call(Method::DELETE, path, credential, None).await
    }

    pub(crate) async fn post(&self, path: &str, credential: &str, body: Value) -> ApiResponse {
        self.call(Method::POST, path, credential, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, credential: &str, body: Value) -> ApiResponse {
        self.call(Method::PUT, path, credential, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, credential: &str, body: Value) -> ApiResponse {
        self.call(Method::PATCH, path, credential, Some(body)).await
    }

    /// Sets a key of workspace-conf as an admin would, with PATCH.
    pub(crate) async fn set_conf(&self, credential: &str, key: &str, value: &str) {
        let response = self.patch(CONF, credential, json!({ key: value })).await;
        assert_eq!(response.status, 204, "{}", response.text);
    }

    /// Creates a token through the control interface. Returns its ID and its value.
    pub(crate) fn new_token(&self, new: NewToken) -> (String, String) {
        match self.workspace.change(Change::CreateToken(new)).unwrap() {
            ChangeOutcome::Created { token_id, token_value } => (token_id, token_value),
            ChangeOutcome::Done {} => unreachable!(),
        }
    }

    /// Creates a token of a user, used today and valid for 90 days. Returns its ID and its value.
    pub(crate) fn token_of(&self, user_name: &str) -> (String, String) {
        self.new_token(NewToken {
            owner: user_name.to_owned(),
            lifetime_days: Some(90),
            used_days_ago: Some(0),
            ..NewToken::default()
        })
    }

    /// The records of all tokens, as the list call for admins returns them.
    pub(crate) async fn tokens(&self, credential: &str) -> Vec<Value> {
        let response = self.get(TOKENS, credential).await.ok();
        response["token_infos"].as_array().cloned().unwrap_or_default()
    }

    pub(crate) async fn token(&self, id: &str, credential: &str) -> Value {
        self.get(&format!("{TOKENS}/{id}"), credential).await.ok()["token_info"].clone()
    }

    /// All SCIM resources of a kind.
    pub(crate) async fn resources(&self, kind: &str) -> Vec<Value> {
        let path = format!("{SCIM}/{kind}?startIndex=1&count=10000");
        self.get(&path, &self.pat()).await.ok()["Resources"]
            .as_array()
            .unwrap()
            .clone()
    }

    pub(crate) async fn service_principal(&self, display_name: &str) -> Value {
        let all = self.resources("ServicePrincipals").await;
        all.into_iter()
            .find(|service| service["displayName"] == display_name)
            .unwrap()
    }

    /// The query of a valid authorization request.
    pub(crate) fn authorization_request(scope: &str) -> Vec<(&'static str, String)> {
        vec![
            ("response_type", "code".to_owned()),
            ("client_id", CONSOLE_CLIENT_ID.to_owned()),
            ("redirect_uri", CALLBACK.to_owned()),
            ("scope", scope.to_owned()),
            ("state", "a state & more".to_owned()),
            ("code_challenge", URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))),
            ("code_challenge_method", "S256".to_owned()),
        ]
    }

    /// Presses a button of the sign-in page. Returns the URL to which the browser is redirected.
    pub(crate) async fn decide(&self, mut request: Vec<(&'static str, String)>, decision: &str) -> Url {
        request.push(("decision", decision.to_owned()));
        let response = self
            .http
            .post(self.url("/oidc/v1/authorize"))
            .form(&request)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 303);
        Url::parse(response.headers()["location"].to_str().unwrap()).unwrap()
    }

    pub(crate) async fn code(&self, person: &Person, scope: &str) -> String {
        let back = self.decide(Self::authorization_request(scope), &person.id).await;
        back.query_pairs()
            .find(|(name, _)| name == "code")
            .unwrap()
            .1
            .into_owned()
    }

    pub(crate) async fn ask_token(&self, form: &[(&str, &str)]) -> ApiResponse {
        ApiResponse::read(
            self.http
                .post(self.url("/oidc/v1/token"))
                .form(form)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub(crate) async fn redeem(&self, code: &str, verifier: &str) -> ApiResponse {
        self.ask_token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", CALLBACK),
            ("client_id", CONSOLE_CLIENT_ID),
        ])
        .await
    }

    pub(crate) async fn refresh(&self, refresh_token: &str) -> ApiResponse {
        self.ask_token(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", CONSOLE_CLIENT_ID),
        ])
        .await
    }

    /// Signs in with OAuth.
    pub(crate) async fn sign_in(&self, person: &Person, scope: &str) -> OAuthTokens {
        let response = self.redeem(&self.code(person, scope).await, VERIFIER).await.ok();
        let text = |field: &str| response[field].as_str().unwrap_or_default().to_owned();
        OAuthTokens {
            access_token: text("access_token"),
            refresh_token: text("refresh_token"),
        }
    }

    /// An access token of the admin with all scopes.
    pub(crate) async fn admin_oauth(&self) -> String {
        self.sign_in(self.admin(), "all-apis offline_access").await.access_token
    }

    pub(crate) async fn non_admin_oauth(&self) -> String {
        self.sign_in(self.non_admin(), "all-apis offline_access")
            .await
            .access_token
    }
}

/// The IDs of token records.
pub(crate) fn ids(tokens: &[Value]) -> Vec<&str> {
    tokens.iter().map(|token| token["token_id"].as_str().unwrap()).collect()
}

/// Waits until the condition holds, at most 10 s.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap();
}
