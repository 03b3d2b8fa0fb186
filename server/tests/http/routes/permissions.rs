//! Editing permissions: the editor, the review of a change, and saving it.

use demo_workspace::{AccountMembers, Change, GroupHome, NewToken};

use crate::support::{ACME, Browser, Response, Setup, Site};

const EDITOR: &str = "/w/acme-prod/settings/advanced/permissions";
const PERMISSIONS_API: &str = "/api/2.0/permissions/authorization/tokens";

/// The fingerprint of the list that the editor shows.
async fn base(browser: &Browser) -> String {
    browser.get(EDITOR).await.field("opened").unwrap()
}

fn review_url(base: &str, edit: &str) -> String {
    format!("{EDITOR}/review?opened={base}&{edit}")
}

/// Saves the change `edit` of the list `base`, with the confirmations that its review asks for.
async fn save(browser: &Browser, base: &str, edit: &str) -> Response {
    let review = browser.get(&review_url(base, edit)).await;
    let stopped = review.expected("typed_tokens").unwrap_or_default();
    save_with(browser, base, edit, &stopped).await
}

/// Like [`save`], with `typed` as the number of tokens that stop.
async fn save_with(browser: &Browser, base: &str, edit: &str, typed: &str) -> Response {
    let fields = [
        ("workspace", ACME),
        ("opened", base),
        ("edit", edit),
        ("typed_tokens", typed),
    ];
    browser
        .submit_and_follow(&review_url(base, edit), "/api/permissions/save", &fields)
        .await
}

/// Grants permission to `can_use` and to the admins, and to no one else.
fn set_grants(site: &Site, can_use: &[&str]) {
    let can_use = can_use.iter().map(|&name| name.to_owned()).collect();
    site.demo.change(Change::SetGrants { can_use }).unwrap();
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
    assert_eq!(review.h1(), ["Review permission changes"]);
    review.assert_shows(&["Removed data-platform", "Added No one"]);
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
    editor.assert_shows(&["1 removal, 1 addition", "will be added"]);
    assert_eq!(
        editor.cells("group of the account")[..4],
        ["Can use", "Unknown", "Unknown", "Unknown"]
    );
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
    let saved = save(&browser, &base(&browser).await, "add=group%3Ausers").await;
    assert_eq!(
        saved.status_message(),
        "Saved. Added group users. Confirmed with the workspace."
    );
    let id = site.application_id();
    let saved = save(&browser, &base(&browser).await, &format!("add=sp%3A{id}")).await;
    let message = saved.status_message();
    assert!(
        message.starts_with("Saved. Added service principal ") && !message.contains(&id),
        "{message}"
    );
    // It had the permission already.
    assert!(
        message.contains("The workspace had these permissions already"),
        "{message}"
    );
    let rows = browser.get(EDITOR).await.rows();
    let everyone = rows.iter().find(|row| row.starts_with("users Everyone "));
    assert!(
        everyone.is_some_and(|row| row.ends_with(" group · everyone in this workspace")),
        "{rows:?}"
    );
}

#[tokio::test]
async fn a_change_of_a_list_that_someone_else_changed_is_not_saved() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let base = base(&browser).await;
    set_grants(&site, &["data-platform", "users"]);
    let page = save(&browser, &base, "remove=group%3Adata-platform").await;
    assert_eq!(page.h1(), ["Review permission changes"]);
    page.assert_shows(&[
        "Someone else changed the permissions. Nothing was saved; your edits are kept.",
        "They changed Added: users.",
        "Your changes to the current list Removed: data-platform.",
    ]);
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 0);
    // The button submits the edit together with the current list.
    let current = page.field("opened").unwrap();
    assert_ne!(current, base);
    let action = format!("/api/open?page={}", domain::percent_encode(&format!("{EDITOR}/review")));
    let fields = [("opened", current.as_str()), ("remove", "group:data-platform")];
    let review = browser
        .submit_and_follow(&review_url(&base, ""), &action, &fields)
        .await;
    review.assert_shows(&["Removed data-platform", "No one loses access."]);
}

/// The members of an account group can be hidden, or more than those that are shown.
#[tokio::test]
async fn unknown_members_of_a_group_are_neither_none_nor_a_number() {
    for (members, cell) in [
        (AccountMembers::Listed, "At least "),
        (AccountMembers::Hidden, "Unknown"),
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

#[tokio::test]
async fn each_row_has_its_level_and_numbers_that_lead_to_their_lists() {
    let site = Site::start().await;
    let person = site.demo.credentials().non_admin.clone();
    set_grants(&site, &["data-platform", &person.user_name, &site.application_id()]);
    let browser = site.sign_in().await;
    let editor = browser.get(EDITOR).await;
    let rows = editor.rows();
    let kinds: Vec<_> = rows
        .iter()
        .map(|row| {
            ["group", "service principal", "user"]
                .iter()
                .position(|kind| row.contains(kind))
        })
        .collect();
    assert!(
        kinds.is_sorted() && kinds.len() == 4,
        "groups, service principals, users: {rows:?}"
    );
    assert!(rows[0].starts_with("admins group · workspace admins"), "{rows:?}");
    assert_eq!(editor.cells("admins")[0], "Can manage");
    assert_eq!(editor.cells("admins")[4], "Always has access");

    let row = editor.cells(&person.display_name);
    let query = format!("?owner={}&amp;status=active", person.id);
    editor.assert_has(&[
        &format!("href=\"/w/{ACME}/principals/{}\"", person.id),
        &format!("/tokens{query}\""),
        &format!("/tokens{query}&amp;used=7d\""),
    ]);
    assert_eq!(row[..2], ["Can use", "1"]);
    for (number, filter) in [(&row[2], ""), (&row[3], "&used=7d")] {
        let list = format!("/w/{ACME}/tokens?owner={}&status=active{filter}", person.id);
        let list = browser.get(&list).await;
        list.assert_shows(&[&format!("{number} of ")]);
    }
}

#[tokio::test]
async fn service_principals_are_sorted_by_name_and_not_by_application_id() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let found = browser.get(&format!("{EDITOR}/find?find=-")).await;
    let keys = found.body.split("data-option=\"sp:").skip(1);
    let ids: Vec<_> = keys.map(|key| key.split_once('"').unwrap().0.to_owned()).collect();
    assert!(ids.len() > 3, "{ids:?}");
    site.demo.change(Change::SetGrants { can_use: ids }).unwrap();
    let rows: Vec<_> = browser.get(EDITOR).await.rows().into_iter().skip(1).collect();
    assert!(rows.iter().all(|row| row.contains("service principal · ")), "{rows:?}");
    assert!(rows.is_sorted_by_key(|row| row.to_lowercase()), "{rows:?}");
}

#[tokio::test]
async fn permissions_are_removed_kept_and_filtered_without_scripts() {
    let site = Site::start().await;
    set_grants(&site, &["data-platform", "analytics", "security"]);
    let browser = site.sign_in().await;
    let base = base(&browser).await;
    let action = format!("/api/open?page={}", domain::percent_encode(EDITOR));
    let submit = async |fields: &[(&str, &str)]| {
        let fields = [&[("opened", base.as_str())], fields].concat();
        browser.submit_and_follow(EDITOR, &action, &fields).await
    };
    browser.get(EDITOR).await.assert_shows(&["No changes", "4 permissions"]);
    let removed = submit(&[("remove", "group:analytics"), ("remove", "group:security")]).await;
    removed.assert_shows(&["2 removals", "Undo removal of analytics"]);
    removed.assert_has(&["value=\"group:security\" checked"]);
    // A browser sends the ticked checkboxes, then the button.
    let undone = submit(&[
        ("remove", "group:analytics"),
        ("remove", "group:security"),
        ("undo", "group:security"),
    ])
    .await;
    undone.assert_shows(&["1 removal"]);
    undone.assert_has_none(&["value=\"group:security\" checked"]);
    // Rows that are to be removed are never hidden.
    let filtered = submit(&[("remove", "group:analytics"), ("filter", " Platform ")]).await;
    filtered.assert_shows(&["2 of 4 permissions", "1 removal"]);
    assert_eq!(filtered.body.matches("<tr id=\"permission-").count(), 4);
    assert_eq!(filtered.body.matches(" hidden data-names=").count(), 2);
}

#[tokio::test]
async fn a_removal_that_stops_tokens_is_saved_only_with_their_number() {
    let site = Site::start().await;
    let person = site.demo.credentials().non_admin.user_name.clone();
    for used_days_ago in [Some(1), None] {
        let new = NewToken {
            owner: person.clone(),
            used_days_ago,
            ..NewToken::default()
        };
        site.demo.change(Change::CreateToken(new)).unwrap();
    }
    set_grants(&site, &[&person]);
    let browser = site.sign_in().await;
    let (base, edit) = (
        base(&browser).await,
        format!("remove=user%3A{}", domain::percent_encode(&person)),
    );
    let review = browser.get(&review_url(&base, &edit)).await;
    let stopped = review.expected("typed_tokens").unwrap();
    review.assert_shows(&[
        &format!("1 person or service principal loses access. {stopped} active tokens stop working."),
        &format!("Type {stopped} to confirm that {stopped} active tokens stop working"),
        &format!("of {stopped} tokens"),
        &format!("Remove access and stop {stopped} tokens"),
        "may be permanently deleted",
    ]);
    for typed in ["", "1000", "unknown"] {
        let refused = save_with(&browser, &base, &edit, typed).await;
        refused.assert_shows(&[
            "The number does not match.",
            &format!("Type {stopped}, exactly as shown."),
        ]);
        refused.assert_has(&["aria-invalid=\"true\""]);
    }
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 0);
    let activity = browser.get(&format!("/w/{ACME}/activity")).await;
    activity.assert_shows(&["The number typed did not match"]);
    save_with(&browser, &base, &edit, &format!(" {stopped} "))
        .await
        .assert_success("Saved.");
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 1);
    // The same form again: the change has been made already.
    save_with(&browser, &base, &edit, &stopped)
        .await
        .assert_success("Saved.");
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 1);
}

#[tokio::test]
async fn adding_and_removals_that_stop_nothing_ask_for_no_number() {
    let site = Site::start().await;
    set_grants(&site, &["data-platform"]);
    let browser = site.sign_in().await;
    let base = base(&browser).await;
    let adding = browser.get(&review_url(&base, "add=group%3Ausers")).await;
    assert_eq!(adding.expected("typed_tokens"), None);
    adding.assert_shows(&["gain access. Nothing stops working.", "Save"]);
    adding.assert_has(&["class=\"btn primary\""]);
    adding.assert_lacks(&["Who loses access", "may be permanently deleted"]);
    let replacing = browser
        .get(&review_url(&base, "add=group%3Ausers&remove=group%3Adata-platform"))
        .await;
    assert_eq!(replacing.expected("typed_tokens"), None);
    replacing.assert_shows(&["No one loses access. No active tokens stop working."]);
    replacing.assert_lacks(&["Remove access and stop"]);
}

/// If the number is unknown, the word "unknown" has to be typed.
#[tokio::test]
async fn an_unknown_number_of_tokens_is_confirmed_as_unknown() {
    let mut setup = Setup::default();
    setup.demo.knobs.group_home = GroupHome::Account;
    setup.demo.knobs.account_members = AccountMembers::Hidden;
    let site = Site::start_with(setup).await;
    let browser = site.sign_in().await;
    let (base, edit) = (base(&browser).await, "remove=group%3Adata-platform");
    let review = browser.get(&review_url(&base, edit)).await;
    review.assert_shows(&[
        "It is not known who loses access. It is not known how many active tokens stop working.",
        "Type unknown to confirm",
        "Remove access and stop an unknown number of tokens",
    ]);
    let refused = save_with(&browser, &base, edit, "0").await;
    refused.assert_shows(&["Type unknown, exactly as shown."]);
    assert_eq!(site.call_count("PUT", PERMISSIONS_API), 0);
    save_with(&browser, &base, edit, "Unknown")
        .await
        .assert_success("Saved.");
}

#[tokio::test]
async fn those_who_lose_access_are_listed_with_service_principals_first() {
    let site = Site::start().await;
    set_grants(&site, &["users"]);
    let browser = site.sign_in().await;
    let base = base(&browser).await;
    let review = browser.get(&review_url(&base, "remove=group%3Ausers")).await;
    let position = |part: &str| review.body.find(part).unwrap();
    assert!(position("before-after") < position("Who loses access"));
    let rows = review.rows();
    assert!(rows.len() > 5 && rows[0].contains("service principal"), "{rows:?}");
    let kinds: Vec<_> = rows
        .iter()
        .take(5)
        .map(|row| row.contains("service principal"))
        .collect();
    assert!(kinds.is_sorted_by(|a, b| a >= b), "{rows:?}");
    review.assert_shows(&["Before", " can After", &format!("and {} more", rows.len() - 5)]);
    review.assert_has(&[
        "role=\"img\" aria-label=\"Before: ",
        &format!("href=\"/w/{ACME}/principals/"),
    ]);
}
