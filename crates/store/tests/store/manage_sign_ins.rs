//! Listing a person's own sign-ins, and ending anyone's as the operator.

use domain::{ClientAddress, PrincipalId};
use store::{EventKind, NewSignIn, SignInFilter, end_sign_ins};

use crate::{HOUR, MINUTE, T0, dir, mia, open, sql, sqlite_dir};

#[tokio::test]
async fn a_person_sees_their_own_sign_ins_that_have_not_ended() {
    let dir = dir();
    let store = open(&dir).await;
    let old = store.add_sign_in(mia()).await.unwrap();
    let phone = NewSignIn {
        device: "Safari on iPhone".into(),
        client: ClientAddress::UNKNOWN,
        created: T0.plus(MINUTE),
        ..mia()
    };
    let new = store.add_sign_in(phone).await.unwrap();
    for not_shown in [
        NewSignIn {
            principal: PrincipalId::new(7),
            ..mia()
        },
        NewSignIn {
            workspace: "dev".into(),
            ..mia()
        },
        NewSignIn {
            ends: T0.plus(MINUTE),
            ..mia()
        },
    ] {
        store.add_sign_in(not_shown).await.unwrap();
    }
    let me = mia().principal;
    let own = store.sign_ins_of("prod", me, T0.plus(MINUTE * 2)).await.unwrap();
    let shown: Vec<_> = own.iter().map(|s| (s.id, s.device.as_str())).collect();
    assert_eq!(shown, [(new, "Safari on iPhone"), (old, "Firefox on Linux")]);
    assert_eq!(own[1].created, T0);
    assert_eq!(
        own.iter().map(|s| s.client.to_stored()).collect::<Vec<_>>(),
        ["", "192.0.2.7"]
    );
    // By then both have been idle for more than an hour.
    assert!(
        store
            .sign_ins_of("prod", me, T0.plus(HOUR * 2))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_operator_ends_all_sign_ins_or_those_of_a_workspace_or_a_person() {
    let dir = dir();
    let store = open(&dir).await;
    let add = async |workspace: &str, user: &str| {
        let new = NewSignIn {
            workspace: format!("{workspace} https://x.example"),
            user_name: user.to_owned(),
            ..mia()
        };
        store.add_sign_in(new).await.unwrap();
    };
    for (workspace, user) in [
        ("prod", "mia"),
        ("prod", "kai"),
        ("prod-2", "mia"),
        ("dev", "mia"),
        ("dev", "noa"),
    ] {
        add(workspace, user).await;
    }
    let end = async |workspace: Option<&str>, user: Option<&str>| {
        let filter = SignInFilter {
            workspace: workspace.map(str::to_owned),
            user_name: user.map(str::to_owned),
        };
        end_sign_ins(dir.location(), &filter).await.unwrap()
    };
    assert_eq!(end(Some("nowhere"), None).await, 0);
    assert_eq!(end(Some("prod"), Some("mia")).await, 1);
    assert_eq!(end(Some("prod"), None).await, 1);
    assert_eq!(end(None, Some("noa")).await, 1);
    assert_eq!(end(None, None).await, 2);
    assert_eq!(end(None, None).await, 0);
}

#[tokio::test]
async fn running_consoles_are_told_which_sign_ins_the_operator_ended() {
    let dir = dir();
    let store = open(&dir).await;
    let workspace = "prod https://x.example";
    let new = NewSignIn {
        workspace: workspace.to_owned(),
        ..mia()
    };
    let id = store.add_sign_in(new).await.unwrap();
    store.add_sign_in(mia()).await.unwrap();
    let filter = SignInFilter {
        workspace: Some("prod".to_owned()),
        user_name: None,
    };
    assert_eq!(end_sign_ins(dir.location(), &filter).await.unwrap(), 1);
    let events = store.events_after(0, 10).await.unwrap();
    let [event] = &events[..] else {
        unreachable!("{events:?}")
    };
    assert_eq!(event.kind, Some(EventKind::SignInEnded { sign_in: id }));
    assert_eq!((event.binding.as_str(), event.is_own), (workspace, false));
}

#[tokio::test]
async fn sessions_can_be_ended_in_the_database_of_a_version_without_events() {
    let dir = dir();
    let store = open(&dir).await;
    store.add_sign_in(mia()).await.unwrap();
    sql(&dir, "drop table events").await.unwrap();
    sql(&dir, "delete from _sqlx_migrations where version >= 12")
        .await
        .unwrap();
    let ended = end_sign_ins(dir.location(), &SignInFilter::default()).await;
    assert_eq!(ended.unwrap(), 1);
}

#[tokio::test]
async fn a_missing_database_is_an_error_and_is_not_created() {
    let dir = sqlite_dir();
    assert!(end_sign_ins(dir.location(), &SignInFilter::default()).await.is_err());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}
