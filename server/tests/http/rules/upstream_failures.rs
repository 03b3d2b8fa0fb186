//! Forms while the workspace answers badly: what failed is said, and nothing is called done.

use demo_workspace::{Effect, Fault, RetryAfter};

use crate::rules::error_pages::{UPSTREAM, html, json};
use crate::support::{ACME, Setup, Site, TOKENS};

/// The page of a form, its action, and its fields beside the workspace.
type Form<'a> = (String, &'static str, Vec<(&'a str, &'a str)>);

#[tokio::test]
async fn a_change_that_the_workspace_answers_badly_is_a_failure_and_not_a_half_truth() {
    let site = Site::with(Setup::impatient()).await;
    let browser = site.signed_in().await;
    let id = site.some_token();
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
            "acme-prod redirects to another address.",
        ),
    ] {
        site.demo.fault(Fault::forever("DELETE", TOKENS, effect.clone()));
        let fields = [("workspace", ACME), ("id", &id), ("back", "")];
        let page = browser.submit_and_follow(&from, "/api/tokens/revoke", &fields).await;
        assert_eq!(page.status, 200, "{effect:?}");
        assert!(page.text().contains(title), "{effect:?}: {}", page.text());
        assert!(
            !page.body.contains(UPSTREAM) && !page.text().contains("was revoked."),
            "{effect:?}"
        );
        assert!(site.has_token(&browser, &id).await, "{effect:?}");
    }
}

#[tokio::test]
async fn no_form_calls_done_what_the_workspace_answered_badly() {
    let site = Site::with(Setup::impatient()).await;
    let browser = site.by_oauth().await;
    let id = site.some_token();
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
            vec![("to", "off")],
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
            assert!(page.text().contains(title), "{action} {effect:?}: {}", page.text());
            assert_eq!(page.said(), "", "{action} {effect:?}");
            assert!(!page.body.contains(UPSTREAM), "{action} {effect:?}");
            site.demo.clear_faults();
        }
    }
    let after = browser.get(&settings).await;
    assert!(after.body.contains("aria-checked=\"true\""));
    assert_eq!(after.value("days").as_deref(), Some("0"));
}

#[tokio::test]
async fn a_sign_in_to_a_workspace_in_trouble_says_which() {
    let site = Site::with(Setup::impatient()).await;
    let browser = site.browser();
    for (effect, status, title) in [
        (html(200), 502, "Unexpected response from the workspace."),
        (Effect::WrongTypes, 502, "Unreadable response from the workspace."),
        (Effect::Reset, 502, "Cannot connect to the workspace."),
        (Effect::Hang, 504, "The workspace did not respond in time."),
        (
            Effect::IpAccessList,
            403,
            "The workspace blocks this console's network.",
        ),
        (
            Effect::RateLimit {
                retry_after: RetryAfter::Seconds(900),
            },
            503,
            "Too many requests to the workspace.",
        ),
    ] {
        // Once where it is asked who one is, once where token management is asked.
        for path in ["/api/2.0/preview/scim/", TOKENS] {
            site.demo.fault(Fault::forever("GET", path, effect.clone()));
            let page = browser.follow(&site.try_token(&browser, &site.pat()).await).await;
            assert_eq!(page.status, status, "{path} {effect:?}: {}", page.failed());
            assert!(page.failed().contains(title), "{path} {effect:?}: {}", page.failed());
            assert_eq!(
                browser.get(&format!("/w/{ACME}/tokens")).await.status,
                303,
                "{path} {effect:?}"
            );
            site.demo.clear_faults();
        }
    }
}
