//! A page that cannot be shown gives the reason, in the console's own words and with the right status.

use demo_workspace::{Change, Effect, Fault, FaultBody, RetryAfter, Tier};

use crate::support::{ACME, Response, Setup, Site, TOKENS_API, TOKENS_PAGE};

/// A text from the workspace, which must not appear on any page.
pub(crate) const UPSTREAM: &str = "upstream-text-b41c0f7e";

/// A web page with [`UPSTREAM`].
pub(crate) fn html(status: u16) -> Effect {
    Effect::Answer {
        status,
        body: FaultBody::Html {
            message: UPSTREAM.into(),
        },
    }
}

/// An error with [`UPSTREAM`].
pub(crate) fn json(status: u16, error_code: &str) -> Effect {
    let body = FaultBody::JsonError {
        error_code: error_code.into(),
        message: UPSTREAM.into(),
    };
    Effect::Answer { status, body }
}

fn raw(text: &str) -> Effect {
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: text.into(),
    };
    Effect::Answer { status: 200, body }
}

/// Asserts the rules for all error pages.
fn assert_error_page(name: &str, response: &Response, status: u16, title: &str) {
    assert_eq!(response.status, status, "{name}: {}", response.text());
    assert_eq!(response.h1().len(), 1, "{name}");
    let text = response.text();
    assert!(text.contains(title), "{name} lacks {title}: {text}");
    // The request ID is shown only if the console's log has more to say.
    assert_eq!(
        text.contains(&format!("Request ID {}", response.header("x-request-id"))),
        matches!(status, 502 | 504),
        "{name}"
    );
    assert!(
        text.contains(ACME) && text.contains("Sign out"),
        "{name}: names the workspace"
    );
    assert!(!response.body.contains(UPSTREAM), "{name} shows the workspace's text");
    assert_eq!(response.header("cache-control"), "private, no-store", "{name}");
}

/// Opens every page while each call to the workspace ends with `effect`.
async fn every_page(effect: Effect, status: u16, title: &str) -> Vec<Response> {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::forever(None, "/api/2.0/", effect.clone()));
    let mut responses = Vec::new();
    for (name, path) in site.workspace_pages() {
        let response = browser.get(&path).await;
        assert_error_page(&format!("{name}, {effect:?}"), &response, status, title);
        responses.push(response);
    }
    responses
}

#[tokio::test]
async fn every_page_reports_an_unreachable_workspace() {
    every_page(Effect::Reset, 502, "Cannot connect to acme-prod").await;
}

#[tokio::test]
async fn every_page_rejects_a_web_page_instead_of_json() {
    every_page(html(200), 502, "Unexpected response from acme-prod").await;
}

#[tokio::test]
async fn every_page_rejects_a_redirect_to_another_host() {
    let redirect = Effect::Redirect {
        location: "https://evil.example/login".into(),
    };
    for response in every_page(redirect, 502, "acme-prod redirects to another URL").await {
        response.assert_has_none(&["evil.example"]);
    }
}

#[tokio::test]
async fn every_page_rejects_fields_of_wrong_types() {
    every_page(Effect::WrongTypes, 502, "Unreadable response from acme-prod").await;
}

#[tokio::test]
async fn every_page_rejects_an_empty_response() {
    let empty = Effect::Answer {
        status: 200,
        body: FaultBody::Empty,
    };
    every_page(empty, 502, "Unreadable response from acme-prod").await;
}

#[tokio::test]
async fn every_page_rejects_a_truncated_response() {
    every_page(Effect::Truncate, 502, "Unreadable response from acme-prod").await;
}

#[tokio::test]
async fn every_page_reports_an_internal_error() {
    every_page(
        json(500, "INTERNAL_ERROR"),
        502,
        "acme-prod is having problems (HTTP 500)",
    )
    .await;
}

/// With another status, the page itself would seem to be missing.
#[tokio::test]
async fn every_page_reports_a_rejected_request_as_a_failure_of_the_workspace() {
    for effect in [
        json(400, "INVALID_PARAMETER_VALUE"),
        json(404, "ENDPOINT_NOT_FOUND"),
        json(404, "RESOURCE_DOES_NOT_EXIST"),
        json(409, "ABORTED"),
    ] {
        every_page(effect, 502, "acme-prod rejected the request").await;
    }
}

fn numbered(status: u16, message: &str) -> Effect {
    let body = FaultBody::IntegerErrorCode {
        message: message.into(),
    };
    Effect::Answer { status, body }
}

fn bare(status: u16) -> Effect {
    let body = FaultBody::Empty;
    Effect::Answer { status, body }
}

#[tokio::test]
async fn only_the_words_of_a_bad_credential_end_a_session() {
    let does_not_know = "acme-prod does not know you";
    let not_on_host = "acme-prod cannot be distinguished from others on its host";
    for (effect, status, title) in [
        (numbered(403, "Invalid access to Org: 7"), 403, does_not_know),
        (numbered(403, "User not authorized."), 403, does_not_know),
        (bare(403), 502, "Unexpected response from acme-prod"),
        (html(403), 502, "Unexpected response from acme-prod"),
        (json(403, "PERMISSION_DENIED"), 403, "You are not an admin of acme-prod"),
        (
            Effect::Answer {
                status: 400,
                body: FaultBody::PlainText {
                    text: "Unable to load OAuth Config".into(),
                },
            },
            403,
            not_on_host,
        ),
    ] {
        let site = Site::start().await;
        let browser = site.sign_in().await;
        site.demo.fault(Fault::forever(None, "/api/2.0/", effect.clone()));
        for (name, path) in site.workspace_pages() {
            let response = browser.get(&path).await;
            assert_error_page(&format!("{name}, {effect:?}"), &response, status, title);
        }
        site.demo.clear_faults();
        assert_eq!(browser.get(TOKENS_PAGE).await.status, 200, "{effect:?}");
    }
    for effect in [numbered(403, "Invalid access token."), bare(401)] {
        let site = Site::start().await;
        let browser = site.sign_in().await;
        site.demo.fault(Fault::forever(None, "/api/2.0/", effect.clone()));
        assert_eq!(browser.get(TOKENS_PAGE).await.status, 303, "{effect:?}");
        site.demo.clear_faults();
        assert_eq!(browser.get(TOKENS_PAGE).await.status, 303, "{effect:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_one_call_ends_no_session_and_shows_what_the_workspace_said() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let refusal = numbered(403, "Token lists are closed for maintenance.");
    site.demo.fault(Fault::forever("GET", TOKENS_API, refusal));
    let page = browser.get(TOKENS_PAGE).await;
    assert_eq!(page.status, 502);
    page.assert_shows(&[
        "acme-prod rejected the request",
        "Token lists are closed for maintenance.",
    ]);
    site.demo.clear_faults();
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 200);
}

#[tokio::test]
async fn every_page_reports_an_error_that_is_a_web_page() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::forever(None, "/api/2.0/", html(503)));
    for (name, path) in site.workspace_pages() {
        let response = browser.get(&path).await;
        assert!(matches!(response.status, 502 | 503), "{name}: {}", response.status);
        response.assert_has_none(&[UPSTREAM]);
    }
}

#[tokio::test]
async fn every_page_reports_a_rate_limit_and_when_to_try_again() {
    let limited = Effect::RateLimit {
        retry_after: RetryAfter::Seconds(3600),
    };
    for response in every_page(limited, 503, "Too many requests to acme-prod").await {
        assert_eq!(response.header("retry-after"), "3600");
        response.assert_shows(&["Try again in 3600 seconds."]);
    }
    let without_retry_after = Effect::RateLimit {
        retry_after: RetryAfter::Absent,
    };
    for response in every_page(without_retry_after, 503, "Too many requests to acme-prod").await {
        assert!(response.header("retry-after").parse::<u32>().unwrap() > 0);
    }
}

#[tokio::test]
async fn every_page_reports_a_missing_scope() {
    let scope = Effect::MissingScope {
        scope: "authentication".into(),
    };
    every_page(scope, 403, "Your credential lacks a scope").await;
}

#[tokio::test]
async fn every_page_reports_an_ip_access_list() {
    for response in every_page(Effect::IpAccessList, 403, "acme-prod blocks this console's network").await {
        response.assert_has_none(&["203.0.113.7"]);
    }
}

#[tokio::test]
async fn pages_refuse_a_former_admin() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demote_admin();
    for (name, path) in site.workspace_pages() {
        // A page that only shows a form still opens for five minutes after the proof of being an admin.
        if name != "find" {
            assert_error_page(
                name,
                &browser.get(&path).await,
                403,
                "You are not an admin of acme-prod",
            );
        }
    }
}

#[tokio::test]
async fn every_page_reports_a_timeout() {
    let site = Site::start_with(Setup::with_short_timeouts()).await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::forever(None, "/api/2.0/", Effect::Hang));
    for (name, path) in site.workspace_pages() {
        assert_error_page(
            name,
            &browser.get(&path).await,
            504,
            "acme-prod did not respond in time",
        );
    }
}

#[tokio::test]
async fn only_pages_of_tokens_need_token_management() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.configure(|knobs| knobs.tier = Tier::Standard);
    let id = site.some_token_id();
    for path in [
        TOKENS_PAGE.to_owned(),
        format!("{TOKENS_PAGE}/{id}"),
        format!("{TOKENS_PAGE}/{id}/revoke"),
    ] {
        assert_error_page(
            &path,
            &browser.get(&path).await,
            200,
            "Token management is not available",
        );
    }
    // The switch and the maximum lifetime do not depend on it.
    let settings = browser.get(&format!("/w/{ACME}/settings/advanced")).await;
    assert_eq!(settings.status, 200);
    settings.assert_shows(&[
        "Maximum lifetime of new tokens (days)",
        "Token management is not available.",
    ]);
}

#[tokio::test]
async fn an_unknown_token_is_not_found() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = "f".repeat(64);
    for path in [format!("{TOKENS_PAGE}/{id}"), format!("{TOKENS_PAGE}/{id}/revoke")] {
        let response = browser.get(&path).await;
        assert_eq!(response.status, 404);
        response.assert_shows(&["Token not found", &id]);
    }
}

#[tokio::test]
async fn an_unknown_workspace_is_not_found() {
    let site = Site::start().await;
    for browser in [site.browser(), site.sign_in().await] {
        for (_, page) in site.workspace_pages() {
            let response = browser.get(&page.replace(ACME, "acme-unknown")).await;
            assert_eq!(response.status, 404, "{page}");
            response.assert_shows(&["Workspace not found"]);
        }
        assert_eq!(browser.get("/w/acme-unknown").await.status, 404);
    }
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let site = Site::start().await;
    for path in [
        "/nothing",
        "/w",
        "/w/acme-prod/nothing",
        "/w/acme-prod/tokens/a/b/c",
        "/index.php",
    ] {
        let response = site.browser().get(path).await;
        assert_eq!(response.status, 404, "{path}");
        response.assert_shows(&["Page not found"]);
    }
}

#[tokio::test]
async fn a_revoked_credential_leads_to_the_sign_in_and_back() {
    let site = Site::start().await;
    for (name, path) in site.workspace_pages() {
        site.demo.reset();
        let browser = site.sign_in().await;
        site.demo
            .change(Change::RevokeToken {
                token_id: site.own_token_id(),
            })
            .unwrap();
        if name == "tokens" {
            // The list may still be cached, and the proof of being an admin valid.
            site.demo.clear_log();
        }
        let response = browser.get(&path).await;
        if name == "tokens" && response.status == 200 {
            assert!(site.demo.log().is_empty(), "proven and cached within a minute");
            continue;
        }
        assert_eq!(response.status, 303, "{name}");
        let sign_in = browser.follow(&response).await;
        assert_eq!(sign_in.field("next").as_deref(), Some(path.as_str()), "{name}");
        // The console has deleted the credential: it makes no further call with it.
        site.demo.clear_log();
        assert_eq!(browser.get(&path).await.status, 303, "{name}");
        assert!(site.demo.log().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn missing_parts_are_named_and_the_rest_is_shown() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    site.demo.fault(Fault::forever(
        "GET",
        "/api/2.0/preview/scim/",
        json(403, "PERMISSION_DENIED"),
    ));
    site.demo
        .fault(Fault::forever("GET", "/api/2.0/workspace-conf", Effect::WrongTypes));
    let list = browser.get(TOKENS_PAGE).await;
    assert_eq!(list.status, 200);
    list.assert_shows(&[
        "Owner names are unavailable.",
        "Could not read the workspace settings.",
        "name unavailable",
    ]);
    list.assert_lacks(&["unknown owner"]);
    list.assert_has_none(&[UPSTREAM]);
}

#[tokio::test]
async fn a_list_of_another_shape_is_an_error_page() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for text in [
        "null",
        "[]",
        "42",
        r#"{"token_infos": 7}"#,
        r#"{"token_infos": [{"token_id": 7}]}"#,
        "{",
        "\u{0}",
    ] {
        site.demo.clear_faults();
        site.demo.fault(Fault::forever("GET", TOKENS_API, raw(text)));
        let response = browser.get(TOKENS_PAGE).await;
        assert_eq!(response.status, 502, "{text:?}: {}", response.text());
    }
}
