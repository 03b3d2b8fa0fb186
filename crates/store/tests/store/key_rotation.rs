//! Replacing the sealing key.

use secrecy::ExposeSecret as _;
use store::{Store, StoreError};

use crate::{SECRET, T0, dir, key, mia, open};

#[tokio::test]
async fn everyone_stays_signed_in_under_a_new_key() {
    let dir = dir();
    let store = open(&dir).await;
    let ids = [
        store.add_sign_in(mia()).await.unwrap(),
        store.add_sign_in(mia()).await.unwrap(),
    ];
    store.close().await.unwrap();

    let (store, resealed) = Store::open_after(dir.path(), key("2"), Some(key("1"))).await.unwrap();
    assert_eq!(resealed, 2);
    for id in &ids {
        let sign_in = store.sign_in(id, T0).await.unwrap().unwrap();
        assert_eq!(sign_in.secret.expose_secret(), SECRET);
    }
    store.close().await.unwrap();
    // From then on the new key is enough, and the old one is useless.
    let store = Store::open(dir.path(), key("2")).await.unwrap();
    assert!(store.sign_in(&ids[0], T0).await.unwrap().is_some());
    store.close().await.unwrap();
    let old = Store::open(dir.path(), key("1")).await;
    assert!(matches!(old, Err(StoreError::WrongKey { .. })));
    // Configuring both for longer than needed does no harm.
    let (_, resealed) = Store::open_after(dir.path(), key("2"), Some(key("1"))).await.unwrap();
    assert_eq!(resealed, 0);
    let (_, resealed) = Store::open_after(dir.path(), key("2"), Some(key("2"))).await.unwrap();
    assert_eq!(resealed, 0);
}

#[tokio::test]
async fn a_wrong_previous_key_changes_nothing() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    store.close().await.unwrap();
    let wrong = Store::open_after(dir.path(), key("2"), Some(key("3"))).await;
    assert!(matches!(wrong, Err(StoreError::WrongKey { .. })));
    assert!(open(&dir).await.sign_in(&id, T0).await.unwrap().is_some());
}

#[tokio::test]
async fn one_credential_that_does_not_open_leaves_all_as_they_are() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    let other = store.add_sign_in(mia()).await.unwrap();
    store.close().await.unwrap();
    crate::sql(
        dir.path(),
        &format!("update sign_ins set sealed = zeroblob(80) where id = '{other}'"),
    )
    .await
    .unwrap();
    let tampered = Store::open_after(dir.path(), key("2"), Some(key("1"))).await;
    assert!(matches!(tampered, Err(StoreError::Tampered)));
    assert!(open(&dir).await.sign_in(&id, T0).await.unwrap().is_some());
}
