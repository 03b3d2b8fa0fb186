//! Signing in with OAuth: a link leads to the workspace, which redirects back with a code that works once, in the same
//! browser.

use demo_workspace::{Config, Effect, Fault, FaultBody, Knobs};

use crate::support::{Browser, Setup, Site, TOKENS_API, TOKENS_PAGE};

fn admin(site: &Site) -> String {
    site.demo.credentials().admin.id.clone()
}

/// The next response of the token endpoint. Its access token is really the admin's personal access token.
pub(super) fn grant(site: &Site, expires_in: u32, refresh_token: &str) -> Fault {
    let grant = serde_json::json!({
        "access_token": site.token_value(),
        "token_type": "Bearer",
        "expires_in": expires_in,
        "refresh_token": refresh_token,
    });
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: grant.to_string(),
    };
    Fault::next("POST", "/oidc/v1/token", Effect::Answer { status: 200, body })
}

#[tokio::test]
async fn the_redirect_to_the_workspace_names_scopes_state_and_challenge() {
    let site = Site::start().await;
    let redirect = site.browser().get("/sign-in/oauth?workspace=acme-prod").await;
    assert_eq!(redirect.status, 303);
    let authorize = url::Url::parse(&redirect.location()).unwrap();
    assert!(
        authorize
            .as_str()
            .starts_with(&format!("{}/oidc/v1/authorize?", site.demo.url()))
    );
    let parameter = |name: &str| authorize.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    assert_eq!(parameter("redirect_uri"), format!("{}/sign-in/callback", site.origin()));
    assert_eq!(parameter("code_challenge_method"), "S256");
    assert_eq!(
        parameter("scope"),
        "authentication access-management settings scim offline_access"
    );
    assert!(parameter("state").len() >= 16);
}

#[tokio::test]
async fn an_admin_is_signed_in_and_sent_to_the_requested_page() {
    let site = Site::start().await;
    let browser = site.browser();
    let requested = "%2Fw%2Facme-prod%2Fsettings%2Fadvanced";
    let callback = site.choose_at_workspace(&browser, requested, &admin(&site)).await;
    let response = browser.get(&callback).await;
    assert_eq!(
        (response.status, response.location()),
        (303, "/w/acme-prod/settings/advanced".to_owned())
    );
    let page = browser.follow(&response).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&["Signed in with OAuth"]);
    let off = browser.get("/w/acme-prod/settings/advanced/switch?to=off").await;
    off.assert_shows(&["You keep access: you are signed in with OAuth."]);
    off.assert_lacks(&["You will be signed out"]);
}

#[tokio::test]
async fn a_code_works_once() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    assert_eq!(browser.get(&callback).await.location(), TOKENS_PAGE);
    // Reloading the return leads to the page, and does not use the code again.
    assert_eq!(browser.get(&callback).await.location(), TOKENS_PAGE);
    assert_eq!(site.call_count("POST", "/oidc/v1/token"), 1);
    browser
        .call("/api/sign_in/sign_out", &[("workspace", "acme-prod")])
        .await;
    let replayed = browser.follow(&browser.get(&callback).await).await;
    assert_eq!(replayed.status, 400);
    replayed.assert_error("This sign-in has expired.");
    assert_eq!(site.call_count("POST", "/oidc/v1/token"), 1);
}

#[tokio::test]
async fn sign_ins_in_several_tabs_return_each_to_its_own_page() {
    let site = Site::start().await;
    let browser = site.browser();
    let first = site
        .choose_at_workspace(&browser, "%2Fw%2Facme-prod%2Ffind", &admin(&site))
        .await;
    let second = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    // Started once more, but not completed.
    browser.get("/sign-in/oauth?workspace=acme-prod").await;
    assert_eq!(browser.get(&first).await.location(), "/w/acme-prod/find");
    assert_eq!(browser.get(&second).await.location(), TOKENS_PAGE);
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 200);
    // Only eight are kept; the oldest is discarded.
    let oldest = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    for _ in 0..8 {
        browser.get("/sign-in/oauth?workspace=acme-prod").await;
    }
    let page = browser.follow(&browser.get(&oldest).await).await;
    page.assert_error("This sign-in has expired.");
}

#[tokio::test]
async fn a_code_of_another_sign_in_service_is_refused() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    let refused = browser.get(&format!("{callback}&iss=https%3A%2F%2Fevil.example")).await;
    browser
        .follow(&refused)
        .await
        .assert_error("Databricks refused the sign-in.");
    assert_eq!(site.call_count("POST", "/oidc/v1/token"), 0);
    let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    let issuer = format!("{}/oidc", site.demo.url())
        .replace(':', "%3A")
        .replace('/', "%2F");
    assert_eq!(
        browser.get(&format!("{callback}&iss={issuer}")).await.location(),
        TOKENS_PAGE
    );
}

#[tokio::test]
async fn a_callback_in_another_browser_or_with_another_state_signs_no_one_in() {
    let site = Site::start().await;
    let (browser, other) = (site.browser(), site.browser());
    let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    // Another person's browser, which may have started its own sign-in.
    other.get(&callback).await;
    assert_eq!(other.get(TOKENS_PAGE).await.status, 303);
    other.get("/sign-in/oauth?workspace=acme-prod").await;
    let page = other.follow(&other.get(&callback).await).await;
    page.assert_error("This sign-in has expired.");
    assert_eq!(other.get(TOKENS_PAGE).await.status, 303);
    let forged = callback.replace("state=", "state=x");
    let page = browser.follow(&browser.get(&forged).await).await;
    page.assert_error("This sign-in has expired.");
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 303);
    assert_eq!(site.call_count("POST", "/oidc/v1/token"), 0);
}

#[tokio::test]
async fn cancelling_at_the_workspace_shows_no_error_of_the_workspace() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site
        .choose_at_workspace(&browser, "%2Fw%2Facme-prod%2Ffind", "cancel")
        .await;
    assert!(callback.contains("error_description"));
    let page = browser.follow(&browser.get(&callback).await).await;
    page.assert_error("Sign-in cancelled.");
    // The workspace's own error description is not shown.
    page.assert_lacks(&["The sign-in was cancelled."]);
    assert_eq!(page.field("next").as_deref(), Some("/w/acme-prod/find"));
}

#[tokio::test]
async fn non_admins_are_rejected() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site
        .choose_at_workspace(&browser, TOKENS_PAGE, &site.demo.credentials().non_admin.id)
        .await;
    let page = browser.follow(&browser.get(&callback).await).await;
    assert_eq!(page.status, 403);
    page.assert_error("You are not an admin of acme-prod.");
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 303);
}

#[tokio::test]
async fn an_invalid_callback_shows_why() {
    let site = Site::start().await;
    let state = async |browser: &Browser| {
        let redirect = browser.get("/sign-in/oauth?workspace=acme-prod").await;
        let authorize = url::Url::parse(&redirect.location()).unwrap();
        authorize
            .query_pairs()
            .find(|(n, _)| n == "state")
            .unwrap()
            .1
            .into_owned()
    };
    for (rest, title) in [
        ("", "Databricks refused the sign-in."),
        ("&code=", "This sign-in has expired."),
        ("&code=forged", "This sign-in has expired."),
        ("&code=a&error=b", "Databricks refused the sign-in."),
        ("&error=access_denied", "Sign-in cancelled."),
        (
            "&error=%3Cb%3E&error_description=hacked",
            "Databricks refused the sign-in.",
        ),
    ] {
        let browser = site.browser();
        let state = state(&browser).await;
        let page = browser
            .follow(&browser.get(&format!("/sign-in/callback?state={state}{rest}")).await)
            .await;
        page.assert_error(title);
        page.assert_has_none(&["hacked"]);
        assert_eq!(browser.get(TOKENS_PAGE).await.status, 303);
    }
}

#[tokio::test]
async fn a_sign_in_to_a_workspace_without_oauth_shows_why() {
    let site = Site::start().await;
    let browser = site.browser();
    for (workspace, title) in [
        ("acme-dev", "Sign-in with Databricks is not set up here."),
        ("nowhere", "Workspace not found."),
        ("", "Workspace not found."),
    ] {
        let page = browser
            .follow(&browser.get(&format!("/sign-in/oauth?workspace={workspace}")).await)
            .await;
        page.assert_error(title);
    }
}

#[tokio::test]
async fn a_sign_in_service_that_refuses_or_fails_is_not_reported_as_a_bad_credential() {
    let site = Site::start().await;
    for (status, body) in [
        (401, FaultBody::Empty),
        (
            403,
            FaultBody::IntegerErrorCode {
                message: "Invalid access token.".into(),
            },
        ),
        (503, FaultBody::Empty),
    ] {
        for path in ["/.well-known/", "/oidc/.well-known/", "/oidc/v1/token"] {
            let browser = site.browser();
            let returned = (path == "/oidc/v1/token").then_some(site.demo.credentials().admin.id.clone());
            let url = match returned {
                Some(person) => site.choose_at_workspace(&browser, TOKENS_PAGE, &person).await,
                None => "/sign-in/oauth?workspace=acme-prod".to_owned(),
            };
            let answer = Effect::Answer {
                status,
                body: body.clone(),
            };
            site.demo.fault(Fault::forever(None, path, answer));
            let page = browser.follow(&browser.get(&url).await).await;
            site.demo.clear_faults();
            assert_eq!(page.status, 502, "{path}: {}", page.error_message());
            page.assert_shows(&[
                "The sign-in service of acme-prod is not working.",
                &format!("It responded with HTTP {status}. This says nothing about your credential."),
            ]);
        }
    }
}

#[tokio::test]
async fn a_failing_sign_in_service_leads_back_with_the_reason() {
    for (path, effect, status) in [
        (
            "/oidc/",
            Effect::Answer {
                status: 200,
                body: FaultBody::Html {
                    message: "hacked".into(),
                },
            },
            502,
        ),
        ("/oidc/", Effect::Reset, 502),
        (
            "/oidc/",
            Effect::Redirect {
                location: "https://evil.example".into(),
            },
            502,
        ),
        (
            "/oidc/",
            Effect::Answer {
                status: 200,
                body: FaultBody::Empty,
            },
            502,
        ),
    ] {
        let site = Site::start().await;
        let browser = site.browser();
        site.demo.fault(Fault::forever(None, path, effect.clone()));
        let response = browser.get("/sign-in/oauth?workspace=acme-prod").await;
        assert!(
            response.location().starts_with("/sign-in?next="),
            "{effect:?}: {}",
            response.location()
        );
        let page = browser.follow(&response).await;
        assert_eq!(page.status, status, "{effect:?}: {}", page.error_message());
        page.assert_has_none(&["hacked", "evil.example"]);
    }
}

#[tokio::test]
async fn an_access_token_is_refreshed_before_it_expires() {
    let knobs = Knobs {
        access_token_seconds: 2,
        ..Knobs::default()
    };
    let demo = Config {
        knobs,
        ..Setup::default().demo
    };
    let site = Site::start_with(Setup {
        demo,
        ..Setup::default()
    })
    .await;
    let browser = site.sign_in_with_oauth().await;
    // Until two access tokens have been refreshed, each with a refresh token that works only once.
    while site.call_count("POST", "/oidc/v1/token") < 3 {
        let page = browser.get("/w/acme-prod/settings/advanced").await;
        assert_eq!(page.status, 200, "{}", page.text());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn concurrent_requests_refresh_an_access_token_once() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    // The first access token has expired and must be refreshed at once.
    site.demo.fault(grant(&site, 0, "first"));
    browser.get(&callback).await;
    assert_eq!(site.call_count("POST", "/oidc/v1/token"), 1);
    site.demo.fault(grant(&site, 3600, "second").after_ms(100));
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let request = browser.request(reqwest::Method::GET, TOKENS_PAGE);
        requests.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    assert_eq!(requests.join_all().await, [200; 20]);
    assert_eq!(site.call_count("POST", "/oidc/v1/token"), 2);
}

#[tokio::test]
async fn a_refused_refresh_token_ends_the_session() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.choose_at_workspace(&browser, TOKENS_PAGE, &admin(&site)).await;
    site.demo.fault(grant(&site, 0, "spent"));
    browser.get(&callback).await;
    let response = browser.get(TOKENS_PAGE).await;
    assert_eq!(response.status, 303);
    assert!(
        response.location().starts_with("/sign-in?next="),
        "{}",
        response.location()
    );
    let ended = "Your session has ended. Sign in to continue where you were.";
    browser.follow(&response).await.assert_shows(&[ended]);
    // Anyone can follow this link.
    site.browser().get(&response.location()).await.assert_lacks(&[ended]);
}

#[tokio::test]
async fn a_workspace_with_another_clock_can_be_signed_in_to() {
    let real = console::now();
    for hours in [-48, 48] {
        let demo = Config {
            now_ms: Some(real.ms() + hours * 3_600_000),
            ..Setup::default().demo
        };
        let site = Site::start_with(Setup {
            demo,
            ..Setup::default()
        })
        .await;
        let browser = site.sign_in_with_oauth().await;
        assert_eq!(browser.get(TOKENS_PAGE).await.status, 200, "{hours} h");
        assert_eq!(
            site.call_count("POST", "/oidc/v1/token"),
            1,
            "{hours} h: the access token is not refreshed"
        );
    }
}

#[tokio::test]
async fn a_refused_access_token_is_replaced_and_the_page_is_loaded_again() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let refused = Effect::Answer {
        status: 403,
        body: FaultBody::IntegerErrorCode {
            message: "Invalid access token.".into(),
        },
    };
    let refuse = || Fault::next("GET", TOKENS_API, refused.clone());
    site.demo.fault(refuse());
    site.demo.fault(grant(&site, 3600, "r2"));
    let page = format!("{TOKENS_PAGE}?q=a");
    let redirect = browser.get(&page).await;
    assert_eq!((redirect.status, redirect.location()), (303, page));
    assert_eq!(browser.follow(&redirect).await.status, 200);
    // The new one is refused at once, which ends the session.
    let refresh = [("workspace", "acme-prod"), ("back", "/")];
    browser.call("/api/tokens/refresh", &refresh).await;
    site.demo.fault(refuse());
    let ended = browser.get(TOKENS_PAGE).await;
    assert_eq!(ended.status, 303, "{}", ended.text());
    assert!(ended.location().starts_with("/sign-in?"), "{}", ended.location());
}
