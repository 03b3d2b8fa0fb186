//! The words that the database contains for enums, and the words in URLs. They never change: rows with them exist, and
//! the hash chain covers them.

use std::fmt::Debug;

use domain::{PrincipalKind, ScopesSkip};
use sqlx::{Connection as _, Decode, Sqlite, SqliteConnection, Type};
use store::{BulkItemState, BulkKind, BulkState, CredentialKind, Outcome, PauseReason, Phase, Role};
use strum::VariantArray;

use crate::bulk::{draft, start};
use crate::{dir, open, texts};

/// Checks the stored word of every variant, in both directions.
async fn assert_stored<T>(words: &[(T, &str)])
where
    T: VariantArray + Copy + Debug + PartialEq + Send + Sync + Unpin + Type<Sqlite>,
    T: Into<&'static str> + for<'r> Decode<'r, Sqlite>,
{
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for (variant, word) in words {
        assert_eq!((*variant).into(), *word);
        let read: T = sqlx::query_scalar("select $1")
            .bind(*word)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(read, *variant);
    }
    let variants: Vec<T> = words.iter().map(|(variant, _)| *variant).collect();
    assert_eq!(variants, T::VARIANTS);
}

#[tokio::test]
async fn the_words_of_the_activity_log_never_change() {
    assert_stored(&[
        (Phase::Intent, "intent"),
        (Phase::Outcome, "outcome"),
        (Phase::Refused, "refused"),
    ])
    .await;
    let outcomes = [
        (Outcome::Done, "done"),
        (Outcome::Failed, "failed"),
        (Outcome::Unknown, "unknown"),
        (Outcome::Open, "open"),
        (Outcome::Refused, "refused"),
    ];
    assert_stored(&outcomes).await;
    assert_eq!(outcomes, Outcome::ALL.map(|outcome| (outcome, outcome.slug())));
    for (outcome, word) in outcomes {
        assert_eq!(word.parse(), Ok(outcome));
    }
}

#[tokio::test]
async fn the_words_of_bulk_changes_never_change() {
    assert_stored(&[
        (BulkKind::Revoke, "revoke"),
        (BulkKind::KeepScopes, "keep_scopes"),
        (BulkKind::NarrowScopes, "narrow_scopes"),
        (BulkKind::PutBackScopes, "put_back_scopes"),
    ])
    .await;
    assert_stored(&[
        (BulkState::Draft, "draft"),
        (BulkState::Running, "running"),
        (BulkState::Paused, "paused"),
        (BulkState::Finished, "finished"),
    ])
    .await;
    let reasons = [
        (PauseReason::SignedOut, "signed_out"),
        (PauseReason::CredentialEnded, "credential_ended"),
        (PauseReason::NotAllowed, "not_allowed"),
        (PauseReason::ReadOnly, "read_only"),
        (PauseReason::WorkspaceFails, "workspace_fails"),
    ];
    assert_stored(&reasons).await;
    for (reason, word) in reasons {
        assert_eq!(word.parse(), Ok(reason));
    }
    let states = [
        (BulkItemState::Failed, "failed"),
        (BulkItemState::Unknown, "unknown"),
        (BulkItemState::Waiting, "waiting"),
        (BulkItemState::Sent, "sent"),
        (BulkItemState::Accepted, "accepted"),
        (BulkItemState::Revoked, "revoked"),
        (BulkItemState::Changed, "changed"),
        (BulkItemState::Gone, "gone"),
        (BulkItemState::Cancelled, "cancelled"),
    ];
    assert_stored(&states).await;
    assert_eq!(states, BulkItemState::ALL.map(|state| (state, state.slug())));
    for (state, word) in states {
        assert_eq!(word.parse(), Ok(state));
    }
}

#[test]
fn the_words_of_left_out_tokens_never_change() {
    let words = ScopesSkip::VARIANTS.iter().map(|skip| skip.slug());
    let expected = [
        "not_listed",
        "no_proposal",
        "nothing_to_lose",
        "empty_list",
        "state_not_documented",
        "api_not_covered",
        "set_by_hand",
        "changed_since",
        "has_them_already",
        "before_not_stored",
        "nothing_to_put_back",
    ];
    assert!(words.eq(expected));
}

#[tokio::test]
async fn the_words_of_sign_ins_never_change() {
    let kinds = [
        (CredentialKind::PersonalAccessToken, "personal_access_token"),
        (CredentialKind::OAuth, "oauth"),
        (CredentialKind::PastedOAuth, "pasted_oauth"),
    ];
    assert_stored(&kinds).await;
    for (kind, word) in kinds {
        assert_eq!(kind.slug(), word);
    }
    assert_stored(&[(Role::Admin, "admin"), (Role::Auditor, "auditor")]).await;
}

#[tokio::test]
async fn the_words_of_owners_never_change() {
    let dir = dir();
    let store = open(&dir).await;
    let (id, sign_in) = draft(&store, 3).await;
    start(&store, &id, &sign_in).await;
    let words = texts(&dir, "select owner_kind from job_items order by position").await;
    assert_eq!(words.concat(), ["service_principal", "user", "unknown"]);
    let items = store.bulk_items(&id, None, 0, 9).await.unwrap();
    let read: Vec<_> = items.iter().map(|item| item.owner_kind).collect();
    assert_eq!(
        read,
        [Some(PrincipalKind::ServicePrincipal), Some(PrincipalKind::User), None]
    );
}
