use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::access::{AccessEdit, Grant, Group, Level, Member};
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
        members: members.to_vec(),
    }
}

fn principals(ids: &[i64]) -> Vec<Member> {
    ids.iter().map(|n| Member::Principal(id(*n))).collect()
}

/// `outer` contains 1 and `inner`, which contains 2, 3, the service principal and again `outer`: groups can form
/// cycles.
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
    // With a complete directory, a user who is not in it was deleted. With a partial one, that is not known.
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
    assert_eq!(impact.principals, 3);
    assert!(!impact.affects(id(2)) && impact.affects(id(1)) && !impact.affects(id(5)));
    let losers: Vec<_> = impact
        .affected
        .iter()
        .map(|l| (l.label.as_str(), l.tokens, l.recently_used))
        .collect();
    assert_eq!(
        losers,
        [("robot", 2, 1), ("U3@acme.example", 1, 1), ("U1@acme.example", 1, 0)]
    );
    assert_eq!(
        (impact.tokens, impact.recently_used),
        (TokenCount::Exactly(4), TokenCount::Exactly(2))
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
    assert_eq!((removed.unresolved, removed.principals), (vec![account.clone()], 0));
    let stays = impact_of_removing(&named("inner"));
    assert_eq!((stays.maybe_kept_through, stays.principals), (vec![account], 4));
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

/// A plain implementation to compare with: sets of IDs, collected separately for each grant.
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
                Member::Group(id) => collect_members(id.get(), groups, seen, out),
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
        let expected: Vec<_> = naive(&before, &groups).difference(&naive(&after, &groups)).copied().collect();
        let found: Vec<_> = impact.lost_ids.iter().map(|id| id.get()).collect();
        prop_assert_eq!(found, expected);
    }
}
