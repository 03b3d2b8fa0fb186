//! Finding a leaked token by its value.

use crate::support::{ACME, Site, TOKENS_PAGE};

#[tokio::test]
async fn a_leaked_token_is_found_by_its_value_which_is_not_sent_to_the_workspace() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let value = site.demo.credentials().non_admin.pat.clone().unwrap();
    let find = async |value: &str| {
        let fields = [("workspace", ACME), ("value", value)];
        browser.submit("/w/acme-prod/find", "/api/tokens/find", &fields).await
    };
    let response = find(&format!("  {value}\n")).await;
    let page = format!("{TOKENS_PAGE}/{}?from=leak", site.some_token_id());
    assert_eq!(response.location(), page);
    assert_eq!(browser.follow(&response).await.status, 200);
    let unknown = browser
        .follow(&find("dapi00000000000000000000000000000000").await)
        .await;
    assert_eq!(unknown.status, 404);
    unknown.assert_shows(&["too old to be found by value"]);
    let message = browser.follow(&find("short").await).await.error_message();
    assert!(message.contains("No token found in this text."), "{message}");
    let calls = format!("{:?}", site.demo.log());
    assert!(!calls.contains(&value));
}
