//! Bulk changes of scopes: each token is read before its call, changed only from the scopes of the review, and counts
//! as changed only when the workspace shows it.

use console::bulk::ScopesChange;
use console::{Actor, BulkId, BulkItem, BulkItemState, BulkState, Error};
use demo_workspace::{Change, ChangeOutcome, Effect, Fault, FaultBody, NewToken};
use domain::{ScopesSkip, Selection, TokenId};
use store::{ActivityKind, Detail, Outcome, RequestedValue};

use crate::bulk::{counts, matching, wait_for_state};
use crate::support::{Fixture, IMPATIENT, Setup, TOKENS};

pub(crate) fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A token of the non-admin with these scopes. The platform has seen it use those in `used`.
pub(crate) fn token(fixture: &Fixture, comment: &str, scopes: Option<&[&str]>, used: &[&str]) -> TokenId {
    let new = NewToken {
        owner: fixture.demo.credentials().non_admin.user_name.clone(),
        comment: Some(comment.to_owned()),
        lifetime_days: Some(30),
        scopes: scopes.map(names),
        ..NewToken::default()
    };
    let ChangeOutcome::Created { token_id, .. } = fixture.demo.change(Change::CreateToken(new)).unwrap() else {
        panic!("no token");
    };
    observe(fixture, &token_id, Some("AUTOSCOPE_STATE_RUNNING"), used);
    TokenId::new(token_id)
}

pub(crate) fn observe(fixture: &Fixture, token: &str, state: Option<&str>, used: &[&str]) {
    let change = Change::SetScopeUse {
        token_id: token.to_owned(),
        autoscope: state.map(str::to_owned),
        inferred_scopes: names(used),
        backfill_scopes: Vec::new(),
    };
    fixture.demo.change(change).unwrap();
}

/// Sets the scopes of a token, as a colleague would.
pub(crate) fn set_scopes(fixture: &Fixture, token: &TokenId, scopes: &[&str]) {
    let change = Change::SetScopes {
        token_id: token.to_string(),
        scopes: Some(names(scopes)),
    };
    fixture.demo.change(change).unwrap();
}

pub(crate) async fn drafted(fixture: &Fixture, actor: &Actor, change: ScopesChange, q: &str) -> BulkId {
    fixture.console.refresh(actor).await.unwrap();
    let query = matching(q);
    let drafted = fixture.console.draft_scopes(actor, change, &query, &Selection::All);
    drafted.await.unwrap()
}

pub(crate) async fn run(fixture: &Fixture, actor: &Actor, id: &BulkId, typed: &str) {
    fixture.console.start_bulk(actor, id, typed, &[]).await.unwrap();
    wait_for_state(&fixture.console, actor, id, BulkState::Finished).await;
}

pub(crate) async fn items(fixture: &Fixture, id: &BulkId) -> Vec<BulkItem> {
    fixture.store().bulk_items(id, None, 0, 1000).await.unwrap()
}

/// How many calls that set scopes were accepted.
pub(crate) fn patches(fixture: &Fixture) -> usize {
    let log = fixture.demo.log();
    let accepted = log.iter().filter(|c| c.method == "PATCH" && c.status == Some(200));
    accepted.count()
}

pub(crate) async fn scopes_of(fixture: &Fixture, actor: &Actor, id: &TokenId) -> Option<Vec<String>> {
    fixture.console.refresh(actor).await.unwrap();
    fixture.console.token(actor, id).await.unwrap().token.scopes
}

pub(crate) fn refused() -> Effect {
    Effect::Answer {
        status: 400,
        body: FaultBody::JsonError {
            error_code: "INVALID_PARAMETER_VALUE".into(),
            message: "Scope cannot be set".into(),
        },
    }
}

#[tokio::test]
async fn forty_tokens_are_narrowed_once_each_and_a_refusal_is_shown() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await.with_reason("least privilege").unwrap();
    let tokens: Vec<_> = (0..40)
        .map(|n| token(&fixture, &format!("wide {n}"), None, &["sql", "jobs"]))
        .collect();
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    fixture
        .demo
        .fault(Fault::forever("PATCH", &format!("{TOKENS}/{}", tokens[7]), refused()));
    assert_eq!(patches(&fixture), 0, "a draft changes nothing");
    run(&fixture, &mia, &id, "40").await;
    let expected = [(BulkItemState::Failed, 1), (BulkItemState::Changed, 39)];
    assert_eq!(counts(&fixture, &id).await, expected);
    assert_eq!(patches(&fixture), 39, "each once");
    let failed = items(&fixture, &id)
        .await
        .into_iter()
        .find(|item| item.token == tokens[7]);
    let failed = failed.unwrap();
    assert!(matches!(&failed.detail, Detail::Error(_)), "{:?}", failed.detail);
    assert_eq!(scopes_of(&fixture, &mia, &tokens[7]).await, None);
    assert_eq!(
        scopes_of(&fixture, &mia, &tokens[8]).await,
        Some(names(&["jobs", "sql"]))
    );
    // An intent and an outcome, of the whole and of each token.
    assert_eq!(fixture.rows().await, 2 + 2 * 40);
    let actions = fixture.actions().await;
    let one = actions
        .iter()
        .find(|action| action.kind == ActivityKind::EditScopes)
        .unwrap();
    let requested = RequestedValue::ScopesInBulk {
        bulk: id.clone(),
        scopes: "jobs, sql".into(),
    };
    assert_eq!((one.before.as_str(), &one.requested), ("all-apis", &requested));
    assert_eq!(one.reason, "least privilege");
    let rows = fixture
        .console
        .activity_rows(&mia, Default::default(), 10)
        .await
        .unwrap();
    assert_eq!(rows.rows.len(), 1, "it is one row");
    let run = rows.rows[0].first().unwrap();
    assert_eq!(
        (&run.kind, &run.requested),
        (&ActivityKind::EditScopesInBulk, &RequestedValue::NarrowScopes(40))
    );
    let result = Detail::ScopesResult {
        changed: 39,
        gone: 0,
        failed: 1,
        cancelled: 0,
        unknown: 0,
    };
    assert_eq!((run.outcome, &run.detail), (Outcome::Failed, &result));
}

#[tokio::test]
async fn a_token_that_someone_changed_since_the_review_is_not_touched() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let tokens = [0, 1, 2].map(|n| token(&fixture, &format!("wide {n}"), None, &["sql"]));
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    set_scopes(&fixture, &tokens[1], &["files"]);
    fixture.console.refresh(&mia).await.unwrap();
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    let changed: Vec<_> = review.changed.iter().map(|item| &item.token).collect();
    assert_eq!((review.tokens(), changed), (2, vec![&tokens[1]]), "it is not counted");
    // After the review. No list is not an empty one.
    set_scopes(&fixture, &tokens[2], &[]);
    let counted_before_that = fixture.console.start_bulk(&mia, &id, "2", &[]).await;
    assert!(matches!(counted_before_that, Err(Error::CountMismatch)));
    // Tokens that were counted at the review, and have changed since then, are named in the result.
    run(&fixture, &mia, &id, "3").await;
    let items = items(&fixture, &id).await;
    for item in &items {
        let is_outdated = item.token != tokens[0];
        assert_eq!(item.detail == Detail::ChangedSinceReview, is_outdated, "{item:?}");
    }
    assert_eq!(patches(&fixture), 1);
    assert_eq!(scopes_of(&fixture, &mia, &tokens[1]).await, Some(names(&["files"])));
}

#[tokio::test]
async fn a_token_whose_scopes_a_colleague_keeps_is_not_narrowed_nor_one_that_uses_more_by_now() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let tokens = [0, 1, 2].map(|n| token(&fixture, &format!("wide {n}"), Some(&["all-apis"]), &["sql"]));
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    let observed = |token: &TokenId, state, used: &[&str]| {
        observe(
            &fixture,
            token.as_str(),
            Some(&format!("AUTOSCOPE_STATE_{state}")),
            used,
        );
    };
    observed(&tokens[1], "USER_SELECTED", &["sql"]);
    observed(&tokens[2], "RUNNING", &["sql", "jobs"]);
    fixture.console.refresh(&mia).await.unwrap();
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    let counted: Vec<_> = review.plans().map(|(item, _)| &item.token).collect();
    assert_eq!((counted, review.changed.len()), (vec![&tokens[0]], 2));
    assert!(!review.needs_typed_count(), "it changes one token");
    run(&fixture, &mia, &id, "1").await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 1)]);
    let changed = items(&fixture, &id).await.remove(0);
    assert_eq!(changed.token, tokens[0], "the others are not part of it");
    assert_eq!(patches(&fixture), 1);
}

#[tokio::test]
async fn scopes_are_kept_by_setting_them_and_are_unknown_until_they_are_shown_as_set_by_hand() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let some = token(&fixture, "kept 0", Some(&["sql", "jobs"]), &["sql"]);
    let all = token(&fixture, "kept 1", None, &["sql"]);
    let ignored = token(&fixture, "kept 2", Some(&["sql"]), &["sql"]);
    let id = drafted(&fixture, &mia, ScopesChange::KeepScopes, "kept").await;
    let path = format!("{TOKENS}/{ignored}");
    fixture.demo.fault(Fault::forever("PATCH", &path, Effect::Ignore));
    run(&fixture, &mia, &id, "").await;
    let expected = [(BulkItemState::Unknown, 1), (BulkItemState::Changed, 2)];
    assert_eq!(counts(&fixture, &id).await, expected);
    let items = items(&fixture, &id).await;
    let unknown = items.iter().find(|item| item.token == ignored).unwrap();
    assert_eq!(unknown.detail, Detail::NotShownAsSet);
    assert_eq!(scopes_of(&fixture, &mia, &some).await, Some(names(&["jobs", "sql"])));
    assert_eq!(scopes_of(&fixture, &mia, &all).await, Some(names(&["all-apis"])));
    assert!(
        !fixture
            .console
            .can_be_put_back(&mia, &fixture.console.bulk(&mia, &id).await.unwrap())
            .await
            .unwrap()
    );
    // With the same scopes nothing is known, until a later attempt finds that it is set by hand.
    fixture.demo.clear_faults();
    observe(
        &fixture,
        ignored.to_string().as_str(),
        Some("AUTOSCOPE_STATE_USER_SELECTED"),
        &[],
    );
    let before = patches(&fixture);
    fixture.console.retry_failed(&mia, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 3)]);
    assert_eq!(patches(&fixture), before, "an earlier attempt has done it");
}

#[tokio::test]
async fn lost_responses_are_looked_up_and_no_token_is_assumed_to_be_changed() {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    for n in 0..40 {
        token(&fixture, &format!("wide {n}"), Some(&["sql", "jobs"]), &["sql"]);
    }
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    let failed = Effect::Answer {
        status: 500,
        body: FaultBody::Empty,
    };
    for effect in [failed, Effect::Reset, Effect::ResetAfter, Effect::Hang] {
        fixture.demo.fault(Fault::forever("PATCH", TOKENS, effect).share(0.08));
    }
    run(&fixture, &mia, &id, "40").await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 40)]);
}

#[tokio::test]
async fn a_workspace_without_the_call_has_certainly_not_changed_anything() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let wide = token(&fixture, "wide", None, &["sql"]);
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    let missing = Effect::Answer {
        status: 404,
        body: FaultBody::JsonError {
            error_code: "ENDPOINT_NOT_FOUND".into(),
            message: "No API found".into(),
        },
    };
    fixture.demo.fault(Fault::forever("PATCH", TOKENS, missing));
    run(&fixture, &mia, &id, "").await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Failed, 1)]);
    assert_eq!(fixture.calls_under("PATCH", TOKENS), 1);
    assert_eq!(scopes_of(&fixture, &mia, &wide).await, None);
}

#[tokio::test]
async fn a_token_that_is_gone_is_neither_changed_nor_failed() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let tokens = [0, 1].map(|n| token(&fixture, &format!("wide {n}"), None, &["sql"]));
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    let token_id = tokens[1].to_string();
    fixture.demo.change(Change::RevokeToken { token_id }).unwrap();
    run(&fixture, &mia, &id, "2").await;
    let expected = [(BulkItemState::Changed, 1), (BulkItemState::Gone, 1)];
    assert_eq!(counts(&fixture, &id).await, expected);
    let of_gone = fixture
        .actions()
        .await
        .into_iter()
        .find(|action| action.target == tokens[1].to_string());
    assert_eq!(of_gone.unwrap().outcome, Outcome::Failed);
}

#[tokio::test]
async fn a_change_without_effect_is_not_confirmed_and_can_be_tried_again() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let tokens = [0, 1].map(|n| token(&fixture, &format!("wide {n}"), None, &["sql"]));
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    let path = format!("{TOKENS}/{}", tokens[0]);
    fixture.demo.fault(Fault::forever("PATCH", &path, Effect::Ignore));
    run(&fixture, &mia, &id, "2").await;
    let items = items(&fixture, &id).await;
    let unknown = items.iter().find(|item| item.token == tokens[0]).unwrap();
    assert_eq!(
        (unknown.state, &unknown.detail),
        (BulkItemState::Unknown, &Detail::AcceptedButOldScopes)
    );
    fixture.demo.clear_faults();
    fixture.console.retry_failed(&mia, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 2)]);
}

#[tokio::test]
async fn the_review_says_what_is_lost_and_which_tokens_are_left_out_and_wants_the_number_typed() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    token(&fixture, "wide full", None, &["sql"]);
    token(&fixture, "wide some", Some(&["sql", "jobs"]), &["sql"]);
    let unused = token(&fixture, "wide unused", None, &[]);
    let exact = token(&fixture, "wide exact", Some(&["sql"]), &["sql"]);
    let empty = token(&fixture, "wide empty", Some(&[]), &["sql"]);
    let not_covered = token(&fixture, "wide not covered", None, &["sql"]);
    let state = Some("AUTOSCOPE_STATE_API_NOT_COVERED");
    observe(&fixture, not_covered.to_string().as_str(), state, &["sql"]);
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    let mut lost: Vec<_> = review.plans().flat_map(|(_, plan)| plan.loses()).collect();
    lost.sort();
    assert_eq!(lost, ["all-apis", "jobs"]);
    let why = |token: &TokenId| {
        review
            .skipped
            .iter()
            .find(|skipped| skipped.item.token == *token)
            .unwrap()
            .why
    };
    assert_eq!(
        [why(&unused), why(&exact), why(&empty), why(&not_covered)],
        [
            ScopesSkip::NoProposal,
            ScopesSkip::NothingToLose,
            ScopesSkip::EmptyList,
            ScopesSkip::ApiNotCovered
        ]
    );
    assert!(review.needs_typed_count());
    let untyped = fixture.console.start_bulk(&mia, &id, "", &[]).await;
    assert!(matches!(untyped, Err(Error::CountMismatch)));
    run(&fixture, &mia, &id, "2").await;
    assert_eq!(items(&fixture, &id).await.len(), 2, "the others are not part of it");
    // Keeping takes nothing away.
    let kept = drafted(&fixture, &mia, ScopesChange::KeepScopes, "wide").await;
    let bulk = fixture.console.bulk(&mia, &kept).await.unwrap();
    let review = fixture.console.review_draft(&mia, &bulk, &[]).await.unwrap();
    assert!(!review.needs_typed_count());
    let skipped: Vec<_> = review.skipped.iter().map(|skipped| skipped.why).collect();
    assert_eq!(skipped.iter().filter(|why| **why == ScopesSkip::SetByHand).count(), 2);
    assert_eq!(skipped.iter().filter(|why| **why == ScopesSkip::EmptyList).count(), 1);
}

#[tokio::test]
async fn a_console_that_is_stopped_in_the_middle_continues_after_a_restart() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    for n in 0..40 {
        token(&fixture, &format!("wide {n}"), None, &["sql"]);
    }
    let id = drafted(&fixture, &mia, ScopesChange::NarrowScopes, "wide").await;
    fixture
        .demo
        .fault(Fault::forever("PATCH", TOKENS, Effect::None).after_ms(30));
    fixture.console.start_bulk(&mia, &id, "40", &[]).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    fixture.console.shut_down();
    fixture.console.wait_until_idle().await;
    let counted = fixture.store().bulk_counts(&id).await.unwrap();
    assert!(counted.of(BulkItemState::Waiting) > 0, "{counted:?}");
    let console = fixture.restarted(Setup::default());
    console.resume_running_bulks().await.unwrap();
    wait_for_state(&console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Changed, 40)]);
    assert_eq!(patches(&fixture), 40);
}
