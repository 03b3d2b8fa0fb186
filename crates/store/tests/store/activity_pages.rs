//! Pages of the activity log, and searches in it: every operation is on one page, and none is looked at for nothing.

use domain::{DAY, Day};
use store::{
    ActivityPage, ActivityQuery, ChainError, MAX_COUNTED, MAX_SEARCHED, Outcome, Phase, Store, verify_activity,
};

use crate::activity::entry;
use crate::{SECOND, T0, TestPlace, dir, open, sql};

const LIMIT: u32 = 50;

/// Adds this many operations without the store, one each second from `T0` on. The target is their number, and every
/// tenth has failed.
async fn add(dir: &TestPlace, count: u32) {
    let add = format!(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < {count})
         insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                               detail, request_id, hash)
         select {} + i * 1000, 'prod', 'operation ' || i, 'refused', 'Mia@acme.example', 'revoke_token', 'target ' || i,
                '', '', '', case i % 10 when 0 then 'failed' else 'done' end, '', '', ''
         from n",
        T0.ms()
    );
    sql(dir, &add).await.unwrap();
}

fn prod() -> ActivityQuery {
    ActivityQuery {
        workspace: "prod".into(),
        ..ActivityQuery::default()
    }
}

fn search(text: &str) -> ActivityQuery {
    ActivityQuery {
        text: text.into(),
        ..prod()
    }
}

fn ids(page: &ActivityPage) -> Vec<i64> {
    page.operations.iter().map(|operation| operation.id).collect()
}

async fn page(store: &Store, query: &ActivityQuery) -> ActivityPage {
    store.activity(query, LIMIT).await.unwrap()
}

#[tokio::test]
async fn pages_lead_to_every_operation_once_and_back() {
    let dir = dir();
    let store = open(&dir).await;
    add(&dir, 120).await;
    // Many at the same moment: only their numbers order them.
    sql(
        &dir,
        "insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                               detail, request_id, hash)
         select 0, workspace, 'x' || operation, phase, actor, kind, target, was, wanted, reason, outcome, detail,
                request_id, hash from activity",
    )
    .await
    .unwrap();
    for (filter, count) in [(None, 240), (Some(Outcome::Done), 216), (Some(Outcome::Unknown), 0)] {
        let mut query = ActivityQuery {
            outcome: filter,
            ..prod()
        };
        let mut pages = vec![page(&store, &query).await];
        while let Some(older) = pages.last().unwrap().older {
            query.before = Some(older);
            pages.push(page(&store, &query).await);
        }
        let all: Vec<_> = pages.iter().flat_map(|page| &page.operations).collect();
        assert_eq!(all.len(), count);
        assert!(all.is_sorted_by(|a, b| (a.at, a.id) > (b.at, b.id)));
        assert_eq!(pages[0].newer, None);
        query.before = None;
        for pair in pages.windows(2) {
            query.after = pair[1].newer;
            let back = page(&store, &query).await;
            assert_eq!(ids(&back), ids(&pair[0]));
            assert_eq!((back.newer, back.older), (pair[0].newer, pair[0].older));
        }
    }
    // Less than a page away from the newest, no page is short.
    let near = ActivityQuery {
        after: Some(110),
        ..prod()
    };
    assert_eq!(page(&store, &near).await, page(&store, &prod()).await);
}

#[tokio::test]
async fn a_number_of_another_workspace_is_not_a_place() {
    let dir = dir();
    let store = open(&dir).await;
    add(&dir, 3).await;
    for number in [0, 4, i64::MIN, i64::MAX] {
        let query = ActivityQuery {
            before: Some(number),
            ..prod()
        };
        assert_eq!(ids(&page(&store, &query).await), [3, 2, 1]);
    }
    let other = ActivityQuery {
        workspace: "dev".into(),
        before: Some(3),
        ..prod()
    };
    assert_eq!(page(&store, &other).await, ActivityPage::default());
}

#[tokio::test]
async fn a_time_reduces_the_operations_to_those_that_began_in_it() {
    let dir = dir();
    let store = open(&dir).await;
    // The last second of a day, the first of the next one, and the first of the one after that.
    let (day, days) = (Day::from_iso("2026-11-24").unwrap(), 24 * 3600 * 1000);
    for (n, at) in [(1, -1), (2, 0), (3, days - 1), (4, days)] {
        add(&dir, 1).await;
        let statement = format!("update operations set at = {} where id = {n}", day.start().ms() + at);
        sql(&dir, &statement).await.unwrap();
    }
    let ids = async |from: Option<&str>, to: Option<&str>| {
        let start = |text| Day::from_iso(text).unwrap().start();
        let mut query = ActivityQuery {
            from: from.map(start),
            until: to.map(|to| start(to).plus(DAY)),
            ..prod()
        };
        let mut found = ids(&page(&store, &query).await);
        found.sort_unstable();
        query.text = "TARGET 1".into();
        let searched = page(&store, &query).await;
        assert_eq!(searched.operations.len(), found.len());
        found
    };
    assert_eq!(ids(Some("2026-11-24"), Some("2026-11-24")).await, [2, 3]);
    assert_eq!(ids(Some("2026-11-24"), None).await, [2, 3, 4]);
    assert_eq!(ids(None, Some("2026-11-24")).await, [1, 2, 3]);
    assert_eq!(ids(Some("2026-11-25"), Some("2026-11-24")).await, [0; 0]);
}

#[tokio::test]
async fn operations_are_counted_up_to_ten_thousand() {
    let dir = dir();
    let store = open(&dir).await;
    add(&dir, MAX_COUNTED).await;
    assert_eq!(store.count_activity(&prod()).await.unwrap(), Some(MAX_COUNTED));
    add(&dir, 1).await;
    assert_eq!(store.count_activity(&prod()).await.unwrap(), None);
    let failed = ActivityQuery {
        outcome: Some(Outcome::Failed),
        before: Some(5),
        ..prod()
    };
    assert_eq!(store.count_activity(&failed).await.unwrap(), Some(MAX_COUNTED / 10));
}

#[tokio::test]
async fn a_search_ends_at_a_page_or_at_its_limit_and_goes_on_from_there() {
    let dir = dir();
    let store = open(&dir).await;
    add(&dir, MAX_SEARCHED + 60).await;

    let first = page(&store, &search("TARGET")).await;
    assert_eq!(first.operations.len(), 50);
    assert_eq!(first.searched_back_to, None);
    let mut query = search("TARGET");
    query.before = first.older;
    let second = page(&store, &query).await;
    assert_eq!(second.operations[0].id, first.operations[49].id - 1);

    let mut query = search("no such text");
    let searched = page(&store, &query).await;
    assert!(searched.operations.is_empty());
    assert_eq!(searched.older, Some(61));
    assert_eq!(searched.searched_back_to, Some(T0.plus(SECOND * 61)));
    query.before = searched.older;
    assert_eq!(page(&store, &query).await, ActivityPage::default());
    // Another filter leaves fewer to look at.
    query = search("no such text");
    query.outcome = Some(Outcome::Failed);
    assert_eq!(page(&store, &query).await, ActivityPage::default());
}

#[tokio::test]
async fn verification_names_an_operation_that_is_not_listed_as_it_was_written() {
    for change in [
        "update operations set outcome = 'failed' where id = 3",
        "update operations set workspace = 'dev' where id = 3",
        "update operations set at = 1 where id = 3",
        "update operations set actor = 'noa' where id = 3",
        "update operations set kind = 'edit_scopes' where id = 3",
        "update operations set target = 'other' where id = 3",
        "delete from operations where id = 3",
    ] {
        let dir = dir();
        let store = open(&dir).await;
        for n in 0..3 {
            let mut entry = entry(n, "prod", "x");
            store.append(&entry).await.unwrap();
            entry.phase = Phase::Outcome;
            entry.outcome = Outcome::Done;
            store.append(&entry).await.unwrap();
        }
        assert_eq!(verify_activity(dir.location(), None).await.unwrap().unwrap().0, 6);
        sql(&dir, change).await.unwrap();
        let verified = verify_activity(dir.location(), None).await.unwrap();
        assert_eq!(verified, Err(ChainError::Listed { id: 3 }), "{change}");
    }
}
