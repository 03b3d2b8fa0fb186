//! A user's own sessions: listing and ending them, but never those of others.

use crate::support::{Browser, OTHER, Site, TOKENS_PAGE};

/// The IDs of the sessions that the page offers to end.
async fn listed_ids(browser: &Browser) -> Vec<String> {
    let page = browser.get("/sessions").await;
    let parts = page.body.split("name=\"id\" value=\"").skip(1);
    parts.map(|part| part[..32].to_owned()).collect()
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get(TOKENS_PAGE).await.status == 200
}

/// Waits until the browser is signed out.
async fn wait_until_signed_out(browser: &Browser) {
    // A session that was read within the last second is not read from the database again.
    let mut attempts = 0;
    while is_signed_in(browser).await {
        attempts += 1;
        assert!(attempts < 30, "still signed in");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_session_is_listed_with_its_browser_and_ended_alone() {
    let site = Site::start().await;
    let (here, there) = (site.sign_in().await, site.sign_in().await);
    let all = listed_ids(&here).await;
    assert_eq!(all.len(), 2);
    let text = here.get("/sessions").await.text();
    assert_eq!(text.matches("This browser").count(), 1, "{text}");
    // The latest session, which is the other browser's, is first.
    let response = here.submit("/sessions", "/api/sessions/end", &[("id", &all[0])]).await;
    assert_eq!(response.location(), "/sessions?done=ended");
    wait_until_signed_out(&there).await;
    assert!(is_signed_in(&here).await);
    let page = here.follow(&response).await;
    page.assert_success("Other sessions ended. This is your only session.");
    // Ending it again has the same result.
    let again = here.call("/api/sessions/end", &[("id", &all[0])]).await;
    assert_eq!(again.location(), "/sessions?done=ended");
    assert_eq!(here.call("/api/sessions/end", &[("id", "not an id")]).await.status, 400);
}

#[tokio::test]
async fn ending_all_others_keeps_this_browsers_sessions_in_every_workspace() {
    let site = Site::start().await;
    let (here, there, elsewhere) = (
        site.sign_in().await,
        site.sign_in().await,
        site.sign_in_to_other_workspace().await,
    );
    let fields = [("workspace", OTHER), ("token", &site.token_value()), ("next", "")];
    here.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
    assert_eq!(listed_ids(&here).await.len(), 4);
    here.submit("/sessions", "/api/sessions/end_others", &[]).await;
    wait_until_signed_out(&there).await;
    assert_eq!(elsewhere.get(&format!("/w/{OTHER}/tokens")).await.status, 303);
    assert!(is_signed_in(&here).await);
    assert_eq!(listed_ids(&here).await.len(), 2);
}

#[tokio::test]
async fn no_one_can_end_the_sessions_of_others() {
    let site = Site::start().await;
    let admin = site.sign_in().await;
    let own = listed_ids(&admin).await;
    let other = site.browser();
    let pat = site.demo.credentials().other_admin.pat.clone().unwrap();
    site.submit_token(&other, &pat).await;
    assert_eq!(listed_ids(&other).await.len(), 1);
    other.call("/api/sessions/end", &[("id", &own[0])]).await;
    other.call("/api/sessions/end_others", &[]).await;
    assert_eq!(listed_ids(&admin).await, own);
    // Nor can someone without a session.
    let signed_out = site.browser();
    assert_eq!(
        signed_out.call("/api/sessions/end", &[("id", &own[0])]).await.status,
        401
    );
    assert_eq!(signed_out.call("/api/sessions/end_others", &[]).await.status, 401);
    assert_eq!(
        signed_out.get("/sessions").await.location(),
        "/sign-in?next=%2Fsessions"
    );
}
