//! The page of one user or service principal.

use demo_workspace::{Change, Effect, Fault, FaultBody};

use crate::support::{ACME, Browser, Response, Setup, Site, TOKENS_PAGE};

const DRAFT: &str = "/api/bulk_revocations/draft?workspace=acme-prod";

fn page_of(id: &str) -> String {
    format!("/w/{ACME}/principals/{id}")
}

async fn non_admin(site: &Site, browser: &Browser) -> Response {
    browser.get(&page_of(&site.demo.credentials().non_admin.id)).await
}

fn grant_to(site: &Site, names: &[&str]) {
    let can_use = names.iter().map(|name| (*name).to_owned()).collect();
    site.demo.change(Change::SetGrants { can_use }).unwrap();
}

/// The links of the numbers, with their numbers: the counters, the weeks, later and never.
fn numbers(page: &Response) -> Vec<(String, usize)> {
    let links = page.body.split("<a ").skip(1);
    let number = |text: &str| text.replace(',', "").parse::<usize>().ok();
    let links = links.filter_map(|link| {
        let (tag, rest) = link.split_once('>')?;
        let url = tag.split_once("href=\"")?.1.split('"').next()?.replace("&amp;", "&");
        let of_week = || tag.split_once(": ")?.1.split(' ').next().and_then(number);
        let text = rest.strip_prefix("<b class=\"num\">").unwrap_or(rest);
        let of_counter = || number(text.split(['<', '\n']).next()?);
        Some((url, of_week().or_else(of_counter)?))
    });
    links.collect()
}

#[tokio::test]
async fn the_page_says_who_it_is_and_lists_its_tokens() {
    let site = Site::start().await;
    let id = site.create_token("nightly export");
    let browser = site.sign_in().await;
    let person = site.demo.credentials().non_admin.clone();
    let page = non_admin(&site, &browser).await;
    assert_eq!((page.status, page.h1()), (200, vec![person.display_name.clone()]));
    let title = format!("{ACME} · {} · ", person.display_name);
    assert!(page.title().starts_with(&title), "{}", page.title());
    page.assert_shows(&[
        "Type User",
        "State Active",
        &format!("Username {}", person.user_name),
        &format!("ID {}", person.id),
        "nightly export",
    ]);
    page.assert_has(&[&format!("{TOKENS_PAGE}/{}\"", &id[..16])]);
    assert_eq!(page.rows().len(), tokens_of(&browser, &person.id).await);
    let token = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    token.assert_has(&[&format!("href=\"{}\"", page_of(&person.id))]);
}

/// How many tokens the list shows for an owner.
async fn tokens_of(browser: &Browser, owner: &str) -> usize {
    matching(&browser.get(&format!("{TOKENS_PAGE}?owner={owner}")).await)
}

/// How many tokens a filtered list reports; 0 if it says that none match.
fn matching(list: &Response) -> usize {
    let text = list.text();
    let count = text
        .split(" of ")
        .find_map(|before| before.rsplit(' ').next()?.replace(',', "").parse().ok());
    match text.contains("No tokens match your filters") {
        true => 0,
        false => count.unwrap(),
    }
}

#[tokio::test]
async fn each_number_is_that_of_the_list_behind_its_link() {
    let site = Site::start().await;
    let owner = site.demo.credentials().non_admin.user_name.clone();
    for (lifetime_days, used_days_ago, created_days_ago) in [
        (Some(5), Some(0), 1),
        (Some(20), Some(3), 1),
        (None, Some(70), 90),
        (Some(89), None, 2),
        (Some(200), None, 80),
    ] {
        let new = demo_workspace::NewToken {
            owner: owner.clone(),
            created_days_ago,
            lifetime_days,
            used_days_ago,
            ..demo_workspace::NewToken::default()
        };
        site.demo.change(Change::CreateToken(new)).unwrap();
    }
    let browser = site.sign_in().await;
    let page = non_admin(&site, &browser).await;
    let numbers = numbers(&page);
    // Six counters, thirteen weeks, later and never.
    assert_eq!(numbers.len(), 21, "{numbers:?}");
    assert!(numbers.iter().filter(|(_, n)| *n > 0).count() >= 8, "{numbers:?}");
    for (url, number) in &numbers {
        assert!(
            url.contains(&format!("owner={}", site.demo.credentials().non_admin.id)),
            "{url}"
        );
        assert_eq!(matching(&browser.get(url).await), *number, "{url}");
    }
}

#[tokio::test]
async fn a_list_of_one_owners_tokens_begins_with_the_owner_and_their_numbers() {
    let site = Site::start().await;
    site.create_token("nightly export");
    let browser = site.sign_in().await;
    let person = site.demo.credentials().non_admin.clone();
    let list = browser.get(&format!("{TOKENS_PAGE}?owner={}", person.id)).await;
    let count = list.rows().len();
    let who = format!("{} {} · User · active", person.display_name, person.user_name);
    let in_use = format!("Owner: {}", person.user_name);
    list.assert_shows(&[&who, &format!("Revoke all {count}"), &in_use]);
    let of_list: Vec<_> = numbers(&list).into_iter().take(6).collect();
    assert_eq!(of_list, numbers(&non_admin(&site, &browser).await)[..6]);
    // The username of exactly one person is as good as the ID; a part of it can be of several.
    let by_name = browser.get(&format!("{TOKENS_PAGE}?owner={}", person.user_name)).await;
    by_name.assert_shows(&[&who, &format!("Revoke all {count}"), &in_use]);
    let part = person.user_name.split('@').next().unwrap();
    let by_part = browser.get(&format!("{TOKENS_PAGE}?owner={part}")).await;
    by_part.assert_lacks(&["Revoke all"]);
    let unknown = browser.get(&format!("{TOKENS_PAGE}?owner=1")).await;
    unknown.assert_lacks(&["Revoke all"]);
}

#[tokio::test]
async fn all_of_its_tokens_can_be_reviewed_for_revocation() {
    let site = Site::start().await;
    site.create_token("first");
    site.create_token("second");
    let browser = site.sign_in().await;
    let person = site.demo.credentials().non_admin.clone();
    let page = non_admin(&site, &browser).await;
    let count = tokens_of(&browser, &person.id).await;
    page.assert_shows(&[&format!("Revoke all {count}")]);
    let (owner, of) = (page.field("owner").unwrap(), page.field("of").unwrap());
    let fields = [("owner", owner.as_str()), ("all", "1"), ("of", of.as_str())];
    let review = browser.submit_and_follow(&page_of(&person.id), DRAFT, &fields).await;
    assert_eq!(review.status, 200);
    review.assert_shows(&[&format!("Revoke {count} tokens"), &person.user_name]);
}

#[tokio::test]
async fn only_operations_on_its_own_tokens_are_shown() {
    let site = Site::start().await;
    let (mine, own) = (site.create_token("mine"), site.own_token_id());
    let browser = site.sign_in().await;
    let heading = "Recent activity on these tokens";
    non_admin(&site, &browser).await.assert_lacks(&[heading]);
    for (id, comment) in [(&mine, "renamed"), (&own, "own token")] {
        let fields = [("workspace", ACME), ("id", id), ("comment", comment)];
        let edited = browser.call("/api/tokens/comment", &fields).await;
        assert!(edited.status < 400, "{}", edited.body);
    }
    let page = non_admin(&site, &browser).await;
    page.assert_shows(&[heading, "Edit comment", "renamed"]);
    page.assert_lacks(&["own token"]);
    // The token is no longer listed.
    let revoked = browser
        .call(
            "/api/tokens/revoke",
            &[("workspace", ACME), ("id", &mine), ("back", "")],
        )
        .await;
    assert!(revoked.status < 400, "{}", revoked.body);
    let page = non_admin(&site, &browser).await;
    page.assert_shows(&[heading, "Revoke", "renamed"]);
    let another = site.demo.credentials().admin.id.clone();
    browser.get(&page_of(&another)).await.assert_lacks(&["renamed"]);
}

#[tokio::test]
async fn people_who_can_only_view_are_not_offered_a_revocation() {
    let site = Site::start_with(Setup {
        has_auditor: true,
        ..Setup::default()
    })
    .await;
    site.create_token("first");
    let auditor = site.sign_in_auditor().await;
    let page = non_admin(&site, &auditor).await;
    page.assert_shows(&["first", "Access to tokens", "Auditor (view only)"]);
    page.assert_has_none(&["Revoke", DRAFT]);
}

#[tokio::test]
async fn every_grant_that_lets_it_in_is_named() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let person = site.demo.credentials().non_admin.clone();
    grant_to(&site, &["users", &person.user_name]);
    let page = non_admin(&site, &browser).await;
    page.assert_shows(&[
        "Can use tokens, through:",
        "users group of everyone: Can use",
        "Its own permission Can use",
        "Removing only one of these permissions changes nothing",
    ]);
    page.assert_lacks(&["admins"]);
    grant_to(&site, &[&person.user_name]);
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = non_admin(&site, &browser).await;
    page.assert_shows(&["Its own permission Can use"]);
    page.assert_lacks(&["group of everyone", "Removing only one"]);
    grant_to(&site, &[&site.application_id()]);
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    non_admin(&site, &browser)
        .await
        .assert_shows(&["It has no permission to use tokens."]);
}

#[tokio::test]
async fn a_deactivated_owner_is_shown_as_such() {
    let site = Site::start().await;
    let user_name = site.demo.credentials().non_admin.user_name.clone();
    site.demo.change(Change::Deactivate { user_name }).unwrap();
    let browser = site.sign_in().await;
    non_admin(&site, &browser).await.assert_shows(&["State Deactivated"]);
}

#[tokio::test]
async fn an_owner_who_is_gone_keeps_a_page_with_their_tokens() {
    let site = Site::start().await;
    site.create_token("left behind");
    let person = site.demo.credentials().non_admin.clone();
    let user_name = person.user_name.clone();
    site.demo.change(Change::DeletePrincipal { user_name }).unwrap();
    let browser = site.sign_in().await;
    let page = non_admin(&site, &browser).await;
    assert_eq!(
        (page.status, page.h1()),
        (200, vec!["No such user or service principal".to_owned()])
    );
    page.assert_shows(&["left behind", &format!("ID {}", person.id), "Type Unknown"]);
    page.assert_lacks(&[&person.user_name, "Can use tokens"]);
}

#[tokio::test]
async fn an_id_that_nothing_has_is_not_found() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    for id in ["424242", "someone", "99999999999999999999", "..%2Ftokens"] {
        let page = browser.get(&page_of(id)).await;
        assert_eq!(
            (page.status, page.h1()),
            (404, vec!["No such user or service principal".to_owned()]),
            "{id}"
        );
        page.assert_has_none(&["Revoke all", "Revoke token"]);
    }
}

#[tokio::test]
async fn the_page_does_not_wait_for_names_and_says_what_is_not_known() {
    let site = Site::start_with(Setup::without_part_waits()).await;
    site.create_token("nightly export");
    let browser = site.sign_in_with_oauth().await;
    site.demo
        .fault(Fault::forever("GET", "/api/2.0/preview/scim/v2", Effect::Hang));
    let id = site.demo.credentials().non_admin.id.clone();
    let page = browser.get(&page_of(&id)).await;
    assert_eq!(
        (page.status, page.h1()),
        (200, vec![format!("User or service principal {id}")])
    );
    page.assert_shows(&[
        "nightly export",
        "State Not available: owner names are not loaded",
        "Not available until loading has finished.",
    ]);
    page.assert_has(&["disabled"]);
    page.assert_lacks(&["No such user", "It has no permission"]);
}

#[tokio::test]
async fn a_number_that_cannot_be_determined_is_unknown() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let effect = Effect::Answer {
        status: 500,
        body: FaultBody::Html { message: "down".into() },
    };
    site.demo
        .fault(Fault::forever("GET", "/api/2.0/workspace-conf", effect));
    let page = non_admin(&site, &browser).await;
    page.assert_shows(&["unknown Over policy"]);
}

#[tokio::test]
async fn a_person_with_a_permission_of_their_own_has_a_finding() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let person = site.demo.credentials().non_admin.clone();
    browser
        .get(&page_of(&person.id))
        .await
        .assert_lacks(&["Permission for one person"]);
    let can_use = vec![person.user_name.clone()];
    site.demo.change(Change::SetGrants { can_use }).unwrap();
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let page = browser.get(&page_of(&person.id)).await;
    page.assert_shows(&["Findings Permission for one person"]);
    page.assert_has(&["/w/acme-prod/findings#"]);
}
