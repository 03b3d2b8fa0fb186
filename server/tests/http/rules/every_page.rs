//! Rules for every page of a workspace.

use demo_workspace::Change;

use crate::support::{ACME, Site, TOKENS_PAGE};

#[tokio::test]
async fn without_a_session_every_page_leads_to_the_sign_in_and_back() {
    let site = Site::start().await;
    let browser = site.browser();
    for (_, page) in site.workspace_pages() {
        let response = browser.get(&page).await;
        assert_eq!(response.status, 303, "{page}");
        let sign_in = browser.follow(&response).await;
        assert_eq!(sign_in.status, 200);
        assert_eq!(sign_in.field("next").as_deref(), Some(page.as_str()));
    }
    assert_eq!(
        site.call_count("GET", "/"),
        0,
        "someone without a session causes no call to the workspace"
    );
}

#[tokio::test]
async fn every_page_names_the_workspace_and_the_signed_in_user() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for (name, path) in site.workspace_pages() {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{name}");
        assert_eq!(page.h1().len(), 1, "{name}: {:?}", page.h1());
        assert!(page.body.starts_with("<!DOCTYPE html><html lang=\"en\" "), "{name}");
        page.assert_shows(&[
            ACME,
            site.demo.url().trim_start_matches("http://"),
            "production",
            &site.demo.credentials().admin.user_name,
            "Signed in with a personal access token",
            "Sign out",
        ]);
        let title = page.title();
        assert!(title.starts_with("acme-prod · "), "{name}: {title}");
        assert!(title.ends_with(" · PAT Console"), "{name}: {title}");
    }
}

#[tokio::test]
async fn no_page_has_inline_styles_handlers_or_credentials() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let mut pages: Vec<_> = site.workspace_pages().map(|(_, page)| page).to_vec();
    pages.extend(["/sign-in".to_owned(), "/nothing".to_owned()]);
    for page in pages {
        browser.get(&page).await.assert_has_none(&[
            " style=",
            " onclick=",
            " onload=",
            "javascript:",
            &site.token_value(),
            "panicked",
        ]);
    }
}

#[tokio::test]
async fn only_a_list_with_rows_waits_for_its_first_row_before_it_is_drawn() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let list = browser.get(TOKENS_PAGE).await.body;
    let (head, body) = list.split_once("</head>").unwrap();
    assert!(
        head.contains("<link href=\"#first-row\" rel=\"expect\" blocking=\"render\""),
        "{head}"
    );
    assert_eq!(body.matches(" id=\"first-row\"").count(), 1);
    let mut others: Vec<_> = site.workspace_pages().map(|(_, page)| page).to_vec();
    others.retain(|page| page != TOKENS_PAGE);
    others.extend(["/sign-in", "/w/acme-prod/tokens?q=no-such-token"].map(str::to_owned));
    for page in others {
        // The page would wait for a row that it does not have.
        browser.get(&page).await.assert_has_none(&["rel=\"expect\""]);
    }
}

#[tokio::test]
async fn with_tokens_disabled_every_page_says_so_and_still_works() {
    let site = Site::start().await;
    let browser = site.sign_in_with_oauth().await;
    let values = [("enableTokensConfig".to_owned(), Some("false".to_owned()))].into();
    site.demo.change(Change::SetConf { values }).unwrap();
    for (name, path) in site.workspace_pages() {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{name}");
        page.assert_shows(&["Personal access tokens are disabled in acme-prod."]);
    }
    let list = browser.get(TOKENS_PAGE).await;
    list.assert_shows(&["0 Work, ", " suspended", "Suspended"]);
    let (shown, folded) = list.body.split_once("class=\"more-notices\"").unwrap();
    assert_eq!(shown.matches("class=\"notice").count(), 1, "the others are folded");
    assert!(shown.contains("Personal access tokens are disabled in acme-prod."));
    assert!(folded.contains("Could not read the permissions."));
    assert_eq!(list.rows().len(), 50);
}
