//! A bulk change of scopes without scripts: the review shows what is lost, the page shows the result, and the change
//! can be undone.

use demo_workspace::{Change, Fault};

use super::bulk::{draft, open};
use super::bulk_results::{refusal, wait_until_finished};
use crate::support::{ACME, Browser, Response, Site, TOKENS_API};

/// Creates a token with these scopes, some of which it uses. Returns its ID.
pub(super) fn create(site: &Site, comment: &str, scopes: Option<&[&str]>, used: &[&str]) -> String {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let token_id = site.create_token(comment);
    let set = Change::SetScopes {
        token_id: token_id.clone(),
        scopes: scopes.map(names),
    };
    let observe = Change::SetScopeUse {
        token_id: token_id.clone(),
        autoscope: Some("AUTOSCOPE_STATE_RUNNING".to_owned()),
        inferred_scopes: names(used),
        backfill_scopes: Vec::new(),
    };
    for change in [set, observe] {
        site.demo.change(change).unwrap();
    }
    token_id
}

fn colleague_sets(site: &Site, token: &str, scope: &str) {
    let change = Change::SetScopes {
        token_id: token.to_owned(),
        scopes: Some(vec![scope.to_owned()]),
    };
    site.demo.change(change).unwrap();
}

/// Drafts a change of all tokens that start with "wide". Returns its path.
pub(super) async fn draft_wide(browser: &Browser, change: &str) -> String {
    let list = open(browser, "q=wide").await;
    let fields = [
        ("q", "wide"),
        ("all", "1"),
        ("of", list.of.as_str()),
        ("change", change),
    ];
    draft(browser, &fields).await.location()
}

pub(super) async fn start(site: &Site, browser: &Browser, bulk: &str, typed: &str) -> Response {
    let id = bulk.rsplit('/').next().unwrap();
    let fields = [("workspace", ACME), ("job", id), ("typed", typed)];
    browser.submit(bulk, "/api/bulk_revocations/start", &fields).await;
    wait_until_finished(site, bulk).await;
    browser.get(bulk).await
}

async fn put_back(browser: &Browser, bulk: &str) -> Response {
    let id = bulk.rsplit('/').next().unwrap();
    draft(browser, &[("put-back", id)]).await
}

#[tokio::test]
async fn many_tokens_that_are_left_out_are_folded_by_their_reason() {
    let review_with_unused = async |count: usize| {
        let site = Site::start().await;
        create(&site, "wide full", None, &["sql"]);
        create(&site, "wide narrow", Some(&["sql"]), &["sql"]);
        (0..count).for_each(|n| drop(create(&site, &format!("wide unused {n}"), None, &[])));
        let browser = site.sign_in().await;
        browser.get(&draft_wide(&browser, "narrow-scopes").await).await
    };
    let few = review_with_unused(4).await;
    few.assert_shows(&["5 tokens are left out.", "wide narrow", ": all scopes are in use"]);
    assert!(!few.body.contains("<summary>4 tokens"), "{}", few.body);
    let many = review_with_unused(5).await;
    many.assert_shows(&["6 tokens are left out.", "wide narrow", "wide unused 4"]);
    let folds = ["5 tokens: no scope in use is known", "1 token: all scopes are in use"];
    let at = folds.map(|fold| many.body.find(&format!("<summary>{fold}</summary>")));
    assert!(at[0].is_some() && at[0] < at[1], "{at:?}: {}", many.body);
}

#[tokio::test]
async fn tokens_are_narrowed_after_a_review_that_says_what_is_lost() {
    let site = Site::start().await;
    create(&site, "wide full", None, &["sql"]);
    create(&site, "wide some", Some(&["sql", "jobs"]), &["sql"]);
    let refused = create(&site, "wide refused", Some(&["sql", "=x"]), &["sql"]);
    create(&site, "wide unused", None, &[]);
    let browser = site.sign_in().await;
    site.demo
        .fault(Fault::forever("PATCH", &format!("{TOKENS_API}/{refused}"), refusal()));
    let bulk = draft_wide(&browser, "narrow-scopes").await;
    let review = browser.get(&bulk).await;
    assert_eq!(review.h1(), ["Narrow the scopes of 3 tokens"]);
    review.assert_shows(&[
        "will be changed.",
        "3 tokens lose scopes.",
        "3 of them are still being observed",
        "What is lost",
        "all-apis",
        "1 token is left out.",
        "wide unused",
        "no scope in use is known",
        "Type 3 to confirm",
    ]);
    review.assert_shows(&["Loses all-apis", "Loses jobs"]);
    review.assert_lacks(&["Widens", "What is gained"]);
    let id = bulk.rsplit('/').next().unwrap();
    let untyped = [("workspace", ACME), ("job", id)];
    let untyped = browser.submit_and_follow(&bulk, "/api/bulk_revocations/start", &untyped);
    untyped.await.assert_shows(&["The number does not match"]);
    let page = start(&site, &browser, &bulk, "3").await;
    assert_eq!(page.h1(), ["1 of 3 tokens could not be changed"]);
    page.assert_shows(&["2 were narrowed (confirmed", "Scopes set", "Put back", "Retry 1 failed"]);
    let report = browser.get(&format!("{bulk}/report.csv")).await;
    report.assert_file_name(&format!("{ACME}_bulk-change-{}_", &id[..8]), "Z.csv");
    // Spreadsheets must not interpret a scope as a formula.
    for cells in [r#","no list","sql""#, r#","jobs, sql","sql""#, r#","'=x, sql","sql""#] {
        assert!(report.body.contains(cells), "{cells}: {}", report.body);
    }
    let list = browser.get(&format!("/w/{ACME}/bulk-revocations")).await;
    assert_eq!(list.h1(), ["Bulk changes"]);
    list.assert_shows(&["Narrow scopes", "1 of 3 could not be changed"]);
    let activity = browser.get(&format!("/w/{ACME}/activity")).await;
    activity.assert_shows(&["narrowed the scopes of tokens in a bulk change: 2 of 3 changed, 1 failed"]);
}

#[tokio::test]
async fn scopes_are_kept_from_the_page_of_a_token_without_typing_anything() {
    let site = Site::start().await;
    let token = create(&site, "wide full", None, &["sql"]);
    let browser = site.sign_in().await;
    let page = browser.get(&format!("/w/{ACME}/tokens/{token}")).await;
    page.assert_shows(&["Keep current scopes", "Narrow to proposed"]);
    let fields = [
        ("change", "keep-scopes".to_owned()),
        ("sel", page.field("sel").unwrap()),
        ("of", page.field("of").unwrap()),
    ];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let bulk = draft(&browser, &fields).await.location();
    let review = browser.get(&bulk).await;
    assert_eq!(review.h1(), ["Keep the scopes of 1 token"]);
    review.assert_shows(&[
        "Scopes are set manually",
        "auto-scoping is disabled",
        "Full access may be refused for 1 token",
        "can still lose scopes",
    ]);
    review.assert_lacks(&["to confirm", "What is lost", "Nothing is lost"]);
    let page = start(&site, &browser, &bulk, "").await;
    assert_eq!(page.h1(), ["The token was set to keep its scopes"]);
    page.assert_lacks(&["Put back"]);
    // The scopes now count as set by hand.
    let page = browser.get(&format!("/w/{ACME}/tokens/{token}")).await;
    page.assert_lacks(&["Keep current scopes"]);
}

#[tokio::test]
async fn a_change_that_the_console_does_not_know_is_not_a_revocation() {
    let site = Site::start().await;
    create(&site, "wide", None, &["sql"]);
    let browser = site.sign_in().await;
    let location = draft_wide(&browser, "rotate").await;
    assert!(!location.contains("bulk-revocations"), "{location}");
}

#[tokio::test]
async fn what_was_narrowed_is_put_back_unless_a_colleague_changed_it() {
    let site = Site::start().await;
    let full = create(&site, "wide full", None, &["sql"]);
    let some = create(&site, "wide some", Some(&["sql", "jobs"]), &["sql"]);
    let browser = site.sign_in().await;
    let narrowing = draft_wide(&browser, "narrow-scopes").await;
    let page = start(&site, &browser, &narrowing, "2").await;
    assert_eq!(page.h1(), ["All 2 tokens were narrowed"]);
    colleague_sets(&site, &some, "files");
    let bulk = put_back(&browser, &narrowing).await.location();
    let review = browser.get(&bulk).await;
    assert_eq!(review.h1(), ["Put back the scopes of 1 token"]);
    review.assert_shows(&[
        "This widens 1 token.",
        "Widens by all-apis",
        "Auto-scoping stays disabled",
        "Full access may be refused for 1 token",
        "What is gained",
        "the scopes were changed since",
    ]);
    // Now the other one, too.
    colleague_sets(&site, &full, "dashboards");
    let page = start(&site, &browser, &bulk, "").await;
    assert_eq!(page.h1(), ["The token could not be changed"]);
    page.assert_shows(&[
        "Changed since the review",
        "Tokens that have changed since the review were left as they are.",
    ]);
    // Retrying cannot succeed for either of them.
    page.assert_has_none(&["/api/bulk_revocations/retry"]);
    browser.get(&narrowing).await.assert_lacks(&["Put back"]);
    let nothing = put_back(&browser, &narrowing).await;
    let page = browser.follow(&nothing).await;
    page.assert_shows(&["Nothing can be put back"]);
}

#[tokio::test]
async fn a_restored_change_is_not_offered_to_be_restored_again() {
    let site = Site::start().await;
    create(&site, "wide full", Some(&["sql", "jobs"]), &["sql"]);
    let browser = site.sign_in().await;
    let narrowing = draft_wide(&browser, "narrow-scopes").await;
    start(&site, &browser, &narrowing, "").await.assert_shows(&["Put back"]);
    let bulk = put_back(&browser, &narrowing).await.location();
    let page = start(&site, &browser, &bulk, "").await;
    assert_eq!(page.h1(), ["The token was put back"]);
    browser.get(&narrowing).await.assert_lacks(&["Put back"]);
    // Submitted from an outdated page.
    let nothing = put_back(&browser, &narrowing).await;
    let page = browser.follow(&nothing).await;
    page.assert_shows(&["Nothing is left to put back"]);
}

#[tokio::test]
async fn an_auditor_sees_a_change_of_scopes_and_cannot_put_it_back() {
    let site = Site::start_with(crate::support::Setup {
        has_auditor: true,
        ..crate::support::Setup::default()
    })
    .await;
    create(&site, "wide full", None, &["sql"]);
    let browser = site.sign_in().await;
    let bulk = draft_wide(&browser, "narrow-scopes").await;
    start(&site, &browser, &bulk, "").await.assert_shows(&["Put back"]);
    let auditor = site.sign_in_auditor().await;
    let page = auditor.get(&bulk).await;
    assert_eq!(page.h1(), ["The token was narrowed"]);
    page.assert_lacks(&["Put back"]);
    let id = bulk.rsplit('/').next().unwrap();
    let fields = [("put-back", id)];
    let refused = auditor
        .call(&format!("/api/bulk_revocations/draft?workspace={ACME}"), &fields)
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn tokens_that_changed_since_the_selection_are_named_and_not_counted() {
    let site = Site::start().await;
    let changed = create(&site, "wide changed", None, &["sql"]);
    for comment in ["wide one", "wide two"] {
        create(&site, comment, None, &["sql"]);
    }
    let browser = site.sign_in().await;
    let bulk = draft_wide(&browser, "narrow-scopes").await;
    colleague_sets(&site, &changed, "files");
    let refresh = [("workspace", ACME), ("back", "/")];
    browser.call("/api/tokens/refresh", &refresh).await;
    let review = browser.get(&bulk).await;
    assert_eq!(review.h1(), ["Narrow the scopes of 2 tokens"]);
    review.assert_shows(&[
        "1 token has changed since the selection. It will be left as it is and is not counted.",
        "wide changed",
        "Type 2 to confirm",
        "2 tokens lose scopes.",
    ]);
    assert_eq!(review.expected("typed").as_deref(), Some("2"));
    let page = start(&site, &browser, &bulk, "2").await;
    assert_eq!(page.h1(), ["All 2 tokens were narrowed"]);
    page.assert_lacks(&["wide changed"]);
}

#[tokio::test]
async fn a_change_of_scopes_shows_each_persona_what_they_can_see() {
    let site = Site::start_with(crate::support::Setup {
        has_auditor: true,
        ..crate::support::Setup::default()
    })
    .await;
    create(&site, "wide full", None, &["sql"]);
    create(&site, "wide some", Some(&["sql", "jobs"]), &["sql"]);
    let admin = site.sign_in().await;
    let ended = draft_wide(&admin, "narrow-scopes").await;
    start(&site, &admin, &ended, "2").await;
    let reviews = [
        put_back(&admin, &ended).await.location(),
        draft_wide(&admin, "narrow-scopes").await,
        draft_wide(&admin, "keep-scopes").await,
    ];
    let auditor = site.sign_in_auditor().await;
    let page = auditor.get(&ended).await;
    assert_eq!(
        (page.status, page.h1()),
        (200, vec!["All 2 tokens were narrowed".to_owned()])
    );
    page.assert_shows(&["Auditor (view only)"]);
    page.assert_has_none(&["put-back", "/api/bulk_revocations/"]);
    let other = site.sign_in_to_other_workspace().await;
    for review in &reviews {
        assert_eq!(admin.get(review).await.status, 200, "{review}");
        // Drafts are for people who can make changes. There is nothing to audit yet.
        assert_eq!(auditor.get(review).await.status, 404, "{review}");
    }
    for path in reviews.iter().chain([&ended]) {
        for browser in [&site.browser(), &other] {
            let response = browser.get(path).await;
            assert!(response.location().starts_with("/sign-in"), "{path}");
        }
    }
    site.demote_admin();
    let refresh = [("workspace", ACME), ("back", "/")];
    admin.call("/api/tokens/refresh", &refresh).await;
    for path in reviews.iter().chain([&ended]) {
        assert_eq!(admin.get(path).await.status, 403, "{path}");
    }
}
