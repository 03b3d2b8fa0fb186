//! No credential leaves the server: the test searches everything that it sends, logs or stores for the real values.

use std::fs;

use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::ExposeSecret as _;
use store::{SealingKey, Store};

use crate::support::{ACME, Browser, CapturedLog, Setup, Site, TOKENS_API, TOKENS_PAGE};

/// A description and a value for each secret.
type Secrets = Vec<(String, String)>;

/// Every secret that the console received: from a sign-in form, by OAuth, by a refresh, and from its configuration.
async fn secrets(site: &Site, browsers: &[&Browser]) -> Secrets {
    let credentials = site.demo.credentials();
    let mut secrets = vec![
        ("the admin's token".to_owned(), site.token_value()),
        (
            "the auditor's token".to_owned(),
            credentials.non_admin.pat.clone().unwrap(),
        ),
        (
            "the reader's secret".to_owned(),
            credentials.service_principal.client_secret.clone(),
        ),
        ("the sealing key".to_owned(), "1f".repeat(32)),
    ];
    for browser in browsers {
        let page = browser.get("/sessions").await;
        let id = page.field("id").unwrap();
        let sign_in = site
            .store
            .sign_in(&id.parse().unwrap(), console::now())
            .await
            .unwrap()
            .unwrap();
        let stored: serde_json::Value = serde_json::from_str(sign_in.secret.expose_secret()).unwrap();
        for name in ["access", "refresh"] {
            if let Some(value) = stored[name].as_str() {
                secrets.push((format!("a stored {name} token"), value.to_owned()));
            }
        }
        let cookie = browser.cookie().unwrap();
        secrets.push(("a session ID".to_owned(), cookie.split_once('=').unwrap().1.to_owned()));
    }
    assert!(secrets.iter().any(|(what, _)| what == "a stored refresh token"));
    assert!(secrets.iter().all(|(_, value)| value.len() >= 16));
    secrets
}

fn search(place: &str, content: &[u8], secrets: &Secrets) {
    for (what, value) in secrets {
        let found = content.windows(value.len()).any(|window| window == value.as_bytes());
        assert!(!found, "{what} is in {place}");
    }
}

#[tokio::test]
async fn no_credential_is_in_a_page_a_log_a_metric_an_export_or_the_database() {
    let (log, _guard) = CapturedLog::start(tracing::Level::TRACE);
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let site = Site::start_with(Setup {
        has_auditor: true,
        ..Setup::default()
    })
    .await;
    let (by_token, by_oauth, auditor) = (
        site.sign_in().await,
        site.sign_in_with_oauth().await,
        site.sign_in_auditor().await,
    );
    let browsers = [&by_token, &by_oauth, &auditor];
    let mut outputs = Vec::new();
    for browser in browsers {
        let other_pages = ["/", "/sessions", "/sign-in"].map(|path| (path, path.to_owned()));
        let exports = [
            ("csv", format!("/w/{ACME}/activity.csv")),
            ("json", format!("/w/{ACME}/activity.json")),
        ];
        let failure = ("failure", format!("/w/{ACME}/tokens/{}", "f".repeat(64)));
        for (name, path) in site
            .workspace_pages()
            .into_iter()
            .chain(other_pages)
            .chain(exports)
            .chain([failure])
        {
            let response = browser.get(&path).await;
            let headers = response.headers.iter().filter(|(name, _)| *name != "set-cookie");
            outputs.push((
                format!("the headers of {name}"),
                format!("{:?}", headers.collect::<Vec<_>>()),
            ));
            outputs.push((name.to_owned(), response.body));
        }
    }
    // Someone searches for a token value, and a workspace repeats a credential in an error.
    let leaked = site.demo.credentials().other_admin.pat.clone().unwrap();
    let found = by_token
        .call("/api/tokens/find", &[("workspace", ACME), ("value", &leaked)])
        .await;
    outputs.push((
        "the response to a search for a token value".to_owned(),
        format!("{found:?}"),
    ));
    let found = by_token
        .submit("/", "/api/tokens/find_in_all", &[("value", &leaked)])
        .await;
    outputs.push((
        "the response to a search in all workspaces".to_owned(),
        format!("{found:?}{:?}", by_token.follow(&found).await),
    ));
    site.demo.fault(demo_workspace::Fault::next(
        "GET",
        TOKENS_API,
        demo_workspace::Effect::Answer {
            status: 400,
            body: demo_workspace::FaultBody::PlainText {
                text: format!("INVALID_PARAMETER_VALUE: Bearer {} is odd", site.token_value()),
            },
        },
    ));
    by_token
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    outputs.push(("a refusal".to_owned(), by_token.get(TOKENS_PAGE).await.body));

    // The value of a created token is in one response only.
    let sp = site.application_id();
    let fields = [
        ("workspace", ACME),
        ("form", "form-0001"),
        ("sp", &sp),
        ("days", "30"),
        ("comment", "x"),
    ];
    let created = by_token
        .submit(&format!("/w/{ACME}/tokens/new/review"), "/api/tokens/create", &fields)
        .await;
    let shown = created.body.split_once("id=\"token-value\">").unwrap().1;
    let created_value = shown.split_once('<').unwrap().0.to_owned();
    assert_eq!(created.body.matches(&created_value).count(), 1);
    let again = by_token.submit("/", "/api/tokens/create", &fields).await;
    outputs.push(("the same form again".to_owned(), format!("{again:?}")));
    outputs.push((
        "the headers of the created token".to_owned(),
        format!("{:?}", created.headers),
    ));
    for path in ["activity", "activity.csv", "activity.json", "tokens", "tokens/new"] {
        let response = by_token.get(&format!("/w/{ACME}/{path}")).await;
        outputs.push((format!("{path} afterwards"), format!("{response:?}")));
    }

    let mut secrets = secrets(&site, &browsers).await;
    secrets.push(("a created token's value".to_owned(), created_value));
    outputs.push(("the metrics".to_owned(), metrics.render()));
    outputs.push(("the log".to_owned(), log.text()));
    assert!(metrics.render().contains("pat_console_upstream_calls_total"));
    assert!(log.text().contains("request"));
    secrets.push(("the token value that was searched for".to_owned(), leaked));
    for (place, content) in &outputs {
        search(place, content.as_bytes(), &secrets);
    }
    for file in fs::read_dir(site.data_dir()).unwrap() {
        let path = file.unwrap().path();
        search(&path.display().to_string(), &fs::read(&path).unwrap(), &secrets);
    }
}

#[tokio::test]
async fn debug_output_shows_no_secret() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let secrets = secrets(&site, &[&browser]).await;
    let key = SealingKey::parse(&"1f".repeat(32).into()).unwrap();
    let shown = format!("{key:?} {:?}", site.store);
    search("Debug of the store", shown.as_bytes(), &secrets);
    let id = browser.get("/sessions").await.field("id").unwrap();
    let sign_in = Store::sign_in(&site.store, &id.parse().unwrap(), console::now())
        .await
        .unwrap();
    search("Debug of a sign-in", format!("{sign_in:?}").as_bytes(), &secrets);
}
