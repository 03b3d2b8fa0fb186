//! For each kind, a token that has the finding, and a similar token that just does not have it.

use super::*;
use crate::AutoscopeState;
use crate::{Day, Principal, PrincipalId, TokenId, token};

const NOW: Timestamp = Timestamp::from_ms(1_795_442_400_000);

const LIMIT: Known<MaxLifetime> = Known::Known(MaxLifetime::Days(90));

const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

/// A token without any finding.
fn token_without_findings() -> Token {
    Token {
        id: TokenId::new("aa"),
        comment: "nightly export".to_owned(),
        owner: Some(PrincipalId::new(1)),
        creator: Some(PrincipalId::new(1)),
        created: Some(NOW.minus(DAY * 10)),
        expiry: Expiry::At(NOW.plus(DAY * 80)),
        last_used: Some(NOW.day()),
        scopes: Some(vec!["sql".to_owned()]),
        ..token::tests::token()
    }
}

fn person(active: bool) -> Principal {
    Principal {
        id: PrincipalId::new(1),
        kind: PrincipalKind::User,
        name: "mia@acme.example".to_owned(),
        display_name: "Mia Kowalski".to_owned(),
        active,
    }
}

fn service_principal() -> Principal {
    Principal {
        kind: PrincipalKind::ServicePrincipal,
        ..person(true)
    }
}

fn kinds_for(token: &Token, owner: Owner<'_>) -> Vec<FindingKind> {
    findings(token, owner, LIMIT, Known::Known(true), NOW)
        .kinds()
        .iter()
        .collect()
}

fn kinds(change: impl FnOnce(&mut Token)) -> Vec<FindingKind> {
    let mut token = token_without_findings();
    change(&mut token);
    kinds_for(&token, Owner::Known(&person(true)))
}

fn day(days_ago: i64) -> Option<Day> {
    Some(NOW.minus(DAY * u32::try_from(days_ago).unwrap()).day())
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_token_without_problems_has_no_finding() {
    assert_eq!(kinds(|_| ()), []);
}

#[test]
fn the_token_of_a_deactivated_owner_is_in_use_if_it_was_used_within_seven_days() {
    let of_deactivated = |used, expiry| {
        let token = Token {
            last_used: day(used),
            expiry,
            ..token_without_findings()
        };
        kinds_for(&token, Owner::Known(&person(false)))
    };
    let end = Expiry::At(NOW.plus(DAY * 80));
    let both = [FindingKind::OwnerDeactivatedInUse, FindingKind::OwnerDeactivated];
    assert_eq!(of_deactivated(7, end), both);
    assert_eq!(of_deactivated(8, end), [FindingKind::OwnerDeactivated]);
    let expired = of_deactivated(0, Expiry::At(NOW));
    assert_eq!(expired, [FindingKind::OwnerDeactivated, FindingKind::Expired]);
}

#[test]
fn a_list_names_the_finding_that_says_more() {
    let found = findings(
        &token_without_findings(),
        Owner::Known(&person(false)),
        LIMIT,
        Known::Known(true),
        NOW,
    );
    assert_eq!(found.found().collect::<Vec<_>>(), [Finding::OwnerDeactivatedInUse]);
}

#[test]
fn an_owner_is_gone_if_the_workspace_said_so_and_unknown_otherwise() {
    let (id, token) = (PrincipalId::new(1), token_without_findings());
    assert_eq!(kinds_for(&token, Owner::Gone(id)), [FindingKind::OwnerGone]);
    assert_eq!(kinds_for(&token, Owner::Unknown(id)), [FindingKind::OwnerUnknown]);
    assert_eq!(kinds_for(&token, Owner::NotReported), [FindingKind::NoOwner]);
    assert_eq!(
        kinds_for(&token, Owner::NotLoaded(id)),
        [],
        "nothing is said of an owner that was not read"
    );
}

#[test]
fn an_expiry_within_seven_days_matters_more_if_the_token_is_used() {
    let expiring = |end, used| {
        kinds(|token| {
            token.expiry = Expiry::At(end);
            token.last_used = day(used);
        })
    };
    let both = [FindingKind::ExpiresSoonInUse, FindingKind::ExpiresSoon];
    assert_eq!(expiring(NOW.plus(DAY * 7), 7), both);
    assert_eq!(expiring(NOW.plus(DAY * 7).plus(MILLISECOND), 7), []);
    assert_eq!(expiring(NOW.plus(DAY * 7), 8), [FindingKind::ExpiresSoon]);
}

#[test]
fn a_token_without_expiry_never_expires_and_exceeds_a_limit() {
    let never = kinds(|token| token.expiry = Expiry::Never);
    assert_eq!(never, [FindingKind::NeverExpires, FindingKind::OverPolicy]);
    assert_eq!(kinds(|token| token.expiry = Expiry::Unknown), []);
}

#[test]
fn a_lifetime_above_the_limit_is_over_policy() {
    let lasting = |rest| kinds(|token| token.expiry = Expiry::At(NOW.plus(DAY * 80).plus(rest)));
    assert_eq!(lasting(MILLISECOND), [FindingKind::OverPolicy]);
    assert_eq!(lasting(std::time::Duration::ZERO), []);
}

#[test]
fn an_owner_lacks_permission_only_if_that_is_known() {
    let owner = person(true);
    let with = |can_use| {
        let found = findings(&token_without_findings(), Owner::Known(&owner), LIMIT, can_use, NOW);
        found.kinds().iter().collect::<Vec<_>>()
    };
    assert_eq!(with(Known::Known(false)), [FindingKind::OwnerLacksPermission]);
    assert_eq!(with(Known::Known(true)), []);
    assert_eq!(with(Known::NotAvailable(UnreadPart::Groups)), []);
}

#[test]
fn the_scope_for_tokens_is_named_but_not_full_access() {
    let granted = |scopes: Option<&[&str]>| kinds(|token| token.scopes = scopes.map(names));
    assert_eq!(
        granted(Some(&["sql", "authentication"])),
        [FindingKind::CanCreateTokens]
    );
    assert_eq!(granted(Some(&["sql"])), []);
    assert_eq!(granted(Some(&["all-apis", "authentication"])), []);
    assert_eq!(granted(Some(&[])), []);
    assert_eq!(granted(None), []);
}

#[test]
fn an_observed_token_will_be_narrowed() {
    let in_state = |state| kinds(|token| token.autoscope = state);
    assert_eq!(in_state(Some(AutoscopeState::Running)), [FindingKind::WillBeNarrowed]);
    for state in [
        AutoscopeState::Completed,
        AutoscopeState::ApiNotCovered,
        AutoscopeState::Other("PAUSED".into()),
    ] {
        assert_eq!(in_state(Some(state)), []);
    }
    let expired = kinds(|token| {
        token.autoscope = Some(AutoscopeState::Running);
        token.expiry = Expiry::At(NOW);
    });
    assert_eq!(expired, [FindingKind::Expired]);
    // It expires before the end of the observation, or was seen using all that it has.
    let short_lived = kinds(|token| {
        token.autoscope = Some(AutoscopeState::Running);
        token.created = Some(NOW.minus(DAY * 2));
        token.expiry = Expiry::At(NOW.plus(DAY * 20));
    });
    assert_eq!(short_lived, []);
    let observed = |used: &[&str]| {
        kinds(|token| {
            token.autoscope = Some(AutoscopeState::Running);
            token.scopes = Some(names(&["sql", "jobs"]));
            token.inferred_scopes = names(used);
        })
    };
    assert_eq!(observed(&["jobs", "sql"]), []);
    assert_eq!(observed(&["sql"]), [FindingKind::WillBeNarrowed]);
    assert_eq!(observed(&[]), [FindingKind::WillBeNarrowed]);
}

#[test]
fn full_access_is_a_finding_if_up_to_three_scopes_are_used() {
    let used = |inferred: &[&str], past: &[&str]| {
        kinds(|token| {
            token.scopes = None;
            token.inferred_scopes = names(inferred);
            token.backfill_scopes = names(past);
        })
    };
    assert_eq!(used(&["sql"], &["sql", "jobs", "files"]), [FindingKind::FewScopesUsed]);
    assert_eq!(used(&["sql"], &["clusters", "jobs", "files"]), []);
    assert_eq!(used(&[], &[]), [], "nothing is known of its use");
    assert_eq!(used(&["all-apis"], &["sql"]), [], "what it uses is not named");
    assert_eq!(
        kinds(|token| token.inferred_scopes = names(&["sql"])),
        [],
        "it has no full access"
    );
}

#[test]
fn a_token_that_someone_else_created_is_a_finding_of_a_person() {
    let token = Token {
        creator: Some(PrincipalId::new(2)),
        ..token_without_findings()
    };
    assert_eq!(
        kinds_for(&token, Owner::Known(&person(true))),
        [FindingKind::CreatedByOther]
    );
    assert_eq!(kinds_for(&token, Owner::Known(&service_principal())), []);
    let unknown_creator = Token {
        creator: None,
        ..token_without_findings()
    };
    assert_eq!(kinds_for(&unknown_creator, Owner::Known(&person(true))), []);
    let owner = Owner::NotLoaded(PrincipalId::new(1));
    let undetermined = findings(&token, owner, LIMIT, Known::Known(true), NOW);
    assert!(
        undetermined
            .undetermined()
            .any(|(kind, _)| kind == FindingKind::CreatedByOther)
    );
}

#[test]
fn an_unused_token_is_idle_after_sixty_days() {
    let unused = |days| {
        kinds(|token| {
            token.last_used = day(days);
            token.created = Some(NOW.minus(DAY * 70));
            token.expiry = Expiry::At(NOW.plus(DAY * 20));
        })
    };
    assert_eq!(unused(60), [FindingKind::Idle]);
    assert_eq!(unused(59), []);
    assert_eq!(kinds(|token| token.last_used = None), [FindingKind::NeverUsed]);
}

#[test]
fn a_blank_comment_counts_as_missing() {
    assert_eq!(
        kinds(|token| token.comment = " \t".to_owned()),
        [FindingKind::NoComment]
    );
    assert_eq!(kinds(|token| token.comment = "x".to_owned()), []);
}

#[test]
fn a_token_expires_at_its_expiry() {
    assert_eq!(kinds(|token| token.expiry = Expiry::At(NOW)), [FindingKind::Expired]);
    let soon = kinds(|token| token.expiry = Expiry::At(NOW.plus(MILLISECOND)));
    assert_eq!(soon, [FindingKind::ExpiresSoonInUse, FindingKind::ExpiresSoon]);
}

#[test]
fn an_accepted_finding_of_one_token_is_not_that_of_another() {
    let (one, other) = (TokenId::new("aa"), TokenId::new("bb"));
    let accepted = AcceptedFindings::default().with(FindingKind::NeverExpires, Some(one.clone()));
    assert!(accepted.has(&one, Finding::NeverExpires) && !accepted.has(&other, Finding::NeverExpires));
    assert!(!accepted.has(&one, Finding::NeverUsed));
    let for_all = accepted.with(FindingKind::NeverUsed, None);
    assert!(for_all.has(&other, Finding::NeverUsed) && for_all.has(&one, Finding::NeverUsed));
}

/// The findings of two tokens: one that has this kind, and one that differs in a single value and does not have it.
fn pair(kind: FindingKind) -> [Vec<FindingKind>; 2] {
    let (id, token, zero) = (PrincipalId::new(1), token_without_findings(), std::time::Duration::ZERO);
    let of_owner = |owner: Owner<'_>| kinds_for(&token, owner);
    let expiring = |end: Timestamp, used| {
        kinds(|token| {
            token.expiry = Expiry::At(end);
            token.last_used = day(used);
        })
    };
    match kind {
        FindingKind::OwnerDeactivatedInUse => [7, 8].map(|used| {
            let last_used = day(used);
            kinds_for(
                &Token {
                    last_used,
                    ..token_without_findings()
                },
                Owner::Known(&person(false)),
            )
        }),
        FindingKind::OwnerGone => [Owner::Gone(id), Owner::Unknown(id)].map(of_owner),
        FindingKind::OwnerDeactivated => [false, true].map(|active| of_owner(Owner::Known(&person(active)))),
        FindingKind::OwnerUnknown => [Owner::Unknown(id), Owner::NotLoaded(id)].map(of_owner),
        FindingKind::NoOwner => [Owner::NotReported, Owner::NotLoaded(id)].map(of_owner),
        FindingKind::ExpiresSoonInUse => [7, 8].map(|used| expiring(NOW.plus(DAY * 7), used)),
        FindingKind::ExpiresSoon => [zero, MILLISECOND].map(|rest| expiring(NOW.plus(DAY * 7).plus(rest), 8)),
        FindingKind::NeverExpires => [Expiry::Never, Expiry::Unknown].map(|end| kinds(|token| token.expiry = end)),
        FindingKind::OwnerLacksPermission => [false, true].map(|can_use| {
            let owner = person(true);
            let found = findings(&token, Owner::Known(&owner), LIMIT, Known::Known(can_use), NOW);
            found.kinds().iter().collect()
        }),
        FindingKind::CanCreateTokens => {
            ["authentication", "sql"].map(|scope| kinds(|token| token.scopes = Some(names(&[scope]))))
        }
        FindingKind::WillBeNarrowed => [AutoscopeState::Running, AutoscopeState::Completed]
            .map(|state| kinds(|token| token.autoscope = Some(state.clone()))),
        FindingKind::OverPolicy => [MILLISECOND, zero].map(|rest| expiring(NOW.plus(DAY * 80).plus(rest), 0)),
        FindingKind::Idle => [60, 59].map(|unused| {
            kinds(|token| {
                token.created = Some(NOW.minus(DAY * 70));
                token.last_used = day(unused);
            })
        }),
        FindingKind::FewScopesUsed => [3, 4].map(|used| {
            kinds(|token| {
                token.scopes = None;
                token.inferred_scopes = names(&["sql", "jobs", "files", "clusters"][..used]);
            })
        }),
        FindingKind::CreatedByOther => [2, 1].map(|creator| {
            let creator = Some(PrincipalId::new(creator));
            kinds_for(
                &Token {
                    creator,
                    ..token_without_findings()
                },
                Owner::Known(&person(true)),
            )
        }),
        FindingKind::NeverUsed => [None, day(0)].map(|used| kinds(|token| token.last_used = used)),
        FindingKind::NoComment => [" \t", "x"].map(|comment| kinds(|token| token.comment = comment.to_owned())),
        FindingKind::Expired => [zero, MILLISECOND].map(|rest| expiring(NOW.plus(rest), 0)),
    }
}

#[test]
fn each_kind_is_found_in_one_token_and_not_in_a_similar_one() {
    for kind in FindingKind::ALL {
        let [with, without] = pair(kind);
        assert!(with.contains(&kind), "{kind:?}: {with:?}");
        assert!(!without.contains(&kind), "{kind:?}: {without:?}");
    }
}
