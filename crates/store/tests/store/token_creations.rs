//! Forms that create a token: one instance creates it, the others read the result, and its value is taken once.

use std::time::Duration;

use domain::{PrincipalId, TokenId};
use secrecy::{ExposeSecret as _, SecretString};
use store::{SealingKeys, Store, StoreError, TokenCreation, TokenCreationResult, TokenForm};

use crate::{MINUTE, SECRET, dir, key, mia, open, sql};

async fn form(store: &Store, id: &str) -> TokenForm {
    TokenForm {
        sign_in: store.add_sign_in(mia()).await.unwrap(),
        principal: PrincipalId::new(7),
        binding: "prod".to_owned(),
        id: id.to_owned(),
    }
}

fn created(id: &str) -> TokenCreationResult {
    TokenCreationResult::Created(TokenId::new(id))
}

fn value() -> SecretString {
    SECRET.into()
}

async fn begin(store: &Store, form: &TokenForm, requested: &str) -> bool {
    store.begin_token_creation(form, requested, MINUTE).await.unwrap()
}

#[tokio::test]
async fn one_of_two_instances_creates_the_token_and_the_other_reads_the_result() {
    let dir = dir();
    let (one, other) = (open(&dir).await, open(&dir).await);
    let form = form(&one, "form-1").await;
    assert_eq!(other.token_creation(&form).await.unwrap(), None);
    assert!(begin(&one, &form, "a").await);
    assert!(!begin(&other, &form, "a").await && !begin(&one, &form, "a").await);
    assert_eq!(other.token_creation(&form).await.unwrap(), Some(TokenCreation::Running));
    for result in [
        created("t1"),
        TokenCreationResult::ValueLost(TokenId::new("t1")),
        TokenCreationResult::NotCreated,
        TokenCreationResult::Unknown,
    ] {
        one.end_token_creation(&form, result.clone(), None).await.unwrap();
        let read = other.token_creation(&form).await.unwrap();
        assert_eq!(read, Some(TokenCreation::Ended(result)));
    }
    // The same ID in another session is another form.
    let of_other = self::form(&one, "form-1").await;
    assert!(begin(&other, &of_other, "a").await);
    one.forget_token_creation(&form).await.unwrap();
    assert!(begin(&other, &form, "a").await);
}

#[tokio::test]
async fn a_creation_whose_instance_has_stopped_is_abandoned_and_not_repeated() {
    let dir = dir();
    let (one, other) = (open(&dir).await, open(&dir).await);
    let form = form(&one, "form-1").await;
    let alive = Duration::from_millis(50);
    assert!(one.begin_token_creation(&form, "a", alive).await.unwrap());
    tokio::time::sleep(alive * 2).await;
    assert_eq!(
        other.token_creation(&form).await.unwrap(),
        Some(TokenCreation::Abandoned)
    );
    assert!(!begin(&other, &form, "a").await);
    // The instance was only slow.
    one.extend_token_creation(&form, MINUTE).await.unwrap();
    assert_eq!(other.token_creation(&form).await.unwrap(), Some(TokenCreation::Running));
}

#[tokio::test]
async fn a_value_is_taken_once_by_its_form_and_is_in_no_file() {
    let dir = dir();
    let (one, other) = (open(&dir).await, open(&dir).await);
    let form = form(&one, "form-1").await;
    begin(&one, &form, "a").await;
    let secret = "dose-value-of-a-new-token";
    one.end_token_creation(&form, created("t1"), Some(&secret.into()))
        .await
        .unwrap();
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
    }
    for forged in [
        TokenForm {
            principal: PrincipalId::new(8),
            ..form.clone()
        },
        TokenForm {
            binding: "dev".to_owned(),
            ..form.clone()
        },
    ] {
        let taken = other.take_token_value(&forged).await;
        assert!(matches!(taken, Err(StoreError::Tampered)), "{taken:?}");
    }
    let (a, b) = tokio::join!(one.take_token_value(&form), other.take_token_value(&form));
    let taken: Vec<_> = [a.unwrap(), b.unwrap()].into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].expose_secret(), secret);
    assert!(one.take_token_value(&form).await.unwrap().is_none());
}

#[tokio::test]
async fn instances_that_change_to_a_new_key_take_the_values_of_each_other() {
    let dir = dir();
    open(&dir).await;
    let keys = SealingKeys::new(key("1")).with_next(Some(key("2")));
    let old = Store::open(dir.location(), keys).await.unwrap();
    let keys = SealingKeys::new(key("2")).with_previous(Some(key("1")));
    let new = Store::open(dir.location(), keys).await.unwrap();
    for (one, other) in [(&old, &new), (&new, &old)] {
        let form = form(one, "form-1").await;
        begin(one, &form, "a").await;
        one.end_token_creation(&form, created("t1"), Some(&value()))
            .await
            .unwrap();
        let taken = other.take_token_value(&form).await.unwrap().unwrap();
        assert_eq!(taken.expose_secret(), SECRET);
    }
}

#[tokio::test]
async fn a_value_that_no_one_takes_is_deleted_after_a_minute_and_a_form_after_half_an_hour() {
    let dir = dir();
    let store = open(&dir).await;
    let form = form(&store, "form-1").await;
    begin(&store, &form, "a").await;
    store
        .end_token_creation(&form, created("t1"), Some(&value()))
        .await
        .unwrap();
    let rows = async |condition: &str| {
        let touch = format!("update token_creations set form = form where {condition}");
        sql(&dir, &touch).await.unwrap()
    };
    let passes = async |ms: u32| {
        let pass = format!("update token_creations set ends = ends - {ms}, started = started - {ms}");
        sql(&dir, &pass).await.unwrap();
    };
    passes(50_000).await;
    assert_eq!(store.purge_token_creations().await.unwrap(), 0);
    assert_eq!(rows("sealed is not null").await, 1);
    passes(10_000).await;
    assert!(
        store.take_token_value(&form).await.unwrap().is_none(),
        "before it is deleted"
    );
    assert_eq!(store.purge_token_creations().await.unwrap(), 0);
    assert_eq!((rows("sealed is not null").await, rows("true").await), (0, 1));
    passes(30 * 60_000).await;
    assert_eq!(store.purge_token_creations().await.unwrap(), 1);
    assert_eq!(rows("true").await, 0);
}

#[tokio::test]
async fn what_another_form_of_the_same_session_created_is_known_to_every_instance() {
    let dir = dir();
    let (one, other) = (open(&dir).await, open(&dir).await);
    let form = form(&one, "form-1").await;
    begin(&one, &form, "a").await;
    let before = async |requested: &str, id: &str| {
        let before = other.created_before(&form.sign_in, requested, id).await.unwrap();
        before.map(|(token, _)| token)
    };
    assert_eq!(before("a", "form-2").await, None, "it is still being created");
    one.end_token_creation(&form, created("t1"), None).await.unwrap();
    assert_eq!(before("a", "form-2").await, Some(TokenId::new("t1")));
    assert_eq!(before("b", "form-2").await, None);
    assert_eq!(before("a", "form-1").await, None, "the same form shows its own token");
    let of_other = self::form(&one, "form-1").await;
    let before = one.created_before(&of_other.sign_in, "a", "form-2").await.unwrap();
    assert_eq!(before, None);
    // Without its value, another one is needed.
    let lost = TokenCreationResult::ValueLost(TokenId::new("t1"));
    one.end_token_creation(&form, lost, None).await.unwrap();
    assert_eq!(one.created_before(&form.sign_in, "a", "form-2").await.unwrap(), None);
}
