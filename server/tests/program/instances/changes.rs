//! Changes that start on one instance and end on the other, or that are sent to both.

use std::time::Instant;

use demo_workspace::Running;
use test_postgres::TestDatabase;
use tokio::join;
use tokio::time::{Duration, sleep};

use super::{Instances, KNOWN_WITHIN, call_count, create_token, rounds};
use crate::support::LIST;
use crate::visitor::{Visitor, VisitorResponse};

const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";
const EDITOR: &str = "/w/acme/settings/advanced/permissions";

/// Reviews the creation of a token at one address, and submits it at another.
pub(super) async fn create(visitor: &Visitor, [review_at, at]: [&str; 2], demo: &Running) -> VisitorResponse {
    let sp = demo.credentials().service_principal.client_id.clone();
    let review = visitor.get(review_at, &review_path(&sp, "")).await;
    visitor
        .post(at, "/api/tokens/create", &creation(&review.field("form"), &sp, ""))
        .await
}

fn review_path(service_principal: &str, comment: &str) -> String {
    format!("/w/acme/tokens/new/review?sp={service_principal}&days=30&comment={comment}")
}

fn creation<'a>(form: &'a str, service_principal: &'a str, comment: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("workspace", "acme"),
        ("form", form),
        ("sp", service_principal),
        ("days", "30"),
        ("comment", comment),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_that_were_opened_on_one_instance_are_saved_on_the_other() {
    let Some((instances, _database)) = Instances::on_test_database().await else {
        return;
    };
    let visitor = instances.admin().await;
    let [first, second] = instances.addresses();
    let opened = visitor.get(first, EDITOR).await.field("opened");
    let edit = "remove=group%3Adata-platform";
    let review = visitor
        .get(second, &format!("{EDITOR}/review?opened={opened}&{edit}"))
        .await;
    assert!(review.body.contains("Review permission changes"), "{}", review.body);
    let stopped = review.expected("typed_tokens");
    let save = [
        ("workspace", "acme"),
        ("opened", opened.as_str()),
        ("edit", edit),
        ("typed_tokens", stopped.as_str()),
    ];
    let saved = visitor.post(second, "/api/permissions/save", &save).await;
    let page = visitor.get(first, &saved.location).await.text();
    assert!(page.contains("Saved. Removed group data-platform."), "{saved:?} {page}");
    // The same save again, on either instance, reports that there was nothing left to do.
    for at in [first, second] {
        visitor.post(at, "/api/permissions/save", &save).await;
    }
    assert_eq!(
        call_count(&instances.demo, "PUT", "/api/2.0/permissions/authorization/tokens"),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_that_is_sent_to_both_instances_creates_one_token() {
    let Some((instances, _database)) = Instances::on_test_database().await else {
        return;
    };
    let visitor = instances.admin().await;
    let [first, second] = instances.addresses();
    let sp = instances.demo.credentials().service_principal.client_id.clone();
    for round in 1..=rounds(5) {
        // The console asks for confirmation before it creates the same token again.
        let comment = format!("round{round}");
        let form = visitor.get(first, &review_path(&sp, &comment)).await.field("form");
        let fields = creation(&form, &sp, &comment);
        let (one, other) = join!(
            visitor.post(first, "/api/tokens/create", &fields),
            visitor.post(second, "/api/tokens/create", &fields)
        );
        let shown = [&one, &other].map(|answer| answer.body.matches("id=\"token-value\"").count());
        assert_eq!(shown.iter().sum::<usize>(), 1, "{one:?}\n{other:?}");
        assert_eq!(call_count(&instances.demo, "POST", CREATE), round);
    }
}

/// Revokes a token on the first instance. Returns how long the second one still lists it.
async fn time_until_gone(instances: &Instances, visitor: &Visitor, comment: &str) -> Duration {
    let [first, second] = instances.addresses();
    let id = create_token(&instances.demo, comment);
    let lists = |body: &str| body.contains(&id[..16]);
    let refresh = [("workspace", "acme"), ("back", LIST)];
    visitor.post(second, "/api/tokens/refresh", &refresh).await;
    let list = format!("{LIST}?q={comment}");
    while !lists(&visitor.get(second, &list).await.body) {
        sleep(Duration::from_millis(50)).await;
    }
    let revoke = [("workspace", "acme"), ("id", id.as_str()), ("back", LIST)];
    let revoked = visitor.post(first, "/api/tokens/revoke", &revoke).await;
    let began = Instant::now();
    assert!(revoked.location.contains("done=revoked"), "{revoked:?}");
    while lists(&visitor.get(second, &list).await.body) {
        assert!(began.elapsed() < Duration::from_secs(30), "it is still listed");
        sleep(Duration::from_millis(20)).await;
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_revoked_on_one_instance_is_soon_gone_on_the_other() {
    let Some((instances, database)) = Instances::on_test_database().await else {
        return;
    };
    let visitor = instances.admin().await;
    for comment in ["one", "two", "three"] {
        let elapsed = time_until_gone(&instances, &visitor, comment).await;
        assert!(elapsed < KNOWN_WITHIN, "{elapsed:?}");
    }
    assert_ne!(listening(&database), "0", "no instance listens");
}

const LISTENING: &str = "pg_stat_activity where datname = current_database() and query ilike 'listen %'";

/// How many connections listen for notifications.
fn listening(database: &TestDatabase) -> String {
    database.query(&format!("select count(*) from {LISTENING}")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_disappears_as_fast_if_notifications_are_lost() {
    let Some((instances, database)) = Instances::on_test_database().await else {
        return;
    };
    let visitor = instances.admin().await;
    let database = std::sync::Arc::new(database);
    let losing = tokio::task::spawn_blocking({
        let database = std::sync::Arc::downgrade(&database);
        move || {
            let end = format!("select pg_terminate_backend(pid) from {LISTENING}");
            while let Some(database) = database.upgrade() {
                database.query(&end).unwrap();
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    });
    for comment in ["one", "two", "three"] {
        let elapsed = time_until_gone(&instances, &visitor, comment).await;
        assert!(elapsed < KNOWN_WITHIN, "{elapsed:?}");
    }
    drop(database);
    losing.await.unwrap();
}
