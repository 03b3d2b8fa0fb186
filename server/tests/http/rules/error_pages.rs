//! Where a page has nothing to show, it says why, in its own words and with a status that is true.

use demo_workspace::{Change, Effect, Fault, FaultBody, RetryAfter, Tier};

use crate::support::{ACME, Answer, Setup, Site, TOKENS};

/// Upstream text that no page may repeat.
pub(crate) const UPSTREAM: &str = "upstream-text-b41c0f7e";

/// A web page with that text.
pub(crate) fn html(status: u16) -> Effect {
    Effect::Answer {
        status,
        body: FaultBody::Html {
            message: UPSTREAM.into(),
        },
    }
}

/// An error with that text.
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

/// What every blocked page is held to.
fn assert_blocked(what: &str, answer: &Answer, status: u16, title: &str) {
    assert_eq!(answer.status, status, "{what}: {}", answer.text());
    assert_eq!(answer.h1().len(), 1, "{what}");
    let text = answer.text();
    assert!(text.contains(title), "{what} lacks {title}: {text}");
    // Only where the console's log has more to say.
    assert_eq!(
        text.contains(&format!("Request ID {}", answer.header("x-request-id"))),
        matches!(status, 502 | 504),
        "{what}"
    );
    assert!(
        text.contains(ACME) && text.contains("Sign out"),
        "{what}: still says where one is"
    );
    assert!(!answer.body.contains(UPSTREAM), "{what} repeats the workspace");
    assert_eq!(answer.header("cache-control"), "private, no-store", "{what}");
}

/// Every page, while the workspace answers every call alike.
async fn every_page(effect: Effect, status: u16, title: &str) -> Vec<Answer> {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demo.fault(Fault::forever(None, "/api/2.0/", effect.clone()));
    let mut answers = Vec::new();
    for (what, page) in site.workspace_pages() {
        let answer = browser.get(&page).await;
        assert_blocked(&format!("{what}, {effect:?}"), &answer, status, title);
        answers.push(answer);
    }
    answers
}

#[tokio::test]
async fn unreachable() {
    every_page(Effect::Reset, 502, "Cannot connect to acme-prod").await;
}

#[tokio::test]
async fn a_web_page_in_its_place() {
    every_page(html(200), 502, "Unexpected response from acme-prod").await;
}

#[tokio::test]
async fn leading_elsewhere() {
    let elsewhere = Effect::Redirect {
        location: "https://evil.example/login".into(),
    };
    for answer in every_page(elsewhere, 502, "acme-prod redirects to another address").await {
        assert!(!answer.body.contains("evil.example"));
    }
}

#[tokio::test]
async fn undecodable() {
    every_page(Effect::WrongTypes, 502, "Unreadable response from acme-prod").await;
}

#[tokio::test]
async fn empty_answers() {
    let empty = Effect::Answer {
        status: 200,
        body: FaultBody::Empty,
    };
    every_page(empty, 502, "Unreadable response from acme-prod").await;
}

#[tokio::test]
async fn truncated_answers() {
    every_page(Effect::Truncate, 502, "Unreadable response from acme-prod").await;
}

#[tokio::test]
async fn failing_by_itself() {
    every_page(
        json(500, "INTERNAL_ERROR"),
        502,
        "acme-prod is having problems (HTTP 500)",
    )
    .await;
}

#[tokio::test]
async fn failing_with_a_web_page() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demo.fault(Fault::forever(None, "/api/2.0/", html(503)));
    for (what, page) in site.workspace_pages() {
        let answer = browser.get(&page).await;
        assert!(matches!(answer.status, 502 | 503), "{what}: {}", answer.status);
        assert!(!answer.body.contains(UPSTREAM));
    }
}

#[tokio::test]
async fn limiting_requests() {
    let limited = Effect::RateLimit {
        retry_after: RetryAfter::Seconds(3600),
    };
    for answer in every_page(limited, 503, "Too many requests to acme-prod").await {
        assert_eq!(answer.header("retry-after"), "3600");
        assert!(answer.text().contains("Try again in 3600 seconds."));
    }
    let unsaid = Effect::RateLimit {
        retry_after: RetryAfter::Absent,
    };
    for answer in every_page(unsaid, 503, "Too many requests to acme-prod").await {
        assert!(answer.header("retry-after").parse::<u32>().unwrap() > 0);
    }
}

#[tokio::test]
async fn a_missing_scope() {
    let scope = Effect::MissingScope {
        scope: "authentication".into(),
    };
    every_page(scope, 403, "Your credential lacks a scope").await;
}

#[tokio::test]
async fn an_ip_access_list() {
    for answer in every_page(Effect::IpAccessList, 403, "acme-prod blocks this console's network").await {
        assert!(!answer.body.contains("203.0.113.7"));
    }
}

#[tokio::test]
async fn not_an_admin_any_more() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demote_admin();
    for (what, page) in site.workspace_pages() {
        // Who was proven to be an admin within five minutes may still open the page that only asks for a paste.
        if what != "find" {
            assert_blocked(
                what,
                &browser.get(&page).await,
                403,
                "You are not an admin of acme-prod",
            );
        }
    }
}

#[tokio::test]
async fn hanging() {
    let site = Site::with(Setup::impatient()).await;
    let browser = site.signed_in().await;
    site.demo.fault(Fault::forever(None, "/api/2.0/", Effect::Hang));
    for (what, page) in site.workspace_pages() {
        assert_blocked(
            what,
            &browser.get(&page).await,
            504,
            "acme-prod did not respond in time",
        );
    }
}

#[tokio::test]
async fn a_tier_without_token_management() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demo.configure(|knobs| knobs.tier = Tier::Standard);
    let id = site.some_token();
    for page in [
        format!("/w/{ACME}/tokens"),
        format!("/w/{ACME}/tokens/{id}"),
        format!("/w/{ACME}/tokens/{id}/revoke"),
    ] {
        assert_blocked(
            &page,
            &browser.get(&page).await,
            200,
            "Token management is not available",
        );
    }
    // The switch and the limit do not depend on it.
    let settings = browser.get(&format!("/w/{ACME}/settings/advanced")).await;
    assert_eq!(settings.status, 200);
    assert!(settings.text().contains("Maximum lifetime of new tokens (days)"));
    assert!(settings.text().contains("Token management is not available."));
}

#[tokio::test]
async fn an_unknown_token() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = "f".repeat(64);
    for page in [
        format!("/w/{ACME}/tokens/{id}"),
        format!("/w/{ACME}/tokens/{id}/revoke"),
    ] {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, 404);
        assert!(answer.text().contains("Token not found"));
        assert!(answer.text().contains(&id));
    }
}

#[tokio::test]
async fn an_unknown_workspace() {
    let site = Site::start().await;
    for browser in [site.browser(), site.signed_in().await] {
        for (_, page) in site.workspace_pages() {
            let answer = browser.get(&page.replace(ACME, "acme-unknown")).await;
            assert_eq!(answer.status, 404, "{page}");
            assert!(answer.text().contains("Workspace not found"));
        }
        assert_eq!(browser.get("/w/acme-unknown").await.status, 404);
    }
}

#[tokio::test]
async fn an_address_that_is_no_page() {
    let site = Site::start().await;
    for path in [
        "/nothing",
        "/w",
        "/w/acme-prod/nothing",
        "/w/acme-prod/tokens/a/b/c",
        "/index.php",
    ] {
        let answer = site.browser().get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.text().contains("Page not found"), "{path}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_credential_that_has_ended_leads_to_the_sign_in_and_back() {
    let site = Site::start().await;
    for (what, page) in site.workspace_pages() {
        site.demo.reset();
        let browser = site.signed_in().await;
        site.demo
            .change(Change::RevokeToken {
                token_id: site.own_token(),
            })
            .unwrap();
        if what == "tokens" {
            // What was read before is another matter than whose credential is still good.
            site.demo.clear_log();
        }
        let answer = browser.get(&page).await;
        if what == "tokens" && answer.status == 200 {
            assert!(site.demo.log().is_empty(), "a proven sign-in, within a minute");
            continue;
        }
        assert_eq!(answer.status, 303, "{what}");
        let sign_in = browser.follow(&answer).await;
        assert_eq!(sign_in.value("next").as_deref(), Some(page.as_str()), "{what}");
        // The console has forgotten the credential: nothing is asked of the workspace any more.
        site.demo.clear_log();
        assert_eq!(browser.get(&page).await.status, 303, "{what}");
        assert!(site.demo.log().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn what_is_short_of_a_whole_is_said_and_the_rest_is_shown() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    site.demo.fault(Fault::forever(
        "GET",
        "/api/2.0/preview/scim/",
        json(403, "PERMISSION_DENIED"),
    ));
    site.demo
        .fault(Fault::forever("GET", "/api/2.0/workspace-conf", Effect::WrongTypes));
    let list = browser.get(&format!("/w/{ACME}/tokens")).await;
    assert_eq!(list.status, 200);
    let text = list.text();
    assert!(text.contains("Owner names are unavailable."), "{text}");
    assert!(text.contains("Could not read the workspace settings."));
    assert!(text.contains("name unavailable") && !text.contains("unknown owner"));
    assert!(!list.body.contains(UPSTREAM));
}

#[tokio::test]
async fn lists_that_lie_about_themselves_show_nothing() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
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
        site.demo.fault(Fault::forever("GET", TOKENS, raw(text)));
        let answer = browser.get(&format!("/w/{ACME}/tokens")).await;
        assert_eq!(answer.status, 502, "{text:?}: {}", answer.text());
    }
}
