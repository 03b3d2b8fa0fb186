//! Signing in by OAuth: away from a link, back with a code that works once and only in the browser that left.

use demo_workspace::{Config, Effect, Fault, FaultBody, Knobs};

use crate::support::{Setup, Site};

const LIST: &str = "/w/acme-prod/tokens";

fn admin(site: &Site) -> String {
    site.demo.credentials().admin.id.clone()
}

#[tokio::test]
async fn the_way_out_names_what_is_asked_for() {
    let site = Site::start().await;
    let left = site.browser().get("/sign-in/oauth?workspace=acme-prod").await;
    assert_eq!(left.status, 303);
    let to = url::Url::parse(&left.location()).unwrap();
    assert!(
        to.as_str()
            .starts_with(&format!("{}/oidc/v1/authorize?", site.demo.url()))
    );
    let asked = |name: &str| to.query_pairs().find(|(n, _)| n == name).unwrap().1.into_owned();
    assert_eq!(asked("redirect_uri"), format!("{}/sign-in/callback", site.origin()));
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(
        asked("scope"),
        "authentication access-management settings scim offline_access"
    );
    assert!(asked("state").len() >= 16);
}

#[tokio::test]
async fn an_admin_comes_back_signed_in_to_the_page_that_was_wanted() {
    let site = Site::start().await;
    let browser = site.browser();
    let wanted = "%2Fw%2Facme-prod%2Fsettings%2Fadvanced";
    let callback = site.decide(&browser, wanted, &admin(&site)).await;
    let answer = browser.get(&callback).await;
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/w/acme-prod/settings/advanced".to_owned())
    );
    let page = browser.follow(&answer).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Signed in with OAuth"));
    let off = browser.get("/w/acme-prod/settings/advanced/switch?to=off").await;
    assert!(off.text().contains("You keep access: you are signed in with OAuth."));
    assert!(!off.text().contains("Type acme-prod"));
}

#[tokio::test]
async fn a_code_works_once() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.decide(&browser, LIST, &admin(&site)).await;
    assert_eq!(browser.get(&callback).await.location(), LIST);
    let replayed = browser.follow(&browser.get(&callback).await).await;
    assert_eq!(replayed.status, 400);
    assert!(
        replayed.failed().contains("This sign-in has expired."),
        "{}",
        replayed.failed()
    );
    assert_eq!(site.calls("POST", "/oidc/v1/token"), 1);
}

#[tokio::test]
async fn a_return_to_another_browser_or_with_another_state_signs_nobody_in() {
    let site = Site::start().await;
    let (browser, other) = (site.browser(), site.browser());
    let callback = site.decide(&browser, LIST, &admin(&site)).await;
    // Another person's browser, with and without a start of its own.
    other.get(&callback).await;
    assert_eq!(other.get(LIST).await.status, 303);
    other.get("/sign-in/oauth?workspace=acme-prod").await;
    let page = other.follow(&other.get(&callback).await).await;
    assert!(page.failed().contains("This sign-in has expired."));
    assert_eq!(other.get(LIST).await.status, 303);
    let forged = callback.replace("state=", "state=x");
    let page = browser.follow(&browser.get(&forged).await).await;
    assert!(page.failed().contains("This sign-in has expired."));
    assert_eq!(browser.get(LIST).await.status, 303);
    assert_eq!(site.calls("POST", "/oidc/v1/token"), 0);
}

#[tokio::test]
async fn turning_back_is_no_failure_of_anybody() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.decide(&browser, "%2Fw%2Facme-prod%2Ffind", "cancel").await;
    assert!(callback.contains("error_description"));
    let page = browser.follow(&browser.get(&callback).await).await;
    assert!(page.failed().contains("Sign-in cancelled."), "{}", page.failed());
    assert!(
        !page.text().contains("The sign-in was cancelled."),
        "not the workspace's words"
    );
    assert_eq!(page.value("next").as_deref(), Some("/w/acme-prod/find"));
}

#[tokio::test]
async fn whoever_is_no_admin_is_not_let_in() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.decide(&browser, LIST, &site.demo.credentials().non_admin.id).await;
    let page = browser.follow(&browser.get(&callback).await).await;
    assert_eq!(page.status, 403);
    assert!(
        page.failed().contains("You are not an admin of the workspace."),
        "{}",
        page.failed()
    );
    assert_eq!(browser.get(LIST).await.status, 303);
}

#[tokio::test]
async fn returns_that_make_no_sense_say_so() {
    let site = Site::start().await;
    let state = async |browser: &crate::support::Browser| {
        let left = browser.get("/sign-in/oauth?workspace=acme-prod").await;
        let to = url::Url::parse(&left.location()).unwrap();
        to.query_pairs().find(|(n, _)| n == "state").unwrap().1.into_owned()
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
        assert!(page.failed().contains(title), "{rest}: {}", page.failed());
        assert!(!page.body.contains("hacked"));
        assert_eq!(browser.get(LIST).await.status, 303);
    }
}

#[tokio::test]
async fn a_workspace_without_oauth_says_so() {
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
        assert!(page.failed().contains(title), "{workspace}: {}", page.failed());
    }
}

#[tokio::test]
async fn a_sign_in_service_that_fails_leads_back_with_the_reason() {
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
        let answer = browser.get("/sign-in/oauth?workspace=acme-prod").await;
        assert!(
            answer.location().starts_with("/sign-in?next="),
            "{effect:?}: {}",
            answer.location()
        );
        let page = browser.follow(&answer).await;
        assert_eq!(page.status, status, "{effect:?}: {}", page.failed());
        assert!(!page.body.contains("hacked") && !page.body.contains("evil.example"));
    }
}

#[tokio::test]
async fn an_access_token_is_renewed_before_it_ends() {
    let knobs = Knobs {
        access_token_seconds: 2,
        ..Knobs::default()
    };
    let demo = Config {
        knobs,
        ..Setup::default().demo
    };
    let site = Site::with(Setup {
        demo,
        ..Setup::default()
    })
    .await;
    let browser = site.by_oauth().await;
    // Until two tokens have been renewed, each with a refresh token that works once.
    while site.calls("POST", "/oidc/v1/token") < 3 {
        let page = browser.get("/w/acme-prod/settings/advanced").await;
        assert_eq!(page.status, 200, "{}", page.text());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn many_requests_at_once_renew_it_once() {
    let site = Site::start().await;
    // The first access token, a personal one in disguise, is due for renewal at once.
    let grant = |lives: u32, refresh: &str| {
        let access = site.pat();
        let text = format!(
            r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":{lives},"refresh_token":"{refresh}"}}"#
        );
        let body = FaultBody::Raw {
            content_type: "application/json".into(),
            text,
        };
        Fault::next("POST", "/oidc/v1/token", Effect::Answer { status: 200, body })
    };
    let browser = site.browser();
    let callback = site.decide(&browser, LIST, &admin(&site)).await;
    site.demo.fault(grant(0, "first"));
    browser.get(&callback).await;
    assert_eq!(site.calls("POST", "/oidc/v1/token"), 1);
    site.demo.fault(grant(3600, "second").after_ms(100));
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let request = browser.request(reqwest::Method::GET, LIST);
        requests.spawn(async move { request.send().await.unwrap().status().as_u16() });
    }
    assert_eq!(requests.join_all().await, [200; 20]);
    assert_eq!(site.calls("POST", "/oidc/v1/token"), 2);
}

#[tokio::test]
async fn a_refresh_token_that_is_refused_ends_the_sign_in() {
    let site = Site::start().await;
    let browser = site.browser();
    let callback = site.decide(&browser, LIST, &admin(&site)).await;
    let text = format!(
        r#"{{"access_token":"{}","token_type":"Bearer","expires_in":0,"refresh_token":"spent"}}"#,
        site.pat()
    );
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text,
    };
    site.demo.fault(Fault::next(
        "POST",
        "/oidc/v1/token",
        Effect::Answer { status: 200, body },
    ));
    browser.get(&callback).await;
    let answer = browser.get(LIST).await;
    assert_eq!(answer.status, 303);
    assert!(answer.location().starts_with("/sign-in?next="), "{}", answer.location());
}

#[tokio::test]
async fn a_workspace_whose_clock_differs_is_signed_in_to_all_the_same() {
    let real = console::now();
    for hours in [-48, 48] {
        let demo = Config {
            now_ms: Some(real.ms() + hours * 3_600_000),
            ..Setup::default().demo
        };
        let site = Site::with(Setup {
            demo,
            ..Setup::default()
        })
        .await;
        let browser = site.by_oauth().await;
        assert_eq!(browser.get(LIST).await.status, 200, "{hours} h");
        assert_eq!(
            site.calls("POST", "/oidc/v1/token"),
            1,
            "{hours} h: the access token counts as fresh"
        );
    }
}
