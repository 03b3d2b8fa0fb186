//! The lifetime of a sign-in.

use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use store::{CredentialKind, NewSignIn, SignInId, Store, StoreError};

use crate::{HOUR, MILLISECOND, MINUTE, SECOND, SECRET, T0, any_lease, dir, mia, open};

async fn is_live(store: &Store, id: &SignInId, after: Duration) -> bool {
    store.sign_in(id, T0.plus(after)).await.unwrap().is_some()
}

#[tokio::test]
async fn a_sign_in_survives_a_restart_with_every_field() {
    let dir = dir();
    let store = open(&dir).await;
    let mut ids = Vec::new();
    let kinds = [
        CredentialKind::PersonalAccessToken,
        CredentialKind::OAuth,
        CredentialKind::PastedOAuth,
    ];
    for kind in kinds {
        ids.push(store.add_sign_in(NewSignIn { kind, ..mia() }).await.unwrap());
    }
    store.close().await.unwrap();

    let store = open(&dir).await;
    store.readiness(T0).await.unwrap();
    for (id, kind) in ids.iter().zip(kinds) {
        let found = store.sign_in(id, T0).await.unwrap().unwrap();
        assert_eq!(found.id, *id);
        assert_eq!(found.workspace, "prod");
        assert_eq!(found.principal.get(), 9_007_199_254_740_993);
        assert_eq!(found.user_name, "mia@acme.example");
        assert_eq!(found.display_name, "Mia Ōta");
        assert_eq!(found.kind, kind);
        assert_eq!(found.secret.expose_secret(), SECRET);
        assert_eq!((found.created, found.last_seen), (T0, T0));
        assert_eq!(found.ends, T0.plus(HOUR * 8));
        assert!(!format!("{found:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn an_unknown_id_is_not_signed_in() {
    let dir = dir();
    let store = open(&dir).await;
    store.add_sign_in(mia()).await.unwrap();
    let unknown: SignInId = "0".repeat(32).parse().unwrap();
    assert!(!is_live(&store, &unknown, Duration::ZERO).await);
    let lease = any_lease(&store).await;
    assert!(matches!(
        store.replace_secret(&unknown, &SECRET.into(), &lease).await,
        Err(StoreError::UnknownSignIn)
    ));
    store.touch(&unknown, T0).await.unwrap();
    store.remove_sign_ins(&[unknown]).await.unwrap();
}

#[tokio::test]
async fn ids_can_be_written_as_text_and_parsed_again() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    assert_eq!(id.to_string().len(), 32);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_ne!(store.add_sign_in(mia()).await.unwrap(), id);
    for text in ["", "x", &"g".repeat(32), &"0".repeat(31), &"0".repeat(34)] {
        assert!(text.parse::<SignInId>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn without_a_request_a_sign_in_ends_after_its_idle_time() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    assert!(is_live(&store, &id, HOUR - MILLISECOND).await);
    assert!(!is_live(&store, &id, HOUR).await);

    store.touch(&id, T0.plus(MINUTE * 30)).await.unwrap();
    assert!(is_live(&store, &id, MINUTE * 90 - MILLISECOND).await);
    assert!(!is_live(&store, &id, MINUTE * 90).await);
}

#[tokio::test]
async fn a_late_request_does_not_revive_a_sign_in() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    store.touch(&id, T0.plus(HOUR)).await.unwrap();
    assert!(!is_live(&store, &id, HOUR).await);
}

#[tokio::test]
async fn no_activity_extends_the_absolute_end() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    for minutes in (0..480).step_by(30) {
        store.touch(&id, T0.plus(MINUTE * minutes)).await.unwrap();
    }
    assert!(is_live(&store, &id, HOUR * 8 - MILLISECOND).await);
    assert!(!is_live(&store, &id, HOUR * 8).await);
}

#[tokio::test]
async fn with_an_unlimited_idle_time_only_the_absolute_end_counts() {
    let dir = dir();
    let store = open(&dir).await;
    let idle = Duration::MAX;
    let id = store.add_sign_in(NewSignIn { idle, ..mia() }).await.unwrap();
    assert!(is_live(&store, &id, HOUR * 8 - MILLISECOND).await);
    assert!(!is_live(&store, &id, HOUR * 8).await);
}

#[tokio::test]
async fn last_seen_is_written_at_most_once_a_minute() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    for (now, last_seen) in [
        (T0.plus(MINUTE - MILLISECOND), T0),
        (T0.plus(MINUTE), T0.plus(MINUTE)),
        (T0.plus(MINUTE + SECOND * 30), T0.plus(MINUTE)),
        // A clock that was set back changes nothing.
        (T0.minus(HOUR), T0.plus(MINUTE)),
        (T0.plus(MINUTE * 2), T0.plus(MINUTE * 2)),
    ] {
        let before = store.sign_in(&id, now).await.unwrap().unwrap();
        store.touch(&id, now).await.unwrap();
        let after = store.sign_in(&id, now).await.unwrap().unwrap();
        assert_eq!(after.last_seen, last_seen, "touched at {now:?}");
        assert_eq!(before.touch_due(now), after.last_seen != before.last_seen);
    }
}

#[tokio::test]
async fn signing_out_deletes_the_sign_in() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    let other = store.add_sign_in(mia()).await.unwrap();
    store.remove_sign_ins(&[id]).await.unwrap();
    assert!(!is_live(&store, &id, Duration::ZERO).await);
    assert!(is_live(&store, &other, Duration::ZERO).await);
}

#[tokio::test]
async fn a_refreshed_credential_survives_a_restart() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    let other = store.add_sign_in(mia()).await.unwrap();
    let lease = any_lease(&store).await;
    store.replace_secret(&id, &"refreshed".into(), &lease).await.unwrap();
    // The store is not closed: a crash must not lose the credential either.
    let store = open(&dir).await;
    let secret = |found: Option<store::SignIn>| found.unwrap().secret;
    let replaced = secret(store.sign_in(&id, T0).await.unwrap());
    assert_eq!(replaced.expose_secret(), "refreshed");
    let untouched = secret(store.sign_in(&other, T0).await.unwrap());
    assert_eq!(untouched.expose_secret(), SECRET);
}

#[tokio::test]
async fn a_credential_is_not_replaced_by_an_instance_that_has_lost_its_lease() {
    let dir = dir();
    let (slow, fast) = (open(&dir).await, open(&dir).await);
    let id = slow.add_sign_in(mia()).await.unwrap();
    let late = slow.acquire_lease("refresh/1", "", MILLISECOND).await.unwrap().unwrap();
    tokio::time::sleep(MILLISECOND * 20).await;
    let lease = fast.acquire_lease("refresh/1", "", MINUTE).await.unwrap().unwrap();
    let replaced = slow.replace_secret(&id, &"late".into(), &late).await;
    assert!(matches!(replaced, Err(StoreError::LeaseLost)), "{replaced:?}");
    fast.replace_secret(&id, &"refreshed".into(), &lease).await.unwrap();
    let stored = slow.sign_in(&id, T0).await.unwrap().unwrap().secret;
    assert_eq!(stored.expose_secret(), "refreshed");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_concurrent_refreshes_one_is_stored_completely() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    let lease = any_lease(&store).await;
    let secrets: Vec<SecretString> = (0..32).map(|n| format!("{n}-").repeat(500).into()).collect();
    let running: Vec<_> = secrets
        .iter()
        .cloned()
        .map(|secret| {
            let (store, lease) = (store.clone(), lease.clone());
            tokio::spawn(async move {
                store.replace_secret(&id, &secret, &lease).await.unwrap();
                // Every state in between can be opened too.
                store.sign_in(&id, T0).await.unwrap().unwrap();
            })
        })
        .collect();
    for refresh in running {
        refresh.await.unwrap();
    }
    let stored = store.sign_in(&id, T0).await.unwrap().unwrap().secret;
    assert!(
        secrets
            .iter()
            .any(|secret| secret.expose_secret() == stored.expose_secret())
    );
}

#[tokio::test]
async fn purging_deletes_only_the_sign_ins_that_have_ended() {
    let dir = dir();
    let store = open(&dir).await;
    let idle = store.add_sign_in(mia()).await.unwrap();
    let short = NewSignIn {
        ends: T0.plus(HOUR * 2),
        idle: Duration::from_secs(9 * 3600),
        ..mia()
    };
    let ended = store.add_sign_in(short).await.unwrap();
    let long = NewSignIn {
        idle: Duration::from_secs(9 * 3600),
        ..mia()
    };
    let live = store.add_sign_in(long).await.unwrap();

    assert_eq!(store.purge(T0).await.unwrap(), 0);
    assert_eq!(store.purge(T0.plus(HOUR * 2)).await.unwrap(), 2);
    assert!(!is_live(&store, &idle, Duration::ZERO).await);
    assert!(!is_live(&store, &ended, Duration::ZERO).await);
    assert!(is_live(&store, &live, Duration::ZERO).await);
}

#[tokio::test]
async fn a_refresh_token_that_was_sent_is_not_sent_under_another_lease() {
    let dir = dir();
    let (store, other) = (open(&dir).await, open(&dir).await);
    let id = store.add_sign_in(mia()).await.unwrap();
    let is_sent = async || store.sign_in(&id, T0).await.unwrap().unwrap().refresh_sent;
    let lease = any_lease(&store).await;
    assert!(!is_sent().await);
    // Before the new token is stored, the same instance can send the old one again.
    for _ in 0..2 {
        assert!(store.mark_refresh_sent(&id, &lease).await.unwrap());
        assert!(is_sent().await);
    }
    let next = any_lease(&other).await;
    assert!(!other.mark_refresh_sent(&id, &next).await.unwrap());
    // Nor can another instance take it back.
    other.unmark_refresh_sent(&id, &next).await.unwrap();
    assert!(is_sent().await);
    store.unmark_refresh_sent(&id, &lease).await.unwrap();
    assert!(!is_sent().await);

    assert!(other.mark_refresh_sent(&id, &next).await.unwrap());
    other.replace_secret(&id, &"fresh".into(), &next).await.unwrap();
    assert!(!is_sent().await);
    assert!(store.mark_refresh_sent(&id, &lease).await.unwrap());
    store.remove_sign_ins(&[id]).await.unwrap();
    let ended = store.mark_refresh_sent(&id, &lease).await;
    assert!(matches!(ended, Err(StoreError::UnknownSignIn)), "{ended:?}");
}

#[tokio::test]
async fn an_instance_that_lost_the_lease_sends_no_refresh_token() {
    let dir = dir();
    let (store, other) = (open(&dir).await, open(&dir).await);
    let id = store.add_sign_in(mia()).await.unwrap();
    let name = format!("refresh/{id}");
    let lease = store.acquire_lease(name.clone(), "", MINUTE).await.unwrap().unwrap();
    store.release_lease(&lease).await.unwrap();
    other.acquire_lease(name, "", MINUTE).await.unwrap().unwrap();
    let lost = store.mark_refresh_sent(&id, &lease).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost)), "{lost:?}");
    assert!(!store.sign_in(&id, T0).await.unwrap().unwrap().refresh_sent);
}
