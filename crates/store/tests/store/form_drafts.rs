//! What people typed into forms is kept for half an hour, for each person.

use domain::{PrincipalId, Timestamp};
use store::{FORM_DRAFT_TTL, FormDraft};

use crate::{MINUTE, T0, dir, open};

fn draft(principal: Option<i64>, fields: &str, created: Timestamp) -> FormDraft {
    FormDraft {
        binding: "prod".into(),
        principal: principal.map(PrincipalId::new),
        fields: fields.into(),
        interrupted: false,
        created,
    }
}

#[tokio::test]
async fn a_draft_is_kept_for_half_an_hour() {
    let dir = dir();
    let store = open(&dir).await;
    let typed = draft(Some(1), "reason=leaked", T0);
    let id = store.keep_form_draft(typed.clone()).await.unwrap();
    let just_before = T0.plus(FORM_DRAFT_TTL).minus(MINUTE);
    assert_eq!(store.form_draft(&id, just_before).await.unwrap(), Some(typed));
    assert_eq!(store.form_draft(&id, T0.plus(FORM_DRAFT_TTL)).await.unwrap(), None);
    assert_eq!(store.purge(just_before).await.unwrap(), 0);
    assert_eq!(store.purge(T0.plus(FORM_DRAFT_TTL)).await.unwrap(), 1);
}

#[tokio::test]
async fn an_equal_draft_of_the_last_minutes_is_used_again() {
    let dir = dir();
    let store = open(&dir).await;
    for principal in [Some(1), None] {
        let first = store.keep_form_draft(draft(principal, "sel=a", T0)).await.unwrap();
        let soon = draft(principal, "sel=a", T0.plus(MINUTE));
        assert_eq!(store.keep_form_draft(soon.clone()).await.unwrap(), first);
        for other in [
            draft(principal, "sel=b", T0.plus(MINUTE)),
            draft(Some(2), "sel=a", T0.plus(MINUTE)),
            draft(principal, "sel=a", T0.plus(MINUTE * 10)),
            FormDraft {
                interrupted: true,
                ..soon.clone()
            },
            FormDraft {
                binding: "dev".into(),
                ..soon.clone()
            },
        ] {
            assert_ne!(store.keep_form_draft(other).await.unwrap(), first);
        }
    }
}

#[tokio::test]
async fn the_oldest_of_too_many_drafts_is_deleted_for_each_person_and_workspace() {
    let dir = dir();
    let store = open(&dir).await;
    let at = |n: u64| T0.plus(std::time::Duration::from_secs(n));
    let of_other = store.keep_form_draft(draft(Some(2), "n=0", T0)).await.unwrap();
    let mut all = Vec::new();
    for n in 0..51 {
        all.push(
            store
                .keep_form_draft(draft(Some(1), &format!("n={n}"), at(n)))
                .await
                .unwrap(),
        );
    }
    let now = at(60);
    assert_eq!(store.form_draft(&all[0], now).await.unwrap(), None);
    for id in all[1..].iter().chain([&of_other]) {
        assert!(store.form_draft(id, now).await.unwrap().is_some());
    }
}
