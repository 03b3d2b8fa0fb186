//! Signing in with an access token, the session behind it, and its end.

use std::time::Duration;

use console::SignInLimits;
use http::Method;

use crate::support::{ACME, OTHER, Setup, Site, TOKENS_PAGE};

#[tokio::test]
async fn the_sign_in_page_offers_every_workspace_and_its_sign_in_methods() {
    let site = Site::start().await;
    let page = site.browser().get("/sign-in").await;
    assert_eq!(page.h1(), ["Sign in"]);
    page.assert_shows(&[ACME, OTHER, "Access token", "Sign in with Databricks"]);
    // Only one of the workspaces has an OAuth client.
    assert_eq!(page.text().matches("Sign in with Databricks").count(), 1);
    // Browsers do not offer to save the value, and do not show it.
    page.assert_has(&[
        "class=\"input masked\"",
        "autocomplete=\"off\"",
        "data-form-type=\"other\"",
    ]);
    page.assert_has_none(&["type=\"password\""]);
    page.assert_has_none(&["id=\"next\""]);
}

#[tokio::test]
async fn the_cookie_is_sent_to_this_console_only() {
    let site = Site::start().await;
    let browser = site.browser();
    let response = site.submit_token(&browser, &site.token_value()).await;
    let cookie = response.header("set-cookie");
    let name = format!("pat_console_dev_{}=", site.address.port());
    assert!(cookie.starts_with(&name), "{cookie}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn browsing_sets_no_cookie() {
    let site = Site::start().await;
    let browser = site.browser();
    for path in ["/", "/sign-in", TOKENS_PAGE, "/nothing", "/healthz"] {
        browser.get(path).await;
        assert_eq!(browser.cookie(), None, "{path}");
    }
}

#[tokio::test]
async fn signing_in_changes_the_session_id() {
    let site = Site::start().await;
    let browser = site.browser();
    browser.get("/sign-in/oauth?workspace=acme-prod").await;
    let session = || browser.cookie_named("pat_console_dev").unwrap();
    let (before, cookies) = (session(), browser.cookie());
    site.submit_token(&browser, &site.token_value()).await;
    assert_ne!(session(), before);
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 200);
    // Someone who planted the old cookies is not signed in.
    let attacker = site.browser();
    attacker.set_cookie(cookies);
    assert_eq!(attacker.get(TOKENS_PAGE).await.status, 303);
}

#[tokio::test]
async fn signing_in_leads_to_the_requested_page() {
    let site = Site::start().await;
    let requested = format!("{TOKENS_PAGE}?q=a%20b&status=active");
    let browser = site.browser();
    let sign_in = browser.follow(&browser.get(&requested).await).await;
    let next = sign_in.field("next").unwrap();
    let fields = [("workspace", ACME), ("token", &site.token_value()), ("next", &next)];
    let response = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    assert_eq!(response.location(), requested);
}

#[tokio::test]
async fn signing_in_leads_to_a_page_of_this_console_only() {
    let site = Site::start().await;
    for next in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/x\r\nSet-Cookie: a=b",
    ] {
        let browser = site.browser();
        let fields = [("workspace", ACME), ("token", &site.token_value()), ("next", next)];
        let response = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
        assert_eq!(
            (response.status, response.location()),
            (303, TOKENS_PAGE.to_owned()),
            "{next:?}"
        );
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = browser.get(&format!("/sign-in?next={query}")).await;
        page.assert_has_none(&["evil.example"]);
        let oauth = site
            .choose_at_workspace(&browser, &query, &site.demo.credentials().admin.id)
            .await;
        assert_eq!(browser.get(&oauth).await.location(), TOKENS_PAGE, "{next:?}");
    }
}

#[tokio::test]
async fn a_refused_credential_is_neither_stored_nor_shown() {
    let site = Site::start().await;
    let browser = site.browser();
    let non_admin = site.demo.credentials().non_admin.pat.clone().unwrap();
    for (token, status, title) in [
        (
            "dapi00000000000000000000000000000000",
            401,
            "acme-prod rejected this credential.",
        ),
        (non_admin.as_str(), 403, "You are not an admin of acme-prod."),
        ("", 400, "Enter an access token."),
        ("   ", 400, "Enter an access token."),
        ("two\nlines", 401, "acme-prod rejected this credential."),
    ] {
        let response = site.submit_token(&browser, token).await;
        assert!(token.trim().is_empty() || !response.location().contains(token));
        let page = browser.follow(&response).await;
        assert_eq!(page.status, status, "{token}");
        page.assert_error(title);
        // The problem is shown at its workspace, which comes first.
        let card = page.body.split("<section").nth(1).unwrap();
        assert!(card.contains("id=\"workspace-acme-prod\"") && card.contains("id=\"error-message\""));
        assert!(token.trim().is_empty() || !page.body.contains(token));
        assert_eq!(browser.get(TOKENS_PAGE).await.status, 303);
    }
    let unknown = [("workspace", "nowhere"), ("token", "dapi0"), ("next", "")];
    let page = browser
        .submit_and_follow("/sign-in", "/api/sign_in/with_token", &unknown)
        .await;
    assert_eq!(page.status, 404);
    assert_eq!(
        site.store
            .purge_sign_ins(console::now().plus(domain::DAY * 10_000))
            .await
            .unwrap(),
        0,
        "nothing was stored"
    );
}

#[tokio::test]
async fn sign_in_attempts_are_limited() {
    let site = Site::start_with(Setup {
        sign_in_attempts: 2,
        ..Setup::default()
    })
    .await;
    let browser = site.browser();
    for _ in 0..2 {
        let page = browser.follow(&site.submit_token(&browser, "dapi0").await).await;
        assert_eq!(page.status, 401);
    }
    site.demo.clear_log();
    let page = browser
        .follow(&site.submit_token(&browser, &site.token_value()).await)
        .await;
    assert_eq!(page.status, 429);
    let message = page.error_message();
    assert!(message.starts_with("Too many sign-in attempts."), "{message}");
    assert!(page.header("retry-after").parse::<u64>().unwrap() >= 1);
    let script = browser
        .call(
            "/api/sign_in/with_token",
            &[("workspace", ACME), ("token", "dapi0"), ("next", "")],
        )
        .await;
    assert_eq!(script.status, 429);
    assert!(site.demo.log().is_empty(), "the workspace gets no call");
    // Someone who guesses tokens does not prevent others from signing in with OAuth.
    let oauth = browser.get("/sign-in/oauth?workspace=acme-prod").await;
    assert!(oauth.location().starts_with(site.demo.url()), "{}", oauth.location());
}

#[tokio::test]
async fn a_successful_attempt_is_given_back() {
    let site = Site::start_with(Setup {
        sign_in_attempts: 1,
        ..Setup::default()
    })
    .await;
    for _ in 0..3 {
        let browser = site.browser();
        let response = site.submit_token(&browser, &site.token_value()).await;
        assert_eq!(response.location(), TOKENS_PAGE);
    }
    let browser = site.browser();
    let failed = browser.follow(&site.submit_token(&browser, "dapi0").await).await;
    assert_eq!(failed.status, 401);
    let limited = browser.follow(&site.submit_token(&browser, "dapi0").await).await;
    assert_eq!(limited.status, 429);
}

#[tokio::test]
async fn starts_with_oauth_are_limited_and_an_image_on_another_site_starts_none() {
    let site = Site::start_with(Setup {
        sign_in_attempts: 1,
        ..Setup::default()
    })
    .await;
    let browser = site.browser();
    let start = "/sign-in/oauth?workspace=acme-prod";
    for _ in 0..20 {
        let image = browser
            .request(Method::GET, start)
            .header("sec-fetch-site", "cross-site");
        let image = browser.send(image.header("sec-fetch-mode", "no-cors")).await;
        assert!(image.location().starts_with("/sign-in?"), "{}", image.location());
        let frame = browser
            .request(Method::GET, start)
            .header("sec-fetch-site", "cross-site");
        let frame = frame
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "iframe");
        let frame = browser.send(frame).await;
        assert!(frame.location().starts_with("/sign-in?"), "{}", frame.location());
    }
    let link = browser
        .request(Method::GET, start)
        .header("sec-fetch-site", "cross-site");
    let link = link
        .header("sec-fetch-mode", "navigate")
        .header("sec-fetch-dest", "document");
    let link = browser.send(link).await;
    assert!(link.location().starts_with(site.demo.url()), "{}", link.location());
    for _ in 0..4 {
        browser.get(start).await;
    }
    let limited = browser.follow(&browser.get(start).await).await;
    assert_eq!(limited.status, 429);
}

#[tokio::test]
async fn signing_out_deletes_the_credential_and_the_session() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let cookie = browser.cookie();
    let page = browser
        .submit_and_follow(TOKENS_PAGE, "/api/sign_in/sign_out", &[])
        .await;
    page.assert_success("You are signed out.");
    assert_eq!(browser.cookie(), None);
    assert_eq!(browser.get(TOKENS_PAGE).await.status, 303);
    let with_old_cookie = site.browser();
    with_old_cookie.set_cookie(cookie);
    assert_eq!(with_old_cookie.get(TOKENS_PAGE).await.status, 303);
    assert_eq!(
        site.store
            .purge_sign_ins(console::now().plus(domain::DAY * 10_000))
            .await
            .unwrap(),
        0,
        "nothing is left in the database"
    );
    let again = browser.submit("/sign-in", "/api/sign_in/sign_out", &[]).await;
    assert_eq!(again.status, 303);
}

#[tokio::test]
async fn a_session_ends_by_its_age_and_when_it_is_idle() {
    for (absolute, idle) in [(0, 3600), (3600, 0)] {
        let limits = SignInLimits {
            absolute: Duration::from_secs(absolute),
            idle: Duration::from_secs(idle),
        };
        let site = Site::start_with(Setup {
            limits,
            ..Setup::default()
        })
        .await;
        let browser = site.sign_in().await;
        let response = browser.get(TOKENS_PAGE).await;
        assert_eq!(response.status, 303, "{limits:?}");
        assert!(response.location().starts_with("/sign-in?next="));
    }
}

#[tokio::test]
async fn each_workspace_needs_its_own_sign_in() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let other_list = format!("/w/{OTHER}/tokens");
    assert_eq!(browser.get(&other_list).await.status, 303);
    let fields = [("workspace", OTHER), ("token", &site.token_value()), ("next", "")];
    let response = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    assert_eq!(response.location(), other_list);
    assert_eq!(browser.get(&other_list).await.status, 200);
    assert_eq!(
        browser.get(TOKENS_PAGE).await.status,
        200,
        "the first session continues"
    );
}

#[tokio::test]
async fn no_file_of_the_database_has_the_credential_or_the_session_id() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    browser.get(TOKENS_PAGE).await;
    let id = site.some_token_id();
    browser
        .call(
            "/api/tokens/comment",
            &[("workspace", ACME), ("id", &id), ("comment", "x")],
        )
        .await;
    let (pat, cookie) = (site.token_value(), browser.cookie().unwrap());
    let session = cookie.split_once('=').unwrap().1.to_owned();
    site.store.close().await.unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(site.data_dir()).unwrap() {
        // SQLite removes its write-ahead log after the last connection, possibly just now.
        let Ok(bytes) = std::fs::read(file.unwrap().path()) else {
            continue;
        };
        for secret in [pat.as_bytes(), session.as_bytes()] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret));
        }
        files += 1;
    }
    assert!(files > 0);
}

#[tokio::test]
async fn with_token_sign_in_disabled_only_oauth_signs_in() {
    let site = Site::start_with(Setup {
        token_sign_in: false,
        ..Setup::default()
    })
    .await;
    let browser = site.browser();
    let page = browser.get("/sign-in").await;
    assert_eq!(
        page.body.matches("name=\"token\"").count(),
        1,
        "only the other workspace accepts tokens"
    );
    let response = site.submit_token(&browser, &site.token_value()).await;
    let refused = browser.follow(&response).await;
    refused.assert_error("Sign-in with access tokens is disabled");
    assert_eq!(site.call_count("GET", "/"), 0, "the token is not sent to the workspace");
    let with_oauth = site.sign_in_with_oauth().await;
    assert_eq!(with_oauth.get(TOKENS_PAGE).await.status, 200);
}
