//! A hand at the database: a credential opens for its own sign-in, principal and workspace, or not at all.

use crate::*;
use store::{SignInId, StoreError};

/// Two people's sign-ins, in two workspaces.
async fn two(store: &Store) -> (SignInId, SignInId) {
    let noa = NewSignIn {
        workspace: "dev".into(),
        principal: PrincipalId::new(7),
        user_name: "noa@acme.example".into(),
        ..mia()
    };
    let mia = store.add_sign_in(mia()).await.unwrap();
    (mia, store.add_sign_in(noa).await.unwrap())
}

async fn assert_closed(store: &Store, id: &SignInId) {
    let found = store.sign_in(id, T0).await;
    assert!(matches!(found, Err(StoreError::Tampered)), "{found:?}");
    // Nor does a refresh seal a new credential for the forged owner.
    let replaced = store.replace_secret(id, &"fresh".into()).await;
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
        "sealed = x''",
        "sealed = zeroblob(40)",
        "sealed = substr(sealed, 1, length(sealed) - 1)",
    ] {
        let dir = dir();
        let store = open(&dir).await;
        let (mia, noa) = two(&store).await;
        let statement = format!("update sign_ins set {change} where id = '{mia}'");
        assert_eq!(sql(dir.path(), &statement).await.unwrap(), 1, "{change}");
        assert_closed(&store, &mia).await;
        assert!(store.sign_in(&noa, T0).await.unwrap().is_some(), "{change}");
    }
}

#[tokio::test]
async fn swapped_ids_open_nothing() {
    let dir = dir();
    let store = open(&dir).await;
    let (mia, noa) = two(&store).await;
    for (from, to) in [
        (mia.to_string(), "x".to_owned()),
        (noa.to_string(), mia.to_string()),
        ("x".to_owned(), noa.to_string()),
    ] {
        let statement = format!("update sign_ins set id = '{to}' where id = '{from}'");
        assert_eq!(sql(dir.path(), &statement).await.unwrap(), 1);
    }
    assert_closed(&store, &mia).await;
    assert_closed(&store, &noa).await;
}

#[tokio::test]
async fn another_key_is_refused_at_the_start_with_a_way_out() {
    let dir = dir();
    let store = open(&dir).await;
    store.add_sign_in(mia()).await.unwrap();
    store.close().await.unwrap();

    let error = Store::open(dir.path(), key("2")).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongKey { .. }), "{error:?}");
    let text = error.to_string();
    for part in [key("1").id(), key("2").id(), "console.db' 'DELETE FROM sign_ins'"] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    assert!(!text.contains(&"1".repeat(64)) && !text.contains(&"2".repeat(64)));

    // What the message advises works.
    sql(dir.path(), "DELETE FROM sign_ins").await.unwrap();
    Store::open(dir.path(), key("2")).await.unwrap();
}

#[tokio::test]
async fn a_credential_of_another_running_console_names_both_keys() {
    let dir = dir();
    let (ours, theirs) = (open(&dir).await, Store::open(dir.path(), key("2")).await.unwrap());
    let id = theirs.add_sign_in(mia()).await.unwrap();
    let found = ours.sign_in(&id, T0).await;
    assert!(matches!(found, Err(StoreError::WrongKey { .. })), "{found:?}");
}

#[tokio::test]
async fn with_nobody_signed_in_any_key_will_do() {
    let dir = dir();
    open(&dir).await.close().await.unwrap();
    Store::open(dir.path(), key("2")).await.unwrap();
}
