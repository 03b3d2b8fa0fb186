//! The filters of the list, against the workspace's tokens.

use demo_workspace::{Change, NewToken};
use domain::Timestamp;

use crate::support::{Answer, Site};

const TOKENS: &str = "/w/acme-prod/tokens";

/// The day so many days from now, back if negative, in UTC.
fn day(days: i64) -> String {
    Timestamp::from_ms(console::now().ms() + days * 86_400_000)
        .day()
        .to_iso()
}

/// Tokens that each differ in one thing, all with "probe" in their comment.
fn probes(site: &Site) {
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
            ..new("endless")
        },
        NewToken {
            lifetime_days: Some(45),
            ..new("ending")
        },
        NewToken {
            lifetime_days: Some(30),
            ..new("ended")
        },
        NewToken {
            used_days_ago: Some(20),
            ..new("resting")
        },
        NewToken {
            used_days_ago: None,
            ..new("unused")
        },
        NewToken {
            creator: Some(mia.user_name.clone()),
            ..new("made for him")
        },
        NewToken {
            scopes: Some(vec!["files".into(), "sql".into()]),
            ..new("scoped")
        },
    ] {
        site.demo.change(Change::CreateToken(token)).unwrap();
    }
}

/// Which of the probes a page lists.
fn listed(page: &Answer) -> Vec<String> {
    let rows = page.body.split("<th scope=\"row\">").skip(1);
    let mut found: Vec<_> = rows
        .filter_map(|row| row.split_once("probe ")?.1.split_once('<'))
        .map(|(comment, _)| comment.to_owned())
        .collect();
    found.sort_unstable();
    found
}

#[tokio::test]
async fn each_filter_shows_what_it_should() {
    let site = Site::start().await;
    probes(&site);
    let browser = site.signed_in().await;
    let everything = listed(&browser.get(&format!("{TOKENS}?q=probe")).await);
    assert_eq!(everything.len(), 8);
    let but = |without: &[&str]| {
        let rest = everything.iter().filter(|comment| !without.contains(&comment.as_str()));
        rest.cloned().collect::<Vec<_>>()
    };
    let just = |with: &[&str]| with.iter().map(|comment| (*comment).to_owned()).collect::<Vec<_>>();
    for (filter, expected) in [
        ("status=active".to_owned(), but(&["ended"])),
        ("finding=never-expires".to_owned(), just(&["endless"])),
        ("finding=never-used".to_owned(), just(&["unused"])),
        ("finding=never-used&finding=never-expires".to_owned(), just(&[])),
        ("creator=other".to_owned(), just(&["made for him"])),
        ("owner_kind=user".to_owned(), everything.clone()),
        ("owner_kind=service_principal".to_owned(), just(&[])),
        (
            format!("expires_from={}&expires_to={}", day(1), day(10)),
            just(&["ending"]),
        ),
        (format!("expires_to={}", day(0)), just(&["ended"])),
        (format!("used_to={}", day(-15)), just(&["resting"])),
        (format!("used_from={}", day(-15)), but(&["resting", "unused"])),
        ("idle=10".to_owned(), just(&["resting", "unused"])),
        ("idle=30".to_owned(), just(&["unused"])),
        ("scope=SQL".to_owned(), just(&["scoped"])),
        ("scope=all-apis".to_owned(), but(&["scoped"])),
    ] {
        let page = browser.get(&format!("{TOKENS}?q=probe&{filter}")).await;
        assert_eq!(page.status, 200);
        assert_eq!(listed(&page), expected, "{filter}");
        assert!(!page.text().contains("were ignored:"), "{filter}");
        assert_eq!(
            page.text().matches("Remove filter:").count(),
            filter.split('&').count() + 1,
            "{filter}"
        );
    }
}

#[tokio::test]
async fn an_id_is_found_by_its_beginning() {
    let site = Site::start().await;
    let id = site.token_with("probe by id");
    let browser = site.signed_in().await;
    for part in [&id[..10], &id[..64], &id[..10].to_uppercase()] {
        let page = browser.get(&format!("{TOKENS}?id={part}")).await;
        assert_eq!(listed(&page), ["by id"], "{part}");
    }
    assert!(listed(&browser.get(&format!("{TOKENS}?id={}", &id[1..])).await).is_empty());
}

#[tokio::test]
async fn owners_who_are_gone_are_found_together() {
    let site = Site::start().await;
    let (kai, other) = (&site.demo.credentials().non_admin, &site.demo.credentials().other_admin);
    let (kai, other) = (kai.user_name.clone(), other.user_name.clone());
    site.token_with("probe of somebody deleted");
    let browser = site.signed_in().await;
    site.demo.change(Change::DeletePrincipal { user_name: kai }).unwrap();
    site.demo.change(Change::Deactivate { user_name: other }).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", "acme-prod"), ("back", "/")])
        .await;
    let matching = async |filter: &str| {
        let page = browser.get(&format!("{TOKENS}?{filter}")).await.text();
        let told = page.split(" of 131 tokens").next().unwrap_or_default();
        told.rsplit(' ').next().unwrap_or_default().parse::<usize>().unwrap()
    };
    let deactivated = matching("finding=owner-deactivated").await;
    let unknown = matching("finding=owner-unknown").await;
    assert!(deactivated > 0 && unknown > 0);
    assert_eq!(
        matching("finding=owner-deactivated&finding=owner-unknown").await,
        deactivated + unknown
    );
}

#[tokio::test]
async fn an_old_link_with_mark_shows_the_same_list_and_leads_on_with_finding() {
    let site = Site::start().await;
    probes(&site);
    let browser = site.signed_in().await;
    let open = async |filters: &str| browser.get(&format!("{TOKENS}?q=probe&{filters}")).await;
    let page = open("mark=never-expires").await;
    assert_eq!(listed(&page), ["endless"]);
    assert_eq!(listed(&page), listed(&open("finding=never-expires").await));
    for link in [
        "href=\"/w/acme-prod/tokens.csv?q=probe&amp;finding=never-expires\"",
        "href=\"/w/acme-prod/tokens.json?q=probe&amp;finding=never-expires\"",
        "href=\"/w/acme-prod/tokens?finding=never-expires\"",
        "value=\"/w/acme-prod/tokens?q=probe&amp;finding=never-expires\"",
        "name=\"finding\"",
    ] {
        assert!(page.body.contains(link), "lacks {link}: {}", page.body);
    }
    for old in ["mark=never-expires", "name=\"mark\""] {
        assert!(!page.body.contains(old), "has {old}: {}", page.body);
    }
    let both = open("mark=never-expires&finding=never-used").await;
    assert_eq!(listed(&both), ["unused"]);
    let file = async |filters: &str| browser.get(&format!("{TOKENS}.json?{filters}")).await.body;
    assert_eq!(
        file("q=probe&mark=never-expires").await,
        file("q=probe&finding=never-expires").await
    );
}

#[tokio::test]
async fn an_old_form_with_mark_freezes_what_its_list_showed() {
    let site = Site::start().await;
    probes(&site);
    let browser = site.signed_in().await;
    let list = format!("{TOKENS}?q=probe&mark=never-expires");
    let of = browser.get(&list).await.value("of").unwrap();
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
        assert!(review.text().contains("probe endless"), "{}", review.text());
    }
}

/// Whether the rare filters are unfolded.
fn is_unfolded(page: &Answer) -> bool {
    let tag = page.body.split("<details").find(|rest| rest.contains("More filters"));
    tag.and_then(|rest| rest.split('>').next()).unwrap().contains("open")
}

#[tokio::test]
async fn choices_say_how_many_they_would_show() {
    let site = Site::start().await;
    probes(&site);
    let browser = site.signed_in().await;
    let page = browser.get(&format!("{TOKENS}?q=probe&finding=never-expires")).await;
    let text = page.text();
    for count in [
        "Active (1)",
        "Expired (0)",
        "Never expires (1)",
        "Never used (1)",
        "User (1)",
        "Service principal (0)",
        "Created on behalf of the owner (0)",
        "all-apis (1)",
        "files (0)",
    ] {
        assert!(text.contains(count), "lacks {count}: {text}");
    }
    assert!(!is_unfolded(&page), "nothing folded is in use");
    let page = browser
        .get(&format!("{TOKENS}?q=probe&scope=files&finding=idle&finding=never-used"))
        .await;
    assert!(is_unfolded(&page));
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
async fn each_filter_in_use_has_a_chip_that_removes_just_it() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let page = browser
        .get(&format!(
            "{TOKENS}?status=active&finding=never-used&finding=idle&sort=owner&page=2"
        ))
        .await;
    let text = page.text();
    for (words, rest) in [
        ("Status: Active", "finding=never-used&amp;finding=idle&amp;sort=owner"),
        ("Finding: Never used", "status=active&amp;finding=idle&amp;sort=owner"),
    ] {
        assert!(text.contains(&format!("Remove filter: {words}")), "{text}");
        assert!(page.body.contains(&format!("href=\"{TOKENS}?{rest}\"")), "{rest}");
    }
    assert!(!browser.get(TOKENS).await.text().contains("Remove filter:"));
}

#[tokio::test]
async fn what_makes_no_sense_is_named_without_its_value() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let secret = format!("dapi{}", "0123456789abcdef".repeat(2));
    let bad = format!("status=worn&expires_from=2026-02-30&idle=-1&id={secret}&foo=bar&owner_kind=");
    let page = browser.get(&format!("{TOKENS}?{bad}")).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    assert!(
        text.contains("not valid and were ignored: status, expires from, days unused, ID."),
        "{text}"
    );
    assert!(text.contains("130 tokens, newest first."), "nothing is filtered");
    assert!(!page.body.contains("0123456789abcdef") && !text.contains("worn"));
}
