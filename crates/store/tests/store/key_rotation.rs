//! Replacing the sealing key.

use secrecy::ExposeSecret as _;
use store::{SealingKeys, Store, StoreError};

use crate::{SECRET, T0, TestPlace, any_lease, dir, key, mia, open, sql, texts};

/// A new key, and the one that it replaces.
fn replaced(new: &str, old: &str) -> SealingKeys {
    SealingKeys::new(key(new)).with_previous(Some(key(old)))
}

/// A key, and the one that will replace it.
fn announced(old: &str, new: &str) -> SealingKeys {
    SealingKeys::new(key(old)).with_next(Some(key(new)))
}

async fn is_refused(dir: &TestPlace, keys: impl Into<SealingKeys>) -> bool {
    matches!(
        Store::open(dir.location(), keys).await,
        Err(StoreError::WrongKey { .. })
    )
}

#[tokio::test]
async fn everyone_stays_signed_in_under_a_new_key() {
    let dir = dir();
    let store = open(&dir).await;
    let ids = [
        store.add_sign_in(mia()).await.unwrap(),
        store.add_sign_in(mia()).await.unwrap(),
    ];
    store.close().await.unwrap();

    let (store, resealed) = Store::open_resealed(dir.location(), replaced("2", "1")).await.unwrap();
    assert_eq!(resealed, 2);
    for id in &ids {
        let sign_in = store.sign_in(id, T0).await.unwrap().unwrap();
        assert_eq!(sign_in.secret.expose_secret(), SECRET);
    }
    store.close().await.unwrap();
    // From then on the new key is enough, and the old one is useless.
    let store = Store::open(dir.location(), key("2")).await.unwrap();
    assert!(store.sign_in(&ids[0], T0).await.unwrap().is_some());
    store.close().await.unwrap();
    let old = Store::open(dir.location(), key("1")).await;
    assert!(matches!(old, Err(StoreError::WrongKey { .. })));
    // Configuring both for longer than needed does no harm.
    let (_, resealed) = Store::open_resealed(dir.location(), replaced("2", "1")).await.unwrap();
    assert_eq!(resealed, 0);
    let (_, resealed) = Store::open_resealed(dir.location(), replaced("2", "2")).await.unwrap();
    assert_eq!(resealed, 0);
}

#[tokio::test]
async fn a_wrong_previous_key_changes_nothing() {
    let dir = dir();
    let store = open(&dir).await;
    let id = store.add_sign_in(mia()).await.unwrap();
    store.close().await.unwrap();
    let wrong = Store::open_resealed(dir.location(), replaced("2", "3")).await;
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
    sql(
        &dir,
        &format!("update sign_ins set sealed = substr(sealed, 2) where id = '{other}'"),
    )
    .await
    .unwrap();
    let tampered = Store::open_resealed(dir.location(), replaced("2", "1")).await;
    assert!(matches!(tampered, Err(StoreError::Tampered)));
    assert!(open(&dir).await.sign_in(&id, T0).await.unwrap().is_some());
}

#[tokio::test]
async fn instances_change_to_a_new_key_one_after_the_other() {
    let dir = dir();
    let first = open(&dir).await.add_sign_in(mia()).await.unwrap();
    // Step 1: this one seals with the old key, and can open what is sealed with the new one.
    let ahead = Store::open(dir.location(), announced("1", "2")).await.unwrap();
    let second = ahead.add_sign_in(mia()).await.unwrap();
    // Step 2: this one seals with the new key.
    let new = Store::open(dir.location(), replaced("2", "1")).await.unwrap();
    let third = new.add_sign_in(mia()).await.unwrap();
    for store in [&ahead, &new] {
        for id in [first, second, third] {
            let sign_in = store.sign_in(&id, T0).await.unwrap().unwrap();
            assert_eq!(sign_in.secret.expose_secret(), SECRET);
        }
    }
    // An instance of step 1 can restart in between, and one that knows only one of the keys cannot.
    let ahead = Store::open(dir.location(), announced("1", "2")).await.unwrap();
    assert!(is_refused(&dir, key("1")).await);
    assert!(is_refused(&dir, key("2")).await);
    assert!(is_refused(&dir, replaced("3", "2")).await);
    let fourth = ahead.add_sign_in(mia()).await.unwrap();
    // Only when it is asked for, everything is sealed with the new key, which is enough from then on.
    let (_, resealed) = Store::open_resealed(dir.location(), replaced("2", "1")).await.unwrap();
    assert_eq!(resealed, 3);
    let only_new = Store::open(dir.location(), key("2")).await.unwrap();
    for id in [first, second, third, fourth] {
        assert!(only_new.sign_in(&id, T0).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_refreshed_credential_is_sealed_with_the_current_key_only() {
    let dir = dir();
    let id = open(&dir).await.add_sign_in(mia()).await.unwrap();
    let ahead = Store::open(dir.location(), announced("1", "2")).await.unwrap();
    let new = Store::open(dir.location(), replaced("2", "1")).await.unwrap();
    let sealed_with = |digit: &str| {
        let statement = format!(
            "update sign_ins set key_id = key_id where key_id = '{}'",
            key(digit).id()
        );
        let dir = &dir;
        async move { sql(dir, &statement).await.unwrap() }
    };
    for (store, digit, secret) in [(&new, "2", "refreshed"), (&ahead, "1", "again")] {
        let lease = any_lease(store).await;
        store.replace_secret(&id, &secret.into(), &lease).await.unwrap();
        assert_eq!(sealed_with(digit).await, 1);
        for reader in [&ahead, &new] {
            let sign_in = reader.sign_in(&id, T0).await.unwrap().unwrap();
            assert_eq!(sign_in.secret.expose_secret(), secret);
        }
    }
}

#[tokio::test]
async fn the_key_of_the_instances_is_known_before_anything_is_sealed_with_it() {
    let dir = dir();
    open(&dir).await.add_sign_in(mia()).await.unwrap();
    Store::open(dir.location(), replaced("2", "1")).await.unwrap();
    // This instance would seal credentials that an instance with only the new key cannot open.
    assert!(is_refused(&dir, key("1")).await);
    // The way back is the same.
    Store::open(dir.location(), replaced("1", "2")).await.unwrap();
    assert!(!is_refused(&dir, key("1")).await);
}

#[tokio::test]
async fn an_instance_with_another_key_changes_nothing() {
    let dir = dir();
    let store = open(&dir).await;
    store.add_sign_in(mia()).await.unwrap();
    store.close().await.unwrap();
    // As before the latest migrations.
    sql(&dir, "delete from _sqlx_migrations where version = 14")
        .await
        .unwrap();
    sql(&dir, "drop table sealing_keys").await.unwrap();
    let migrations = "select cast(version as text) from _sqlx_migrations order by version";
    let contents = async || match dir.is_postgres() {
        true => texts(&dir, migrations).await.concat().concat().into_bytes(),
        false => std::fs::read(dir.path().join("console.db")).unwrap(),
    };
    let before = contents().await;
    assert!(is_refused(&dir, key("2")).await);
    assert!(before == contents().await);
    // The same holds once the ID is stored.
    open(&dir).await.close().await.unwrap();
    let before = contents().await;
    assert!(is_refused(&dir, key("2")).await);
    assert!(before == contents().await);
    let key_id = "update sealing_keys set role = role where key_id = 'ID'";
    let key_id = key_id.replace("ID", key("1").id());
    assert_eq!(sql(&dir, &key_id).await.unwrap(), 1);
}

#[tokio::test]
async fn the_error_about_another_key_names_the_ids_of_all_given_keys_and_no_key() {
    let dir = dir();
    open(&dir).await.add_sign_in(mia()).await.unwrap();
    let keys = SealingKeys::new(key("2"))
        .with_next(Some(key("3")))
        .with_previous(Some(key("4")));
    let error = Store::open(dir.location(), keys).await.unwrap_err().to_string();
    for digit in ["1", "2", "3", "4"] {
        assert!(error.contains(key(digit).id()), "{error}");
        assert!(!error.contains(&digit.repeat(64)), "{error}");
    }
}
