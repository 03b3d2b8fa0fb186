//! Signing in with a token, the session behind it, and its end.

use std::time::Duration;

use console::SignInLimits;

use crate::support::{ACME, OTHER, Setup, Site};

const LIST: &str = "/w/acme-prod/tokens";

#[tokio::test]
async fn the_cookie_is_for_this_console_only() {
    let site = Site::start().await;
    let browser = site.browser();
    let answer = site.try_token(&browser, &site.pat()).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("pat_console_dev="), "{cookie}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn looking_around_sets_no_cookie() {
    let site = Site::start().await;
    let browser = site.browser();
    for path in ["/", "/sign-in", LIST, "/nothing", "/healthz"] {
        browser.get(path).await;
        assert_eq!(browser.cookie(), None, "{path}");
    }
}

#[tokio::test]
async fn a_sign_in_gets_a_session_id_of_its_own() {
    let site = Site::start().await;
    let browser = site.browser();
    browser.get("/sign-in/oauth?workspace=acme-prod").await;
    let before = browser.cookie().unwrap();
    site.try_token(&browser, &site.pat()).await;
    assert_ne!(browser.cookie().unwrap(), before);
    assert_eq!(browser.get(LIST).await.status, 200);
    // Whoever planted the cookie has nothing.
    let planted = site.browser();
    planted.set_cookie(Some(before));
    assert_eq!(planted.get(LIST).await.status, 303);
}

#[tokio::test]
async fn one_comes_back_to_the_page_that_one_wanted() {
    let site = Site::start().await;
    let wanted = format!("{LIST}?q=a%20b&status=active");
    let browser = site.browser();
    let sign_in = browser.follow(&browser.get(&wanted).await).await;
    let next = sign_in.value("next").unwrap();
    let fields = [("workspace", ACME), ("token", &site.pat()), ("next", &next)];
    let answer = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    assert_eq!(answer.location(), wanted);
}

#[tokio::test]
async fn one_comes_back_to_this_console_only() {
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
        let fields = [("workspace", ACME), ("token", &site.pat()), ("next", next)];
        let answer = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
        assert_eq!((answer.status, answer.location()), (303, LIST.to_owned()), "{next:?}");
        let query: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let page = browser.get(&format!("/sign-in?next={query}")).await;
        assert!(!page.body.contains("evil.example"), "{next:?}");
        let oauth = site.decide(&browser, &query, &site.demo.credentials().admin.id).await;
        assert_eq!(browser.get(&oauth).await.location(), LIST, "{next:?}");
    }
}

#[tokio::test]
async fn a_refused_credential_is_neither_kept_nor_repeated() {
    let site = Site::start().await;
    let browser = site.browser();
    let no_admin = site.demo.credentials().non_admin.pat.clone().unwrap();
    for (token, status, title) in [
        (
            "dapi00000000000000000000000000000000",
            401,
            "The workspace rejected this credential.",
        ),
        (no_admin.as_str(), 403, "You are not an admin of the workspace."),
        ("", 400, "Enter an access token."),
        ("   ", 400, "Enter an access token."),
        ("two\nlines", 401, "The workspace rejected this credential."),
    ] {
        let answer = site.try_token(&browser, token).await;
        assert!(token.trim().is_empty() || !answer.location().contains(token));
        let page = browser.follow(&answer).await;
        assert_eq!(page.status, status, "{token}");
        assert!(page.failed().contains(title), "{token}: {}", page.failed());
        assert!(token.trim().is_empty() || !page.body.contains(token));
        assert_eq!(browser.get(LIST).await.status, 303);
    }
    let unknown = [("workspace", "nowhere"), ("token", "dapi0"), ("next", "")];
    let page = browser
        .submit_and_follow("/sign-in", "/api/sign_in/with_token", &unknown)
        .await;
    assert_eq!(page.status, 404);
    assert_eq!(
        site.store
            .purge(console::now().plus(domain::DAY * 10_000))
            .await
            .unwrap(),
        0,
        "nothing was stored"
    );
}

#[tokio::test]
async fn tries_are_bounded() {
    let site = Site::with(Setup {
        tries: 2,
        ..Setup::default()
    })
    .await;
    let browser = site.browser();
    for _ in 0..2 {
        let page = browser.follow(&site.try_token(&browser, "dapi0").await).await;
        assert_eq!(page.status, 401);
    }
    site.demo.clear_log();
    let page = browser.follow(&site.try_token(&browser, &site.pat()).await).await;
    assert_eq!(page.status, 429);
    assert!(
        page.failed().contains("Too many sign-in attempts."),
        "{}",
        page.failed()
    );
    assert!(page.header("retry-after").parse::<u64>().unwrap() >= 1);
    let script = browser
        .call(
            "/api/sign_in/with_token",
            &[("workspace", ACME), ("token", "dapi0"), ("next", "")],
        )
        .await;
    assert_eq!(script.status, 429);
    let oauth = browser.get("/sign-in/oauth?workspace=acme-prod").await;
    assert_eq!(browser.follow(&oauth).await.status, 429);
    assert!(site.demo.log().is_empty(), "the workspace is shielded");
}

#[tokio::test]
async fn signing_out_forgets_the_credential_and_the_session() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let cookie = browser.cookie();
    let page = browser.submit_and_follow(LIST, "/api/sign_in/sign_out", &[]).await;
    assert!(page.said().contains("You are signed out."), "{}", page.said());
    assert_eq!(browser.cookie(), None);
    assert_eq!(browser.get(LIST).await.status, 303);
    let old = site.browser();
    old.set_cookie(cookie);
    assert_eq!(old.get(LIST).await.status, 303);
    assert_eq!(
        site.store
            .purge(console::now().plus(domain::DAY * 10_000))
            .await
            .unwrap(),
        0,
        "nothing is left"
    );
    let again = browser.submit("/sign-in", "/api/sign_in/sign_out", &[]).await;
    assert_eq!(again.status, 303);
}

#[tokio::test]
async fn a_sign_in_ends_by_its_age_and_by_idling() {
    for (absolute, idle) in [(0, 3600), (3600, 0)] {
        let limits = SignInLimits {
            absolute: Duration::from_secs(absolute),
            idle: Duration::from_secs(idle),
        };
        let site = Site::with(Setup {
            limits,
            ..Setup::default()
        })
        .await;
        let browser = site.signed_in().await;
        let answer = browser.get(LIST).await;
        assert_eq!(answer.status, 303, "{limits:?}");
        assert!(answer.location().starts_with("/sign-in?next="));
    }
}

#[tokio::test]
async fn one_is_signed_in_to_each_workspace_by_itself() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let there = format!("/w/{OTHER}/tokens");
    assert_eq!(browser.get(&there).await.status, 303);
    let fields = [("workspace", OTHER), ("token", &site.pat()), ("next", "")];
    let answer = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    assert_eq!(answer.location(), there);
    assert_eq!(browser.get(&there).await.status, 200);
    assert_eq!(browser.get(LIST).await.status, 200, "the other sign-in is still there");
}

#[tokio::test]
async fn the_credential_is_nowhere_in_the_database() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    browser.get(LIST).await;
    let id = site.some_token();
    browser
        .call(
            "/api/tokens/comment",
            &[("workspace", ACME), ("id", &id), ("comment", "x")],
        )
        .await;
    let (pat, cookie) = (site.pat(), browser.cookie().unwrap());
    let session = cookie.split_once('=').unwrap().1.to_owned();
    site.store.close().await.unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(site.data_dir()).unwrap() {
        // SQLite takes its log away when the last connection is gone, which may be now.
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
async fn pasted_tokens_are_not_taken_where_they_are_switched_off() {
    let site = Site::with(Setup {
        token_sign_in: false,
        ..Setup::default()
    })
    .await;
    let browser = site.browser();
    let page = browser.get("/sign-in").await;
    assert_eq!(
        page.body.matches("name=\"token\"").count(),
        1,
        "only the other workspace takes them"
    );
    let answer = site.try_token(&browser, &site.pat()).await;
    let told = browser.follow(&answer).await;
    assert!(
        told.failed().contains("Sign-in with access tokens is disabled"),
        "{}",
        told.text()
    );
    assert_eq!(site.calls("GET", "/"), 0, "the workspace is not even asked");
    let by_oauth = site.by_oauth().await;
    assert_eq!(by_oauth.get(LIST).await.status, 200);
}
