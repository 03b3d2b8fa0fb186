//! Server functions are addresses of their own: each refuses by itself whoever may not do what it does.

use std::collections::BTreeSet;

use app::problem::{Failure, Problem};

use crate::support::{ACME, Answer, OTHER, Setup, Site};

/// The fields that a server function takes beside the workspace.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// Every server function of a workspace, with good arguments, and whether it changes anything there.
pub(crate) fn functions(site: &Site) -> Vec<(&'static str, Fields, bool)> {
    let id = || ("id", site.some_token());
    let job = || ("job", "0".repeat(32));
    let text = |name, value: &str| (name, value.to_owned());
    vec![
        ("/api/tokens/refresh", vec![text("back", "/")], false),
        ("/api/tokens/find", vec![text("value", "dapi0123456789")], false),
        ("/api/tokens/revoke", vec![id(), text("back", "/")], true),
        ("/api/tokens/comment", vec![id(), text("comment", "x")], true),
        (
            "/api/bulk_revocations/draft",
            vec![text("sel", &site.some_token()[..16]), text("back", "/")],
            true,
        ),
        ("/api/bulk_revocations/start", vec![job(), text("typed", "1")], true),
        ("/api/bulk_revocations/cancel", vec![job()], true),
        ("/api/bulk_revocations/resume", vec![job()], true),
        ("/api/bulk_revocations/retry", vec![job()], true),
        (
            "/api/tokens/scopes",
            vec![id(), text("opened", "all-apis"), text("scopes", "sql")],
            true,
        ),
        (
            "/api/tokens/create",
            vec![
                ("sp", site.service_principal()),
                text("days", "30"),
                text("form", "form-0001"),
            ],
            true,
        ),
        ("/api/settings/lifetime", vec![text("days", "30")], true),
        (
            "/api/settings/switch",
            vec![text("to", "off"), text("typed", ACME)],
            true,
        ),
        (
            "/api/permissions/save",
            vec![text("opened", ""), text("edit", "remove=group:data-platform")],
            true,
        ),
    ]
}

pub(crate) fn with_workspace<'a>(workspace: &'a str, fields: &'a Fields) -> Vec<(&'a str, &'a str)> {
    let rest = fields.iter().map(|(name, value)| (*name, value.as_str()));
    [("workspace", workspace)].into_iter().chain(rest).collect()
}

pub(crate) fn problem(answer: &Answer) -> Problem {
    let start = answer.body.find('{').unwrap_or_default();
    let failure: Failure = serde_json::from_str(&answer.body[start..]).unwrap();
    assert_eq!(failure.request_id, answer.header("x-request-id"));
    failure.problem
}

#[tokio::test]
async fn every_server_function_is_in_this_table() {
    let site = Site::start().await;
    let mut tested: BTreeSet<_> = functions(&site).into_iter().map(|(path, ..)| path).collect();
    tested.extend(["/api/sign_in/with_token", "/api/sign_in/sign_out", "/api/theme"]);
    // They are of no workspace: sessions.rs has their tests.
    tested.extend(["/api/sessions/end", "/api/sessions/end_others"]);
    let mut registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path)
        .collect();
    // A route of its own, since its form has many fields of one name; it answers like the others.
    registered.insert("/api/bulk_revocations/draft");
    // Its answer to a form is a page: create.rs has its own tests.
    registered.insert("/api/tokens/create");
    assert!(
        server::route_templates()
            .iter()
            .any(|path| path == "/api/tokens/create")
    );
    assert_eq!(registered, tested);
}

#[tokio::test]
async fn none_can_be_called_by_get() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for (path, ..) in functions(&site) {
        assert_eq!(browser.get(path).await.status, 405, "{path}");
    }
    for (_, method) in leptos::server_fn::axum::server_fn_paths() {
        assert_eq!(method.as_str(), "POST");
    }
}

#[tokio::test]
async fn each_refuses_whoever_is_not_signed_in() {
    let site = Site::start().await;
    let browser = site.browser();
    for (path, fields, _) in functions(&site) {
        let answer = browser.call(path, &with_workspace(ACME, &fields)).await;
        assert_eq!((answer.status, problem(&answer)), (401, Problem::SignedOut), "{path}");
    }
    assert!(site.demo.log().is_empty());
}

#[tokio::test]
async fn each_refuses_a_sign_in_to_another_workspace() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demo.clear_log();
    for (path, fields, _) in functions(&site) {
        let answer = browser.call(path, &with_workspace(OTHER, &fields)).await;
        assert_eq!((answer.status, problem(&answer)), (401, Problem::SignedOut), "{path}");
        let answer = browser.call(path, &with_workspace("nowhere", &fields)).await;
        assert_eq!(
            (answer.status, problem(&answer)),
            (404, Problem::UnknownWorkspace),
            "{path}"
        );
    }
    assert!(site.demo.log().is_empty());
}

#[tokio::test]
async fn each_change_is_refused_by_a_read_only_console() {
    let site = Site::with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let browser = site.signed_in().await;
    for (path, fields, changes) in functions(&site) {
        let answer = browser.call(path, &with_workspace(ACME, &fields)).await;
        if changes {
            assert_eq!((answer.status, problem(&answer)), (403, Problem::ReadOnly), "{path}");
        } else {
            assert!(answer.status < 400, "{path}: {}", answer.status);
        }
    }
    assert_eq!(
        site.calls("DELETE", "/") + site.calls("PATCH", "/") + site.calls("PUT", "/"),
        0
    );
    // By a form, the page says so.
    let id = site.some_token();
    let fields = [("workspace", ACME), ("id", &id), ("back", "")];
    let from = format!("/w/{ACME}/tokens/{id}/revoke");
    let page = browser.submit_and_follow(&from, "/api/tokens/revoke", &fields).await;
    assert!(page.text().contains("This console is read-only."));
}

#[tokio::test]
async fn each_change_asks_the_workspace_whether_one_may() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demote_admin();
    for (path, fields, changes) in functions(&site) {
        if changes {
            let answer = browser.call(path, &with_workspace(ACME, &fields)).await;
            assert_eq!((answer.status, problem(&answer)), (403, Problem::NotAdmin), "{path}");
        }
    }
}

#[tokio::test]
async fn a_function_that_does_not_exist_is_not_found() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for path in ["/api/tokens/delete_all", "/api/", "/api/tokens/revoke/"] {
        let answer = browser.call(path, &[("workspace", ACME)]).await;
        assert!(matches!(answer.status, 400 | 404 | 405), "{path}: {}", answer.status);
    }
}
