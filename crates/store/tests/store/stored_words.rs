//! The words that the database contains for enums, and the words in URLs. They never change: rows with them exist, and
//! the hash chain covers them.

use std::fmt::Debug;

use domain::{PrincipalId, PrincipalKind, TokenId};
use sqlx::{Connection as _, Decode, Encode, Sqlite, SqliteConnection, Type};
use store::{
    BulkItemState, BulkOwnerKind, BulkOwners, BulkState, CredentialKind, NewBulk, NewBulkItem, Outcome, PauseReason,
    Phase, Role, SignInId,
};
use strum::VariantArray;

use crate::{T0, connect, dir, open};

/// Checks the stored word of every variant, in both directions.
async fn assert_stored<T>(words: &[(T, &str)])
where
    T: VariantArray + Copy + Debug + PartialEq + Send + Sync + Unpin + Type<Sqlite>,
    T: for<'r> Encode<'r, Sqlite> + for<'r> Decode<'r, Sqlite>,
{
    let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    for (variant, word) in words {
        let statement = "select $1";
        let stored: String = sqlx::query_scalar(statement)
            .bind(*variant)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(stored, *word);
        let read: T = sqlx::query_scalar(statement)
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
async fn the_words_of_bulk_revocations_never_change() {
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
        (BulkItemState::Gone, "gone"),
        (BulkItemState::Cancelled, "cancelled"),
    ];
    assert_stored(&states).await;
    assert_eq!(states, BulkItemState::ALL.map(|state| (state, state.slug())));
    for (state, word) in states {
        assert_eq!(word.parse(), Ok(state));
    }
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
    let kinds = [Some(PrincipalKind::ServicePrincipal), Some(PrincipalKind::User), None];
    let new = NewBulk {
        workspace: "prod".into(),
        binding: "prod https://x".into(),
        principal: PrincipalId::new(7),
        user_name: "mia@acme.example".into(),
        sign_in: "0".repeat(32).parse::<SignInId>().unwrap(),
        filters: String::new(),
        request_id: "request-1".into(),
        own_token_excluded: false,
        names_missing: false,
        created: T0,
    };
    let item = |owner_kind| NewBulkItem {
        token: TokenId::new("token"),
        comment: String::new(),
        owner_id: format!("{owner_kind:?}"),
        owner: "owner".into(),
        owner_kind,
        recent: false,
    };
    let id = store.draft_bulk(new, kinds.map(item).to_vec()).await.unwrap();
    let words: Vec<String> = sqlx::query_scalar("select owner_kind from job_items order by position")
        .fetch_all(&mut connect(dir.path()).await.unwrap())
        .await
        .unwrap();
    assert_eq!(words, ["service_principal", "user", "unknown"]);
    let items = store.draft_items(&id).await.unwrap();
    let owners = BulkOwners::of(&items, false).all;
    let read = owners.iter().map(|owner| owner.kind).collect::<Vec<_>>();
    for kind in kinds.map(|kind| kind.map_or(BulkOwnerKind::Unknown, BulkOwnerKind::Principal)) {
        assert!(read.contains(&kind), "{kind:?} is not in {read:?}");
    }
}
