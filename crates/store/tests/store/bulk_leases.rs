//! Bulk changes of several instances: each is run by one of them, and what a run writes that has lost its lease does
//! not happen.

use std::sync::Arc;

use store::{
    BulkChange, BulkId, BulkItem, BulkItemState, BulkState, Detail, EventKind, ItemResult, Lease, Outcome, PauseReason,
    Phase, Store, StoreError,
};

use crate::bulk::{draft, entry, lease, start};
use crate::{SECOND, T0, dir, open, sql};

async fn started(store: &Store, tokens: i64) -> BulkChange {
    let (id, sign_in) = draft(store, tokens).await;
    assert!(start(store, &id, &sign_in).await);
    store.bulk(&id).await.unwrap().unwrap()
}

async fn acquire(store: &Store, bulk: &BulkChange) -> Option<Lease> {
    let affinity = bulk.lease_affinity();
    let acquired = store.acquire_lease(bulk.lease_name(), &affinity, SECOND * 15).await;
    acquired.unwrap()
}

async fn unclaimed(store: &Store) -> Vec<BulkId> {
    let unclaimed = store.unclaimed_bulks().await.unwrap();
    unclaimed.into_iter().map(|bulk| bulk.id).collect()
}

#[tokio::test]
async fn the_lease_of_a_bulk_change_is_acquired_once_and_again_when_it_has_ended() {
    let dir = dir();
    let (here, there) = (open(&dir).await, open(&dir).await);
    let bulk = started(&here, 2).await;
    assert_eq!(unclaimed(&there).await, std::slice::from_ref(&bulk.id));
    let first = acquire(&here, &bulk).await.unwrap();
    assert_eq!(acquire(&there, &bulk).await, None);
    assert_eq!(
        acquire(&here, &bulk).await,
        None,
        "not a second time in the same instance"
    );
    assert!(unclaimed(&here).await.is_empty() && unclaimed(&there).await.is_empty());
    here.release_lease(&first).await.unwrap();
    assert_eq!(unclaimed(&there).await, std::slice::from_ref(&bulk.id));
    assert!(acquire(&there, &bulk).await.is_some());
}

#[tokio::test]
async fn all_bulk_changes_of_a_workspace_run_in_one_instance() {
    let dir = dir();
    let (here, there) = (open(&dir).await, open(&dir).await);
    let (one, other) = (started(&here, 1).await, started(&here, 1).await);
    let first = acquire(&here, &one).await.unwrap();
    assert!(unclaimed(&there).await.is_empty());
    assert_eq!(acquire(&there, &other).await, None);
    assert_eq!(unclaimed(&here).await, std::slice::from_ref(&other.id));
    let second = acquire(&here, &other).await.unwrap();
    here.release_lease(&first).await.unwrap();
    assert_eq!(acquire(&there, &one).await, None);
    here.release_lease(&second).await.unwrap();
    assert!(acquire(&there, &one).await.is_some());
}

#[tokio::test]
async fn a_pause_and_the_end_of_a_bulk_change_end_its_lease() {
    let dir = dir();
    let (here, there) = (open(&dir).await, open(&dir).await);
    let bulk = started(&here, 1).await;
    let first = lease(&here, &bulk.id).await;
    here.pause_bulk(&first, &bulk.id, PauseReason::SignedOut).await.unwrap();
    let second = acquire(&there, &bulk).await.unwrap();
    there
        .cancel_remaining(&bulk.id, entry(Phase::Intent, Outcome::Done))
        .await
        .unwrap();
    let end = entry(Phase::Outcome, Outcome::Done);
    assert!(there.finish_bulk(&second, &bulk.id, T0, end).await.unwrap());
    assert!(acquire(&here, &bulk).await.is_some());
}

/// Everything that a run writes, after another instance has taken over.
#[tokio::test]
async fn what_a_run_writes_after_another_instance_has_taken_over_changes_nothing() {
    let dir = dir();
    let (zombie, other) = (open(&dir).await, open(&dir).await);
    let bulk = started(&zombie, 3).await;
    let id = &bulk.id;
    let intent = || Arc::new(|_: &BulkItem| entry(Phase::Intent, Outcome::Open));
    let late = acquire(&zombie, &bulk).await.unwrap();
    let sent = zombie.advance_bulk(&late, id, Vec::new(), 1, intent()).await.unwrap();
    // Its time has passed, and the database's clock alone decides that.
    sql(&dir, "update leases set ends = 1").await.unwrap();
    let current = acquire(&other, &bulk).await.unwrap();
    let rows = async || store::verify_activity(dir.location(), None).await.unwrap().unwrap().0;
    let (before, counts) = (rows().await, other.bulk_counts(id).await.unwrap());
    let results = || {
        vec![ItemResult {
            position: sent[0].position,
            state: BulkItemState::Failed,
            detail: Detail::Empty,
            entry: Some(entry(Phase::Outcome, Outcome::Failed)),
        }]
    };
    let end = entry(Phase::Outcome, Outcome::Done);
    let refused = [
        zombie.advance_bulk(&late, id, results(), 2, intent()).await.map(drop),
        zombie.advance_bulk(&late, id, Vec::new(), 2, intent()).await.map(drop),
        zombie.settle_items(&late, id, results()).await,
        zombie.pause_bulk(&late, id, PauseReason::SignedOut).await.map(drop),
        zombie.finish_bulk(&late, id, T0, end).await.map(drop),
    ];
    for refused in refused {
        assert!(matches!(refused, Err(StoreError::LeaseLost)), "{refused:?}");
    }
    assert!(!zombie.extend_lease(&late, SECOND).await.unwrap());
    zombie.release_lease(&late).await.unwrap();
    assert_eq!(
        acquire(&zombie, &bulk).await,
        None,
        "it has not ended the lease of the other one"
    );
    assert_eq!((rows().await, other.bulk_counts(id).await.unwrap()), (before, counts));
    assert_eq!(other.bulk(id).await.unwrap().unwrap().state, BulkState::Running);
    other.settle_items(&current, id, results()).await.unwrap();
    assert_eq!(other.bulk_counts(id).await.unwrap().of(BulkItemState::Failed), 1);
}

#[tokio::test]
async fn every_step_that_other_instances_need_is_published() {
    let dir = dir();
    let store = open(&dir).await;
    let told = async || store.last_event().await.unwrap();
    let (id, sign_in) = draft(&store, 1).await;
    let lease = lease(&store, &id).await;
    let cancel = || entry(Phase::Intent, Outcome::Done);
    assert_eq!(told().await, 0, "a draft is told to no one");
    start(&store, &id, &sign_in).await;
    start(&store, &id, &sign_in).await;
    assert_eq!(told().await, 1, "what does nothing is told to no one");
    store.pause_bulk(&lease, &id, PauseReason::SignedOut).await.unwrap();
    assert_eq!(told().await, 2);
    store.resume_bulk(&id, &sign_in, cancel()).await.unwrap();
    assert_eq!(told().await, 3);
    store.cancel_remaining(&id, cancel()).await.unwrap();
    assert_eq!(told().await, 4);
    let end = entry(Phase::Outcome, Outcome::Done);
    store.finish_bulk(&lease, &id, T0, end).await.unwrap();
    let events = store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 5);
    let changed = EventKind::BulkChanged { bulk: id };
    assert!(events.iter().all(|event| event.kind.as_ref() == Some(&changed)));
    assert!(events.iter().all(|event| event.binding == "prod https://x"));
}
