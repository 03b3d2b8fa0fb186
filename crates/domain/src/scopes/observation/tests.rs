//! Each rule with a token that it applies to, and a similar token that it just does not apply to.

use super::*;

const NOW: Timestamp = Timestamp::from_ms(1_795_442_400_000);
const MS: std::time::Duration = std::time::Duration::from_millis(1);

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// An observed token that was created this many days ago and never expires.
fn observed(created_days_ago: u32) -> Token {
    Token {
        created: Some(NOW.minus(DAY * created_days_ago)),
        expiry: Expiry::Never,
        autoscope: Some(AutoscopeState::Running),
        ..crate::token::tests::token()
    }
}

fn facts(token: &Token) -> ScopeFacts {
    ScopeFacts::of(token, NOW).unwrap()
}

fn time(token: &Token) -> Option<NarrowingTime> {
    facts(token).narrowing
}

#[test]
fn only_an_active_token_that_is_observed_is_narrowed() {
    let token = observed(10);
    assert_eq!(Narrowing::of(&token, NOW), Some(Narrowing::About(NOW.plus(DAY * 20))));
    for state in [
        None,
        Some(AutoscopeState::Completed),
        Some(AutoscopeState::Backfilled),
        Some(AutoscopeState::Other("PAUSED".into())),
    ] {
        let other = Token {
            autoscope: state,
            ..token.clone()
        };
        assert_eq!(Narrowing::of(&other, NOW), None, "{:?}", other.autoscope);
    }
    let expired = Token {
        expiry: Expiry::At(NOW),
        ..token.clone()
    };
    assert_eq!(
        (Narrowing::of(&expired, NOW), ScopeFacts::of(&expired, NOW)),
        (None, None)
    );
    let unknown = Token {
        expiry: Expiry::Unknown,
        ..token
    };
    assert_eq!(
        (Narrowing::of(&unknown, NOW), ScopeFacts::of(&unknown, NOW)),
        (None, None)
    );
}

#[test]
fn the_window_ends_about_30_days_after_the_creation_and_then_it_is_due() {
    let end = NOW.minus(DAY * 30);
    let created = |at| Token {
        created: Some(at),
        ..observed(0)
    };
    assert_eq!(
        Narrowing::of(&created(end.plus(MS)), NOW),
        Some(Narrowing::About(NOW.plus(MS)))
    );
    assert_eq!(Narrowing::of(&created(end), NOW), Some(Narrowing::Due));
    let unknown = Token {
        created: None,
        ..observed(0)
    };
    assert_eq!(Narrowing::of(&unknown, NOW), Some(Narrowing::Unknown));
}

#[test]
fn a_token_that_expires_before_the_end_is_not_narrowed() {
    let end = NOW.plus(DAY * 20);
    let expiring = |at| Token {
        expiry: Expiry::At(at),
        ..observed(10)
    };
    assert_eq!(
        Narrowing::of(&expiring(end.minus(MS)), NOW),
        Some(Narrowing::ExpiresBefore)
    );
    assert_eq!(Narrowing::of(&expiring(end), NOW), Some(Narrowing::About(end)));
}

#[test]
fn within_7_days_and_within_30_days_end_to_the_millisecond() {
    let ending_in = |after: Timestamp| Token {
        created: Some(after.minus(DAY * 30)),
        ..observed(0)
    };
    let (week, month) = (NOW.plus(DAY * 7), NOW.plus(DAY * 30));
    for (end, expected) in [
        (NOW, NarrowingTime::Within7Days),
        (week, NarrowingTime::Within7Days),
        (week.plus(MS), NarrowingTime::Within30Days),
        (month, NarrowingTime::Within30Days),
        (month.plus(MS), NarrowingTime::Later),
    ] {
        assert_eq!(time(&ending_in(end)), Some(expected));
    }
    assert_eq!(
        time(&Token {
            created: None,
            ..observed(0)
        }),
        Some(NarrowingTime::Unknown)
    );
    let expiring = Token {
        expiry: Expiry::At(NOW.plus(DAY)),
        ..observed(1)
    };
    assert_eq!(time(&expiring), Some(NarrowingTime::ExpiresBefore));
}

#[test]
fn only_an_observed_token_without_used_scopes_counts_as_nothing_seen() {
    let token = observed(10);
    assert_eq!(NothingSeen::of(&token, NOW), Some(NothingSeen::NeverUsed));
    let seen = Token {
        inferred_scopes: names(&["sql"]),
        ..token.clone()
    };
    assert_eq!(NothingSeen::of(&seen, NOW), None);
    let completed = Token {
        autoscope: Some(AutoscopeState::Completed),
        ..token
    };
    assert_eq!(NothingSeen::of(&completed, NOW), None);
}

#[test]
fn a_token_last_used_before_the_observation_can_belong_to_a_quarterly_job() {
    let used = |created, days: u32| {
        let day = NOW.minus(DAY * days).day();
        NothingSeen::of(
            &Token {
                last_used: Some(day),
                ..observed(created)
            },
            NOW,
        )
    };
    // An observation that is still running began at most about 30 days ago.
    assert_eq!(used(200, 31), Some(NothingSeen::UsedBefore));
    assert_eq!(used(200, 30), Some(NothingSeen::UsedSince));
    assert_eq!(
        used(10, 11),
        Some(NothingSeen::UsedBefore),
        "before the creation, as clocks can differ"
    );
    assert_eq!(used(10, 10), Some(NothingSeen::UsedSince));
}

#[test]
fn a_proposal_has_fewer_scopes_than_the_token() {
    let token = |scopes: Option<&[&str]>, proposed: &[&str], autoscope| Token {
        scopes: scopes.map(names),
        backfill_scopes: names(proposed),
        autoscope,
        ..observed(400)
    };
    assert!(has_proposal(&token(None, &["sql"], None)));
    assert!(has_proposal(&token(Some(&[ALL_APIS]), &["sql"], None)));
    assert!(has_proposal(&token(None, &["sql"], Some(AutoscopeState::Backfilled))));
    assert!(has_proposal(&token(Some(&["sql", "jobs"]), &["sql"], None)));
    assert!(
        !has_proposal(&token(Some(&["sql"]), &["jobs"], None)),
        "nothing that it has"
    );
    assert!(
        !has_proposal(&token(Some(&[]), &["sql"], None)),
        "what it has is unknown"
    );
    assert!(!has_proposal(&token(None, &[ALL_APIS], None)));
    assert!(
        !has_proposal(&token(Some(&["sql"]), &["sql", "jobs"], None)),
        "it would lose nothing"
    );
    assert!(!has_proposal(&token(None, &[], None)));
    assert!(
        !has_proposal(&token(None, &["sql"], Some(AutoscopeState::Running))),
        "it gets what was observed"
    );
}

#[test]
fn full_access_or_the_scope_for_it_can_create_tokens() {
    let creation = |scopes: Option<&[&str]>| TokenCreation::of(scopes.map(names).as_deref());
    assert_eq!(creation(None), TokenCreation::FullAccess);
    assert_eq!(creation(Some(&["sql", ALL_APIS])), TokenCreation::FullAccess);
    assert_eq!(creation(Some(&["sql", AUTHENTICATION])), TokenCreation::Scope);
    assert_eq!(creation(Some(&["sql", "authentication-x"])), TokenCreation::No);
    assert_eq!(creation(Some(&[])), TokenCreation::EmptyList);
}

#[test]
fn only_a_token_without_state_and_without_used_scopes_reports_nothing() {
    let reported = |autoscope, inferred: &[&str], backfill: &[&str]| {
        let token = Token {
            autoscope,
            inferred_scopes: names(inferred),
            backfill_scopes: names(backfill),
            ..observed(1)
        };
        facts(&token).reported
    };
    assert_eq!(reported(None, &[], &[]), ScopeOrigin::Nothing);
    assert_eq!(reported(None, &["sql"], &[]), ScopeOrigin::NoState);
    assert_eq!(reported(None, &[], &["sql"]), ScopeOrigin::NoState);
    for (state, expected) in [
        (AutoscopeState::Running, ScopeOrigin::Observed),
        (AutoscopeState::Completed, ScopeOrigin::Limited),
        (AutoscopeState::UserSelected, ScopeOrigin::Manual),
        (AutoscopeState::Disabled, ScopeOrigin::Undocumented),
        (AutoscopeState::Backfilled, ScopeOrigin::Undocumented),
        (AutoscopeState::ApiNotCovered, ScopeOrigin::Undocumented),
        (AutoscopeState::Other("PAUSED".into()), ScopeOrigin::Undocumented),
    ] {
        assert_eq!(reported(Some(state), &[], &[]), expected);
    }
}

#[test]
fn a_token_keeps_what_was_seen_and_loses_the_rest_as_far_as_that_is_known() {
    let foreseen = |scopes: Option<&[&str]>, inferred: &[&str], state: Option<AutoscopeState>| {
        let token = Token {
            scopes: scopes.map(names),
            inferred_scopes: names(inferred),
            backfill_scopes: names(&["files"]),
            autoscope: state,
            ..observed(10)
        };
        ForeseenScopes::of(&token, NOW).map(|found| (found.keeps, found.loses))
    };
    let running = || Some(AutoscopeState::Running);
    let all = || Some(names(&[ALL_APIS]));
    assert_eq!(foreseen(None, &["sql"], running()), Some((names(&["sql"]), all())));
    assert_eq!(
        foreseen(Some(&[ALL_APIS]), &["sql"], running()),
        Some((names(&["sql"]), all()))
    );
    let some = foreseen(Some(&["sql", "jobs"]), &["sql", "clusters"], running());
    assert_eq!(
        some,
        Some((names(&["sql"]), Some(names(&["jobs"])))),
        "clusters was not granted"
    );
    assert_eq!(
        foreseen(Some(&["sql"]), &["sql"], running()),
        Some((names(&["sql"]), Some(vec![])))
    );
    assert_eq!(foreseen(None, &[], running()), Some((vec![], None)), "nothing was seen");
    assert_eq!(
        foreseen(Some(&[]), &["sql"], running()),
        Some((names(&["sql"]), None)),
        "an empty list"
    );
    assert_eq!(
        foreseen(None, &["sql"], None),
        Some((names(&["files"]), all())),
        "the proposal"
    );
    assert_eq!(
        foreseen(Some(&["files"]), &[], None),
        None,
        "neither observed nor a proposal"
    );
    let expired = Token {
        expiry: Expiry::At(NOW),
        ..observed(10)
    };
    assert_eq!(ForeseenScopes::of(&expired, NOW), None);
}
