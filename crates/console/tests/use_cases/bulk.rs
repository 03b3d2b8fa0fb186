//! Bulk revocations: the selection is frozen, each token is revoked once, and unknown outcomes are reported as such.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use console::{Actor, BulkId, BulkItemState, BulkState, Console, Error, RequestSource, Role};
use demo_workspace::{Change, Effect, Fault, NewToken};
use domain::{ParsedSelection, Selection, TokenQuery};
use store::{ActivityKind, Detail, Outcome};

use crate::support::{ACME, Fixture, IMPATIENT, Setup, TOKENS};

/// All tokens whose comment or ID contains `q`.
pub(crate) fn matching(q: &str) -> TokenQuery {
    TokenQuery::from_pairs([("q", q)])
}

/// Creates tokens of the non-admin whose comments are `prefix` and a number.
pub(crate) fn create_tokens(fixture: &Fixture, prefix: &str, count: usize) {
    for n in 0..count {
        let new = NewToken {
            owner: fixture.demo.credentials().non_admin.user_name.clone(),
            comment: Some(format!("{prefix} {n}")),
            lifetime_days: Some(30),
            ..NewToken::default()
        };
        fixture.demo.change(Change::CreateToken(new)).unwrap();
    }
}

pub(crate) async fn drafted(fixture: &Fixture, actor: &Actor, q: &str) -> BulkId {
    fixture.console.refresh(actor).await.unwrap();
    let query = matching(q);
    let drafted = fixture.console.draft_revocation(actor, &query, &Selection::All);
    drafted.await.unwrap()
}

/// Waits until the bulk revocation is in this state.
pub(crate) async fn wait_for_state(console: &Console, actor: &Actor, id: &BulkId, state: BulkState) {
    for _ in 0..3000 {
        if console.bulk(actor, id).await.unwrap().state == state {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never became {state:?}");
}

pub(crate) async fn counts(fixture: &Fixture, id: &BulkId) -> Vec<(BulkItemState, usize)> {
    let counts = fixture.store().bulk_counts(id).await.unwrap();
    let all = BulkItemState::ALL.into_iter().map(|state| (state, counts.of(state)));
    all.filter(|(_, n)| *n > 0).collect()
}

/// How many successful DELETEs there were, by path.
pub(crate) fn deletes(fixture: &Fixture) -> HashMap<String, usize> {
    let mut deletes = HashMap::new();
    for call in fixture.demo.log() {
        if call.method == "DELETE" && call.status == Some(200) {
            *deletes.entry(call.path).or_default() += 1;
        }
    }
    deletes
}

#[tokio::test]
async fn all_matching_tokens_are_revoked_once_each_and_recorded() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 60);
    let mia = fixture.admin().await.with_reason("a leak").unwrap();
    let id = drafted(&fixture, &mia, "doomed").await;
    // The draft is frozen: a token that is created later is not revoked.
    create_tokens(&fixture, "doomed too late", 1);
    assert!(deletes(&fixture).is_empty(), "a draft revokes nothing");
    fixture.console.start_bulk(&mia, &id, "60", &[]).await.unwrap();
    fixture.console.start_bulk(&mia, &id, "60", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 60)]);
    let deletes = deletes(&fixture);
    assert_eq!(deletes.len(), 60);
    assert!(deletes.values().all(|n| *n == 1));
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert_eq!(
        snapshot.inventory.page(&matching("doomed")).known().unwrap().matching,
        1
    );
    let actions = fixture.actions().await;
    let one = actions
        .iter()
        .find(|action| action.kind == ActivityKind::RevokeToken)
        .unwrap();
    assert_eq!(
        (one.outcome, &one.detail, one.reason.as_str()),
        (Outcome::Done, &Detail::Revoked, "a leak")
    );
    // An intent and an outcome, for the bulk revocation and for each token.
    assert_eq!(fixture.rows().await, 2 + 2 * 60);
}

/// Rows that are written in the background or after a restart have the address too.
#[tokio::test]
async fn each_row_has_the_address_of_the_person_who_started_it() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 2);
    let sign_in = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let source = RequestSource {
        id: "request-1".to_owned(),
        client: "203.0.113.9".parse::<IpAddr>().unwrap().into(),
    };
    let mia = fixture.console.actor(ACME, &sign_in, source).await.unwrap();
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture.console.start_bulk(&mia, &id, "2", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    let actions = fixture.actions().await;
    assert_eq!(actions.len(), 3);
    for action in actions {
        assert_eq!(action.client_address.as_deref(), Some("203.0.113.9"), "{action:?}");
    }
    assert_eq!(
        fixture.store().bulk(&id).await.unwrap().unwrap().client.to_string(),
        "203.0.113.9"
    );
}

#[tokio::test]
async fn a_draft_starts_only_with_the_right_count() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 3);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    for typed in ["", "2", "30", "three"] {
        let started = fixture.console.start_bulk(&mia, &id, typed, &[]).await;
        assert!(matches!(started, Err(Error::CountMismatch)), "{typed}");
    }
    assert_eq!(fixture.actions().await[0].outcome, Outcome::Refused);
    assert!(deletes(&fixture).is_empty());
    let none = fixture
        .console
        .draft_revocation(&mia, &matching("no such"), &Selection::All)
        .await;
    assert!(matches!(none, Err(Error::NothingSelected)));
}

#[tokio::test]
async fn one_token_needs_no_count_and_the_sessions_own_token_is_left_out() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 1);
    let mia = fixture.admin().await;
    fixture.console.refresh(&mia).await.unwrap();
    let own = mia.own_token().unwrap();
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    let doomed = snapshot.inventory.page(&matching("doomed")).known().unwrap().tokens[0]
        .id
        .clone();
    let everything = TokenQuery::default();
    let mut picked = ParsedSelection::default();
    picked.select([&own]);
    let only_own = fixture
        .console
        .draft_revocation(&mia, &everything, &picked.selection)
        .await;
    assert!(matches!(only_own, Err(Error::OnlyOwnTokenSelected)));
    picked.select([&doomed]);
    let id = fixture
        .console
        .draft_revocation(&mia, &everything, &picked.selection)
        .await
        .unwrap();
    assert!(fixture.console.bulk(&mia, &id).await.unwrap().own_token_excluded);
    // A review that counted another number showed something else.
    let miscounted = fixture.console.start_bulk(&mia, &id, "0", &[]).await;
    assert!(matches!(miscounted, Err(Error::CountMismatch)));
    fixture.console.start_bulk(&mia, &id, "", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 1)]);
    assert!(fixture.console.token(&mia, &own).await.is_ok());
}

#[tokio::test]
async fn lost_responses_are_looked_up_and_no_token_is_revoked_twice() {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    create_tokens(&fixture, "doomed", 80);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let share = |effect| Fault::forever("DELETE", TOKENS, effect).share(0.08);
    let failed = Effect::Answer {
        status: 500,
        body: demo_workspace::FaultBody::Empty,
    };
    for effect in [failed, Effect::Reset, Effect::ResetAfter, Effect::Hang] {
        fixture.demo.fault(share(effect));
    }
    fixture.console.start_bulk(&mia, &id, "80", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 80)]);
    assert!(deletes(&fixture).values().all(|n| *n == 1));
}

#[tokio::test]
async fn a_token_that_was_already_gone_counts_as_gone_and_one_that_stays_as_not_confirmed() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 4);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let items = fixture.store().bulk_items(&id, None, 0, 10).await.unwrap();
    let gone = items[1].token.to_string();
    fixture.demo.change(Change::RevokeToken { token_id: gone }).unwrap();
    // This call is accepted without effect.
    let path = format!("{TOKENS}/{}", items[2].token);
    fixture.demo.fault(Fault::forever("DELETE", &path, Effect::Ignore));
    fixture.console.start_bulk(&mia, &id, "4", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    let expected = [
        (BulkItemState::Unknown, 1),
        (BulkItemState::Revoked, 2),
        (BulkItemState::Gone, 1),
    ];
    assert_eq!(counts(&fixture, &id).await, expected);
    let unknown = fixture
        .store()
        .bulk_items(&id, Some(BulkItemState::Unknown), 0, 10)
        .await
        .unwrap();
    assert_eq!(unknown[0].detail, Detail::AcceptedButListed);
    let actions = fixture.actions().await;
    let bulk = actions
        .iter()
        .find(|action| action.kind == ActivityKind::RevokeTokens)
        .unwrap();
    assert_eq!(
        bulk.outcome,
        Outcome::Unknown,
        "a bulk revocation with a token that is not confirmed is neither a success nor a failure"
    );
    // The retry sends it again, and now the call has its effect.
    fixture.demo.clear_faults();
    fixture.console.retry_failed(&mia, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(
        counts(&fixture, &id).await,
        [(BulkItemState::Revoked, 3), (BulkItemState::Gone, 1)]
    );
}

#[tokio::test]
async fn a_rate_limit_is_respected() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 60);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    fixture.demo.configure(|knobs| {
        knobs.rate_per_second = 40;
        knobs.rate_burst = 20;
        TOKENS.clone_into(&mut knobs.rate_path);
    });
    fixture.console.start_bulk(&mia, &id, "60", &[]).await.unwrap();
    let mut waited = false;
    for _ in 0..3000 {
        let bulk = fixture.console.bulk(&mia, &id).await.unwrap();
        if bulk.state == BulkState::Finished {
            break;
        }
        let page = console::BulkItemPage::default();
        let view = fixture.console.bulk_view(&mia, &id, page).await.unwrap();
        waited |= matches!(view.progress.waiting, Some(console::bulk::BulkWait::RateLimited(_)));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(waited, "the limit was not shown");
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 60)]);
}

#[tokio::test]
async fn an_auditor_can_see_bulk_revocations_but_not_run_them() {
    let fixture = Fixture::with(Setup {
        auditor: true,
        ..Setup::default()
    })
    .await;
    create_tokens(&fixture, "doomed", 2);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let sign_in = fixture.sign_in(&fixture.demo.credentials().non_admin).await;
    let auditor = fixture.console.actor(ACME, &sign_in, "1").await.unwrap();
    assert_eq!(auditor.role(), Role::Auditor);
    let drafted = fixture
        .console
        .draft_revocation(&auditor, &matching("doomed"), &Selection::All)
        .await;
    assert!(matches!(drafted, Err(Error::AuditorReadOnly)));
    assert!(
        matches!(fixture.console.bulk(&auditor, &id).await, Err(Error::BulkNotFound)),
        "only the person who made a draft can see it"
    );
    fixture.console.start_bulk(&mia, &id, "2", &[]).await.unwrap();
    wait_for_state(&fixture.console, &auditor, &id, BulkState::Finished).await;
    assert!(matches!(
        fixture.console.cancel_bulk(&auditor, &id).await,
        Err(Error::AuditorReadOnly)
    ));
}

#[tokio::test]
async fn if_a_lost_response_cannot_be_looked_up_the_list_decides() {
    let fixture = Fixture::start().await;
    create_tokens(&fixture, "doomed", 2);
    let mia = fixture.admin().await;
    let id = drafted(&fixture, &mia, "doomed").await;
    let items = fixture.store().bulk_items(&id, None, 0, 10).await.unwrap();
    // The first is revoked, but its response is lost and it cannot be read. The second fails each time.
    let lost = format!("{TOKENS}/{}", items[0].token);
    fixture.demo.fault(Fault::forever("DELETE", &lost, Effect::ResetAfter));
    let broken = Effect::Answer {
        status: 500,
        body: demo_workspace::FaultBody::Empty,
    };
    fixture.demo.fault(Fault::forever("GET", &lost, broken.clone()));
    let failing = format!("{TOKENS}/{}", items[1].token);
    fixture.demo.fault(Fault::forever(None, &failing, broken));
    fixture.console.start_bulk(&mia, &id, "2", &[]).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    let ended = fixture.store().bulk_items(&id, None, 0, 10).await.unwrap();
    assert_eq!(
        (ended[0].state, ended[1].state),
        (BulkItemState::Revoked, BulkItemState::Unknown),
        "{ended:?}"
    );
    assert_eq!(ended[1].detail, Detail::NoResponseButListed);
    // On another attempt the token is looked at before it is sent.
    fixture.demo.clear_faults();
    fixture.demo.clear_log();
    fixture.console.retry_failed(&mia, &id).await.unwrap();
    wait_for_state(&fixture.console, &mia, &id, BulkState::Finished).await;
    assert_eq!(counts(&fixture, &id).await, [(BulkItemState::Revoked, 2)]);
    let calls = fixture.demo.log().into_iter().filter(|call| call.path == failing);
    assert_eq!(calls.map(|call| call.method).collect::<Vec<_>>(), ["GET", "DELETE"]);
}
