//! Someone edits the database: a credential opens only for its own sign-in, principal and workspace.

use domain::PrincipalId;
use store::{NewSignIn, SignInId, Store, StoreError};

use crate::{T0, any_lease, dir, key, mia, open, sql};

/// The sign-ins of two people in two workspaces.
async fn two_sign_ins(store: &Store) -> (SignInId, SignInId) {
    let noa = NewSignIn {
        workspace: "dev".into(),
        principal: PrincipalId::new(7),
        user_name: "noa@acme.example".into(),
        ..mia()
    };
    let mia = store.add_sign_in(mia()).await.unwrap();
    (mia, store.add_sign_in(noa).await.unwrap())
}

async fn assert_does_not_open(store: &Store, id: &SignInId) {
    let found = store.sign_in(id, T0).await;
    assert!(matches!(found, Err(StoreError::Tampered)), "{found:?}");
    // A refresh does not seal a new credential for the forged owner either.
    let replaced = store.replace_secret(id, &"fresh".into(), &any_lease(store).await).await;
    assert!(matches!(replaced, Err(StoreError::Tampered)), "{replaced:?}");
    assert!(matches!(store.sign_in(id, T0).await, Err(StoreError::Tampered)));
}

#[tokio::test]
async fn a_relabelled_credential_does_not_open() {
    for change in [
        "workspace = 'dev'",
        "workspace = ''",
        "principal_id = 7",
        "sealed = (select sealed from sign_ins where user_name = 'noa@acme.example')",
        "sealed = substr(sealed, 1, 0)",
        "sealed = substr(sealed, 25)",
        "sealed = substr(sealed, 1, length(sealed) - 1)",
    ] {
        let dir = dir();
        let store = open(&dir).await;
        let (mia, noa) = two_sign_ins(&store).await;
        let statement = format!("update sign_ins set {change} where id = '{mia}'");
        assert_eq!(sql(&dir, &statement).await.unwrap(), 1, "{change}");
        assert_does_not_open(&store, &mia).await;
        assert!(store.sign_in(&noa, T0).await.unwrap().is_some(), "{change}");
    }
}

#[tokio::test]
async fn credentials_with_swapped_ids_do_not_open() {
    let dir = dir();
    let store = open(&dir).await;
    let (mia, noa) = two_sign_ins(&store).await;
    for (from, to) in [
        (mia.to_string(), "x".to_owned()),
        (noa.to_string(), mia.to_string()),
        ("x".to_owned(), noa.to_string()),
    ] {
        let statement = format!("update sign_ins set id = '{to}' where id = '{from}'");
        assert_eq!(sql(&dir, &statement).await.unwrap(), 1);
    }
    assert_does_not_open(&store, &mia).await;
    assert_does_not_open(&store, &noa).await;
}

#[tokio::test]
async fn another_key_is_rejected_at_the_start_with_advice() {
    let dir = dir();
    let store = open(&dir).await;
    store.add_sign_in(mia()).await.unwrap();
    store.close().await.unwrap();

    let error = Store::open(dir.location(), key("2")).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongKey { .. }), "{error:?}");
    let text = error.to_string();
    let advice = match dir.is_postgres() {
        true => "psql --command 'DELETE FROM sign_ins; DELETE FROM sealing_keys'",
        false => "console.db' 'DELETE FROM sign_ins'",
    };
    for part in [key("1").id(), key("2").id(), advice] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert!(!text.contains(&"1".repeat(64)) && !text.contains(&"2".repeat(64)));

    // The advice in the message works.
    sql(&dir, "DELETE FROM sign_ins").await.unwrap();
    if dir.is_postgres() {
        sql(&dir, "DELETE FROM sealing_keys").await.unwrap();
    }
    Store::open(dir.location(), key("2")).await.unwrap();
}

#[tokio::test]
async fn a_credential_of_another_running_console_names_both_keys() {
    let dir = dir();
    let ours = open(&dir).await;
    if dir.is_postgres() {
        // As if the other one had been started before the ID of the key was stored.
        sql(&dir, "DELETE FROM sealing_keys").await.unwrap();
    }
    let theirs = Store::open(dir.location(), key("2")).await.unwrap();
    let id = theirs.add_sign_in(mia()).await.unwrap();
    let found = ours.sign_in(&id, T0).await;
    assert!(matches!(found, Err(StoreError::WrongKey { .. })), "{found:?}");
}

/// With PostgreSQL, other instances can seal something with their key at any time.
#[tokio::test]
async fn with_no_one_signed_in_any_key_is_accepted_if_there_is_one_instance() {
    let dir = dir();
    open(&dir).await.close().await.unwrap();
    let opened = Store::open(dir.location(), key("2")).await;
    match dir.is_postgres() {
        true => assert!(matches!(opened, Err(StoreError::WrongKey { .. })), "{opened:?}"),
        false => assert!(opened.is_ok(), "{opened:?}"),
    }
}
