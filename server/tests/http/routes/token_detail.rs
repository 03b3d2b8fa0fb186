//! The page of one token.

use demo_workspace::Change;

use crate::support::{Site, TOKENS_PAGE};

#[tokio::test]
async fn a_token_shows_every_field_and_its_command() {
    let site = Site::start().await;
    let id = site.create_token("nightly export");
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    assert_eq!(page.h1(), ["nightly export"]);
    page.assert_shows(&[
        &id,
        "Status Active",
        &site.demo.credentials().non_admin.user_name,
        "Created by",
        "Expires Never",
        "Never used",
        "Scopes",
        &site.demo.workspace_id().to_string(),
        &format!("databricks token-management delete -- {id}"),
    ]);
    assert_eq!(page.field("comment").as_deref(), Some("nightly export"));
}

#[tokio::test]
async fn the_sessions_own_token_is_marked_and_its_revocation_warns() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let own = format!("{TOKENS_PAGE}/{}", site.own_token_id());
    let warning = "You are signed in with this token.";
    browser.get(&own).await.assert_shows(&["This session"]);
    browser.get(&format!("{own}/revoke")).await.assert_shows(&[warning]);
    let other = format!("{TOKENS_PAGE}/{}/revoke", site.some_token_id());
    browser.get(&other).await.assert_lacks(&[warning]);
}

#[tokio::test]
async fn a_deleted_owner_is_shown_as_unknown_with_their_id() {
    let site = Site::start().await;
    let deleted = site.demo.credentials().non_admin.clone();
    let user_name = deleted.user_name;
    site.demo.change(Change::DeletePrincipal { user_name }).unwrap();
    let browser = site.sign_in().await;
    let page = browser.get(&format!("{TOKENS_PAGE}/{}", site.some_token_id())).await;
    page.assert_shows(&[&format!("Owner {} unknown owner", deleted.id)]);
}
