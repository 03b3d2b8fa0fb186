//! Attempts are counted over all instances, by the database's clock.

use std::num::NonZeroU32;
use std::time::Duration;

use store::{RateLimit, Store};

use crate::{dir, open, sql};

fn limit(per_minute: u32) -> RateLimit {
    RateLimit::per_minute(NonZeroU32::new(per_minute).unwrap())
}

async fn count(store: &Store, name: &str) -> Option<Duration> {
    store.count_attempt(name.to_owned(), limit(3)).await.unwrap()
}

#[tokio::test]
async fn attempts_at_one_instance_count_at_the_other() {
    let dir = dir();
    let (one, other) = (open(&dir).await, open(&dir).await);
    for store in [&one, &other, &one] {
        assert_eq!(count(store, "mia").await, None);
    }
    // One attempt returns after a third of a minute.
    let wait = count(&other, "mia").await.unwrap();
    assert!(
        wait > Duration::from_secs(18) && wait <= Duration::from_secs(20),
        "{wait:?}"
    );
    assert_eq!(count(&other, "noa").await, None);
}

#[tokio::test]
async fn a_refused_attempt_does_not_count_and_one_that_is_given_back_can_be_made_again() {
    let dir = dir();
    let store = open(&dir).await;
    for _ in 0..3 {
        assert_eq!(count(&store, "mia").await, None);
    }
    let first = count(&store, "mia").await.unwrap();
    for _ in 0..5 {
        assert!(count(&store, "mia").await.unwrap() <= first);
    }
    store.return_attempt("mia".to_owned(), limit(3)).await.unwrap();
    assert_eq!(count(&store, "mia").await, None);
    assert!(count(&store, "mia").await.is_some());
}

#[tokio::test]
async fn a_name_is_kept_only_as_long_as_its_attempts_count() {
    let dir = dir();
    let store = open(&dir).await;
    for _ in 0..2 {
        assert_eq!(count(&store, "mia").await, None);
    }
    let rows = async || sql(&dir, "update rate_limits set arrival = arrival").await.unwrap();
    store.purge(crate::T0).await.unwrap();
    assert_eq!(rows().await, 1);
    sql(&dir, "update rate_limits set arrival = arrival - 40000")
        .await
        .unwrap();
    // Anyone's attempt deletes it.
    assert_eq!(count(&store, "noa").await, None);
    assert_eq!(rows().await, 1);
    sql(&dir, "update rate_limits set arrival = arrival - 20000")
        .await
        .unwrap();
    store.purge(crate::T0).await.unwrap();
    assert_eq!(rows().await, 0);
}
