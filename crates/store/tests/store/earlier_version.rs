//! Reading an activity log that an earlier version wrote: some of its words changed since, and it lacked others.
//!
//! `fixtures/activity.db` was written with `Store::append` of the commit b2a7a9f, the last one in which kinds,
//! requested values and details were plain text, and made smaller with `pragma journal_mode = delete; pragma page_size
//! = 1024; vacuum`. `fixtures/activity.json` has what that version showed of each operation, oldest first: the labels
//! of the kind, the target, the state before, the requested state, the outcome and the detail.
//!
//! `fixtures/activity_with_addresses.db` was written likewise by the first version that records the client's address,
//! and `fixtures/activity_mixed.db` is the first one after that version added the same rows to it. Their heads were
//! computed with Python from the columns.

use std::path::Path;

use domain::ClientAddress;
use store::{
    ActivityEntry, ActivityKind, ActivityQuery, ChainError, ChainHead, Detail, Operation, Outcome, Phase,
    RequestedValue, Store, before_label, target_label, verify_activity,
};

use crate::{TestPlace, open, sql, sqlite_dir};

const HEAD: &str = "c3af093140a377d3a76eb7e4ae239d07227e0f068c4e75aa11fa46a452922e53";
const ROWS: u64 = 92;

/// The fixtures, each with its number of rows and its head: without addresses, with addresses, and with both.
const FIXTURES: [(&str, u64, &str); 3] = [
    ("activity.db", ROWS, HEAD),
    (
        "activity_with_addresses.db",
        7,
        "10b9fbc2e30b3884ebd4818eaf9ffd773b37a9516cd5658370320bdb6d576ceb",
    ),
    (
        "activity_mixed.db",
        ROWS + 7,
        "4049a25e02eb685f83afc18f463d3675a70002ff0e6b275ee91ea9d9349dc536",
    ),
];

/// A data directory with a copy of the database.
fn earlier() -> TestPlace {
    copy_of("activity.db")
}

fn copy_of(fixture: &str) -> TestPlace {
    let dir = sqlite_dir();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(fixture);
    // Not `fs::copy`, which copies the permissions too.
    std::fs::write(dir.path().join("console.db"), std::fs::read(fixture).unwrap()).unwrap();
    dir
}

async fn operations(store: &Store, kind: Option<ActivityKind>) -> Vec<Operation> {
    let query = ActivityQuery {
        workspace: "prod".into(),
        kind,
        ..ActivityQuery::default()
    };
    let mut page = store.activity(&query, 1000).await.unwrap();
    page.operations.sort_by_key(|operation| operation.id);
    page.operations
}

#[tokio::test]
async fn the_hash_chain_of_an_earlier_version_verifies() {
    for (fixture, rows, head) in FIXTURES {
        let dir = copy_of(fixture);
        let expected = Ok((rows, ChainHead(head.to_owned())));
        // As it was left, and migrated.
        assert_eq!(
            verify_activity(dir.path(), Some(head)).await.unwrap(),
            expected,
            "{fixture}"
        );
        open(&dir).await.close().await.unwrap();
        assert_eq!(
            verify_activity(dir.path(), Some(head)).await.unwrap(),
            expected,
            "{fixture}"
        );
    }
}

#[tokio::test]
async fn a_log_of_several_versions_has_the_addresses_that_were_recorded() {
    let dir = copy_of("activity_mixed.db");
    let store = open(&dir).await;
    let all = operations(&store, None).await;
    let addresses: Vec<_> = all.iter().map(|o| o.client_address.as_deref()).collect();
    let (before, after) = addresses.split_at(all.len() - 4);
    assert!(before.iter().all(Option::is_none), "{before:?}");
    assert_eq!(
        after,
        [Some("192.0.2.7"), Some("2001:db8::7"), Some(""), Some("192.0.2.8")]
    );
}

/// An address cannot be added to a row, changed or taken away.
#[tokio::test]
async fn a_changed_address_is_a_row_that_was_changed() {
    for (address, row) in [("''", 7), ("'192.0.2.9'", 7), ("null", 93), ("''", 93), ("null", 97)] {
        let dir = copy_of("activity_mixed.db");
        sql(&dir, "drop trigger activity_is_not_changed").await.unwrap();
        let update = format!("update activity set client_address = {address} where id = {row}");
        assert_eq!(sql(&dir, &update).await.unwrap(), 1);
        let verified = verify_activity(dir.path(), None).await.unwrap();
        assert_eq!(verified, Err(ChainError::Row { id: row }), "{address}");
    }
}

#[tokio::test]
async fn the_log_of_an_earlier_version_has_the_same_labels() {
    let dir = earlier();
    let store = open(&dir).await;
    let labels = |o: &Operation| {
        [
            o.kind.label().to_owned(),
            target_label(&o.kind, &o.target).to_owned(),
            before_label(&o.kind, &o.before).into_owned(),
            o.requested.label().into_owned(),
            o.outcome.label().to_owned(),
            o.detail.label().into_owned(),
        ]
    };
    let operations = operations(&store, None).await;
    let shown: Vec<_> = operations.iter().map(labels).collect();
    let expected: Vec<[String; 6]> = serde_json::from_str(include_str!("../fixtures/activity.json")).unwrap();
    assert_eq!(shown, expected);
    for outcome in Outcome::ALL {
        let query = ActivityQuery {
            workspace: "prod".into(),
            outcome: Some(outcome),
            ..ActivityQuery::default()
        };
        let found = store.activity(&query, 1000).await.unwrap().operations;
        let expected = operations.iter().rev().filter(|o| o.outcome == outcome);
        assert!(found.iter().eq(expected), "{outcome:?}");
    }
    // Kinds that the earlier version had.
    let later = [
        ActivityKind::CreateFirstToken,
        ActivityKind::AcceptFinding,
        ActivityKind::WithdrawAcceptance,
        ActivityKind::EditScopesInBulk,
        ActivityKind::ResumeScopesInBulk,
        ActivityKind::CancelScopesInBulk,
    ];
    for kind in ActivityKind::ALL.into_iter().filter(|kind| !later.contains(kind)) {
        assert!(operations.iter().any(|operation| operation.kind == kind), "{kind:?}");
    }
}

#[tokio::test]
async fn unknown_words_are_read_and_can_be_looked_for() {
    let dir = earlier();
    let store = open(&dir).await;
    let other = ActivityKind::Other("rotate_token".into());
    let found = operations(&store, Some(other.clone())).await;
    let details: Vec<_> = found.iter().map(|o| o.detail.to_stored()).collect();
    assert_eq!(details, ["rotated", "not today"]);
    assert_eq!(found[0].kind, other);
    assert_eq!(found[0].requested, RequestedValue::Other("after".into()));
    assert_eq!(found[0].detail, Detail::Other("rotated".into()));
}

#[tokio::test]
async fn rows_are_added_to_the_log_of_an_earlier_version() {
    let dir = earlier();
    let store = open(&dir).await;
    let last = operations(&store, None).await.remove(0);
    let entry = ActivityEntry {
        at: last.at,
        workspace: "prod".into(),
        operation: last.operation,
        phase: Phase::Outcome,
        actor: last.actor,
        kind: last.kind,
        target: last.target,
        before: last.before,
        requested: last.requested,
        reason: last.reason,
        outcome: last.outcome,
        detail: last.detail,
        request_id: last.request_id,
        client: ClientAddress::UNKNOWN,
    };
    // The outcome that it has already.
    assert_eq!(store.append_later_outcome(&entry).await.unwrap(), None);
    let head = store.append(&entry).await.unwrap();
    assert_eq!(
        verify_activity(dir.path(), Some(HEAD)).await.unwrap(),
        Ok((ROWS + 1, head))
    );
}

/// The error is not "the database failed": it names the row.
#[tokio::test]
async fn an_unknown_outcome_or_phase_is_a_row_that_was_changed() {
    for (change, row) in [("outcome = 'lost'", 7), ("phase = 'began'", 8), ("kind = 'x'", 9)] {
        let dir = earlier();
        sql(&dir, "drop trigger activity_is_not_changed").await.unwrap();
        let update = format!("update activity set {change} where id = {row}");
        sql(&dir, &update).await.unwrap();
        let verified = verify_activity(dir.path(), Some(HEAD)).await.unwrap();
        assert_eq!(verified, Err(ChainError::Row { id: row }));
    }
}
