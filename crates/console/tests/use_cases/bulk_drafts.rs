//! Drafts of bulk revocations: a colleague can review and start one, and only what was confirmed is revoked.

use console::{BulkItemState, BulkState, Error};
use demo_workspace::{Change, Effect, Fault, NewToken};
use domain::Selection;

use crate::bulk::{counts, create_tokens, deletes, drafted, matching, wait_for_state};
use crate::support::{Fixture, Setup, TOKENS};

/// Creates a token of this user, and returns its ID.
fn create(fixture: &Fixture, owner: &str, comment: &str) -> String {
    let new = NewToken {
        owner: owner.to_owned(),
        comment: Some(comment.to_owned()),
        lifetime_days: Some(30),
        ..NewToken::default()
    };
    match fixture.demo.change(Change::CreateToken(new)).unwrap() {
        demo_workspace::ChangeOutcome::Created { token_id, .. } => token_id,
        demo_workspace::ChangeOutcome::Done {} => panic!("no token"),
    }
}

#[tokio::test]
async fn a_colleague_starts_a_draft_as_themselves_and_only_once() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 4);
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let id = drafted(&fixture, &mia, "doomed").await;
    let bulk = fixture.console.bulk(&tomas, &id).await.unwrap();
    let review = fixture.console.review_draft(&tomas, &bulk, &[]).await.unwrap();
    assert_eq!((review.tokens(), review.missing_count), (4, 0));
    fixture.console.start_bulk(&tomas, &id, "4", &[]).await.unwrap();
    fixture.console.start_bulk(&mia, &id, "4", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    assert_eq!(bulk.user_name, fixture.demo.credentials().other_admin.user_name);
    assert_eq!(deletes(&fixture).len(), 4);
    let actions = fixture.actions().await;
    assert!(actions.iter().all(|action| action.actor == bulk.user_name));
}

#[tokio::test]
async fn a_draft_stores_ids_only_and_its_review_shows_the_tokens_as_they_are_now() {
    let fixture = Fixture::start().await;
    let kai = fixture.demo.credentials().non_admin.user_name.clone();
    let used = |comment: &str, used_days_ago| NewToken {
        owner: kai.clone(),
        comment: Some(comment.to_owned()),
        lifetime_days: Some(30),
        used_days_ago,
        ..NewToken::default()
    };
    for new in [
        used("doomed, never used", None),
        used("doomed, used today", Some(0)),
        used("doomed, used before", Some(3)),
    ] {
        fixture.demo.change(Change::CreateToken(new)).unwrap();
    }
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let items = fixture.store().bulk_items(&id, None, 0, 10).await.unwrap();
    assert!(
        items
            .iter()
            .all(|item| item.comment.is_empty() && item.owner.is_empty()),
        "{items:?}"
    );
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    let comments: Vec<_> = review
        .items
        .iter()
        .map(|item| item.listed.as_ref().unwrap().comment.as_str())
        .collect();
    assert_eq!(
        comments,
        ["doomed, used today", "doomed, used before", "doomed, never used"]
    );
    let owner = &review.owners.all[0];
    assert_eq!(
        (owner.owner.name.as_str(), owner.tokens, owner.used_today, owner.recent),
        (kai.as_str(), 3, 1, 2)
    );
    fixture.console.start_bulk(&mia, &id, "3", &[]).await.unwrap();
    let items = fixture.store().bulk_items(&id, None, 0, 10).await.unwrap();
    assert!(
        items
            .iter()
            .all(|item| item.comment.starts_with("doomed, ") && item.owner == kai),
        "{items:?}"
    );
}

#[tokio::test]
async fn only_people_who_are_admins_now_can_open_the_draft_of_a_colleague() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 2);
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture.console.bulk(&tomas, &id).await.unwrap();
    let user_name = fixture.demo.credentials().other_admin.user_name.clone();
    fixture.demo.change(Change::RemoveAdmin { user_name }).unwrap();
    assert!(fixture.console.bulk(&tomas, &id).await.is_err());
    assert!(fixture.console.start_bulk(&tomas, &id, "2", &[]).await.is_err());
    assert!(deletes(&fixture).is_empty());
    fixture.console.bulk(&mia, &id).await.unwrap();
}

#[tokio::test]
async fn owners_that_are_left_out_keep_their_tokens() {
    let fixture = Fixture::start().await;
    let credentials = fixture.demo.credentials();
    let (kai, tomas) = (&credentials.non_admin.user_name, &credentials.other_admin.user_name);
    let kept: Vec<_> = (0..3)
        .map(|n| create(&fixture, tomas, &format!("doomed {n}")))
        .collect();
    create(&fixture, kai, "doomed 4");
    create(&fixture, kai, "doomed 5");
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    assert_eq!((review.tokens(), review.owners.owners), (5, 2));
    let without = [review.all_owners.all[0].owner.id.clone()];
    assert_eq!(review.all_owners.all[0].tokens, 3);
    let review = fixture.console.review_draft(&mia, &bulk, &without).await.unwrap();
    assert_eq!(
        (review.tokens(), review.owners.owners, review.all_owners.owners),
        (2, 1, 2)
    );
    let all = fixture.console.start_bulk(&mia, &id, "5", &without).await;
    assert!(matches!(all, Err(Error::CountMismatch)));
    fixture.console.start_bulk(&mia, &id, "2", &without).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 2)]);
    let deletes = deletes(&fixture);
    assert!(kept.iter().all(|id| !deletes.keys().any(|path| path.ends_with(id))));
}

#[tokio::test]
async fn leaving_out_every_owner_starts_nothing() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 2);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    let without = [review.owners.all[0].owner.id.clone()];
    let nothing = fixture.console.start_bulk(&mia, &id, "0", &without).await;
    assert!(matches!(nothing, Err(Error::NothingSelected)));
    assert_eq!(fixture.console.bulk(&mia, &id).await.unwrap().state, BulkState::Draft);
}

#[tokio::test]
async fn tokens_that_are_gone_are_listed_and_end_as_gone() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 3);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let gone = snapshot.inventory.page(&matching("doomed 1")).known().unwrap().tokens[0]
        .id
        .clone();
    // Someone revokes it elsewhere.
    fixture
        .demo
        .change(Change::RevokeToken {
            token_id: gone.to_string(),
        })
        .unwrap();
    let started = fixture.console.start_bulk(&mia, &id, "4", &[]).await;
    assert!(matches!(started, Err(Error::CountMismatch)), "{started:?}");
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    assert_eq!((review.tokens(), review.missing_count), (2, 1));
    assert_eq!(review.missing[0].token, gone);
    fixture.console.start_bulk(&mia, &id, "2", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    let expected = [(BulkItemState::Revoked, 2), (BulkItemState::Gone, 1)];
    assert_eq!(counts(&fixture, &id).await, expected);
}

#[tokio::test]
async fn nothing_is_started_if_the_tokens_cannot_be_read() {
    let fixture = Fixture::with(Setup::default()).await;
    create_tokens(&fixture, "doomed", 2);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture.demo.fault(Fault::forever("GET", TOKENS, Effect::Reset));
    assert!(fixture.console.start_bulk(&mia, &id, "2", &[]).await.is_err());
    fixture.demo.clear_faults();
    assert_eq!(fixture.console.bulk(&mia, &id).await.unwrap().state, BulkState::Draft);
}

#[tokio::test]
async fn the_own_token_of_a_colleague_is_left_out() {
    let fixture = Fixture::start().await;
    let (mia, tomas) = (fixture.admin().await, fixture.other_admin().await);
    let own = tomas.own_token().unwrap();
    let owner = fixture.demo.credentials().other_admin.user_name.clone();
    create(&fixture, &owner, "another");
    let query = domain::TokenQuery::from_pairs([("owner", owner.as_str())]);
    fixture.console.refresh(&mia).await.unwrap();
    let id = fixture
        .console
        .draft_revocation(&mia, &query, &Selection::All)
        .await
        .unwrap();
    let bulk = fixture.console.bulk(&tomas, &id).await.unwrap();
    let of_mia = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    let review = fixture.console.review_draft(&tomas, &bulk, &[]).await.unwrap();
    assert!(review.own_token_excluded && !of_mia.own_token_excluded);
    assert_eq!(review.tokens(), of_mia.tokens() - 1);
    fixture
        .console
        .start_bulk(&tomas, &id, &review.tokens().to_string(), &[])
        .await
        .unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert!(deletes(&fixture).keys().all(|path| !path.ends_with(own.as_str())));
}
