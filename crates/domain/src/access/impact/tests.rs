use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::access::{AccessEdit, Grant, Group, GroupOrigin, Level, Member, Members};
use crate::{DAY, Directory, Expiry, Known, Principal, Timestamp, Token, TokenId, UnreadPart};

const NOW: Timestamp = Timestamp::from_ms(1_795_442_400_000);

fn id(n: i64) -> PrincipalId {
    PrincipalId::new(n)
}

/// Users 1 to 5 and service principal 9.
fn directory() -> Directory {
    let user = |n: i64| Principal {
        id: id(n),
        kind: PrincipalKind::User,
        name: format!("U{n}@acme.example"),
        display_name: format!("User {n}"),
        active: true,
    };
    let service_principal = Principal {
        id: id(9),
        kind: PrincipalKind::ServicePrincipal,
        name: "0b0f".into(),
        display_name: "robot".into(),
        active: true,
    };
    Directory::complete((1..=5).map(user).chain([service_principal]))
}

fn group(n: i64, name: &str, members: &[Member]) -> Group {
    Group {
        id: id(n),
        name: name.into(),
        origin: GroupOrigin::Workspace,
        members: Members::Known(members.to_vec()),
    }
}

fn principals(ids: &[i64]) -> Vec<Member> {
    ids.iter().map(|n| Member::Principal(id(*n))).collect()
}

/// `outer` contains 1 and `inner`, which contains 2, 3, the service principal and `outer` again, because groups can
/// form cycles.
fn membership() -> Membership {
    let groups = vec![
        group(100, "admins", &principals(&[5])),
        group(
            101,
            "outer",
            &[&principals(&[1])[..], &[Member::Group(id(102))]].concat(),
        ),
        group(
            102,
            "inner",
            &[&principals(&[2, 3, 9])[..], &[Member::Group(id(101))]].concat(),
        ),
        group(103, "of the account", &[Member::Group(id(999))]),
        group(104, "twice", &principals(&[1])),
        group(105, "twice", &principals(&[2])),
    ];
    Membership::new(&directory(), &groups)
}

fn list(grantees: &[Grantee]) -> AccessList {
    let admins = Grant {
        grantee: named("admins"),
        display_name: None,
        levels: vec![Level::CanManage],
    };
    AccessList::new(grantees.iter().cloned().map(Grant::to_use).chain([admins]))
}

fn named(group: &str) -> Grantee {
    Grantee::Group(group.into())
}

fn token(owner: i64, used_days_ago: Option<u32>, active: bool) -> Token {
    Token {
        id: TokenId::new(format!("{owner}-{used_days_ago:?}-{active}")),
        comment: String::new(),
        owner: Some(id(owner)),
        creator: None,
        creator_name: None,
        created: None,
        expiry: if active {
            Expiry::Never
        } else {
            Expiry::At(NOW.minus(DAY))
        },
        last_used: used_days_ago.map(|days| NOW.minus(DAY * days).day()),
        scopes: None,
        inferred_scopes: Vec::new(),
        backfill_scopes: Vec::new(),
        autoscope: None,
        workspace_id: None,
    }
}

fn inventory(tokens: Vec<Token>) -> Inventory {
    let no_policy = Known::NotAvailable(UnreadPart::Policy);
    Inventory::new(tokens, Arc::new(directory()), no_policy, NOW)
}

fn reached(grantee: &Grantee) -> Option<Vec<i64>> {
    let membership = membership();
    let principals = membership.reach(grantee)?;
    Some(membership.ids(&principals).map(PrincipalId::get).collect())
}

#[test]
fn a_grant_reaches_through_nested_groups_and_cycles() {
    assert_eq!(reached(&named("outer")), Some(vec![1, 2, 3, 9]));
    assert_eq!(reached(&named("inner")), Some(vec![1, 2, 3, 9]));
    assert_eq!(reached(&named("users")), Some(vec![1, 2, 3, 4, 5, 9]));
    assert_eq!(reached(&Grantee::User("u4@ACME.example".into())), Some(vec![4]));
    assert_eq!(reached(&Grantee::ServicePrincipal("0B0F".into())), Some(vec![9]));
}

#[test]
fn an_unknown_reach_is_not_an_empty_one() {
    for unknown in ["of the account", "twice", "not listed at all"] {
        assert_eq!(reached(&named(unknown)), None, "{unknown}");
    }
    // A user who is missing from a complete directory was deleted. In a partial directory, that cannot be told.
    let deleted = Grantee::User("gone@acme.example".into());
    assert_eq!(reached(&deleted), Some(vec![]));
    let partial = Membership::new(&Directory::partial([]), &[]);
    assert_eq!(partial.reach(&deleted), None);
    assert_eq!(partial.reach(&named("users")), None);
}

#[test]
fn a_principal_with_access_through_another_grant_loses_nothing() {
    let before = list(&[named("outer"), Grantee::User("u2@acme.example".into())]);
    let after = AccessEdit::default().with_removed([named("outer")]).apply(&before);
    let tokens = vec![
        token(1, Some(30), true),
        token(2, Some(1), true),
        token(9, Some(3), true),
        token(9, None, true),
        token(9, Some(1), false),
        token(3, Some(2), true),
    ];
    let impact = AccessImpact::of(&before, &after, &membership(), &inventory(tokens));
    assert_eq!(impact.lost, ImpactCount::Exactly(3));
    assert!(!impact.affects(id(2)) && impact.affects(id(1)) && !impact.affects(id(5)));
    let losers: Vec<_> = impact
        .affected
        .iter()
        .map(|l| (l.label.as_str(), l.tokens, l.recently_used))
        .collect();
    assert_eq!(
        losers,
        [("robot", 2, 1), ("U1@acme.example", 1, 0), ("U3@acme.example", 1, 1)]
    );
    assert_eq!(
        (impact.tokens, impact.recently_used),
        (ImpactCount::Exactly(4), ImpactCount::Exactly(2))
    );
    // 5 is an admin.
    assert_eq!(
        (impact.before, impact.after, impact.gained),
        (TokenCount::Exactly(5), TokenCount::Exactly(2), ImpactCount::Exactly(0))
    );
    let share = impact.grant_impact(&membership(), &named("outer"));
    assert_eq!(share, Some(GrantImpact { reaches: 4, lose: 3 }));
    assert_eq!(impact.grant_impact(&membership(), &named("of the account")), None);
    assert!(impact.unresolved.is_empty() && impact.maybe_kept_through.is_empty());
}

#[test]
fn unresolved_groups_are_reported_whether_they_are_removed_or_stay() {
    let account = named("of the account");
    let before = list(&[account.clone(), named("inner")]);
    let impact_of_removing = |removed: &Grantee| {
        let after = AccessEdit::default().with_removed([removed.clone()]).apply(&before);
        AccessImpact::of(&before, &after, &membership(), &inventory(Vec::new()))
    };
    let removed = impact_of_removing(&account);
    assert_eq!(removed.unresolved, std::slice::from_ref(&account));
    assert_eq!(
        (removed.lost, removed.tokens),
        (ImpactCount::Unknown, ImpactCount::Unknown)
    );
    let stays = impact_of_removing(&named("inner"));
    assert_eq!(stays.maybe_kept_through, [account]);
    assert_eq!(
        (stays.lost, stays.tokens),
        (ImpactCount::AtMost(4), ImpactCount::Exactly(0))
    );
}

#[test]
fn a_number_says_in_which_direction_it_is_uncertain() {
    for (n, may_be_more, may_be_fewer, expected) in [
        (3, false, false, ImpactCount::Exactly(3)),
        (3, true, false, ImpactCount::AtLeast(3)),
        (3, false, true, ImpactCount::AtMost(3)),
        (3, true, true, ImpactCount::Unknown),
        (0, false, true, ImpactCount::Exactly(0)),
        (0, true, false, ImpactCount::Unknown),
        (0, true, true, ImpactCount::Unknown),
    ] {
        assert_eq!(ImpactCount::new(n, may_be_more, may_be_fewer), expected, "{n}");
    }
}

#[test]
fn those_without_active_tokens_come_last() {
    let before = list(&[named("outer")]);
    let after = AccessEdit::default().with_removed([named("outer")]).apply(&before);
    let tokens = vec![token(1, None, true), token(2, None, true), token(2, Some(70), true)];
    let impact = AccessImpact::of(&before, &after, &membership(), &inventory(tokens));
    let affected: Vec<_> = impact.affected.iter().map(|a| (a.label.as_str(), a.tokens)).collect();
    let names = ["U2@acme.example", "U1@acme.example", "robot", "U3@acme.example"];
    assert_eq!(affected, names.into_iter().zip([2, 1, 0, 0]).collect::<Vec<_>>());
}

#[test]
fn unread_rows_make_the_number_of_tokens_a_lower_bound_only_if_someone_loses_access() {
    let unread = |tokens: Vec<Token>| inventory(tokens).with_unreadable_rows(true);
    let before = list(&[named("inner"), Grantee::User("u4@acme.example".into())]);
    let without = |removed: Grantee, tokens: Vec<Token>| {
        let after = AccessEdit::default().with_removed([removed]).apply(&before);
        AccessImpact::of(&before, &after, &membership(), &unread(tokens)).tokens
    };
    let user = Grantee::User("u4@acme.example".into());
    assert_eq!(
        without(user.clone(), vec![token(4, None, true)]),
        ImpactCount::AtLeast(1)
    );
    assert_eq!(without(user, vec![]), ImpactCount::Unknown);
    assert_eq!(without(named("empty"), vec![]), ImpactCount::Exactly(0));
}

#[test]
fn access_is_unknown_rather_than_missing_if_a_group_is_unresolved() {
    let membership = membership();
    let permitted = membership.permitted(&list(&[named("inner")]));
    assert_eq!(membership.can_use(&permitted, id(4)), Some(false));
    assert_eq!(membership.can_use(&permitted, id(5)), Some(true), "an admin");
    assert_eq!(membership.can_use(&permitted, id(77)), None, "not in the directory");
    let permitted = membership.permitted(&list(&[named("of the account")]));
    assert_eq!(membership.can_use(&permitted, id(4)), None);
}

/// Groups that are not completely known: `hidden` may have any members, `partial` has 1 and perhaps others, and
/// `around` contains 2 and `partial`.
fn partly_known() -> Membership {
    let with = |n, name, members| Group {
        members,
        ..group(n, name, &[])
    };
    let groups = [
        group(100, "admins", &principals(&[5])),
        with(101, "hidden", Members::Unknown),
        with(102, "partial", Members::AtLeast(principals(&[1]))),
        group(103, "around", &[Member::Principal(id(2)), Member::Group(id(102))]),
        group(104, "further around", &[Member::Group(id(103))]),
        group(
            105,
            "kinds",
            &[Member::Unidentified(id(3)), Member::Unidentified(id(106))],
        ),
        group(106, "known", &principals(&[4])),
        group(
            107,
            "stranger",
            &[Member::Unidentified(id(3)), Member::Unidentified(id(999))],
        ),
        group(108, "empty", &[]),
    ];
    Membership::new(&directory(), &groups)
}

#[test]
fn the_reach_of_a_grant_is_a_lower_bound_if_a_group_on_the_path_is_unknown() {
    let membership = partly_known();
    for (name, reached, is_lower_bound) in [
        ("hidden", &[][..], true),
        ("partial", &[1], true),
        ("around", &[1, 2], true),
        ("further around", &[1, 2], true),
        ("kinds", &[3, 4], false),
        ("stranger", &[3], true),
        ("empty", &[], false),
        ("not listed", &[], true),
        ("users", &[1, 2, 3, 4, 5, 9], false),
    ] {
        let reach = membership.known_reach(&named(name));
        let ids: Vec<_> = membership.ids(&reach.principals).map(PrincipalId::get).collect();
        assert_eq!((&ids[..], reach.is_lower_bound), (reached, is_lower_bound), "{name}");
        assert_eq!(membership.reach(&named(name)).is_none(), is_lower_bound, "{name}");
    }
}

#[test]
fn every_grant_that_leads_to_an_unknown_group_is_unresolved_however_they_are_nested() {
    let membership = partly_known();
    for names in [
        ["around", "partial"],
        ["further around", "partial"],
        ["around", "further around"],
    ] {
        let permitted = membership.permitted(&list(&names.map(named)));
        assert_eq!(permitted.unresolved, names.map(named));
        assert!(permitted.is_lower_bound());
        assert_eq!(membership.can_use(&permitted, id(1)), Some(true));
        assert_eq!(membership.can_use(&permitted, id(4)), None);
    }
}

#[test]
fn no_one_loses_access_only_if_every_group_is_known() {
    let before = list(&[named("around"), named("empty")]);
    let without = |name: &str| {
        let after = AccessEdit::default().with_removed([named(name)]).apply(&before);
        AccessImpact::of(&before, &after, &partly_known(), &inventory(Vec::new()))
    };
    let removed = without("around");
    assert_eq!(removed.lost, ImpactCount::AtLeast(2));
    let removed = without("empty");
    assert_eq!(removed.lost, ImpactCount::Exactly(0));
    assert!(removed.maybe_kept_through.is_empty());
}

#[test]
fn users_and_admins_do_not_depend_on_what_is_listed_as_their_members() {
    let hidden = |n, name| Group {
        members: Members::Unknown,
        ..group(n, name, &[])
    };
    let groups = [
        group(100, "admins", &[]),
        hidden(101, "users"),
        group(102, "around", &[Member::Group(id(101))]),
    ];
    let membership = Membership::new(&directory(), &groups);
    let everyone = membership.reach(&named("users")).unwrap();
    assert_eq!(membership.reach(&named("around")), Some(everyone));
    // There is always an admin.
    assert!(membership.known_reach(&named("admins")).is_lower_bound);
    let partial = Directory::partial(directory().principals().cloned());
    let membership = Membership::new(&partial, &groups);
    for name in ["users", "around"] {
        let reach = membership.known_reach(&named(name));
        assert_eq!((reach.principals.len(), reach.is_lower_bound), (6, true), "{name}");
    }
}

/// A simple implementation to compare with: it collects the set of IDs of each grant separately.
fn naive(list: &AccessList, groups: &[(i64, Vec<Member>)]) -> BTreeSet<i64> {
    fn collect_members(group: i64, groups: &[(i64, Vec<Member>)], seen: &mut Vec<i64>, out: &mut BTreeSet<i64>) {
        if seen.contains(&group) {
            return;
        }
        seen.push(group);
        for member in groups
            .iter()
            .filter(|(n, _)| *n == group)
            .flat_map(|(_, members)| members)
        {
            match member {
                Member::Principal(id) => drop(out.insert(id.get())),
                Member::Group(id) | Member::Unidentified(id) => collect_members(id.get(), groups, seen, out),
            }
        }
    }
    let mut out = BTreeSet::new();
    for grant in list.grants() {
        match &grant.grantee {
            Grantee::Group(name) if name == "admins" => {}
            Grantee::Group(name) => collect_members(name.parse().unwrap(), groups, &mut Vec::new(), &mut out),
            other => drop(out.insert(other.name()[1..2].parse().unwrap())),
        }
    }
    out
}

proptest! {
    #[test]
    fn the_bit_sets_agree_with_the_plain_implementation(
        memberships in proptest::collection::vec((100..106i64, 1..12i64), 0..30),
        before in proptest::collection::vec(99..111i64, 0..5),
        after in proptest::collection::vec(99..111i64, 0..5),
    ) {
        let groups: Vec<(i64, Vec<Member>)> = (100..106).map(|n| {
            let members = memberships.iter().filter(|(group, _)| *group == n).map(|(_, member)| match member {
                1..=5 => Member::Principal(id(*member)),
                other => Member::Group(id(other + 94)),
            });
            (n, members.collect())
        }).collect();
        let named_groups = groups.iter().map(|(n, members)| group(*n, &n.to_string(), members));
        let named_groups: Vec<_> = named_groups.chain([group(99, "admins", &[])]).collect();
        let membership = Membership::new(&directory(), &named_groups);
        let grants = |numbers: &[i64]| list(&numbers.iter().map(|n| match n {
            99 => Grantee::User("u3@acme.example".into()),
            106.. => Grantee::User(format!("u{}@acme.example", n - 105)),
            n => named(&n.to_string()),
        }).collect::<Vec<_>>());
        let (before, after) = (grants(&before), grants(&after));
        let impact = AccessImpact::of(&before, &after, &membership, &inventory(Vec::new()));
        let expected: BTreeSet<_> = naive(&before, &groups).difference(&naive(&after, &groups)).copied().collect();
        let found: BTreeSet<_> = impact.affected.iter().map(|affected| affected.id.get()).collect();
        prop_assert_eq!(found, expected);
    }
}
