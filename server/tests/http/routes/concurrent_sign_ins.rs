//! Concurrent sign-ins of one browser.

use std::time::Duration;

use demo_workspace::{Effect, Fault};

use crate::support::{Browser, OTHER, Setup, Site, TOKENS_PAGE};

fn admin(site: &Site) -> String {
    site.demo.credentials().admin.id.clone()
}

/// Two tabs of one browser. The browser keeps the cookie of the response that it reads last.
fn two_tabs(site: &Site, browser: &Browser) -> (Browser, Browser) {
    let tabs = (site.browser(), site.browser());
    for tab in [&tabs.0, &tabs.1] {
        tab.set_cookie(browser.cookie());
    }
    tabs
}

#[tokio::test]
async fn a_return_and_a_sign_in_with_a_token_at_the_same_time_both_last() {
    let site = Site::start().await;
    let other_page = "/w/acme-dev/tokens";
    let token = site.token_value();
    let fields = [("workspace", OTHER), ("token", token.as_str()), ("next", "")];
    // Let each of the two sign-ins end last once.
    for slow in ["/oidc/v1/token", "/api/2.0/preview/scim/v2/Me"] {
        let browser = site.browser();
        let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
        // The other tab.
        browser.get("/sign-in").await;
        let (first, second) = two_tabs(&site, &browser);
        site.demo.fault(Fault::next(None, slow, Effect::None).after_ms(300));
        let (returned, submitted) = tokio::join!(
            first.get(&callback),
            second.submit("/sign-in", "/api/sign_in/with_token", &fields)
        );
        assert_eq!(
            (returned.location(), submitted.location()),
            (TOKENS_PAGE.into(), other_page.into())
        );
        for tab in [&first, &second] {
            for page in [TOKENS_PAGE, other_page] {
                assert_eq!(tab.get(page).await.status, 200, "{slow}: {page}");
            }
        }
        // Someone who planted the old session ID is not signed in to either workspace.
        for page in [TOKENS_PAGE, other_page] {
            assert_eq!(browser.get(page).await.status, 303, "{slow}: {page}");
        }
    }
}

#[tokio::test]
async fn two_returns_at_the_same_time_both_last() {
    let site = Site::start().await;
    let browser = site.browser();
    let one = site
        .choose_at_workspace(&browser, "%2Fw%2Facme-prod%2Ffind", &admin(&site))
        .await;
    let two = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    let (first, second) = two_tabs(&site, &browser);
    site.demo
        .fault(Fault::next(None, "/oidc/v1/token", Effect::None).after_ms(300));
    let (one_returned, two_returned) = tokio::join!(first.get(&one), second.get(&two));
    assert_eq!(one_returned.location(), "/w/acme-prod/find");
    assert_eq!(two_returned.location(), TOKENS_PAGE);
    for tab in [&first, &second] {
        assert_eq!(tab.get(TOKENS_PAGE).await.status, 200);
        // Whichever cookie the browser kept, both returns are known: reloading one leads to its page.
        assert_eq!(tab.get(&one).await.location(), "/w/acme-prod/find");
        assert_eq!(tab.get(&two).await.location(), TOKENS_PAGE);
    }
}

#[tokio::test]
async fn sign_ins_begun_at_the_same_time_can_both_be_completed() {
    let site = Site::start().await;
    let browser = site.browser();
    browser.get("/sign-in/oauth?workspace=acme-prod").await;
    browser.get("/sign-in").await;
    let (first, second) = two_tabs(&site, &browser);
    let admin = admin(&site);
    let (one, two) = tokio::join!(
        site.choose_at_workspace(&first, "%2Fw%2Facme-prod%2Ffind", &admin),
        site.choose_at_workspace(&second, TOKENS_PAGE, &admin)
    );
    assert_eq!(first.get(&one).await.location(), "/w/acme-prod/find");
    // The other tab belongs to the same browser.
    second.set_cookie(first.cookie());
    assert_eq!(second.get(&two).await.location(), TOKENS_PAGE);
}

/// Signs in to `workspace` with an access token.
async fn sign_in_with_token(site: &Site, browser: &Browser, workspace: &str) {
    let token = site.token_value();
    let fields = [("workspace", workspace), ("token", token.as_str()), ("next", "")];
    let response = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    assert_eq!(response.location(), format!("/w/{workspace}/tokens"));
}

#[tokio::test]
async fn someone_who_planted_a_session_is_not_signed_in_at_the_same_time() {
    let setup = Setup {
        sign_in_attempts: 100,
        ..Setup::default()
    };
    let site = Site::start_with(setup).await;
    let other_page = "/w/acme-dev/tokens";
    let is_signed_in = async |browser: &Browser, page| browser.get(page).await.status == 200;
    // The attacker plants their own session, with a sign-in in progress, and its proof.
    for (planted, is_victim_slow) in [
        (&["pat_console"][..], true),
        (&["pat_console"], false),
        (&["pat_console", "browser_proof"], true),
        (&["pat_console", "browser_proof"], false),
    ] {
        let follows_link = planted.len() > 1 && is_victim_slow;
        let attacker = site.browser();
        attacker.get("/sign-in/oauth?workspace=acme-prod").await;
        attacker.get("/sign-in").await;
        let victim = site.browser();
        for prefix in planted {
            let (name, value) = attacker.cookie_named(prefix).unwrap();
            victim.plant_cookie(&name, &value);
        }
        // The attacker's link to the start of a sign-in sets a new proof too.
        victim
            .get(if follows_link {
                "/sign-in/oauth?workspace=acme-prod"
            } else {
                "/sign-in"
            })
            .await;
        let slow = Fault::next(None, "/api/2.0/preview/scim/v2/Me", Effect::None).after_ms(300);
        site.demo.fault(slow);
        let (first, second) = match is_victim_slow {
            true => ((&victim, "acme-prod"), (&attacker, OTHER)),
            false => ((&attacker, OTHER), (&victim, "acme-prod")),
        };
        tokio::join!(sign_in_with_token(&site, first.0, first.1), async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            sign_in_with_token(&site, second.0, second.1).await;
        });
        assert!(is_signed_in(&victim, TOKENS_PAGE).await, "{planted:?}");
        assert!(is_signed_in(&attacker, other_page).await, "{planted:?}");
        assert!(
            !is_signed_in(&attacker, TOKENS_PAGE).await,
            "{planted:?} {is_victim_slow}"
        );
        assert!(!is_signed_in(&victim, other_page).await, "{planted:?} {is_victim_slow}");
    }
}

#[tokio::test]
async fn one_sign_in_needs_one_cookie() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    assert_eq!(browser.cookie_named("browser_proof"), None);
    assert!(browser.cookie_named("pat_console").is_some());
}

#[tokio::test]
async fn two_sign_ins_with_tokens_in_one_browser_at_the_same_time_both_last() {
    let site = Site::start().await;
    let browser = site.browser();
    browser.get("/sign-in/oauth?workspace=acme-prod").await;
    browser.get("/sign-in").await;
    let (first, second) = two_tabs(&site, &browser);
    let slow = Fault::next(None, "/api/2.0/preview/scim/v2/Me", Effect::None).after_ms(300);
    site.demo.fault(slow);
    tokio::join!(
        sign_in_with_token(&site, &first, "acme-prod"),
        sign_in_with_token(&site, &second, OTHER)
    );
    for tab in [&first, &second] {
        for page in [TOKENS_PAGE, "/w/acme-dev/tokens"] {
            assert_eq!(tab.get(page).await.status, 200, "{page}");
        }
    }
}
