//! The filters of the list of tokens.

use demo_workspace::{Change, NewToken};
use domain::Timestamp;

use crate::support::{Response, Site, TOKENS_PAGE};

/// Today plus `days`, in UTC.
fn day(days: i64) -> String {
    Timestamp::from_ms(console::now().ms() + days * 86_400_000)
        .day()
        .to_iso()
}

/// Creates tokens whose comments start with "probe". Each differs from the first one in one property.
fn create_probes(site: &Site) {
    let (kai, mia) = (&site.demo.credentials().non_admin, &site.demo.credentials().admin);
    let new = |comment: &str| NewToken {
        owner: kai.user_name.clone(),
        comment: Some(format!("probe {comment}")),
        created_days_ago: 40,
        lifetime_days: Some(100),
        used_days_ago: Some(0),
        ..NewToken::default()
    };
    for token in [
        new("plain"),
        NewToken {
            lifetime_days: None,
            ..new("without expiry")
        },
        NewToken {
            lifetime_days: Some(45),
            ..new("expiring soon")
        },
        NewToken {
            lifetime_days: Some(30),
            ..new("expired")
        },
        NewToken {
            used_days_ago: Some(20),
            ..new("used long ago")
        },
        NewToken {
            used_days_ago: None,
            ..new("unused")
        },
        NewToken {
            creator: Some(mia.user_name.clone()),
            ..new("created by an admin")
        },
        NewToken {
            scopes: Some(vec!["files".into(), "sql".into()]),
            ..new("scoped")
        },
    ] {
        site.demo.change(Change::CreateToken(token)).unwrap();
    }
}

/// The probes that a page lists.
fn listed(page: &Response) -> Vec<String> {
    let rows = page.body.split("<th scope=\"row\">").skip(1);
    let mut found: Vec<_> = rows
        .filter_map(|row| row.split_once("probe ")?.1.split_once('<'))
        .map(|(comment, _)| comment.to_owned())
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn each_filter_shows_the_tokens_that_match_it() {
    let site = Site::start().await;
    create_probes(&site);
    let browser = site.sign_in().await;
    let all = listed(&browser.get(&format!("{TOKENS_PAGE}?q=probe")).await);
    assert_eq!(all.len(), 8);
    let all_but = |excluded: &[&str]| {
        let rest = all.iter().filter(|comment| !excluded.contains(&comment.as_str()));
        rest.cloned().collect::<Vec<_>>()
    };
    let only = |names: &[&str]| names.iter().map(|comment| (*comment).to_owned()).collect::<Vec<_>>();
    for (filter, expected) in [
        ("status=active".to_owned(), all_but(&["expired"])),
        ("finding=never-expires".to_owned(), only(&["without expiry"])),
        ("finding=never-used".to_owned(), only(&["unused"])),
        ("finding=never-used&finding=never-expires".to_owned(), only(&[])),
        ("creator=other".to_owned(), only(&["created by an admin"])),
        ("owner_kind=user".to_owned(), all.clone()),
        ("owner_kind=service_principal".to_owned(), only(&[])),
        (
            format!("expires_from={}&expires_to={}", day(1), day(10)),
            only(&["expiring soon"]),
        ),
        (format!("expires_to={}", day(0)), only(&["expired"])),
        (format!("used_to={}", day(-15)), only(&["used long ago"])),
        (format!("used_from={}", day(-15)), all_but(&["used long ago", "unused"])),
        ("idle=10".to_owned(), only(&["unused", "used long ago"])),
        ("idle=30".to_owned(), only(&["unused"])),
        ("scope=SQL".to_owned(), only(&["scoped"])),
        ("scope=all-apis".to_owned(), all_but(&["scoped"])),
    ] {
        let page = browser.get(&format!("{TOKENS_PAGE}?q=probe&{filter}")).await;
        assert_eq!(page.status, 200);
        assert_eq!(listed(&page), expected, "{filter}");
        page.assert_lacks(&["were ignored:"]);
        assert_eq!(
            page.text().matches("Remove filter:").count(),
            filter.split('&').count() + 1,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn a_token_is_found_by_the_beginning_of_its_id() {
    let site = Site::start().await;
    let id = site.create_token("probe by id");
    let browser = site.sign_in().await;
    for part in [&id[..10], &id[..64], &id[..10].to_uppercase()] {
        let page = browser.get(&format!("{TOKENS_PAGE}?id={part}")).await;
        assert_eq!(listed(&page), ["by id"], "{part}");
    }
    assert!(listed(&browser.get(&format!("{TOKENS_PAGE}?id={}", &id[1..])).await).is_empty());
}

#[tokio::test]
async fn deactivated_unknown_and_gone_owners_can_be_filtered_together() {
    let site = Site::start().await;
    let (kai, other) = (&site.demo.credentials().non_admin, &site.demo.credentials().other_admin);
    let (kai, other) = (kai.user_name.clone(), other.user_name.clone());
    site.create_token("probe of a deleted user");
    let browser = site.sign_in().await;
    site.demo.change(Change::DeletePrincipal { user_name: kai }).unwrap();
    site.demo.change(Change::Deactivate { user_name: other }).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", "acme-prod"), ("back", "/")])
        .await;
    let match_count = async |filter: &str| {
        let page = browser.get(&format!("{TOKENS_PAGE}?{filter}")).await.text();
        let before = page.split(" of 131 tokens").next().unwrap_or_default();
        before.rsplit(' ').next().unwrap_or_default().parse::<usize>().unwrap()
    };
    let deactivated = match_count("finding=owner-deactivated").await;
    let either = "finding=owner-deactivated&finding=owner-unknown&finding=owner-gone";
    let all = match_count(either).await;
    // The workspace is asked about the unknown owners in the background.
    while match_count("finding=owner-unknown").await > 0 {}
    let gone = match_count("finding=owner-gone").await;
    assert!(deactivated > 0 && gone > 0);
    assert_eq!(
        (match_count(either).await, all),
        (deactivated + gone, deactivated + gone)
    );
}

#[tokio::test]
async fn an_old_link_with_mark_shows_the_same_list_and_links_with_finding() {
    let site = Site::start().await;
    create_probes(&site);
    let browser = site.sign_in().await;
    let open = async |filters: &str| browser.get(&format!("{TOKENS_PAGE}?q=probe&{filters}")).await;
    let page = open("mark=never-expires").await;
    assert_eq!(listed(&page), ["without expiry"]);
    assert_eq!(listed(&page), listed(&open("finding=never-expires").await));
    page.assert_has(&[
        "href=\"/w/acme-prod/tokens.csv?q=probe&amp;finding=never-expires\"",
        "href=\"/w/acme-prod/tokens.json?q=probe&amp;finding=never-expires\"",
        "href=\"/w/acme-prod/tokens?finding=never-expires\"",
        "value=\"/w/acme-prod/tokens?q=probe&amp;finding=never-expires\"",
        "name=\"finding\"",
    ]);
    page.assert_has_none(&["mark=never-expires", "name=\"mark\""]);
    let both = open("mark=never-expires&finding=never-used").await;
    assert_eq!(listed(&both), ["unused"]);
    let export = async |filters: &str| browser.get(&format!("{TOKENS_PAGE}.json?{filters}")).await.body;
    assert_eq!(
        export("q=probe&mark=never-expires").await,
        export("q=probe&finding=never-expires").await
    );
}

#[tokio::test]
async fn an_old_form_with_mark_selects_what_its_list_showed() {
    let site = Site::start().await;
    create_probes(&site);
    let browser = site.sign_in().await;
    let list = format!("{TOKENS_PAGE}?q=probe&mark=never-expires");
    let of = browser.get(&list).await.field("of").unwrap();
    let fields = [
        ("q", "probe"),
        ("mark", "never-expires"),
        ("all", "1"),
        ("of", of.as_str()),
    ];
    for action in ["/api/bulk_revocations/draft", "/api/jobs/draft"] {
        let action = format!("{action}?workspace=acme-prod");
        let review = browser.submit_and_follow(&list, &action, &fields).await;
        assert_eq!(review.h1(), ["Revoke 1 token"], "{}", review.text());
        review.assert_shows(&["probe without expiry"]);
    }
}

/// Whether the page has the filters behind "More filters" instead of the button.
fn has_more_filters(page: &Response) -> bool {
    let is_folded = page.body.contains("name=\"more_filters\"");
    assert_ne!(page.body.contains("id=\"created_from\""), is_folded);
    !is_folded
}

#[tokio::test]
async fn filters_that_are_not_used_leave_no_trace_in_the_address() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let action = format!("/api/open?page={TOKENS_PAGE}");
    let fields = [
        ("q", "nightly"),
        ("owner", ""),
        ("status", ""),
        ("finding", ""),
        ("of", ""),
    ];
    let list = browser.submit(TOKENS_PAGE, &action, &fields).await;
    assert_eq!(list.location(), format!("{TOKENS_PAGE}?q=nightly"));
    let all = browser.submit(TOKENS_PAGE, &action, &[("q", ""), ("status", "")]).await;
    assert_eq!(all.location(), TOKENS_PAGE);
}

#[tokio::test]
async fn each_choice_shows_how_many_tokens_it_matches() {
    let site = Site::start().await;
    create_probes(&site);
    let browser = site.sign_in().await;
    let page = browser
        .get(&format!("{TOKENS_PAGE}?q=probe&finding=never-expires"))
        .await;
    assert!(!has_more_filters(&page), "none of these filters is in use");
    let fields = [("q", "probe"), ("finding", "never-expires"), ("more_filters", "1")];
    let page = browser
        .submit_and_follow(TOKENS_PAGE, &format!("/api/open?page={TOKENS_PAGE}"), &fields)
        .await;
    assert!(has_more_filters(&page), "its button was pressed");
    page.assert_shows(&[
        "Active (1)",
        "Expired (0)",
        "Never expires (1)",
        "Never used (1)",
        "User (1)",
        "Service principal (0)",
        "Created on behalf of the owner (0)",
        "all-apis (1)",
        "files (0)",
    ]);
    let page = browser
        .get(&format!(
            "{TOKENS_PAGE}?q=probe&scope=files&finding=idle&finding=never-used"
        ))
        .await;
    assert!(has_more_filters(&page));
    let ticked = page
        .body
        .split("<input")
        .filter(|tag| tag.contains("value=\"never-used\""));
    assert!(
        ticked
            .map(|tag| tag.split('>').next())
            .any(|tag| tag.is_some_and(|tag| tag.contains("checked")))
    );
}

#[tokio::test]
async fn each_active_filter_has_a_chip_that_removes_only_it() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser
        .get(&format!(
            "{TOKENS_PAGE}?status=active&finding=never-used&finding=idle&sort=owner&page=2"
        ))
        .await;
    for (filter, rest) in [
        ("Status: Active", "finding=never-used&amp;finding=idle&amp;sort=owner"),
        ("Finding: Never used", "status=active&amp;finding=idle&amp;sort=owner"),
    ] {
        page.assert_shows(&[&format!("Remove filter: {filter}")]);
        page.assert_has(&[&format!("href=\"{TOKENS_PAGE}?{rest}\"")]);
    }
    browser.get(TOKENS_PAGE).await.assert_lacks(&["Remove filter:"]);
}

#[tokio::test]
async fn an_invalid_filter_is_named_without_its_value_and_ignored() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let secret = format!("dapi{}", "0123456789abcdef".repeat(2));
    let invalid = format!("status=worn&expires_from=2026-02-30&idle=-1&id={secret}&foo=bar&owner_kind=");
    let page = browser.get(&format!("{TOKENS_PAGE}?{invalid}")).await;
    assert_eq!(page.status, 200);
    page.assert_shows(&[
        "not valid and were ignored: status, expires from, days unused, ID.",
        // No filter is active.
        "130 tokens, newest first.",
    ]);
    page.assert_has_none(&["0123456789abcdef"]);
    page.assert_lacks(&["worn"]);
}

#[tokio::test]
async fn a_part_of_an_owners_name_offers_those_who_are_meant_and_namesakes_are_told_apart() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let page = browser
        .get(&format!("{TOKENS_PAGE}?owner=alex.CHEN&status=active&page=2"))
        .await;
    page.assert_shows(&[
        "No owner has exactly the name \u{201c}alex.CHEN\u{201d}. Did you mean one of these?",
        "Alex Chen alex.chen@acme.example \u{b7} User",
    ]);
    let offers = page.body.split("class=\"people\"").nth(1).unwrap();
    let links: Vec<_> = offers
        .split("href=\"")
        .skip(1)
        .take(2)
        .map(|link| {
            link.split('"')
                .next()
                .unwrap()
                .replace("&amp;", "&")
                .replace("&#x2F;", "/")
        })
        .collect();
    for link in &links {
        assert!(link.contains("status=active") && !link.contains("page="), "{link}");
        let list = browser.get(link).await;
        list.assert_shows(&["Alex Chen", "Not included: namesake alex.chen"]);
        list.assert_lacks(&["Did you mean"]);
    }
    assert_ne!(links[0], links[1]);
    let no_one = browser.get(&format!("{TOKENS_PAGE}?owner=no-such-name")).await;
    no_one.assert_shows(&["No user has the username \u{201c}no-such-name\u{201d}"]);
    no_one.assert_lacks(&["Did you mean"]);
}

#[tokio::test]
async fn if_no_token_matches_the_strictest_filter_can_be_removed() {
    let site = Site::start().await;
    create_probes(&site);
    let browser = site.sign_in().await;
    let page = browser
        .get(&format!("{TOKENS_PAGE}?q=probe&status=expired&used=never"))
        .await;
    page.assert_shows(&["No tokens match your filters"]);
    let link = page.body.split("Remove \u{201c}").next().unwrap();
    let href = link.rsplit("href=\"").next().unwrap().split('"').next().unwrap();
    let list = browser.get(&href.replace("&amp;", "&")).await;
    let removed = page.body.split("Remove \u{201c}").nth(1).unwrap();
    let number = removed.split_once("\u{201d} (").unwrap().1.split(' ').next().unwrap();
    list.assert_shows(&[&format!("{number} of 138 tokens")]);
    assert_ne!(number, "0");
    // With a single filter, the only option is to clear it.
    let only = browser.get(&format!("{TOKENS_PAGE}?q=nothing-has-this")).await;
    only.assert_lacks(&["Remove \u{201c}"]);
}
