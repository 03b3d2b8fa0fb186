//! The credential is sent, and shows up nowhere else.

use std::time::Duration;

use std::io;
use std::sync::{Arc, Mutex};

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
async fn no_secret_in_any_debug_display_or_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // As long as there is one subscriber only, what another test's thread, which has none, comes by first is off for all threads
    // (tracing_core::callsite). Nextest gives each test a process; `cargo test` does not.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());

    let workspace = Workspace::start().await;
    let spoken = format!("what is {VALUE}?");
    workspace.answer("GET", ME, ok(me())).await;
    workspace
        .answer("GET", CONF, error(403, "PERMISSION_DENIED", &spoken))
        .await;
    workspace
        .answer(
            "GET",
            TOKENS,
            ResponseTemplate::new(302).insert_header("location", format!("/?t={VALUE}")),
        )
        .await;
    let grant = json!({ "access_token": "eyJ-access-secret", "refresh_token": "refresh-secret", "expires_in": 20 });
    workspace.answer("POST", "/oidc/v1/token", ok(grant)).await;
    let created = json!({ "token_value": "dapi-created-secret", "token_info": { "token_id": "55aa" } });
    let create = "/api/2.0/token-management/on-behalf-of/tokens";
    workspace.answer("POST", create, ok(created)).await;
    let new = workspace_client::CreateTokenRequest {
        application_id: "3f1c".to_owned(),
        lifetime: Duration::from_secs(60),
        comment: String::new(),
        scopes: Vec::new(),
    };

    let api = workspace.api();
    let endpoints = endpoints(&workspace.server.uri());
    let tokens = oidc::refresh(&workspace.client, &endpoints, &app(), "old-secret".to_owned().into()).await;
    let begun = oidc::authorize_url(&endpoints, &app());
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        api,
        workspace.credential,
        workspace.client,
        api.me().await,
        api.policy().await.map_err(|e| (e.to_string(), e)),
        api.tokens().await,
        api.create_on_behalf_of(&new).await,
        tokens,
        begun.verifier,
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
