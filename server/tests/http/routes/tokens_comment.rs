//! Editing a token's comment.

use crate::support::{ACME, Site, TOKENS_PAGE};

#[tokio::test]
async fn a_comment_is_saved_without_outer_blanks_and_a_refused_one_changes_nothing() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = site.some_token_id();
    let page = format!("{TOKENS_PAGE}/{id}");
    let save = async |comment: &str| {
        let fields = [("workspace", ACME), ("id", id.as_str()), ("comment", comment)];
        browser.submit_and_follow(&page, "/api/tokens/comment", &fields).await
    };
    let saved = save("  rotated by Mia & co  ").await;
    let short = &id[..8];
    saved.assert_success(&format!(
        "Comment saved for “rotated by Mia & co” ({short}). Confirmed at "
    ));
    assert_eq!(saved.field("comment").as_deref(), Some("rotated by Mia & co"));
    let refused = save(&"x".repeat(1001)).await;
    let message = refused.error_message();
    assert!(message.contains("The comment is too long."), "{message}");
    assert_eq!(refused.h1(), ["rotated by Mia & co"], "the workspace has the old one");
}
