//! Secrets are sent, and appear nowhere else.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;
use wiremock::ResponseTemplate;
use workspace_client::oidc;

use crate::fake_workspace::{CONF, ME, TOKENS, VALUE, Workspace, error, me, ok};
use crate::oauth::{app, endpoints};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_appears_in_debug_output_error_texts_or_the_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // With only one subscriber, an event that is first reached by the thread of another test, which has no subscriber,
    // is disabled for all threads (tracing_core::callsite). Nextest runs each test in its own process; `cargo test`
    // does not.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());

    let workspace = Workspace::start().await;
    let message = format!("what is {VALUE}?");
    workspace.respond("GET", ME, ok(me())).await;
    workspace
        .respond("GET", CONF, error(403, "PERMISSION_DENIED", &message))
        .await;
    workspace
        .respond(
            "GET",
            TOKENS,
            ResponseTemplate::new(302).insert_header("location", format!("/?t={VALUE}")),
        )
        .await;
    let grant = json!({ "access_token": "eyJ-access-secret", "refresh_token": "refresh-secret", "expires_in": 20 });
    workspace.respond("POST", "/oidc/v1/token", ok(grant)).await;
    let created = json!({ "token_value": "dapi-created-secret", "token_info": { "token_id": "55aa" } });
    let create = "/api/2.0/token-management/on-behalf-of/tokens";
    workspace.respond("POST", create, ok(created)).await;
    let new = workspace_client::CreateTokenRequest {
        lifetime: Duration::from_secs(60),
        comment: String::new(),
        scopes: Vec::new(),
        autoscope: false,
    };

    let api = workspace.api();
    let endpoints = endpoints(&workspace.server.uri());
    let tokens = oidc::refresh(&workspace.client, &endpoints, &app(), "old-secret".to_owned().into()).await;
    let authorization = oidc::authorize_url(&endpoints, &app());
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        api,
        workspace.credential,
        workspace.client,
        api.me().await,
        api.policy().await.map_err(|e| (e.to_string(), e)),
        api.tokens().await,
        api.create_on_behalf_of("3f1c", &new).await,
        tokens,
        authorization.verifier,
        app(),
    );
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        logged.contains("upstream call") && logged.contains("/oidc/v1/token"),
        "{logged}"
    );
    for secret in [
        VALUE,
        "access-secret",
        "refresh-secret",
        "old-secret",
        "app-secret",
        "created-secret",
    ] {
        assert!(!shown.contains(secret), "{shown}");
        assert!(!logged.contains(secret), "{logged}");
    }
}
