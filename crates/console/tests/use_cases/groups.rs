//! Groups whose members are not all known, and lists of names that are not complete.

use console::Actor;
use demo_workspace::{Change, Effect, Fault, FaultBody};
use domain::access::{AccessEdit, Grantee};
use domain::{Owner, PrincipalId};
use serde_json::{Value, json};

use crate::support::{Fixture, IMPATIENT, SCIM, Setup};

const IDENTITY: &str = "/api/2.0/identity";

fn set(fixture: &Fixture, knobs: Value) {
    let knobs = knobs.as_object().unwrap().clone();
    fixture.demo.change(Change::SetKnobs { knobs }).unwrap();
}

fn grant(fixture: &Fixture, names: &[&str]) {
    let can_use = names.iter().map(|name| (*name).to_owned()).collect();
    fixture.demo.change(Change::SetGrants { can_use }).unwrap();
}

fn group(name: &str) -> Grantee {
    Grantee::Group(name.into())
}

/// The grants whose reach is not completely known, by name.
async fn unresolved(fixture: &Fixture, actor: &Actor) -> Vec<String> {
    fixture.console.refresh(actor).await.unwrap();
    let snapshot = fixture.console.snapshot(actor).await.unwrap();
    let access = snapshot.inventory.access().unwrap();
    access
        .permitted
        .unresolved
        .iter()
        .map(|grantee| grantee.name().to_owned())
        .collect()
}

/// How many principals a grant to this group certainly reaches.
async fn reached(fixture: &Fixture, actor: &Actor, name: &str) -> usize {
    let snapshot = fixture.console.snapshot(actor).await.unwrap();
    let access = snapshot.inventory.access().unwrap();
    access.membership.known_reach(&group(name)).principals.len()
}

/// The ID of a group.
async fn id_of(fixture: &Fixture, actor: &Actor, name: &str) -> PrincipalId {
    let found = fixture
        .console
        .find_principals(actor, name)
        .await
        .unwrap()
        .groups
        .unwrap();
    found.rows.into_iter().find(|group| group.name == name).unwrap().id
}

#[tokio::test]
async fn an_incomplete_list_of_names_says_nothing_about_the_owners_that_it_lacks() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    for knobs in [
        json!({ "scim_list_limit": 5, "scim_page_cap": 5 }),
        json!({ "scim_list_limit": 0, "scim_no_total": true }),
        json!({ "scim_no_total": false, "scim_same_page": true }),
    ] {
        set(&fixture, knobs.clone());
        fixture.console.refresh(&mia).await.unwrap();
        let snapshot = fixture.console.snapshot(&mia).await.unwrap();
        assert!(
            snapshot.problem(domain::UnreadPart::Names).is_some() && !snapshot.inventory.directory().is_complete(),
            "{knobs}"
        );
        let owners = snapshot
            .inventory
            .tokens()
            .map(|token| snapshot.inventory.directory().owner(token.owner));
        let owners: Vec<_> = owners.collect();
        assert!(owners.iter().any(|owner| matches!(owner, Owner::Known(_))), "{knobs}");
        assert!(
            !owners.iter().any(|owner| matches!(owner, Owner::Unknown(_))),
            "{knobs}"
        );
    }
    set(&fixture, json!({ "scim_same_page": false, "scim_repeated_rows": 1 }));
    fixture.console.refresh(&mia).await.unwrap();
    let snapshot = fixture.console.snapshot(&mia).await.unwrap();
    assert!(!snapshot.inventory.directory().is_empty());
}

#[tokio::test]
async fn only_a_group_that_cannot_be_read_is_unknown() {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    grant(&fixture, &["data-platform", "analytics"]);
    assert!(unresolved(&fixture, &mia).await.is_empty());
    let all = reached(&fixture, &mia, "data-platform").await;
    let path = format!("{SCIM}/Groups/{}", id_of(&fixture, &mia, "streaming").await);
    for effect in [Effect::Hang, Effect::ScimThrottle, Effect::WrongTypes, Effect::Ignore] {
        // The list with members cannot be read, as in a large workspace.
        let list_fails = Effect::Answer {
            status: 400,
            body: FaultBody::Empty,
        };
        fixture
            .demo
            .fault(Fault::next("GET", &format!("{SCIM}/Groups"), list_fails));
        fixture.demo.fault(Fault::forever("GET", &path, effect.clone()));
        assert_eq!(unresolved(&fixture, &mia).await, ["data-platform"], "{effect:?}");
        let some = reached(&fixture, &mia, "data-platform").await;
        assert!(some > 0 && some < all, "{effect:?}: {some} of {all}");
        fixture.demo.clear_faults();
    }
    assert!(unresolved(&fixture, &mia).await.is_empty());
}

#[tokio::test]
async fn members_that_lists_hide_are_read_group_by_group() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grant(&fixture, &["data-platform"]);
    unresolved(&fixture, &mia).await;
    let all = reached(&fixture, &mia, "data-platform").await;
    set(
        &fixture,
        json!({ "group_home": "account", "account_members": "only_in_get", "no_member_refs": true }),
    );
    // The account may have more members than it shows.
    let unresolved = unresolved(&fixture, &mia).await;
    assert!(unresolved.contains(&"data-platform".to_owned()), "{unresolved:?}");
    assert_eq!(reached(&fixture, &mia, "data-platform").await, all);
    let opened = fixture.console.access_list(&mia).await.unwrap().fingerprint;
    let edit = AccessEdit::default().with_removed([group("data-platform")]);
    let review = fixture.console.review_access(&mia, &opened, &edit).await.unwrap();
    assert!(!review.impact.unresolved.is_empty());
}

#[tokio::test]
async fn hidden_members_come_from_the_identity_api_if_the_workspace_has_it() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grant(&fixture, &["data-platform", "analytics"]);
    unresolved(&fixture, &mia).await;
    let all = reached(&fixture, &mia, "data-platform").await;
    set(
        &fixture,
        json!({ "group_home": "directory", "account_members": "hidden", "identity_api": true }),
    );
    let found = unresolved(&fixture, &mia).await;
    assert!(found.contains(&"data-platform".to_owned()) && found.contains(&"analytics".to_owned()));
    assert_eq!(reached(&fixture, &mia, "data-platform").await, all);
    let calls: Vec<_> = fixture
        .demo
        .log()
        .into_iter()
        .filter(|call| call.path.starts_with(IDENTITY))
        .collect();
    assert!(
        calls
            .iter()
            .all(|call| call.method == "GET" && call.path.ends_with("/direct-members"))
    );
}

#[tokio::test]
async fn a_workspace_without_the_identity_api_is_asked_once() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grant(&fixture, &["data-platform", "analytics"]);
    set(
        &fixture,
        json!({ "group_home": "account", "account_members": "hidden" }),
    );
    for _ in 0..2 {
        let found = unresolved(&fixture, &mia).await;
        assert!(found.contains(&"data-platform".to_owned()) && found.contains(&"analytics".to_owned()));
    }
    assert_eq!(reached(&fixture, &mia, "data-platform").await, 0);
    assert_eq!(fixture.calls_under("GET", IDENTITY), 1);
    let restarted = fixture.restarted(Setup::default());
    let id = fixture.sign_in(&fixture.demo.credentials().admin).await;
    let mia = restarted.actor(crate::support::ACME, &id, "1").await.unwrap();
    restarted.snapshot(&mia).await.unwrap();
    assert_eq!(
        fixture.calls_under("GET", IDENTITY),
        2,
        "a console that starts asks again"
    );
}

#[tokio::test]
async fn a_group_that_an_edit_adds_is_read_for_its_review() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grant(&fixture, &["data-platform"]);
    fixture.console.snapshot(&mia).await.unwrap();
    let opened = fixture.console.access_list(&mia).await.unwrap().fingerprint;
    let edit = AccessEdit::default()
        .with_removed([group("data-platform")])
        .with_added(group("analytics"));
    let review = fixture.console.review_access(&mia, &opened, &edit).await.unwrap();
    assert!(review.impact.maybe_kept_through.is_empty() && review.impact.unresolved.is_empty());
    assert!(!review.membership.known_reach(&group("analytics")).is_lower_bound);
}
