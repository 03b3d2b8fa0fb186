//! Bulk revocations: the selection stays as it was, and each step happens once, with its rows of the activity log.

use std::sync::Arc;

use domain::{ClientAddress, GrantedScopes, PrincipalId, PrincipalKind, ScopesPlan, ScopesSkip, TokenId};
use store::{
    ActivityEntry, ActivityKind, BulkId, BulkItem, BulkItemPage, BulkItemState, BulkKind, BulkState, Detail, DraftItem,
    ItemResult, Lease, NewBulk, NewBulkItem, NewRun, Outcome, PauseReason, Phase, RequestedValue, SignInId, Store,
    verify_activity,
};

use crate::{HOUR, SECOND, T0, dir, mia, open, sql, texts};

fn drafted(position: i64) -> DraftItem {
    DraftItem {
        position,
        token: TokenId::new(format!("token-{position}")),
        owner_id: (position % 3).to_string(),
        scopes: None,
    }
}

/// A token as it is when it starts.
fn started(ids: DraftItem) -> NewBulkItem {
    NewBulkItem {
        comment: format!("comment {}", ids.position),
        owner: format!("owner {}", ids.owner_id),
        owner_kind: match ids.owner_id.as_str() {
            "0" => Some(PrincipalKind::ServicePrincipal),
            "1" => Some(PrincipalKind::User),
            _ => None,
        },
        ids,
    }
}

pub(crate) async fn draft(store: &Store, tokens: i64) -> (BulkId, SignInId) {
    let sign_in = store.add_sign_in(mia()).await.unwrap();
    let items = (0..tokens).map(drafted).collect();
    (store.draft_bulk(new_bulk(sign_in), items).await.unwrap(), sign_in)
}

fn new_bulk(sign_in: SignInId) -> NewBulk {
    NewBulk {
        kind: BulkKind::Revoke,
        puts_back: None,
        workspace: "prod".into(),
        binding: "prod https://x".into(),
        principal: PrincipalId::new(7),
        user_name: "mia@acme.example".into(),
        sign_in,
        filters: "q=ci".into(),
        request_id: "request-1".into(),
        own_token_excluded: false,
        created: T0,
    }
}

pub(crate) fn entry(phase: Phase, outcome: Outcome) -> ActivityEntry {
    ActivityEntry {
        at: T0,
        workspace: "prod".into(),
        operation: "0".repeat(32),
        phase,
        actor: "mia@acme.example".into(),
        kind: ActivityKind::RevokeToken,
        target: "x".into(),
        before: String::new(),
        requested: RequestedValue::Empty,
        reason: String::new(),
        outcome,
        detail: Detail::Empty,
        request_id: "request-1".into(),
        client: ClientAddress::UNKNOWN,
    }
}

/// The lease of a run of it.
pub(crate) async fn lease(store: &Store, id: &BulkId) -> Lease {
    let bulk = store.bulk(id).await.unwrap().unwrap();
    let affinity = bulk.lease_affinity();
    let acquired = store.acquire_lease(bulk.lease_name(), &affinity, SECOND * 15).await;
    acquired.unwrap().unwrap()
}

async fn claim(store: &Store, lease: &Lease, id: &BulkId, limit: u32) -> Vec<BulkItem> {
    let intent = Arc::new(|_: &BulkItem| entry(Phase::Intent, Outcome::Open));
    store.advance_bulk(lease, id, Vec::new(), limit, intent).await.unwrap()
}

pub(crate) async fn start(store: &Store, id: &BulkId, sign_in: &SignInId) -> bool {
    start_without(store, id, sign_in, &[]).await
}

/// Starts it without the tokens at these positions.
async fn start_without(store: &Store, id: &BulkId, sign_in: &SignInId, left_out: &[i64]) -> bool {
    let items = store.draft_items(id).await.unwrap().into_iter();
    let items = items.filter(|item| !left_out.contains(&item.position)).map(started);
    let run = NewRun {
        principal: PrincipalId::new(2),
        user_name: "tomas@acme.example".into(),
        sign_in: *sign_in,
        own_token_excluded: false,
        items: items.collect(),
    };
    let intent = entry(Phase::Intent, Outcome::Open);
    store.start_bulk(id, run, intent).await.unwrap()
}

fn result(item: &BulkItem, state: BulkItemState) -> ItemResult {
    ItemResult {
        position: item.position,
        state,
        detail: Detail::Revoked,
        entry: Some(ActivityEntry {
            operation: item.operation.clone(),
            ..entry(Phase::Outcome, Outcome::Done)
        }),
    }
}

#[tokio::test]
async fn a_draft_keeps_thousands_of_tokens_as_they_were_selected() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, _) = draft(&store, 2500).await;
    let bulk = store.bulk(&id).await.unwrap().unwrap();
    assert_eq!((bulk.state, bulk.filters.as_str()), (BulkState::Draft, "q=ci"));
    assert_eq!(store.bulk_counts(&id).await.unwrap().of(BulkItemState::Waiting), 2500);
    let page = store.bulk_items(&id, None, 2490, 50).await.unwrap();
    assert_eq!(page.len(), 10);
    assert_eq!(page[9].token, TokenId::new("token-2499"));
    assert_eq!(store.draft_items(&id).await.unwrap()[2499], drafted(2499));
    assert!(
        store.bulk_summaries("prod https://x", 10).await.unwrap().is_empty(),
        "a draft is not listed"
    );
}

#[tokio::test]
async fn a_draft_has_ids_only_and_comments_and_names_are_written_when_it_starts() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 3).await;
    let texts = async || {
        texts(
            &dir,
            "select comment, owner, owner_kind from job_items order by position",
        )
        .await
    };
    let empty = vec![String::new(), String::new(), "unknown".to_owned()];
    assert_eq!(texts().await, [empty.clone(), empty.clone(), empty]);
    assert!(start(&store, &id, &sign_in).await);
    let started = ["comment 1", "owner 1", "user"];
    assert_eq!(texts().await[1], started);
    let items = store.bulk_items(&id, None, 0, 9).await.unwrap();
    assert_eq!(
        (items[1].comment.as_str(), items[1].owner.as_str(), items[1].owner_kind),
        ("comment 1", "owner 1", Some(PrincipalKind::User))
    );
}

#[tokio::test]
async fn a_page_has_the_failed_tokens_first_and_the_list_says_how_many_there_are() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 5).await;
    let lease = lease(&store, &id).await;
    start(&store, &id, &sign_in).await;
    let claimed = claim(&store, &lease, &id, 3).await;
    let states = [BulkItemState::Revoked, BulkItemState::Accepted, BulkItemState::Failed];
    let results = claimed.iter().zip(states).map(|(item, state)| ItemResult {
        entry: (state != BulkItemState::Accepted).then(|| result(item, state).entry.unwrap()),
        ..result(item, state)
    });
    store.settle_items(&lease, &id, results.collect()).await.unwrap();
    let all = BulkItemPage {
        limit: 9,
        ..BulkItemPage::default()
    };
    let positions = async |page| -> Vec<i64> {
        let page = store.bulk_page(&id, page).await.unwrap().unwrap();
        page.items.iter().map(|ended| ended.item.position).collect()
    };
    assert_eq!(positions(all).await, [2, 1, 3, 4, 0]);
    let by_position = BulkItemPage {
        by_position: true,
        ..all
    };
    assert_eq!(positions(by_position).await, [0, 1, 2, 3, 4]);
    let second = BulkItemPage {
        offset: 2,
        limit: 2,
        ..all
    };
    assert_eq!(positions(second).await, [3, 4]);
    let waiting = BulkItemPage {
        state: Some(BulkItemState::Waiting),
        limit: 1,
        ..all
    };
    let page = store.bulk_page(&id, waiting).await.unwrap().unwrap();
    assert!(page.has_more && page.items.len() == 1);
    assert_eq!((page.counts.total(), page.owners), (5, 3));
    let page = store.bulk_page(&id, all).await.unwrap().unwrap();
    let ended: Vec<_> = page.items.iter().map(|ended| ended.ended).collect();
    assert_eq!(ended, [Some(T0), None, None, None, Some(T0)]);
    let listed = store.bulk_summaries("prod https://x", 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].counts, listed[0].owners, &listed[0].bulk.id),
        (page.counts, 3, &id)
    );
    assert!(store.bulk_summaries("prod https://y", 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_person_has_at_most_20_drafts_and_old_ones_are_purged_but_started_bulk_revocations_are_not() {
    let dir = dir();
    let store = open(&dir).await;
    let (started, sign_in) = draft(&store, 3).await;
    assert!(start(&store, &started, &sign_in).await);
    let mut drafts = Vec::new();
    for _ in 0..21 {
        drafts.push(draft(&store, 3).await.0);
    }
    let mut kept = 0;
    for id in &drafts {
        kept += usize::from(store.bulk(id).await.unwrap().is_some());
    }
    assert_eq!(kept, 20);
    let left = drafts[20].clone();
    assert!(store.bulk(&left).await.unwrap().is_some(), "the oldest goes");
    assert_eq!(store.purge_drafts(T0).await.unwrap(), 0);
    assert_eq!(store.purge_drafts(T0.plus(HOUR)).await.unwrap(), 20);
    assert!(store.bulk(&left).await.unwrap().is_none());
    assert!(store.bulk_items(&left, None, 0, 10).await.unwrap().is_empty());
    assert!(store.bulk(&started).await.unwrap().is_some());
}

#[tokio::test]
async fn a_draft_is_started_without_the_tokens_that_are_left_out_and_belongs_to_its_starter() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 4).await;
    let lease = lease(&store, &id).await;
    assert!(start_without(&store, &id, &sign_in, &[0, 2]).await);
    let positions: Vec<_> = claim(&store, &lease, &id, 9)
        .await
        .iter()
        .map(|item| item.position)
        .collect();
    assert_eq!(positions, [1, 3]);
    let bulk = store.bulk(&id).await.unwrap().unwrap();
    assert_eq!(
        (bulk.principal, bulk.user_name.as_str()),
        (PrincipalId::new(2), "tomas@acme.example")
    );
}

#[tokio::test]
async fn each_step_happens_once_and_is_recorded() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 3).await;
    let lease = lease(&store, &id).await;
    assert!(claim(&store, &lease, &id, 9).await.is_empty(), "a draft sends nothing");
    assert!(start(&store, &id, &sign_in).await);
    assert!(!start(&store, &id, &sign_in).await, "it can be started only once");
    let first = claim(&store, &lease, &id, 2).await;
    let rest = claim(&store, &lease, &id, 9).await;
    assert_eq!((first.len(), rest.len()), (2, 1));
    assert!(claim(&store, &lease, &id, 9).await.is_empty());
    let end = entry(Phase::Outcome, Outcome::Done);
    assert!(
        !store.finish_bulk(&lease, &id, T0, end.clone()).await.unwrap(),
        "it has tokens without a result"
    );
    let all: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|item| result(item, BulkItemState::Revoked))
        .collect();
    store.settle_items(&lease, &id, all).await.unwrap();
    assert!(store.finish_bulk(&lease, &id, T0, end.clone()).await.unwrap());
    assert!(!store.finish_bulk(&lease, &id, T0, end.clone()).await.unwrap());
    // The start, three intents, three outcomes and the end.
    assert_eq!(verify_activity(dir.location(), None).await.unwrap().unwrap().0, 8);
}

#[tokio::test]
async fn sent_tokens_are_known_after_a_restart() {
    let dir = dir();
    let id = {
        let store = open(&dir).await;
        let (id, sign_in) = draft(&store, 3).await;
        let lease = lease(&store, &id).await;
        start(&store, &id, &sign_in).await;
        claim(&store, &lease, &id, 2).await;
        id
    };
    let store = open(&dir).await;
    let running = store.running_bulks().await.unwrap();
    assert_eq!(running.iter().map(|bulk| &bulk.id).collect::<Vec<_>>(), [&id]);
    let sent = store.bulk_items(&id, Some(BulkItemState::Sent), 0, 10).await.unwrap();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|item| item.operation.len() == 32));
}

#[tokio::test]
async fn a_paused_bulk_revocation_sends_nothing_until_it_is_resumed() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 3).await;
    let lease = lease(&store, &id).await;
    start(&store, &id, &sign_in).await;
    assert!(store.pause_bulk(&lease, &id, PauseReason::SignedOut).await.unwrap());
    assert!(!store.pause_bulk(&lease, &id, PauseReason::NotAllowed).await.unwrap());
    let bulk = store.bulk(&id).await.unwrap().unwrap();
    assert_eq!(bulk.pause_reason, Some(PauseReason::SignedOut));
    assert!(claim(&store, &lease, &id, 9).await.is_empty());
    let other = store.add_sign_in(mia()).await.unwrap();
    let resumed = entry(Phase::Intent, Outcome::Done);
    assert!(store.resume_bulk(&id, &other, resumed.clone()).await.unwrap());
    assert!(!store.resume_bulk(&id, &other, resumed.clone()).await.unwrap());
    let bulk = store.bulk(&id).await.unwrap().unwrap();
    assert_eq!(
        (bulk.state, bulk.sign_in, bulk.pause_reason),
        (BulkState::Running, other, None)
    );
    assert_eq!(claim(&store, &lease, &id, 9).await.len(), 3);
}

#[tokio::test]
async fn waiting_tokens_can_be_cancelled_and_failed_ones_retried() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 4).await;
    let lease = lease(&store, &id).await;
    start(&store, &id, &sign_in).await;
    let claimed = claim(&store, &lease, &id, 1).await;
    let cancel = entry(Phase::Intent, Outcome::Done);
    assert_eq!(store.cancel_remaining(&id, cancel.clone()).await.unwrap(), 3);
    assert_eq!(store.cancel_remaining(&id, cancel.clone()).await.unwrap(), 0);
    store
        .settle_items(&lease, &id, vec![result(&claimed[0], BulkItemState::Failed)])
        .await
        .unwrap();
    let retry = entry(Phase::Intent, Outcome::Open);
    assert_eq!(
        store.retry_failed(&id, &sign_in, retry.clone()).await.unwrap(),
        0,
        "it is still running"
    );
    assert!(
        store
            .finish_bulk(&lease, &id, T0, entry(Phase::Outcome, Outcome::Failed))
            .await
            .unwrap()
    );
    assert_eq!(store.retry_failed(&id, &sign_in, retry.clone()).await.unwrap(), 1);
    let counts = store.bulk_counts(&id).await.unwrap();
    assert_eq!(
        (counts.of(BulkItemState::Waiting), counts.of(BulkItemState::Cancelled)),
        (1, 3)
    );
    let again = claim(&store, &lease, &id, 9).await;
    assert_ne!(
        again[0].operation, claimed[0].operation,
        "another attempt is another operation"
    );
}

#[tokio::test]
async fn a_paused_bulk_revocation_can_finish_once_every_token_has_a_result() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 2).await;
    let lease = lease(&store, &id).await;
    start(&store, &id, &sign_in).await;
    store.pause_bulk(&lease, &id, PauseReason::SignedOut).await.unwrap();
    let end = entry(Phase::Outcome, Outcome::Done);
    assert!(!store.finish_bulk(&lease, &id, T0, end.clone()).await.unwrap());
    assert_eq!(
        store
            .cancel_remaining(&id, entry(Phase::Intent, Outcome::Done))
            .await
            .unwrap(),
        2
    );
    assert!(store.bulk(&id).await.unwrap().unwrap().cancelled);
    assert!(store.finish_bulk(&lease, &id, T0, end.clone()).await.unwrap());
    assert_eq!(store.bulk(&id).await.unwrap().unwrap().state, BulkState::Finished);
}

#[tokio::test]
async fn a_bulk_change_keeps_the_scopes_of_each_token_as_sets_and_one_of_an_earlier_version_is_a_revocation() {
    let dir = dir();
    let store = open(&dir).await;
    let sign_in = store.add_sign_in(mia()).await.unwrap();
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let plan = |before, after| ScopesPlan {
        state_before: Some(domain::AutoscopeState::Running),
        before,
        after: list(after),
    };
    let had = [
        GrantedScopes::NoList,
        GrantedScopes::of(Some(&[])),
        GrantedScopes::of(Some(&list(&["sql", "jobs"]))),
    ];
    let mut scopes: Vec<_> = had.map(|before| Some(Ok(plan(before, &["jobs", "sql"])))).into();
    scopes.push(Some(Err(ScopesSkip::NoProposal)));
    let items: Vec<_> = (0..)
        .zip(scopes)
        .map(|(position, scopes)| DraftItem {
            scopes,
            ..drafted(position)
        })
        .collect();
    let earlier = store.draft_bulk(new_bulk(sign_in), vec![drafted(0)]).await.unwrap();
    let new = NewBulk {
        kind: BulkKind::PutBackScopes,
        puts_back: Some(earlier.clone()),
        ..new_bulk(sign_in)
    };
    let id = store.draft_bulk(new, items.clone()).await.unwrap();
    assert_eq!(store.draft_items(&id).await.unwrap(), items);
    start_without(&store, &id, &sign_in, &[3]).await;
    let read = store.bulk_items(&id, None, 0, 9).await.unwrap();
    let read: Vec<_> = read.iter().map(|item| item.scopes_plan().map(Ok)).collect();
    assert_eq!(
        read,
        items[..3].iter().map(|item| item.scopes.clone()).collect::<Vec<_>>()
    );
    let bulk = store.bulk(&id).await.unwrap().unwrap();
    assert_eq!(
        (bulk.kind, bulk.puts_back),
        (BulkKind::PutBackScopes, Some(earlier.clone()))
    );
    let revocation = store.bulk(&earlier).await.unwrap().unwrap();
    assert_eq!((revocation.kind, revocation.puts_back), (BulkKind::Revoke, None));
    // A text that is cut off is not a shorter list.
    let cut = "update job_items set scopes_before = '[\"jobs\", \"sq' where position = 2";
    sql(&dir, cut).await.unwrap();
    let cut = &store.bulk_items(&id, None, 2, 1).await.unwrap()[0];
    assert_eq!((&cut.scopes_before, cut.scopes_plan()), (&None, None));
}
