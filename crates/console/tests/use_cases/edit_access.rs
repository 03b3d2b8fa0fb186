//! Permissions to use tokens: no one's change is lost, nothing is overwritten unseen, and no outcome is invented.

use std::collections::BTreeSet;

use console::access::{FetchedAccessList, SaveResult};
use console::{Actor, Error};
use demo_workspace::{Change, Effect, Fault, FaultBody};
use domain::access::{AccessEdit, Grantee};
use store::{ActivityKind, Detail, RequestedValue};
use workspace_client::ErrorKind;

use crate::support::{Fixture, IMPATIENT, SCIM, Setup, kind};

pub(crate) const LIST: &str = "/api/2.0/permissions/authorization/tokens";
const GROUPS: [&str; 5] = [
    "analytics",
    "data-platform",
    "marketing-science",
    "risk-models",
    "security",
];

fn group(name: &str) -> Grantee {
    Grantee::Group(name.into())
}

pub(crate) fn removing(name: &str) -> AccessEdit {
    AccessEdit::default().with_removed([group(name)])
}

pub(crate) fn grants(fixture: &Fixture, names: &[&str]) {
    let can_use = names.iter().map(|name| (*name).to_owned()).collect();
    fixture.demo.change(Change::SetGrants { can_use }).unwrap();
}

fn names(fetched: &FetchedAccessList) -> BTreeSet<String> {
    fetched.list.changeable().map(|g| g.grantee.name().to_owned()).collect()
}

pub(crate) async fn open(fixture: &Fixture, actor: &Actor) -> FetchedAccessList {
    fixture.console.access_list(actor).await.unwrap()
}

pub(crate) async fn listed(fixture: &Fixture, actor: &Actor) -> Vec<String> {
    names(&open(fixture, actor).await).into_iter().collect()
}

#[tokio::test]
async fn adding_is_a_patch_and_removing_is_a_replacement() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grants(&fixture, &["analytics"]);
    let opened = open(&fixture, &mia).await.fingerprint;
    let edit = AccessEdit::default().with_added(group("security"));
    assert_eq!(
        fixture.console.save_access(&mia, &opened, &edit).await.unwrap(),
        SaveResult::Saved
    );
    assert_eq!(
        (fixture.calls("PATCH", LIST, ""), fixture.calls("PUT", LIST, "")),
        (1, 0)
    );
    // A double click.
    assert_eq!(
        fixture.console.save_access(&mia, &opened, &edit).await.unwrap(),
        SaveResult::NoChange
    );
    let opened = open(&fixture, &mia).await.fingerprint;
    let edit = removing("analytics");
    assert_eq!(
        fixture.console.save_access(&mia, &opened, &edit).await.unwrap(),
        SaveResult::Saved
    );
    assert_eq!(
        (fixture.calls("PATCH", LIST, ""), fixture.calls("PUT", LIST, "")),
        (1, 1)
    );
    assert_eq!(listed(&fixture, &mia).await, ["security"]);
    let recorded: Vec<_> = fixture
        .actions()
        .await
        .into_iter()
        .map(|a| (a.requested, a.detail))
        .collect();
    let row = |requested, detail| {
        (
            RequestedValue::from_stored(&ActivityKind::EditAccess, requested),
            detail,
        )
    };
    assert_eq!(
        recorded,
        [
            row("Added nobody; removed group analytics", Detail::InEffect),
            row("Added group security; removed nobody", Detail::NoChange),
            row("Added group security; removed nobody", Detail::InEffect),
        ]
    );
}

#[tokio::test]
async fn a_change_made_elsewhere_is_never_overwritten_unseen() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grants(&fixture, &["analytics", "security"]);
    let opened = open(&fixture, &mia).await.fingerprint;
    grants(&fixture, &["analytics", "security", "risk-models"]);
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert!(matches!(saved, Err(Error::AccessChanged)), "{saved:?}");
    assert_eq!(fixture.calls_under("PUT", "/"), 0);
    assert_eq!(listed(&fixture, &mia).await, ["analytics", "risk-models", "security"]);
    // Someone who never opened a list, or opened it before a restart, overwrites nothing either.
    let unknown = console::access::ListFingerprint::new("0123");
    let saved = fixture
        .console
        .save_access(&mia, &unknown, &removing("analytics"))
        .await;
    assert!(matches!(saved, Err(Error::AccessChanged)), "{saved:?}");
}

/// Numbers that look random but are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }

    fn edit(&mut self) -> AccessEdit {
        let mut edit = AccessEdit::default();
        for _ in 0..=self.below(2) {
            let name = GROUPS[self.below(GROUPS.len())];
            edit = match self.below(2) {
                0 => edit.with_added(group(name)),
                _ => edit.with_removed([group(name)]),
            };
        }
        edit
    }
}

/// Two people open, edit and save in any order, sometimes at the same moment. What neither of them removed is still
/// there, what they saved is there, and a refused save has changed nothing.
#[tokio::test]
async fn no_interleaving_of_two_people_loses_a_grant() {
    let fixture = Fixture::start().await;
    let people = [fixture.admin().await, fixture.other_admin().await];
    let mut refused = 0;
    for seed in 0..40 {
        let mut dice = Dice(seed);
        let first: Vec<_> = GROUPS.into_iter().filter(|_| dice.below(2) == 0).collect();
        grants(&fixture, &first);
        let mut expected: BTreeSet<String> = first.iter().map(|name| (*name).to_owned()).collect();
        let mut opened = [
            open(&fixture, &people[0]).await.fingerprint,
            open(&fixture, &people[1]).await.fingerprint,
        ];
        for _ in 0..6 {
            let who = dice.below(2);
            match dice.below(4) {
                0 => opened[who] = open(&fixture, &people[who]).await.fingerprint,
                1 => {
                    let edits = [dice.edit(), dice.edit()];
                    let [one, two] = [0, 1].map(|i| fixture.console.save_access(&people[i], &opened[i], &edits[i]));
                    let (one, two) = tokio::join!(one, two);
                    let after = names(&open(&fixture, &people[0]).await);
                    let done: Vec<_> = [(one, &edits[0]), (two, &edits[1])]
                        .into_iter()
                        .filter(|(r, _)| r.is_ok())
                        .collect();
                    refused += 2 - done.len();
                    // Grants that neither of them removed are there, no matter who was first.
                    let removed = |name: &str| done.iter().any(|(_, edit)| edit.removes(&group(name)));
                    let lost: Vec<_> = expected.iter().filter(|n| !after.contains(*n) && !removed(n)).collect();
                    assert!(lost.is_empty(), "seed {seed}: {lost:?}");
                    let new = |name: &str| done.iter().any(|(_, edit)| edit.added().any(|g| g.name() == name));
                    assert!(after.iter().all(|n| expected.contains(n) || new(n)), "seed {seed}");
                    expected = after;
                }
                _ => {
                    let edit = dice.edit();
                    match fixture.console.save_access(&people[who], &opened[who], &edit).await {
                        Ok(_) => {
                            expected.retain(|name| !edit.removes(&group(name)));
                            expected.extend(edit.added().map(|g| g.name().to_owned()));
                        }
                        Err(Error::AccessChanged) => refused += 1,
                        Err(other) => panic!("seed {seed}: {other}"),
                    }
                    assert_eq!(names(&open(&fixture, &people[who]).await), expected, "seed {seed}");
                }
            }
        }
    }
    assert!(refused > 20, "there were enough conflicts: {refused}");
}

#[tokio::test]
async fn after_a_lost_response_the_list_decides_and_without_it_the_result_is_unknown() {
    let fixture = Fixture::with(Setup {
        budgets: IMPATIENT,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    grants(&fixture, &["analytics", "security"]);

    let opened = open(&fixture, &mia).await.fingerprint;
    fixture.demo.fault(Fault::next("PUT", LIST, Effect::Hang));
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert!(matches!(saved, Err(Error::OldStateAfterNoResponse)), "{saved:?}");

    fixture
        .demo
        .fault(Fault::next("PUT", LIST, Effect::None).after_ms(2000));
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert_eq!(saved.unwrap(), SaveResult::SavedResponseLost);

    let opened = open(&fixture, &mia).await.fingerprint;
    fixture.demo.fault(Fault::next("PUT", LIST, Effect::Reset));
    // The read immediately before the change succeeds, and the one after it does not.
    fixture.demo.fault(Fault::next("GET", LIST, Effect::None));
    fixture.demo.fault(Fault::forever("GET", LIST, Effect::Hang));
    let saved = fixture.console.save_access(&mia, &opened, &removing("security")).await;
    assert!(matches!(saved, Err(Error::ResultUnknown)), "{saved:?}");
    assert_eq!(fixture.calls("PUT", LIST, ""), 3, "no change was sent twice");
}

#[tokio::test]
async fn an_accepted_change_that_cannot_be_verified_has_an_unknown_result() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grants(&fixture, &["analytics"]);
    let opened = open(&fixture, &mia).await.fingerprint;
    fixture.demo.fault(Fault::next("GET", LIST, Effect::None));
    let broken = Effect::Answer {
        status: 500,
        body: FaultBody::Empty,
    };
    fixture.demo.fault(Fault::forever("GET", LIST, broken));
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert!(matches!(saved, Err(Error::ResultUnknown)), "{saved:?}");
}

#[tokio::test]
async fn a_replacement_is_never_sent_again() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    grants(&fixture, &["analytics"]);
    let opened = open(&fixture, &mia).await.fingerprint;
    let limited = Effect::RateLimit {
        retry_after: demo_workspace::RetryAfter::Absent,
    };
    fixture.demo.fault(Fault::next("PUT", LIST, limited.clone()));
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert_eq!(kind(saved), ErrorKind::RateLimited { retry_after: None });
    assert_eq!(fixture.calls("PUT", LIST, ""), 1);
    // Adding can be sent again: it removes no grant.
    fixture.demo.fault(Fault::next("PATCH", LIST, limited));
    let add = AccessEdit::default().with_added(group("security"));
    assert_eq!(
        fixture.console.save_access(&mia, &opened, &add).await.unwrap(),
        SaveResult::Saved
    );
}

#[tokio::test]
async fn an_unknown_principal_is_named() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let opened = open(&fixture, &mia).await.fingerprint;
    let unknown = Grantee::User("unknown@acme.example".into());
    let edit = AccessEdit::default().with_added(unknown.clone());
    let Err(Error::Workspace(error)) = fixture.console.save_access(&mia, &opened, &edit).await else {
        panic!("it was added");
    };
    assert_eq!(error.unknown_principal(), Some(unknown));
}

#[tokio::test]
async fn a_read_only_console_writes_nothing() {
    let fixture = Fixture::with(Setup {
        read_only: true,
        ..Setup::default()
    })
    .await;
    let mia = fixture.admin().await;
    let opened = open(&fixture, &mia).await.fingerprint;
    let saved = fixture.console.save_access(&mia, &opened, &removing("analytics")).await;
    assert!(matches!(saved, Err(Error::ReadOnly)));
    assert_eq!(fixture.calls_under("PUT", "/") + fixture.calls_under("PATCH", "/"), 0);
}

/// An admin whom none of the listed groups makes one: the grant that is removed is the only known path to using tokens.
#[tokio::test]
async fn a_person_who_would_lose_their_own_access_is_warned() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    let id = &fixture.demo.credentials().admin.id;
    grants(&fixture, &["analytics"]);
    let admins = r#"{"id":"1","displayName":"admins"}"#;
    let analytics =
        format!(r#"{{"id":"2","displayName":"analytics","members":[{{"value":"{id}","$ref":"Users/{id}"}}]}}"#);
    let list = format!(r#"{{"totalResults":2,"Resources":[{admins},{analytics}]}}"#);
    for (path, text) in [("/1", admins), ("/2", &analytics), ("", &list)] {
        let body = FaultBody::Raw {
            content_type: "application/json".into(),
            text: text.to_owned(),
        };
        let effect = Effect::Answer { status: 200, body };
        let path = format!("{SCIM}/Groups{path}");
        fixture.demo.fault(Fault::forever("GET", &path, effect));
    }
    let opened = open(&fixture, &mia).await.fingerprint;
    let review = fixture
        .console
        .review_access(&mia, &opened, &removing("analytics"))
        .await
        .unwrap();
    assert!(review.ends_own_access && !review.is_conflict());
    let unaffected = fixture
        .console
        .review_access(&mia, &opened, &removing("security"))
        .await
        .unwrap();
    assert!(!unaffected.ends_own_access);
}

#[tokio::test]
async fn a_search_makes_one_call_for_each_kind_and_survives_the_failure_of_one() {
    let fixture = Fixture::start().await;
    let mia = fixture.admin().await;
    fixture.demo.clear_log();
    let found = fixture.console.find_principals(&mia, "a").await.unwrap();
    assert!(found.users.as_ref().unwrap().rows.len() <= 20);
    assert!(found.users.unwrap().total.unwrap() > 20);
    assert_eq!(fixture.calls_under("GET", SCIM), 3);
    let hostile = fixture
        .console
        .find_principals(&mia, r#"" or id pr or userName eq "\"#)
        .await
        .unwrap();
    assert!(hostile.users.unwrap().rows.is_empty() && hostile.groups.unwrap().rows.is_empty());
    let broken = Effect::Answer {
        status: 400,
        body: FaultBody::Empty,
    };
    fixture.demo.fault(Fault::next("GET", &format!("{SCIM}/Users"), broken));
    let partial = fixture.console.find_principals(&mia, "a").await.unwrap();
    assert!(partial.users.is_err() && partial.groups.is_ok());
}
