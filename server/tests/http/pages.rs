//! What each page shows, as HTML and nothing else.

use demo_workspace::Change;
use reqwest::Method;

use crate::support::{ACME, OTHER, Setup, Site};

#[tokio::test]
async fn without_a_sign_in_every_page_leads_to_it_and_back() {
    let site = Site::start().await;
    let browser = site.browser();
    for (_, page) in site.workspace_pages() {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, 303, "{page}");
        let sign_in = browser.follow(&answer).await;
        assert_eq!(sign_in.status, 200);
        assert_eq!(sign_in.value("next").as_deref(), Some(page.as_str()));
    }
    assert_eq!(site.calls("GET", "/"), 0, "nobody makes the console call the workspace");
}

#[tokio::test]
async fn the_start_leads_to_the_tokens() {
    let site = Site::start().await;
    assert_eq!(site.browser().get("/").await.location(), "/sign-in");
    let browser = site.signed_in().await;
    let answer = browser.get("/w/acme-prod").await;
    assert_eq!(
        (answer.status, answer.location()),
        (303, "/w/acme-prod/tokens".to_owned())
    );
}

#[tokio::test]
async fn every_page_says_where_one_is_and_who_one_is() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for (what, page) in site.workspace_pages() {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, 200, "{what}");
        assert_eq!(answer.h1().len(), 1, "{what}: {:?}", answer.h1());
        assert!(answer.body.starts_with("<!DOCTYPE html><html lang=\"en\" "), "{what}");
        let text = answer.text();
        for expected in [
            ACME,
            site.demo.url().trim_start_matches("http://"),
            "production",
            &site.demo.credentials().admin.user_name,
            "Signed in with a personal access token",
            "Sign out",
        ] {
            assert!(text.contains(expected), "{what} lacks {expected}");
        }
        let title = answer
            .body
            .split_once("<title>")
            .unwrap()
            .1
            .split_once("</title>")
            .unwrap()
            .0;
        assert!(title.ends_with("· acme-prod · PAT Console"), "{what}: {title}");
    }
}

#[tokio::test]
async fn no_page_has_inline_styles_handlers_or_credentials() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let mut pages: Vec<_> = site.workspace_pages().map(|(_, page)| page).to_vec();
    pages.extend(["/sign-in".to_owned(), "/nothing".to_owned()]);
    for page in pages {
        let body = browser.get(&page).await.body;
        for unwanted in [
            " style=",
            " onclick=",
            " onload=",
            "javascript:",
            &site.pat(),
            "panicked",
        ] {
            assert!(!body.contains(unwanted), "{page} has {unwanted}");
        }
    }
}

#[tokio::test]
async fn only_a_list_that_has_rows_is_drawn_at_its_first_one() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let list = browser.get("/w/acme-prod/tokens").await.body;
    let (head, body) = list.split_once("</head>").unwrap();
    assert!(
        head.contains("<link href=\"#first-row\" rel=\"expect\" blocking=\"render\""),
        "{head}"
    );
    assert_eq!(body.matches(" id=\"first-row\"").count(), 1);
    let mut others: Vec<_> = site.workspace_pages().map(|(_, page)| page).to_vec();
    others.retain(|page| page != "/w/acme-prod/tokens");
    others.extend(["/sign-in", "/w/acme-prod/tokens?q=no-such-token"].map(str::to_owned));
    for page in others {
        let body = browser.get(&page).await.body;
        assert!(
            !body.contains("rel=\"expect\""),
            "{page} waits for a row that it does not have"
        );
    }
}

#[tokio::test]
async fn the_list_counts_orders_and_pages() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let first = browser.get("/w/acme-prod/tokens").await;
    let text = first.text();
    assert!(text.contains("130 Total"), "{text}");
    assert!(text.contains("130 tokens, newest first. Showing 1 to 50."));
    assert!(text.contains("Page 1 of 3"));
    assert_eq!(rows(&first.body), 50);
    let last = browser.get("/w/acme-prod/tokens?page=3").await;
    assert_eq!(rows(&last.body), 30);
    assert!(last.text().contains("Showing 101 to 130."));
    let sorted = browser.get("/w/acme-prod/tokens?sort=last_used").await;
    assert!(sorted.text().contains("130 tokens, least recently used."));
    assert!(sorted.body.contains("aria-sort=\"ascending\""));
    for column in ["Token", "Owner", "Created", "Expires", "Last used", "Status"] {
        assert!(text.contains(column), "{column}");
    }
    assert!(text.contains("Updated ") && text.contains("Refresh"));
}

#[tokio::test]
async fn filters_live_in_the_address_and_stay_in_their_fields() {
    let site = Site::start().await;
    let id = site.token_with("needle in the haystack");
    let browser = site.signed_in().await;
    let found = browser
        .get("/w/acme-prod/tokens?q=NEEDLE&status=active&sort=-expires")
        .await;
    assert!(found.text().contains("1 of 131 tokens"), "{}", found.text());
    assert!(found.body.contains(&format!("/w/acme-prod/tokens/{id}")));
    assert_eq!(found.value("q").as_deref(), Some("NEEDLE"));
    assert!(found.body.contains("value=\"-expires\" selected"));
    let owner = &site.demo.credentials().non_admin;
    let by_owner = browser
        .get(&format!("/w/acme-prod/tokens?owner={}&q=needle", owner.id))
        .await;
    assert!(by_owner.text().contains("1 of 131 tokens"));
    let nothing = browser.get("/w/acme-prod/tokens?q=nothing-is-called-this").await;
    assert_eq!(nothing.status, 200);
    assert!(nothing.text().contains("No tokens match your filters"));
    assert!(nothing.text().contains("Clear filters"));
}

#[tokio::test]
async fn a_token_shows_every_field_and_its_command() {
    let site = Site::start().await;
    let id = site.token_with("nightly export");
    let browser = site.signed_in().await;
    let page = browser.get(&format!("/w/acme-prod/tokens/{id}")).await;
    assert_eq!(page.h1(), ["nightly export"]);
    let text = page.text();
    for expected in [
        &id,
        "Status Active",
        &site.demo.credentials().non_admin.user_name,
        "Created by",
        "Expires Never",
        "Never used",
        "Scopes",
        &site.demo.workspace_id().to_string(),
        &format!("databricks token-management delete -- {id}"),
    ] {
        assert!(text.contains(expected), "lacks {expected}: {text}");
    }
    assert_eq!(page.value("comment").as_deref(), Some("nightly export"));
}

#[tokio::test]
async fn the_own_token_is_marked_and_revoking_it_is_warned_of() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let own = format!("/w/acme-prod/tokens/{}", site.own_token());
    assert!(browser.get(&own).await.text().contains("This session"));
    let confirm = browser.get(&format!("{own}/revoke")).await;
    assert!(confirm.text().contains("You are signed in with this token."));
    let other = browser
        .get(&format!("/w/acme-prod/tokens/{}/revoke", site.some_token()))
        .await;
    assert!(!other.text().contains("You are signed in with this token."));
}

#[tokio::test]
async fn a_revocation_is_confirmed_with_everything_that_matters() {
    let site = Site::start().await;
    let id = site.token_with("nightly export");
    let browser = site.signed_in().await;
    let page = browser.get(&format!("/w/acme-prod/tokens/{id}/revoke")).await;
    assert_eq!(page.h1(), ["Revoke “nightly export”"]);
    let text = page.text();
    for expected in [
        "nightly export",
        &id,
        &site.demo.credentials().non_admin.user_name,
        "Never used",
        "This cannot be undone.",
        "databricks token-management delete",
        "Cancel",
        "Revoke",
        &format!(
            "Acting as {} (personal access token).",
            site.demo.credentials().admin.user_name
        ),
    ] {
        assert!(text.contains(expected), "lacks {expected}: {text}");
    }
}

#[tokio::test]
async fn switching_off_tells_what_it_hits() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let off = browser.get("/w/acme-prod/settings/advanced/switch?to=off").await;
    let text = off.text();
    for expected in [
        "Disable personal access tokens in acme-prod",
        "active tokens of",
        "of them were used in the last 7 days",
        "Nothing is deleted.",
        "Unexpired tokens work again once enabled.",
        "Partner Connect",
        "You will be signed out, because you use a personal access token.",
        "Type acme-prod to confirm",
        "databricks workspace-conf set-status",
        "Confirm",
        "Cancel",
    ] {
        assert!(text.contains(expected), "lacks {expected}: {text}");
    }
}

#[tokio::test]
async fn the_settings_show_switch_limit_and_permissions() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let page = browser.get("/w/acme-prod/settings/advanced").await;
    assert_eq!(page.h1(), ["Settings"]);
    assert!(page.body.contains("role=\"switch\"") && page.body.contains("aria-checked=\"true\""));
    let text = page.text();
    for expected in [
        "Personal Access Tokens",
        "Maximum lifetime of new tokens (days)",
        "Permissions",
        "can create and use tokens.",
    ] {
        assert!(text.contains(expected), "lacks {expected}: {text}");
    }
    assert_eq!(page.value("days").as_deref(), Some("0"));
}

#[tokio::test]
async fn with_tokens_off_every_page_says_so_and_still_works() {
    let site = Site::start().await;
    let browser = site.by_oauth().await;
    let values = [("enableTokensConfig".to_owned(), Some("false".to_owned()))].into();
    site.demo.change(Change::SetConf { values }).unwrap();
    for (what, page) in site.workspace_pages() {
        let answer = browser.get(&page).await;
        assert_eq!(answer.status, 200, "{what}");
        assert!(
            answer
                .text()
                .contains("Personal access tokens are disabled in acme-prod."),
            "{what}"
        );
    }
    let list = browser.get("/w/acme-prod/tokens").await;
    assert!(list.text().contains("Active (currently disabled)"));
    assert_eq!(rows(&list.body), 50);
}

#[tokio::test]
async fn a_workspace_without_tokens_says_so() {
    let site = Site::start().await;
    let browser = site.by_oauth().await;
    site.demo.change(Change::RemoveAllTokens).unwrap();
    let list = browser.get("/w/acme-prod/tokens").await;
    assert_eq!(list.status, 200);
    assert!(list.text().contains("No tokens yet"));
    let settings = browser.get("/w/acme-prod/settings/advanced").await;
    assert_eq!(settings.status, 200);
    assert!(settings.text().contains("This workspace has no tokens yet."));
}

#[tokio::test]
async fn owners_who_are_gone_read_as_such() {
    let site = Site::with(Setup::default()).await;
    let gone = site.demo.credentials().non_admin.clone();
    site.demo
        .change(Change::DeletePrincipal {
            user_name: gone.user_name,
        })
        .unwrap();
    let browser = site.signed_in().await;
    let page = browser.get(&format!("/w/acme-prod/tokens/{}", site.some_token())).await;
    assert!(
        page.text().contains(&format!("Owner {} unknown owner", gone.id)),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    for (path, status) in [
        ("/w/acme-prod/tokens", 200),
        ("/sign-in", 200),
        ("/", 200),
        ("/w/acme-prod", 303),
        ("/nothing", 404),
        ("/healthz", 200),
        ("/pkg/none.js", 404),
    ] {
        let answer = browser.send(browser.request(Method::HEAD, path)).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{path}");
    }
}

#[tokio::test]
async fn the_sign_in_page_offers_every_workspace_and_the_ways_into_it() {
    let site = Site::start().await;
    let page = site.browser().get("/sign-in").await;
    assert_eq!(page.h1(), ["Sign in"]);
    for expected in [ACME, OTHER, "Access token", "Sign in with Databricks"] {
        assert!(page.text().contains(expected), "lacks {expected}");
    }
    // An OAuth client is configured for one of them.
    assert_eq!(page.text().matches("Sign in with Databricks").count(), 1);
    assert!(!page.body.contains("id=\"next\"") && page.body.contains("type=\"password\""));
}

fn rows(body: &str) -> usize {
    body.matches("<th scope=\"row\">").count()
}
