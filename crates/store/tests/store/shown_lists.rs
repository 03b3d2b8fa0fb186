//! Access control lists that were shown: every instance finds them, and old ones do not accumulate.

use std::time::Duration;

use domain::Timestamp;
use store::{ShownList, Store};

use crate::{MILLISECOND, T0, dir, open};

async fn keep(store: &Store, binding: &str, fingerprint: &str, shown_at: Timestamp) {
    let shown = ShownList {
        binding: binding.to_owned(),
        fingerprint: fingerprint.to_owned(),
        list: format!("[{fingerprint}]"),
        shown_at,
    };
    store.keep_shown_list(shown).await.unwrap();
}

#[tokio::test]
async fn a_list_that_one_instance_has_shown_is_known_to_another_and_after_a_restart() {
    let dir = dir();
    let (one, other) = (open(&dir).await, open(&dir).await);
    keep(&one, "prod", "1", T0).await;
    assert_eq!(other.shown_list("prod", "1").await.unwrap().unwrap(), "[1]");
    let restarted = open(&dir).await;
    assert_eq!(restarted.shown_list("prod", "1").await.unwrap().unwrap(), "[1]");
    assert_eq!(restarted.shown_list("dev", "1").await.unwrap(), None);
    assert_eq!(restarted.shown_list("prod", "2\0").await.unwrap(), None);
}

#[tokio::test]
async fn of_too_many_lists_the_one_that_was_shown_first_is_deleted() {
    let dir = dir();
    let store = open(&dir).await;
    keep(&store, "dev", "first", T0).await;
    keep(&store, "prod", "first", T0).await;
    keep(&store, "prod", "second", T0.plus(MILLISECOND)).await;
    // The list is shown again.
    keep(&store, "prod", "first", T0.plus(MILLISECOND * 2)).await;
    for n in 0..255_u32 {
        keep(&store, "prod", &n.to_string(), T0.plus(MILLISECOND * (3 + n))).await;
    }
    assert!(store.shown_list("prod", "first").await.unwrap().is_some());
    assert!(store.shown_list("prod", "second").await.unwrap().is_none());
    assert!(store.shown_list("dev", "first").await.unwrap().is_some());
}

#[tokio::test]
async fn a_list_is_kept_for_a_week() {
    let dir = dir();
    let store = open(&dir).await;
    keep(&store, "prod", "1", T0).await;
    let week = Duration::from_hours(7 * 24);
    store.purge(T0.plus(week)).await.unwrap();
    assert!(store.shown_list("prod", "1").await.unwrap().is_some());
    store.purge(T0.plus(week + MILLISECOND)).await.unwrap();
    assert!(store.shown_list("prod", "1").await.unwrap().is_none());
}
