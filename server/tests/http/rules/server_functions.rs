//! Server functions can be called without a page, so each one checks its caller.

use std::collections::BTreeSet;

use app::problem::Problem;

use crate::support::{ACME, OTHER, Setup, Site};

/// The fields of a server function in addition to the workspace.
pub(crate) type Fields = Vec<(&'static str, String)>;

/// Every server function of a workspace: its path, valid arguments, and whether it changes the workspace.
pub(crate) fn functions(site: &Site) -> Vec<(&'static str, Fields, bool)> {
    let id = || ("id", site.some_token_id());
    let bulk = || ("job", "0".repeat(32));
    let text = |name, value: &str| (name, value.to_owned());
    vec![
        ("/api/tokens/refresh", vec![text("back", "/")], false),
        (
            "/api/tokens/find",
            vec![text("value", "dapi0123456789abcdef0123456789abcdef")],
            false,
        ),
        ("/api/search", vec![text("value", "airflow")], false),
        ("/api/tokens/revoke", vec![id(), text("back", "/")], true),
        ("/api/tokens/comment", vec![id(), text("comment", "x")], true),
        (
            "/api/findings/accept",
            vec![
                text("finding", "never-expires"),
                text("token", "all"),
                text("reason", "x"),
                text("until", "2027-01-31"),
            ],
            true,
        ),
        (
            "/api/findings/withdraw",
            vec![text("finding", "never-expires"), text("token", "all")],
            true,
        ),
        (
            "/api/bulk_revocations/draft",
            vec![text("sel", &site.some_token_id()[..16]), text("back", "/")],
            true,
        ),
        (
            "/api/bulk_revocations/draft",
            vec![
                text("sel", &site.some_token_id()[..16]),
                text("change", "keep-scopes"),
                text("back", "/"),
            ],
            true,
        ),
        (
            "/api/bulk_revocations/draft",
            vec![text("put-back", &"0".repeat(32)), text("back", "/")],
            true,
        ),
        ("/api/bulk_revocations/start", vec![bulk(), text("typed", "1")], true),
        ("/api/bulk_revocations/cancel", vec![bulk()], true),
        ("/api/bulk_revocations/resume", vec![bulk()], true),
        ("/api/bulk_revocations/retry", vec![bulk()], true),
        ("/api/bulk_revocations/check", vec![bulk()], true),
        (
            "/api/tokens/scopes",
            vec![id(), text("opened", "all-apis"), text("scopes", "sql")],
            true,
        ),
        (
            "/api/tokens/create",
            vec![
                ("sp", site.application_id()),
                text("days", "30"),
                text("form", "form-0001"),
            ],
            true,
        ),
        ("/api/tokens/create_first", vec![text("form", "form-0001")], true),
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

/// The fields, after the workspace.
pub(crate) fn with_workspace<'a>(workspace: &'a str, fields: &'a Fields) -> Vec<(&'a str, &'a str)> {
    let rest = fields.iter().map(|(name, value)| (*name, value.as_str()));
    [("workspace", workspace)].into_iter().chain(rest).collect()
}

#[tokio::test]
async fn every_server_function_is_in_this_table() {
    let site = Site::start().await;
    let mut tested: BTreeSet<_> = functions(&site).into_iter().map(|(path, ..)| path).collect();
    tested.extend([
        "/api/sign_in/with_token",
        "/api/sign_in/sign_out",
        "/api/theme",
        "/api/keyboard_shortcuts",
        "/api/time_zone",
    ]);
    // These belong to no workspace; routes/sessions.rs tests them.
    tested.extend(["/api/sessions/end", "/api/sessions/end_others"]);
    // This belongs to all workspaces; routes/overview.rs tests it.
    tested.insert("/api/tokens/find_in_all");
    let mut registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path)
        .collect();
    // A separate route, because its form has many fields with the same name. Its responses are like those of the
    // others.
    registered.insert("/api/bulk_revocations/draft");
    // Separate routes, because their response to a form is a page; routes/tokens_create.rs and routes/first_token.rs
    // test them.
    for path in ["/api/tokens/create", "/api/tokens/create_first"] {
        registered.insert(path);
        assert!(server::route_templates().iter().any(|template| template == path));
    }
    assert_eq!(registered, tested);
}

#[tokio::test]
async fn get_is_not_accepted() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (path, ..) in functions(&site) {
        assert_eq!(browser.get(path).await.status, 405, "{path}");
    }
    for (_, method) in leptos::server_fn::axum::server_fn_paths() {
        assert_eq!(method.as_str(), "POST");
    }
}

#[tokio::test]
async fn each_refuses_someone_who_is_not_signed_in() {
    let site = Site::start().await;
    let browser = site.browser();
    for (path, fields, _) in functions(&site) {
        let response = browser.call(path, &with_workspace(ACME, &fields)).await;
        assert_eq!(
            (response.status, response.problem()),
            (401, Problem::SignedOut),
            "{path}"
        );
    }
    assert!(site.demo.log().is_empty());
}

#[tokio::test]
async fn each_refuses_a_session_of_another_workspace() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.clear_log();
    for (path, fields, _) in functions(&site) {
        let response = browser.call(path, &with_workspace(OTHER, &fields)).await;
        assert_eq!(
            (response.status, response.problem()),
            (401, Problem::SignedOut),
            "{path}"
        );
        let response = browser.call(path, &with_workspace("nowhere", &fields)).await;
        assert_eq!(
            (response.status, response.problem()),
            (404, Problem::UnknownWorkspace),
            "{path}"
        );
    }
    assert!(site.demo.log().is_empty());
}

#[tokio::test]
async fn each_change_is_refused_by_a_read_only_console() {
    let site = Site::start_with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in().await;
    for (path, fields, changes) in functions(&site) {
        let response = browser.call(path, &with_workspace(ACME, &fields)).await;
        if changes {
            assert_eq!(
                (response.status, response.problem()),
                (403, Problem::ReadOnly),
                "{path}"
            );
        } else {
            assert!(response.status < 400, "{path}: {}", response.status);
        }
    }
    assert_eq!(
        site.call_count("DELETE", "/") + site.call_count("PATCH", "/") + site.call_count("PUT", "/"),
        0
    );
    // After a form, the page shows the reason.
    let id = site.some_token_id();
    let fields = [("workspace", ACME), ("id", &id), ("back", "")];
    let from = format!("/w/{ACME}/tokens/{id}/revoke");
    let page = browser.submit_and_follow(&from, "/api/tokens/revoke", &fields).await;
    page.assert_shows(&["This console is read-only."]);
}

#[tokio::test]
async fn each_change_asks_the_workspace_for_permission() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demote_admin();
    for (path, fields, changes) in functions(&site) {
        if changes {
            let response = browser.call(path, &with_workspace(ACME, &fields)).await;
            assert_eq!(
                (response.status, response.problem()),
                (403, Problem::NotAdmin),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_function_is_refused() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for path in ["/api/tokens/delete_all", "/api/", "/api/tokens/revoke/"] {
        let response = browser.call(path, &[("workspace", ACME)]).await;
        assert!(
            matches!(response.status, 400 | 404 | 405),
            "{path}: {}",
            response.status
        );
    }
}
