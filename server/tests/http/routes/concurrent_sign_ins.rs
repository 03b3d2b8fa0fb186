//! Sign-ins of one browser at the same time.

use demo_workspace::{Effect, Fault};

use crate::support::{Browser, OTHER, Site, TOKENS_PAGE};

fn admin(site: &Site) -> String {
    site.demo.credentials().admin.id.clone()
}

/// Two tabs of one browser. Which cookie it has in the end depends on the response that it reads last.
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
    // Each is the one that ends last, once.
    for slow in ["/oidc/v1/token", "/api/2.0/preview/scim/v2/Me"] {
        let browser = site.browser();
        let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
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
        // Someone who planted the ID from before is signed in to neither.
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
        // Whichever cookie the browser kept, both returns are known: loading one again leads to its page.
        assert_eq!(tab.get(&one).await.location(), "/w/acme-prod/find");
        assert_eq!(tab.get(&two).await.location(), TOKENS_PAGE);
    }
}

#[tokio::test]
async fn sign_ins_begun_at_the_same_time_can_both_be_completed() {
    let site = Site::start().await;
    let browser = site.browser();
    browser.get("/sign-in/oauth?workspace=acme-prod").await;
    let (first, second) = two_tabs(&site, &browser);
    let admin = admin(&site);
    let (one, two) = tokio::join!(
        site.choose_at_workspace(&first, "%2Fw%2Facme-prod%2Ffind", &admin),
        site.choose_at_workspace(&second, TOKENS_PAGE, &admin)
    );
    assert_eq!(first.get(&one).await.location(), "/w/acme-prod/find");
    // The other tab is of the same browser.
    second.set_cookie(first.cookie());
    assert_eq!(second.get(&two).await.location(), TOKENS_PAGE);
}
