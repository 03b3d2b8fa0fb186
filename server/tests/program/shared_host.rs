//! A host that several workspaces share, and a service principal with few scopes.

use std::path::Path;

use demo_workspace::{Config, HostProfile, Knobs, Running};

use crate::support::{LIST, RunningConsole, run};

async fn demo(knobs: Knobs) -> Running {
    let config = Config {
        tokens: 20,
        users: 12,
        knobs,
        ..Config::default()
    };
    demo_workspace::start(config).await.unwrap()
}

fn unified() -> Knobs {
    Knobs {
        host_profile: HostProfile::Unified,
        ..Knobs::default()
    }
}

/// The output of `check-config` for a workspace with auditors and these additional lines.
async fn check(demo: &Running, dir: &Path, lines: &str) -> (bool, String) {
    let credentials = demo.credentials();
    let secret = dir.join("reader.secret");
    std::fs::write(&secret, &credentials.service_principal.client_secret).unwrap();
    let text = format!(
        "[[workspace]]\nname='acme'\nurl='{}'\noauth_client_id='{}'\nauditor_groups=[7]\nreader_client_id='{}'\n\
         reader_client_secret_file='{}'\n{lines}\n",
        demo.url(),
        credentials.oauth_client_id,
        credentials.service_principal.client_id,
        secret.display()
    );
    let (file, data) = (dir.join("console.toml"), dir.join("data"));
    std::fs::write(&file, text).unwrap();
    let arguments = [
        "check-config".to_owned(),
        "--config".to_owned(),
        file.display().to_string(),
        "--data-dir".to_owned(),
        data.display().to_string(),
    ];
    // The workspace runs in this process.
    let check = move || run(&arguments.each_ref().map(String::as_str));
    tokio::task::spawn_blocking(check).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_on_a_shared_host_works_with_its_id() {
    let (demo, dir) = (demo(unified()).await, tempfile::tempdir().unwrap());
    let id = demo.workspace_id();
    let (succeeded, text) = check(&demo, dir.path(), &format!("workspace_id={id}")).await;
    assert!(
        succeeded && text.contains(&format!("workspace ID           {id}")),
        "{text}"
    );
    assert!(text.contains("signs in and is an admin"), "{text}");

    let url = format!("{}/?o={id}", demo.url());
    let console = RunningConsole::in_environment(&url, &dir.path().join("served"), &[]).await;
    let cookie = console.sign_in(demo.credentials().admin.pat.as_ref().unwrap()).await;
    assert_eq!(console.status(LIST, &cookie).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_id_or_with_another_one_the_reason_is_reported() {
    let (demo, dir) = (demo(unified()).await, tempfile::tempdir().unwrap());
    let (succeeded, text) = check(&demo, dir.path(), "").await;
    assert!(
        !succeeded && text.contains("FAILED: several workspaces share this host. Set workspace_id"),
        "{text}"
    );
    for (query, said) in [
        ("", "Ask the operator of this console to set workspace_id"),
        ("/?o=1", "does not know you"),
    ] {
        let page = refused_sign_in(&demo, query).await;
        assert!(page.contains(said), "{query}: {page}");
    }
}

/// The sign-in page after an attempt at a workspace whose URL ends with `query`.
async fn refused_sign_in(demo: &Running, query: &str) -> String {
    let (url, data) = (format!("{}{query}", demo.url()), tempfile::tempdir().unwrap());
    let console = RunningConsole::in_environment(&url, data.path(), &[]).await;
    let pat = demo.credentials().admin.pat.clone().unwrap();
    let form = [("workspace", "acme"), ("token", pat.as_str()), ("next", "")];
    let page = console.post("/api/sign_in/with_token", "", &form).await;
    console.page(&page, "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_is_not_the_one_of_a_host_of_its_own_is_noticed() {
    let (demo, dir) = (demo(Knobs::default()).await, tempfile::tempdir().unwrap());
    let (succeeded, text) = check(&demo, dir.path(), "workspace_id=1").await;
    assert!(!succeeded && text.contains("another workspace responded"), "{text}");
    let page = refused_sign_in(&demo, "/?o=1").await;
    assert!(page.contains("Another workspace responded instead of acme"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_principal_requests_the_configured_scopes_and_missing_ones_are_named() {
    let knobs = Knobs {
        secret_scopes: "authentication access-management settings scim".to_owned(),
        ..Knobs::default()
    };
    let (demo, dir) = (demo(knobs).await, tempfile::tempdir().unwrap());
    let (succeeded, text) = check(&demo, dir.path(), "").await;
    assert!(
        !succeeded && text.contains("access_denied. Set reader_scopes to the scopes of its secret."),
        "{text}"
    );
    let all = "reader_scopes=['authentication', 'access-management', 'settings', 'scim']";
    let (succeeded, text) = check(&demo, dir.path(), all).await;
    assert!(
        succeeded && text.contains("authentication access-management settings scim"),
        "{text}"
    );
    let (succeeded, text) = check(&demo, dir.path(), "reader_scopes=['scim', 'authentication']").await;
    assert!(
        !succeeded && text.contains("lacks scopes: settings, access-management."),
        "{text}"
    );
}
