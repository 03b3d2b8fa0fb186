//! A fake workspace that sends prepared responses.

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, MockBuilder, MockServer, Request, ResponseTemplate};
use workspace_client::{Api, Budgets, Client, Credential, HttpClient};

pub(crate) const VALUE: &str = "dapi0f1e2d3c4b5a69788796a5b4c3d2e1f0";
pub(crate) const ADMIN: &str = "mia.kowalski@example.com";

pub(crate) const ME: &str = "/api/2.0/preview/scim/v2/Me";
pub(crate) const USERS: &str = "/api/2.0/preview/scim/v2/Users";
pub(crate) const CONF: &str = "/api/2.0/workspace-conf";
pub(crate) const TOKENS: &str = "/api/2.0/token-management/tokens";
pub(crate) const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";

/// Enough time for any test, and almost no pauses.
pub(crate) const QUICK: Budgets = Budgets {
    interactive: Duration::from_secs(30),
    list: Duration::from_secs(30),
    first_pause: Duration::from_millis(1),
};

pub(crate) struct Workspace {
    pub(crate) server: MockServer,
    pub(crate) client: Client,
    pub(crate) credential: Credential,
}

impl Workspace {
    pub(crate) async fn start() -> Self {
        // Not one of wiremock's pool, where a late request of one test could reach the server of the next.
        let server = MockServer::builder().start().await;
        // An unexpected request fails the test, with this response and when the server is dropped.
        Mock::given(any())
            .respond_with(unexpected)
            .with_priority(u8::MAX)
            .expect(0)
            .named("no response is prepared for this request")
            .mount(&server)
            .await;
        let client = client(&server.uri(), QUICK);
        Self {
            server,
            client,
            credential: credential(),
        }
    }

    pub(crate) fn api(&self) -> Api<'_> {
        self.client.with(&self.credential)
    }

    /// Sends this response to every request with this method and path.
    pub(crate) async fn respond(&self, verb: &str, route: &str, response: ResponseTemplate) {
        on(verb, route).respond_with(response).mount(&self.server).await;
    }

    /// Sends this response to the first `times` requests, before the one of [`respond`](Self::respond).
    pub(crate) async fn first(&self, times: u64, verb: &str, route: &str, response: ResponseTemplate) {
        on(verb, route)
            .respond_with(response)
            .up_to_n_times(times)
            .with_priority(1)
            .mount(&self.server)
            .await;
    }

    pub(crate) async fn requests(&self) -> Vec<Request> {
        self.server.received_requests().await.unwrap()
    }
}

fn unexpected(request: &Request) -> ResponseTemplate {
    let message = format!("no response is prepared for {} {}", request.method, request.url);
    ResponseTemplate::new(418).set_body_json(json!({ "error_code": "UNEXPECTED", "message": message }))
}

pub(crate) fn on(verb: &str, route: &str) -> MockBuilder {
    Mock::given(method(verb)).and(path(route))
}

pub(crate) fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(crate) fn error(status: u16, code: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "error_code": code, "message": message }))
}

pub(crate) fn client(address: &str, budgets: Budgets) -> Client {
    Client::with_budgets(HttpClient::new().unwrap(), address.parse().unwrap(), budgets)
}

pub(crate) fn credential() -> Credential {
    Credential::new(VALUE.to_owned().into())
}

pub(crate) fn me() -> Value {
    json!({ "id": "4411223344556677", "userName": ADMIN, "displayName": "Mia Kowalski", "active": true,
            "groups": [{ "display": "admins", "type": "direct", "value": "101" },
                       { "display": "data", "type": "indirect", "value": "310" }] })
}
