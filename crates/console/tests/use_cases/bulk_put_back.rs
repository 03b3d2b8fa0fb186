//! Putting back the scopes that a bulk change has changed: only of tokens that still have what it wrote.

use console::bulk::ScopesChange;
use console::{Actor, BulkId, BulkItemPage, BulkItemState, Error};
use demo_workspace::Fault;
use domain::{ScopesSkip, TokenId};
use store::{BulkKind, Detail};

use crate::bulk::counts;
use crate::bulk_scopes::{drafted, items, names, patches, refused, run, scopes_of, set_scopes, token};
use crate::support::{Fixture, TOKENS};

/// Three tokens that were narrowed to `sql`: one with full access without a list, and two with a list.
async fn narrowed(fixture: &Fixture, actor: &Actor) -> (BulkId, [TokenId; 3]) {
    let tokens = [
        token(fixture, "wide 0", None, &["sql"]),
        token(fixture, "wide 1", Some(&["sql", "jobs"]), &["sql"]),
        token(fixture, "wide 2", Some(&["sql", "files"]), &["sql"]),
    ];
    let id = drafted(fixture, actor, ScopesChange::NarrowScopes, "wide").await;
    run(fixture, actor, &id, "3").await;
    assert_eq!(counts(fixture, &id).await, [(BulkItemState::Changed, 3)]);
    (id, tokens)
}

#[tokio::test]
async fn tokens_get_their_scopes_back_and_full_access_is_requested_explicitly() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let (narrowing, tokens) = narrowed(&fixture, &mia).await;
    let bulk = fixture.console.bulk(&mia, &narrowing).await.unwrap();
    assert!(fixture.console.can_be_put_back(&mia, &bulk).await.unwrap());
    let id = fixture.console.draft_put_back(&mia, &narrowing).await.unwrap();
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    assert_eq!(
        (bulk.kind, bulk.puts_back.as_ref()),
        (BulkKind::PutBackScopes, Some(&narrowing))
    );
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    assert!(review.needs_typed_count(), "it widens");
    let mut gained: Vec<_> = review.plans().flat_map(|(_, plan)| plan.gains()).collect();
    gained.sort();
    assert_eq!(gained, ["all-apis", "files", "jobs"]);
    // This workspace does not accept full access.
    let path = format!("{TOKENS}/{}", tokens[0]);
    fixture.demo.fault(Fault::forever("PATCH", &path, refused()));
    run(&fixture, &mia, &id, "3").await;
    let expected = [(BulkItemState::Failed, 1), (BulkItemState::Changed, 2)];
    assert_eq!(counts(&fixture, &id).await, expected);
    assert_eq!(scopes_of(&fixture, &mia, &tokens[0]).await, Some(names(&["sql"])));
    assert_eq!(
        scopes_of(&fixture, &mia, &tokens[1]).await,
        Some(names(&["jobs", "sql"]))
    );
    // Now the workspace accepts full access.
    fixture.demo.clear_faults();
    let again = fixture.console.draft_put_back(&mia, &narrowing).await.unwrap();
    run(&fixture, &mia, &again, "").await;
    assert_eq!(scopes_of(&fixture, &mia, &tokens[0]).await, Some(names(&["all-apis"])));
    let nothing = fixture.console.draft_put_back(&mia, &narrowing).await;
    assert!(matches!(nothing, Err(Error::AlreadyPutBack)), "{nothing:?}");
    let bulk = fixture.console.bulk(&mia, &narrowing).await.unwrap();
    assert!(!fixture.console.can_be_put_back(&mia, &bulk).await.unwrap());
}

#[tokio::test]
async fn a_token_that_a_colleague_changed_is_not_put_back() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let (narrowing, tokens) = narrowed(&fixture, &mia).await;
    set_scopes(&fixture, &tokens[1], &["files"]);
    let id = fixture.console.draft_put_back(&mia, &narrowing).await.unwrap();
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    assert_eq!((review.tokens(), review.skipped.len()), (2, 1));
    assert_eq!(review.skipped[0].why, ScopesSkip::ChangedSince);
    // Another one is changed after the review.
    set_scopes(&fixture, &tokens[2], &["dashboards"]);
    let before = patches(&fixture);
    run(&fixture, &mia, &id, "2").await;
    let expected = [(BulkItemState::Failed, 1), (BulkItemState::Changed, 1)];
    assert_eq!(counts(&fixture, &id).await, expected);
    let failed = items(&fixture, &id)
        .await
        .into_iter()
        .find(|item| item.token == tokens[2]);
    assert_eq!(failed.unwrap().detail, Detail::ChangedSinceReview);
    // Another attempt would fail in the same way.
    fixture.console.retry_failed(&mia, &id).await.unwrap();
    assert_eq!(counts(&fixture, &id).await, expected);
    let page = BulkItemPage::default();
    let view = fixture.console.bulk_view(&mia, &id, page).await.unwrap();
    assert_eq!(view.progress.counts.changed_since(), 1);
    assert_eq!(patches(&fixture), before + 1, "nothing was sent for it");
    assert_eq!(scopes_of(&fixture, &mia, &tokens[1]).await, Some(names(&["files"])));
    assert_eq!(
        scopes_of(&fixture, &mia, &tokens[2]).await,
        Some(names(&["dashboards"]))
    );
}

#[tokio::test]
async fn a_token_with_its_former_scopes_does_not_count_as_changed_by_someone_else() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let (narrowing, tokens) = narrowed(&fixture, &mia).await;
    set_scopes(&fixture, &tokens[1], &["jobs", "sql"]);
    let id = fixture.console.draft_put_back(&mia, &narrowing).await.unwrap();
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    let skipped = &review.skipped[0];
    assert_eq!(
        (&skipped.item.token, skipped.why),
        (&tokens[1], ScopesSkip::HasThemAlready)
    );
}

#[tokio::test]
async fn scopes_that_are_not_stored_completely_are_not_put_back() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let (narrowing, tokens) = narrowed(&fixture, &mia).await;
    fixture
        .change_database("update job_items set scopes_before = '[\"sql\", \"jo' where scopes_before like '%jobs%'")
        .await;
    let id = fixture.console.draft_put_back(&mia, &narrowing).await.unwrap();
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    assert_eq!(review.tokens(), 2);
    let skipped = &review.skipped[0];
    assert_eq!(
        (&skipped.item.token, skipped.why),
        (&tokens[1], ScopesSkip::BeforeNotStored)
    );
}

#[tokio::test]
async fn a_revocation_cannot_be_put_back() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    crate::bulk::create_tokens(&fixture, "doomed", 1);
    let id = crate::bulk::drafted(&fixture, &mia, "doomed").await;
    run(&fixture, &mia, &id, "").await;
    let put_back = fixture.console.draft_put_back(&mia, &id).await;
    assert!(matches!(put_back, Err(Error::BulkNotFound)));
}
