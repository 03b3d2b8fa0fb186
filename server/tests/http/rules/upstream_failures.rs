//! Forms while the workspace fails: the page shows the failure, and nothing is reported as done.

use std::time::Duration;

use demo_workspace::{Effect, Fault, FaultBody, RetryAfter};

use crate::rules::error_pages::{UPSTREAM, html, json};
use crate::support::{ACME, Setup, Site, TOKENS_API, TOKENS_PAGE};

/// The page of a form, its action, and its fields in addition to the workspace.
type Form<'a> = (String, &'static str, Vec<(&'a str, &'a str)>);

#[tokio::test]
async fn a_revocation_without_a_valid_response_is_a_failure() {
    let site = Site::start_with(Setup::with_short_timeouts()).await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let from = format!("/w/{ACME}/tokens/{id}/revoke");
    for (effect, title) in [
        (html(200), "Unexpected response from acme-prod."),
        (json(500, "INTERNAL_ERROR"), "acme-prod is having problems (HTTP 500)."),
        (json(400, "INVALID_PARAMETER_VALUE"), "acme-prod rejected the request."),
        (Effect::Reset, "Cannot connect to acme-prod."),
        (Effect::Hang, "acme-prod did not respond in time."),
        (
            Effect::Redirect {
                location: "https://evil.example".into(),
            },
            "acme-prod redirects to another URL.",
        ),
    ] {
        site.demo.fault(Fault::forever("DELETE", TOKENS_API, effect.clone()));
        let fields = [("workspace", ACME), ("id", &id), ("back", "")];
        let page = browser.submit_and_follow(&from, "/api/tokens/revoke", &fields).await;
        assert_eq!(page.status, 200, "{effect:?}");
        page.assert_shows(&[title]);
        page.assert_has_none(&[UPSTREAM, "was revoked."]);
        assert!(site.has_token(&browser, &id).await, "{effect:?}");
    }
}

#[tokio::test]
async fn a_change_without_a_valid_response_is_never_reported_as_done() {
    let site = Site::start_with(Setup::with_short_timeouts()).await;
    let browser = site.sign_in_with_oauth().await;
    let id = site.some_token_id();
    let settings = format!("/w/{ACME}/settings/advanced");
    let forms: [Form<'_>; 3] = [
        (
            format!("/w/{ACME}/tokens/{id}"),
            "/api/tokens/comment",
            vec![("id", &id), ("comment", "changed")],
        ),
        (settings.clone(), "/api/settings/lifetime", vec![("days", "33")]),
        (
            format!("{settings}/switch?to=off"),
            "/api/settings/switch",
            vec![("to", "off"), ("typed", ACME)],
        ),
    ];
    for (effect, title) in [
        (html(200), "Unexpected response from acme-prod."),
        (json(403, "PERMISSION_DENIED"), "You are not an admin of acme-prod."),
        (Effect::Reset, "Cannot connect to acme-prod."),
        (Effect::Hang, "acme-prod did not respond in time."),
    ] {
        for (from, action, fields) in &forms {
            site.demo.fault(Fault::forever("PATCH", "/api/2.0/", effect.clone()));
            let fields: Vec<_> = [("workspace", ACME)]
                .into_iter()
                .chain(fields.iter().copied())
                .collect();
            let page = browser.submit_and_follow(from, action, &fields).await;
            assert_eq!(page.status, 200, "{action} {effect:?}");
            page.assert_shows(&[title]);
            assert_eq!(page.status_message(), "", "{action} {effect:?}");
            page.assert_has_none(&[UPSTREAM]);
            site.demo.clear_faults();
        }
    }
    let after = browser.get(&settings).await;
    after.assert_has(&["aria-checked=\"true\""]);
    assert_eq!(after.field("days").as_deref(), Some("0"));
}

#[tokio::test]
async fn a_failed_sign_in_shows_why_the_workspace_could_not_be_used() {
    let site = Site::start_with(Setup::with_short_timeouts()).await;
    let browser = site.browser();
    for (effect, status, title) in [
        (html(200), 502, "Unexpected response from acme-prod."),
        (Effect::WrongTypes, 502, "Unreadable response from acme-prod."),
        (Effect::Reset, 502, "Cannot connect to acme-prod."),
        (Effect::Hang, 504, "acme-prod did not respond in time."),
        (Effect::IpAccessList, 403, "acme-prod blocks this console's network."),
        (
            Effect::RateLimit {
                retry_after: RetryAfter::Seconds(900),
            },
            503,
            "Too many requests to acme-prod.",
        ),
    ] {
        // First for the call that returns the user, then for the one that lists tokens.
        for path in ["/api/2.0/preview/scim/", TOKENS_API] {
            site.demo.fault(Fault::forever("GET", path, effect.clone()));
            let page = browser
                .follow(&site.submit_token(&browser, &site.token_value()).await)
                .await;
            assert_eq!(page.status, status, "{path} {effect:?}: {}", page.error_message());
            page.assert_error(title);
            assert_eq!(browser.get(TOKENS_PAGE).await.status, 303, "{path} {effect:?}");
            site.demo.clear_faults();
        }
    }
}

#[tokio::test]
async fn the_list_says_how_old_it_is_while_it_cannot_be_read_again() {
    let mut setup = Setup::with_short_timeouts();
    setup.timing.snapshot_ttl = Duration::from_millis(1);
    let site = Site::start_with(setup).await;
    let browser = site.sign_in().await;
    let rows = browser.get(TOKENS_PAGE).await.rows().len();
    site.demo.fault(Fault::forever(
        "GET",
        TOKENS_API,
        Effect::RateLimit {
            retry_after: RetryAfter::Seconds(24),
        },
    ));
    let stale = browser.get(TOKENS_PAGE).await;
    assert_eq!((stale.status, stale.rows().len()), (200, rows));
    stale.assert_shows(&["Updated less than a minute ago. Too many requests to acme-prod. Next try in 2"]);
    // Exports need a fresh proof of being an admin, which succeeds here.
    assert_eq!(browser.get("/w/acme-prod/tokens.csv").await.status, 200);
}

#[tokio::test]
async fn a_refresh_that_failed_keeps_the_list_and_says_so_however_young_it_is() {
    let site = Site::start_with(Setup::with_short_timeouts()).await;
    let browser = site.sign_in().await;
    let rows = browser.get(TOKENS_PAGE).await.rows().len();
    let outage = Effect::Answer {
        status: 503,
        body: FaultBody::Html { message: "down".into() },
    };
    for (effect, title) in [
        (outage, "acme-prod is having problems (HTTP 503)"),
        (Effect::Truncate, "Unreadable response from acme-prod"),
        (Effect::Reset, "acme-prod"),
    ] {
        site.demo.fault(Fault::forever("GET", TOKENS_API, effect.clone()));
        let fields = [("workspace", ACME), ("back", TOKENS_PAGE)];
        let list = browser
            .submit_and_follow(TOKENS_PAGE, "/api/tokens/refresh", &fields)
            .await;
        assert_eq!((list.status, list.rows().len()), (200, rows), "{effect:?}");
        list.assert_shows(&["Updated less than a minute ago.", title, "Next try in "]);
        site.demo.clear_faults();
        let again = browser
            .submit_and_follow(TOKENS_PAGE, "/api/tokens/refresh", &fields)
            .await;
        again.assert_lacks(&["Next try in "]);
    }
}

#[tokio::test]
async fn a_token_and_its_revocation_are_shown_as_listed_while_the_workspace_does_not_return_the_token() {
    let site = Site::start_with(Setup::with_short_timeouts()).await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    browser.get(TOKENS_PAGE).await;
    let (token, revoke) = (format!("{TOKENS_PAGE}/{id}"), format!("{TOKENS_PAGE}/{id}/revoke"));
    for url in [&token, &revoke] {
        browser.get(url).await.assert_has_none(&["As listed at"]);
    }
    let path = format!("{TOKENS_API}/{id}");
    site.demo
        .fault(Fault::forever("GET", &path, json(503, "TEMPORARILY_UNAVAILABLE")));
    for url in [&token, &revoke] {
        let page = browser.get(url).await;
        assert_eq!(page.status, 200, "{url}");
        page.assert_shows(&["As listed at", "acme-prod is having problems (HTTP 503).", "Revoke"]);
    }
    // After a change, a page must not show the state from before it.
    let failed = browser.get(&format!("{token}?done=comment")).await;
    failed.assert_has_none(&["As listed at", "Comment saved"]);
}
