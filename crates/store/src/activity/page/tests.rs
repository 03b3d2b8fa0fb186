//! How SQLite reads a page. A million rows can only be paged through if no page looks at rows that it does not show.

use domain::{DAY, Timestamp};

use super::*;
use crate::activity::place::Place;
use crate::{ActivityKind, Outcome, SealingKey};

/// Every combination of the filters, with and without a time.
fn queries() -> impl Iterator<Item = ActivityQuery> {
    let day = Timestamp::from_iso("2026-11-24T00:00:00Z");
    (0..32_u8).map(move |bits| {
        let has = |bit: u8| bits & (1 << bit) != 0;
        let text = |bit| if has(bit) { "x" } else { "" }.to_owned();
        ActivityQuery {
            workspace: "prod".into(),
            actor: text(0),
            kind: has(1).then_some(ActivityKind::RevokeToken),
            outcome: has(2).then_some(Outcome::Failed),
            targets: has(3).then(|| "x".to_owned()).into_iter().collect(),
            from: day.filter(|_| has(4)),
            until: day.filter(|_| has(4)).map(|day| day.plus(DAY)),
            ..ActivityQuery::default()
        }
    })
}

#[derive(sqlx::FromRow)]
struct Step {
    detail: String,
}

async fn plan(store: &Store, mut statement: Statement) -> Vec<String> {
    statement.prepend("explain query plan ");
    let steps: Vec<Step> = statement.fetch_all(store.database.readers()).await.unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// The columns of an index on which a step of a plan searches, such as `workspace=? AND at<?`.
fn searched_columns(step: &str) -> &str {
    step.rsplit_once('(')
        .map_or("", |(_, columns)| columns.trim_end_matches(')'))
}

fn assert_walks_along_one_index(query: &ActivityQuery, steps: &[String]) {
    let of_operations: Vec<_> = steps.iter().filter(|step| step.contains("operations")).collect();
    let [step] = of_operations.as_slice() else {
        panic!("{query:?}: {steps:#?}")
    };
    let covering = "SEARCH operations USING COVERING INDEX";
    let target = "SEARCH operations USING INDEX operations_by_target";
    let columns = searched_columns(step);
    let is_narrow = if query.targets.is_empty() {
        step.starts_with(covering)
            && columns.contains("actor=") != query.actor.is_empty()
            && columns.contains("kind=") == query.kind.is_some()
            && columns.contains("outcome=") == query.outcome.is_some()
    } else {
        (step.starts_with(covering) || step.starts_with(target)) && columns.contains("target=")
    };
    assert!(is_narrow && columns.contains("at<?"), "{query:?}: {steps:#?}");
    // The rows of `activity` are read by their numbers and by their operations.
    assert!(
        !steps
            .iter()
            .any(|step| step.starts_with("SCAN") && step != "SCAN place" && !step.starts_with("SCAN (")),
        "{steps:#?}"
    );
}

#[tokio::test]
async fn pages_searches_and_counts_walk_along_one_index_whatever_the_filters_are() {
    let dir = tempfile::tempdir().unwrap();
    let key = SealingKey::parse(&"1".repeat(64).into()).unwrap();
    let store = Store::open(dir.path(), key).await.unwrap();
    let place = Place { at: 9, id: 9 };
    for query in queries() {
        let time = Span::of_time(&query);
        for (span, order) in [
            (time, Order::NewestFirst),
            (time.before(place), Order::NewestFirst),
            (time.after(place), Order::OldestFirst),
        ] {
            let steps = plan(&store, operations(Dialect::Sqlite, &query, span, order, 50)).await;
            assert_walks_along_one_index(&query, &steps);
            let mut places = statement_of("");
            push_places(&mut places, Dialect::Sqlite, &query, span);
            places.push(" order by at desc, id desc");
            let of_places = plan(&store, places).await;
            assert_eq!(of_places.len(), 1, "nothing is sorted: {of_places:#?}");
        }
        assert_walks_along_one_index(&query, &plan(&store, count(Dialect::Sqlite, &query)).await);
    }
    let several = ActivityQuery {
        workspace: "prod".into(),
        targets: vec!["x".into(), "y".into()],
        ..ActivityQuery::default()
    };
    let time = Span::of_time(&several);
    let steps = plan(
        &store,
        operations(Dialect::Sqlite, &several, time, Order::NewestFirst, 9),
    )
    .await;
    assert_walks_along_one_index(&several, &steps);
}
