//! Editing permissions: the editor, the review of a change, and saving it.

use demo_workspace::{AccountMembers, GroupHome};

use crate::support::{ACME, Browser, Response, Setup, Site};

const EDITOR: &str = "/w/acme-prod/settings/advanced/permissions";
const PERMISSIONS_API: &str = "/api/2.0/permissions/authorization/tokens";

/// The fingerprint of the list that the editor shows.
async fn base(browser: &Browser) -> String {
    browser.get(EDITOR).await.field("opened").unwrap()
}

/// Submits the review of the change `edit` to the list `base`.
async fn save(browser: &Browser, base: &str, edit: &str) -> Response {
    let fields = [("workspace", ACME), ("opened", base), ("edit", edit)];
    let review = format!("{EDITOR}/review?opened={base}&{edit}");
    browser
        .submit_and_follow(&review, "/api/permissions/save", &fields)
        .await
}

#[tokio::test]
async fn a_removed_group_is_reviewed_saved_and_gone() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let editor = browser.get(EDITOR).await;
    assert_eq!(editor.h1(), ["Permissions"]);
    editor.assert_shows(&["data-platform"]);
    let (base, edit) = (base(&browser).await, "remove=group%3Adata-platform");
    let review = browser.get(&format!("{EDITOR}/review?opened={base}&{edit}")).await;
    assert_eq!(review.h1(), ["Review changes"]);
    review.assert_shows(&["Removed (1)", "data-platform"]);
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 0, "reviewing changes nothing");
    let saved = save(&browser, &base, edit).await;
    assert_eq!(saved.h1(), ["Permissions"]);
    assert_eq!(
        saved.status_message(),
        "Saved. Removed group data-platform. Confirmed with the workspace."
    );
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 1);
    browser.get(EDITOR).await.assert_lacks(&["data-platform"]);
}

#[tokio::test]
async fn a_group_that_the_search_does_not_list_is_added_by_its_exact_name() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let base = base(&browser).await;
    let action = format!("/api/open?page={}", domain::percent_encode(EDITOR));
    let fields = [
        ("opened", base.as_str()),
        ("remove", "group:data-platform"),
        ("exact_name", " group of the account "),
        ("exact_kind", "group"),
    ];
    let editor = browser.submit_and_follow(EDITOR, &action, &fields).await;
    editor.assert_shows(&["group of the account Group Not available", "To be added"]);
    assert_eq!(editor.field("add").as_deref(), Some("group:group of the account"));
    editor.assert_has(&["value=\"group:data-platform\" checked"]);
    // An empty name, or that of the admins, adds no one.
    for name in ["", "  ", "admins"] {
        let fields = [("opened", base.as_str()), ("exact_name", name), ("exact_kind", "group")];
        let editor = browser.submit_and_follow(EDITOR, &action, &fields).await;
        assert_eq!(editor.field("add"), None, "{name:?}");
    }
}

#[tokio::test]
async fn an_added_group_is_saved_and_listed() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let base = base(&browser).await;
    let saved = save(&browser, &base, "add=group%3Ausers").await;
    assert_eq!(
        saved.status_message(),
        "Saved. Added group users. Confirmed with the workspace."
    );
    let rows = browser.get(EDITOR).await.rows();
    assert!(rows.contains(&"users Group Everyone".to_owned()), "{rows:?}");
}

#[tokio::test]
async fn a_change_of_a_list_that_someone_else_changed_is_not_saved() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let base = base(&browser).await;
    let can_use = ["data-platform", "users"].map(str::to_owned).to_vec();
    site.demo.change(demo_workspace::Change::SetGrants { can_use }).unwrap();
    let page = save(&browser, &base, "remove=group%3Adata-platform").await;
    assert_eq!(page.h1(), ["Review changes"]);
    page.assert_shows(&["Someone else changed the permissions. Nothing was saved; your edits are kept."]);
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 0);
}

/// The members of a group of the account may be hidden, or be more than those that are shown.
#[tokio::test]
async fn unknown_members_of_a_group_are_neither_none_nor_a_number() {
    for (members, cell) in [
        (AccountMembers::Listed, "At least "),
        (AccountMembers::Hidden, "Not available"),
    ] {
        let mut setup = Setup::default();
        setup.demo.knobs.group_home = GroupHome::Account;
        setup.demo.knobs.account_members = members;
        let site = Site::start_with(setup).await;
        let browser = site.sign_in().await;
        let editor = browser.get(EDITOR).await;
        editor.assert_shows(&["data-platform", cell]);
        let (base, edit) = (base(&browser).await, "remove=group%3Adata-platform");
        let review = browser.get(&format!("{EDITOR}/review?opened={base}&{edit}")).await;
        review.assert_shows(&["so more people may lose access"]);
        review.assert_lacks(&["No one loses access"]);
    }
}
