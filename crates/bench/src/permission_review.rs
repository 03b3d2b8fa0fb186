//! The review of a removal of permissions with 10 000 users, 500 nested groups and 100 000 tokens, compared with one
//! pass over the same memberships.

use std::collections::HashSet;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::access::{
    AccessEdit, AccessImpact, AccessList, Grant, Grantee, Group, GroupOrigin, Member, Members, Membership,
};
use domain::{
    Directory, Expiry, Inventory, Known, MaxLifetime, Principal, PrincipalId, PrincipalKind, Timestamp, Token, TokenId,
};

use crate::setup::median;

const USERS: i64 = 10_000;
const GROUPS: i64 = 500;
const MEMBERS: i64 = 200;
const TOKENS: i64 = 100_000;
const RUNS: usize = 21;
const NOW: Timestamp = Timestamp::from_ms(1_795_442_400_000);

/// Prints the figures.
pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let directory = Arc::new(Directory::complete((0..USERS).map(user)));
    let groups: Vec<_> = (0..GROUPS).map(group).collect();
    let tokens: Vec<_> = (0..TOKENS).map(token).collect();
    let list = AccessList::new(["group 1", "group 2"].map(|name| Grant::to_use(Grantee::Group(name.into()))));
    let edit = AccessEdit::default().with_removed([Grantee::Group("group 1".into())]);
    let (mut reviews, mut passes) = (Vec::new(), Vec::new());
    let no_limit = Known::Known(MaxLifetime::NoCustomLimit);
    for _ in 0..RUNS {
        // A new inventory each time: what it counts only on first use is part of the first review.
        let inventory = Inventory::new(tokens.clone(), Arc::clone(&directory), no_limit, NOW);
        let (duration, impact) = timed(|| {
            let membership = Membership::new(&directory, &groups);
            AccessImpact::of(&list, &edit.apply(&list), &membership, &inventory)
        });
        if impact.lost.is_zero() || impact.tokens.is_zero() {
            return Err("the removal affects no one".into());
        }
        reviews.push(duration);
        passes.push(timed(|| count_members(&groups)).0);
    }
    let (review, pass) = (median(reviews), median(passes));
    let ratio = review.as_secs_f64() / pass.as_secs_f64();
    println!("| 10 000 users, 500 nested groups, 100 000 tokens | median | of one pass | at most |");
    println!("|---|---|---|---|");
    println!("| one pass over the memberships, into a set | {pass:.1?} | 1 | |");
    println!(
        "| review of a removal: groups resolved, people and active tokens counted | {review:.1?} | {ratio:.2} | 5 |"
    );
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let started = Instant::now();
    let result = black_box(work());
    (started.elapsed(), result)
}

/// The number of distinct members of all groups, counted in one pass over the memberships.
fn count_members(groups: &[Group]) -> usize {
    let ids = groups
        .iter()
        .flat_map(|group| group.members.listed())
        .map(|member| member.id());
    ids.collect::<HashSet<_>>().len()
}

fn user(n: i64) -> Principal {
    Principal {
        id: PrincipalId::new(n),
        kind: PrincipalKind::User,
        name: format!("user.{n}@acme.example"),
        display_name: format!("User {n}"),
        active: true,
    }
}

/// The groups form a binary tree. Each contains its two child groups, and users that few other groups contain.
fn group(n: i64) -> Group {
    let users = (0..MEMBERS).map(|i| Member::Principal(PrincipalId::new((n * 20 + i) % USERS)));
    let children = [2 * n + 1, 2 * n + 2].into_iter().filter(|child| *child < GROUPS);
    let children = children.map(|child| Member::Group(PrincipalId::new(USERS + child)));
    Group {
        id: PrincipalId::new(USERS + n),
        name: format!("group {n}"),
        origin: GroupOrigin::Workspace,
        members: Members::Known(users.chain(children).collect()),
    }
}

fn token(n: i64) -> Token {
    Token {
        id: TokenId::new(format!("{n:064x}")),
        comment: String::new(),
        owner: Some(PrincipalId::new(n % USERS)),
        creator: None,
        creator_name: None,
        created: None,
        expiry: Expiry::Never,
        last_used: (n % 3 == 0).then(|| NOW.day()),
        scopes: None,
        inferred_scopes: Vec::new(),
        backfill_scopes: Vec::new(),
        autoscope: None,
        workspace_id: None,
    }
}
