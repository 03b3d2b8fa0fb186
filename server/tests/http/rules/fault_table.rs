//! The fault table: every change, combined with everything that can go wrong with it. Each case is checked by the text
//! of the page, by what is recorded now and after a later look, and by the calls that the workspace received.
//!
//! A tenth of the table is run, selected by a seed that is printed; `FAULT_TABLE_SEED=7` repeats a selection. The most
//! important cases are always run. `FAULT_TABLE=full`, which `cargo xtask prove` sets, runs all cases.

/// The changes.
mod attempts;
/// The expected results.
mod expected;
/// What goes wrong.
mod mishaps;
/// Making a change, and observing it.
mod run;

use std::env;
use std::time::SystemTime;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use attempts::Attempt;
use mishaps::{Failure, Mishap};
use run::run;

/// Runs the cases of this change: all of them, or a tenth.
async fn check(attempt: Attempt) {
    let mut mishaps = Mishap::all_of(attempt);
    if env::var("FAULT_TABLE").as_deref() != Ok("full") {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
        let given = env::var("FAULT_TABLE_SEED").ok();
        let seed = given.map_or(u64::from(now.subsec_micros()), |seed| seed.parse().unwrap());
        println!("a tenth of the fault table, FAULT_TABLE_SEED={seed}");
        mishaps.shuffle(&mut StdRng::seed_from_u64(seed));
        mishaps.truncate(mishaps.len().div_ceil(10));
    }
    let failed = run(attempt, &mishaps).await;
    assert!(
        failed.is_empty(),
        "{} of {} cases:\n{}",
        failed.len(),
        mishaps.len(),
        failed.join("\n")
    );
}

/// Runs one case, regardless of the seed.
async fn check_case(attempt: Attempt, mishap: Mishap) {
    let failed = run(attempt, &[mishap]).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test]
async fn revoking_a_token_ends_as_the_rules_say() {
    check(Attempt::Revoke).await;
}

#[tokio::test]
async fn editing_a_comment_ends_as_the_rules_say() {
    check(Attempt::EditComment).await;
}

#[tokio::test]
async fn editing_scopes_ends_as_the_rules_say() {
    check(Attempt::EditScopes).await;
}

#[tokio::test]
async fn setting_the_maximum_lifetime_ends_as_the_rules_say() {
    check(Attempt::SetMaxLifetime).await;
}

#[tokio::test]
async fn switching_tokens_on_ends_as_the_rules_say() {
    check(Attempt::SwitchOn).await;
}

#[tokio::test]
async fn switching_tokens_off_ends_as_the_rules_say() {
    check(Attempt::SwitchOff).await;
}

#[tokio::test]
async fn adding_a_grant_ends_as_the_rules_say() {
    check(Attempt::AddGrant).await;
}

#[tokio::test]
async fn removing_a_grant_ends_as_the_rules_say() {
    check(Attempt::RemoveGrant).await;
}

#[tokio::test]
async fn creating_a_token_ends_as_the_rules_say() {
    check(Attempt::CreateToken).await;
}

#[tokio::test]
async fn creating_a_first_token_ends_as_the_rules_say() {
    check(Attempt::CreateFirstToken).await;
}

#[tokio::test]
async fn a_token_of_a_bulk_revocation_ends_as_the_rules_say() {
    check(Attempt::BulkItem).await;
}

#[tokio::test]
async fn a_token_of_a_bulk_change_of_scopes_ends_as_the_rules_say() {
    check(Attempt::BulkScopes).await;
}

#[tokio::test]
async fn a_deletion_that_no_endpoint_takes_is_unknown_after_a_look() {
    check_case(Attempt::Revoke, Mishap::Before(Failure::EndpointNotFound)).await;
}

#[tokio::test]
async fn an_accepted_revocation_that_cannot_be_looked_up_is_unknown() {
    check_case(Attempt::Revoke, Mishap::Look(Failure::RateLimited)).await;
}

#[tokio::test]
async fn a_creation_that_is_processed_late_is_found_later_without_its_value() {
    check_case(Attempt::CreateToken, Mishap::Late).await;
}

#[tokio::test]
async fn a_first_token_whose_response_is_lost_is_found_without_its_value() {
    check_case(Attempt::CreateFirstToken, Mishap::After(Failure::Reset)).await;
}

#[tokio::test]
async fn an_accepted_lifetime_that_settles_late_is_unknown() {
    check_case(Attempt::SetMaxLifetime, Mishap::Stale).await;
}

#[tokio::test]
async fn a_lifetime_that_a_colleague_overwrites_is_unknown_and_the_log_says_what_was_seen() {
    check_case(Attempt::SetMaxLifetime, Mishap::OverwrittenByColleague).await;
}

#[tokio::test]
async fn a_refused_lifetime_stays_failed_when_a_colleague_sets_the_same_later() {
    check_case(Attempt::SetMaxLifetime, Mishap::Before(Failure::InvalidParameter)).await;
}

#[tokio::test]
async fn a_token_of_a_bulk_revocation_is_looked_up_before_it_is_sent_again() {
    check_case(Attempt::BulkItem, Mishap::Before(Failure::Reset)).await;
}
