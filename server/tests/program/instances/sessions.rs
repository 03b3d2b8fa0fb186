//! Sessions that are used on both instances.

use std::time::Instant;

use futures_util::future::join_all;
use tokio::time::{Duration, sleep};

use super::{Instances, KNOWN_WITHIN, TWIN, call_count, rounds};
use crate::support::LIST;
use crate::visitor::Visitor;

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_on_one_instance_ends_the_session_on_the_other() {
    let Some((instances, _database)) = Instances::on_test_database().await else {
        return;
    };
    let visitor = instances.admin().await;
    let [first, second] = instances.addresses();
    assert_eq!(visitor.get(second, LIST).await.status, 200);
    let other_tab = visitor.copy();
    let signed_out = visitor.post(first, "/api/sign_in/sign_out", &[]).await;
    assert_eq!(signed_out.status, 303, "{signed_out:?}");
    let began = Instant::now();
    while other_tab.get(second, LIST).await.status == 200 {
        assert!(began.elapsed() < KNOWN_WITHIN, "the session still works");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_begins_on_one_instance_ends_on_the_other() {
    let Some((instances, _database)) = Instances::on_test_database().await else {
        return;
    };
    let visitor = instances.visitor();
    let [first, second] = instances.addresses();
    let admin = instances.demo.credentials().admin.id.clone();
    visitor.sign_in_with_oauth(first, second, &instances.demo, &admin).await;
    for at in [first, second] {
        assert_eq!(visitor.get(at, LIST).await.status, 200);
    }
}

/// A browser on the sign-in page, so that its tabs are known to belong to one browser.
async fn browser_at_sign_in(instances: &Instances) -> Visitor {
    let browser = instances.visitor();
    let at = instances.address(0);
    browser.get(at, "/sign-in/oauth?workspace=acme").await;
    assert_eq!(browser.get(at, "/sign-in").await.status, 200);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_of_one_browser_at_the_same_moment_on_both_instances_both_last() {
    let Some((instances, _database)) = Instances::on_test_database().await else {
        return;
    };
    let [first, second] = instances.addresses();
    let token = instances.demo.credentials().admin.pat.clone().unwrap();
    let lists = [LIST.to_owned(), format!("/w/{TWIN}/tokens")];
    for round in 0..rounds(3) {
        let browser = browser_at_sign_in(&instances).await;
        let (tab, other_tab) = (browser.copy(), browser.copy());
        tokio::join!(
            tab.sign_in_to("acme", first, &token),
            other_tab.sign_in_to(TWIN, second, &token)
        );
        // It must not matter which cookie the browser keeps.
        for tab in [&tab, &other_tab] {
            for at in [first, second] {
                for list in &lists {
                    assert_eq!(tab.get(at, list).await.status, 200, "round {round}: {list}");
                }
            }
        }
        // Someone who knows the old session is not signed in to either workspace.
        for list in &lists {
            assert_ne!(browser.get(first, list).await.status, 200, "round {round}: {list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_that_begin_at_the_same_moment_on_both_instances_can_both_be_completed() {
    let Some((instances, _database)) = Instances::on_test_database().await else {
        return;
    };
    let [first, second] = instances.addresses();
    let admin = instances.demo.credentials().admin.id.clone();
    for round in 0..rounds(3) {
        let browser = browser_at_sign_in(&instances).await;
        let (tab, other_tab) = (browser.copy(), browser.copy());
        let (one, other) = tokio::join!(
            tab.choose_at_workspace(first, &instances.demo, &admin),
            other_tab.choose_at_workspace(second, &instances.demo, &admin)
        );
        for (at, path) in [(second, &one), (first, &other)] {
            let answer = browser.get(at, path).await;
            assert_eq!(answer.location, LIST, "round {round}: {answer:?}");
        }
        // Reloading a return leads to its page, and does not sign in again.
        let again = browser.get(second, &one).await;
        assert_eq!(again.location, LIST, "round {round}: {again:?}");
    }
}

/// The workspace accepts a refresh token only once: repeating the refresh would end the session.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_is_sent_once_however_many_requests_need_it_on_both_instances() {
    let Some((instances, _database)) = Instances::on_test_database().await else {
        return;
    };
    let [first, second] = instances.addresses();
    let visitor = instances.visitor();
    let admin = instances.demo.credentials().admin.id.clone();
    // The console refreshes after half of the lifetime.
    instances.demo.configure(|knobs| knobs.access_token_seconds = 6);
    visitor.sign_in_with_oauth(first, second, &instances.demo, &admin).await;
    for round in 0..rounds(3) {
        sleep(Duration::from_millis(3500)).await;
        instances.demo.clear_log();
        let requests = (0..20).map(|n| visitor.get([first, second][n % 2], LIST));
        let answers = join_all(requests).await;
        for answer in answers {
            assert_eq!(answer.status, 200, "round {round}: {} {}", answer.location, answer.body);
        }
        let refreshes = call_count(&instances.demo, "POST", "/oidc/v1/token");
        assert!(refreshes <= 1, "round {round}: {refreshes} refreshes");
        assert!(round == 0 || refreshes == 1, "round {round}: no refresh");
    }
}
