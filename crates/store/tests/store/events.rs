//! Events between instances: each is read once, in the order of commits, and is gone after an hour.

use std::time::Duration;

use domain::TokenId;
use store::{ChangedPart, Event, EventKind, NewEvent, Store};
use tokio::time::timeout;

use crate::{MINUTE, SECOND, T0, any_lease, dir, mia, open, sql, texts};

fn parts_changed(binding: &str) -> NewEvent {
    NewEvent {
        binding: binding.into(),
        kind: EventKind::PartsChanged {
            parts: vec![ChangedPart::Tokens, ChangedPart::Policy],
        },
    }
}

fn kinds(events: &[Event]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind.clone().unwrap()).collect()
}

/// All events, as another instance reads them.
async fn read(store: &Store) -> Vec<Event> {
    store.events_after(0, 1000).await.unwrap()
}

#[tokio::test]
async fn every_kind_is_read_as_it_was_published_by_another_instance_and_known_as_own_by_this_one() {
    let dir = dir();
    let (here, there) = (open(&dir).await, open(&dir).await);
    let sign_in = here.add_sign_in(mia()).await.unwrap();
    let (bulk, _) = crate::bulk::draft(&here, 1).await;
    let all = [
        EventKind::TokenRevoked {
            token: TokenId::new("token-1"),
            comment: "etl \"nightly\" \u{1f980}".into(),
            owner: "mia@acme.example".into(),
        },
        parts_changed("").kind,
        EventKind::TokensSwitched { on: false },
        EventKind::RefreshRequested,
        EventKind::SignInEnded { sign_in },
        EventKind::CredentialReplaced { sign_in },
        EventKind::ProofEnded { sign_in },
        EventKind::RateLimited { pause_ms: 1500 },
        EventKind::BulkChanged { bulk },
    ];
    let binding = "prod https://x";
    let new = all.iter().cloned().map(|kind| NewEvent {
        binding: binding.into(),
        kind,
    });
    let before = here.commits();
    here.publish(new.collect()).await.unwrap();
    assert_eq!(here.commits() - before, 1, "all of them are one write");
    let events = read(&there).await;
    assert_eq!(kinds(&events), all);
    assert!(events.iter().all(|event| event.binding == binding && !event.is_own));
    assert!(events.is_sorted_by_key(|event| event.id));
    assert!(events.iter().all(|event| event.age < MINUTE));
    assert!(read(&here).await.iter().all(|event| event.is_own));
    assert_eq!(here.last_event().await.unwrap(), events.last().unwrap().id);
}

#[tokio::test]
async fn an_event_of_a_later_version_is_read_without_its_kind() {
    let dir = dir();
    let store = open(&dir).await;
    let insert = "insert into events (origin, binding, body, at) values ('x', 'prod', '{\"kind\": \"later\"}', 0)";
    sql(&dir, insert).await.unwrap();
    assert_eq!(read(&store).await[0].kind, None);
}

#[tokio::test]
async fn a_reader_that_continues_after_the_last_event_misses_none_of_many_that_are_published_at_the_same_time() {
    let dir = dir();
    let stores = [open(&dir).await, open(&dir).await];
    let publishing = (0..200).map(|n| {
        let store = stores[n % 2].clone();
        tokio::spawn(async move { store.publish(vec![parts_changed(&n.to_string())]).await })
    });
    let publishing: Vec<_> = publishing.collect();
    let (mut seen, mut last) = (Vec::new(), 0);
    for _ in 0..2000 {
        let events = stores[0].events_after(last, 7).await.unwrap();
        last = events.last().map_or(last, |event| event.id);
        seen.extend(events.into_iter().map(|event| event.binding));
        if seen.len() == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    for published in publishing {
        published.await.unwrap().unwrap();
    }
    seen.sort_by_key(|n| n.parse::<u32>().unwrap());
    assert_eq!(seen, (0..200).map(|n: u32| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn events_are_deleted_after_an_hour_and_their_ids_are_not_used_again() {
    let dir = dir();
    let store = open(&dir).await;
    store
        .publish(vec![parts_changed("old"), parts_changed("new")])
        .await
        .unwrap();
    let last = store.last_event().await.unwrap();
    sql(&dir, "update events set at = at - 3599000 where binding = 'new'")
        .await
        .unwrap();
    sql(&dir, "update events set at = at - 3601000 where binding = 'old'")
        .await
        .unwrap();
    store.purge(T0).await.unwrap();
    let left = read(&store).await;
    assert_eq!(
        left.iter().map(|event| event.binding.as_str()).collect::<Vec<_>>(),
        ["new"]
    );
    sql(&dir, "update events set at = 0").await.unwrap();
    store.purge(T0).await.unwrap();
    assert_eq!(store.last_event().await.unwrap(), 0);
    store.publish(vec![parts_changed("later")]).await.unwrap();
    assert!(store.last_event().await.unwrap() > last);
}

#[tokio::test]
async fn publishing_wakes_a_reader_even_if_it_was_not_waiting_yet() {
    let dir = dir();
    let store = open(&dir).await;
    let mut wakeup = store.event_wakeup();
    // On PostgreSQL, a connection that begins to listen wakes readers too.
    let is_quiet = async |wakeup: &mut store::EventWakeup| {
        dir.is_postgres() || timeout(Duration::from_millis(50), wakeup.wait()).await.is_err()
    };
    assert!(is_quiet(&mut wakeup).await);
    store.publish(vec![parts_changed("prod")]).await.unwrap();
    timeout(SECOND, wakeup.wait()).await.unwrap();
    assert!(is_quiet(&mut wakeup).await);
    store.publish(Vec::new()).await.unwrap();
    assert!(is_quiet(&mut wakeup).await, "nothing was published");
}

#[tokio::test]
async fn whatever_ends_a_session_or_replaces_its_credential_is_told_once() {
    let dir = dir();
    let store = open(&dir).await;
    let (first, second) = (
        store.add_sign_in(mia()).await.unwrap(),
        store.add_sign_in(mia()).await.unwrap(),
    );
    assert!(
        read(&store).await.is_empty(),
        "a sign-in changes nothing that others remember"
    );
    let lease = any_lease(&store).await;
    store.replace_secret(&second, &"another".into(), &lease).await.unwrap();
    store.settle_sign_in(&second, Some(first)).await.unwrap();
    store.remove_sign_ins(&[first, second]).await.unwrap();
    let events = read(&store).await;
    let expected = [
        EventKind::CredentialReplaced { sign_in: second },
        EventKind::SignInEnded { sign_in: first },
        EventKind::SignInEnded { sign_in: second },
    ];
    assert_eq!(kinds(&events), expected);
    assert!(events.iter().all(|event| event.binding == mia().workspace));
    let bodies = texts(&dir, "select body from events").await;
    assert!(
        !bodies.concat().concat().contains("another"),
        "an event has no credential: {bodies:?}"
    );
}
