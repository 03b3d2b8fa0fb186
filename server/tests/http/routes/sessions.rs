//! One's own sign-ins: seen, ended, and never anybody else's.

use crate::support::{ACME, Browser, OTHER, Site};

/// The ids that the page's forms would end.
async fn listed(browser: &Browser) -> Vec<String> {
    let page = browser.get("/sessions").await;
    let parts = page.body.split("name=\"id\" value=\"").skip(1);
    parts.map(|part| part[..32].to_owned()).collect()
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get(&format!("/w/{ACME}/tokens")).await.status == 200
}

async fn ended(browser: &Browser) {
    // A sign-in that was read within the last second is not read again.
    let mut looks = 0;
    while is_signed_in(browser).await {
        looks += 1;
        assert!(looks < 30, "still signed in");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn each_is_listed_with_its_browser_and_ended_alone() {
    let site = Site::start().await;
    let (here, there) = (site.signed_in().await, site.signed_in().await);
    let all = listed(&here).await;
    assert_eq!(all.len(), 2);
    let text = here.get("/sessions").await.text();
    assert_eq!(text.matches("This browser").count(), 1, "{text}");
    // The latest is first: the other browser's.
    let answer = here.submit("/sessions", "/api/sessions/end", &[("id", &all[0])]).await;
    assert_eq!(answer.location(), "/sessions?done=ended");
    ended(&there).await;
    assert!(is_signed_in(&here).await);
    let page = here.follow(&answer).await;
    assert!(page.said().contains("This is your only session."), "{}", page.text());
    // Again is like once.
    let again = here.call("/api/sessions/end", &[("id", &all[0])]).await;
    assert_eq!(again.location(), "/sessions?done=ended");
    assert_eq!(here.call("/api/sessions/end", &[("id", "no id")]).await.status, 400);
}

#[tokio::test]
async fn all_others_are_ended_and_this_one_stays_also_in_other_workspaces() {
    let site = Site::start().await;
    let (here, there, elsewhere) = (
        site.signed_in().await,
        site.signed_in().await,
        site.signed_in_elsewhere().await,
    );
    let fields = [("workspace", OTHER), ("token", &site.pat()), ("next", "")];
    here.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    assert_eq!(listed(&here).await.len(), 4);
    here.submit("/sessions", "/api/sessions/end_others", &[]).await;
    ended(&there).await;
    assert_eq!(elsewhere.get(&format!("/w/{OTHER}/tokens")).await.status, 303);
    assert!(is_signed_in(&here).await);
    assert_eq!(listed(&here).await.len(), 2);
}

#[tokio::test]
async fn nobody_ends_anybody_elses() {
    let site = Site::start().await;
    let admin = site.signed_in().await;
    let own = listed(&admin).await;
    let other = site.browser();
    let pat = site.demo.credentials().other_admin.pat.clone().unwrap();
    site.try_token(&other, &pat).await;
    assert_eq!(listed(&other).await.len(), 1);
    other.call("/api/sessions/end", &[("id", &own[0])]).await;
    other.call("/api/sessions/end_others", &[]).await;
    assert_eq!(listed(&admin).await, own);
    // Nor does who is not signed in at all.
    let nobody = site.browser();
    assert_eq!(nobody.call("/api/sessions/end", &[("id", &own[0])]).await.status, 401);
    assert_eq!(nobody.call("/api/sessions/end_others", &[]).await.status, 401);
    assert_eq!(nobody.get("/sessions").await.location(), "/sign-in?next=%2Fsessions");
}
