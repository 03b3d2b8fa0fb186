//! The texts that the activity log stores for kinds, requested values and details. They never change: rows with them
//! exist, and the hash chain covers them.

use domain::{Day, FindingKind, MaxLifetime, Rule, Timestamp, TokenId, WorkspaceFinding};
use proptest::prelude::*;
use store::{ActivityKind, BulkId, Detail, RequestedValue};
use strum::IntoEnumIterator as _;

const BULK: &str = "0123456789abcdef0123456789abcdef";

/// Every kind, and one of another version.
fn kinds() -> Vec<ActivityKind> {
    let other = ActivityKind::Other("rotate_token".into());
    ActivityKind::ALL.into_iter().chain([other]).collect()
}

fn details() -> Vec<(Detail, &'static str)> {
    vec![
        (Detail::Empty, ""),
        (Detail::InEffect, "in effect"),
        (Detail::Changed, "changed"),
        (
            Detail::InEffectSessionEnded,
            "in effect; the session's own token stopped",
        ),
        (Detail::InEffectResponseLost, "in effect; the answer was lost"),
        (Detail::NotYetInEffect, "sent, not yet in effect"),
        (Detail::Revoked, "revoked"),
        (Detail::NoChange, "was so already"),
        (Detail::AlreadyGone, "was already gone"),
        (Detail::FoundDone, "a later look found it done"),
        (Detail::FoundNotDone, "a later look found it not done"),
        (Detail::FoundListed, "a later look found it still listed"),
        (
            Detail::NotRecorded,
            "how it ended was not written down; look at the workspace for what became of it",
        ),
        (Detail::NotSentCancelled, "not sent: the rest was cancelled"),
        (Detail::NotSentYet, "not sent yet"),
        (Detail::RestCancelled, "the rest was cancelled"),
        (Detail::Resumed, "it goes on"),
        (Detail::NoResponse, "no answer came"),
        (
            Detail::AcceptedButListed,
            "the workspace accepted it, and still lists the token",
        ),
        (
            Detail::GoneButListed,
            "the workspace said that it is gone, and still lists the token",
        ),
        (
            Detail::NoResponseButListed,
            "no answer came, and the workspace still lists the token",
        ),
        (Detail::OwnToken, "this session rides on it: revoke it by itself"),
        (Detail::CountMismatch, "the number of tokens was not typed as asked"),
        (Detail::NameMismatch, "the workspace's name was not typed as asked"),
        (Detail::ChangedSinceReview, "changed since the review; nothing was sent"),
        (
            Detail::NotShownAsSet,
            "the scopes are the same, and not shown as set by hand",
        ),
        (
            Detail::AcceptedButOldScopes,
            "the workspace accepted it, and still shows the old scopes",
        ),
        (
            Detail::NoResponseButOldScopes,
            "no answer came, and the workspace still shows the old scopes",
        ),
        (Detail::OtherScopes, "the workspace shows other scopes"),
        (Detail::GoneSince, "the token is gone since"),
        (Detail::OwnTokenScopes, "this session rides on it: change it by itself"),
        (
            Detail::ScopesNotStored,
            "the scopes to set are not stored completely; nothing was sent",
        ),
        (
            Detail::ScopesResult {
                changed: 12,
                gone: 1,
                failed: 2,
                cancelled: 0,
                unknown: 3,
            },
            "12 changed, 1 gone, 2 failed, 0 cancelled, 3 unknown",
        ),
        (Detail::CreatedToken(TokenId::new("0f")), "created token 0f"),
        (
            Detail::CreatedValueLost(TokenId::new("0f")),
            "created token 0f; its value was lost",
        ),
        (Detail::CancelledBy("mia".into()), "cancelled by mia"),
        (Detail::SeenLater("on".into()), "seen later: on"),
        (
            Detail::BulkResult {
                revoked: 12,
                already_gone: 0,
                failed: 1,
                cancelled: 3,
                unknown: 0,
            },
            "12 revoked, 0 already gone, 1 failed, 3 cancelled",
        ),
        (
            Detail::BulkResult {
                revoked: 2,
                already_gone: 1,
                failed: 0,
                cancelled: 0,
                unknown: 4,
            },
            "2 revoked, 1 already gone, 0 failed, 0 cancelled, 4 unknown",
        ),
        (
            Detail::StillListed(Timestamp::from_ms(1_795_442_551_000)),
            "still listed at 2026-11-23T14:02:31Z",
        ),
        (Detail::NotSent("timed out".into()), "not sent: timed out"),
        (
            Detail::ResultUnknown("HTTP 502".into()),
            "sent, result unknown: HTTP 502",
        ),
        (Detail::Error("not found".into()), "not found"),
        (Detail::Other("rotated".into()), "rotated"),
    ]
}

#[test]
fn the_texts_of_kinds_never_change() {
    let words = [
        "revoke_token",
        "revoke_tokens",
        "resume_job",
        "cancel_job",
        "edit_comment",
        "switch_tokens",
        "set_max_lifetime",
        "edit_access",
        "create_token",
        "edit_scopes",
        "create_first_token",
        "accept_finding",
        "withdraw_acceptance",
        "edit_scopes_of_tokens",
        "resume_scopes_job",
        "cancel_scopes_job",
    ];
    assert_eq!(ActivityKind::ALL.each_ref().map(ActivityKind::to_stored), words);
    assert!(ActivityKind::iter().eq(ActivityKind::ALL), "each once");
    for kind in kinds() {
        assert_eq!(ActivityKind::from_stored(kind.to_stored()), kind);
    }
}

#[test]
fn the_texts_of_details_never_change() {
    let details = details();
    for (detail, text) in &details {
        assert_eq!(detail.to_stored(), *text);
        assert_eq!(Detail::from_stored(text), *detail);
    }
    for detail in Detail::iter() {
        assert!(details.iter().any(|(listed, _)| *listed == detail), "{detail:?}");
    }
}

#[test]
fn the_texts_of_requested_values_never_change() {
    use ActivityKind as Kind;
    use RequestedValue as Value;
    let edit = |added: &str, removed: &str| Value::AccessEdit {
        added: added.to_owned(),
        removed: removed.to_owned(),
    };
    let in_bulk = format!("job {BULK}");
    let scopes_in_bulk = format!("job {BULK}: sql, jobs");
    for (kind, value, text) in [
        (Kind::RevokeToken, Value::Empty, ""),
        (
            Kind::RevokeToken,
            Value::PartOfBulk(BULK.parse::<BulkId>().unwrap()),
            in_bulk.as_str(),
        ),
        (Kind::RevokeToken, Value::Other("job 0f".into()), "job 0f"),
        (Kind::RevokeTokens, Value::Tokens(12), "12 tokens revoked"),
        (Kind::RevokeTokens, Value::FailedTokens, "the failed tokens revoked"),
        (Kind::EditComment, Value::Comment("on".into()), "on"),
        (Kind::EditComment, Value::Comment(String::new()), ""),
        (Kind::SwitchTokens, Value::On, "on"),
        (Kind::SwitchTokens, Value::Off, "off"),
        (Kind::SetMaxLifetime, Value::MaxLifetime(MaxLifetime::Days(90)), "90"),
        (
            Kind::SetMaxLifetime,
            Value::MaxLifetime(MaxLifetime::NoCustomLimit),
            "0",
        ),
        (
            Kind::EditAccess,
            edit("group a, user b", ""),
            "Added group a, user b; removed nobody",
        ),
        (Kind::EditAccess, edit("", "group a"), "Added nobody; removed group a"),
        (
            Kind::CreateToken,
            Value::NewToken("ci (30 days; sql)".into()),
            "ci (30 days; sql)",
        ),
        (
            Kind::CreateFirstToken,
            Value::NewToken("first (1 hour; authentication)".into()),
            "first (1 hour; authentication)",
        ),
        (Kind::EditScopes, Value::Scopes("sql, jobs".into()), "sql, jobs"),
        (
            Kind::AcceptFinding,
            Value::Acceptance {
                rule: Rule::Token(FindingKind::NeverExpires),
                until: Day::from_iso("2027-01-31"),
            },
            "never-expires until 2027-01-31",
        ),
        (
            Kind::WithdrawAcceptance,
            Value::Acceptance {
                rule: Rule::Workspace(WorkspaceFinding::EveryoneCanCreate),
                until: None,
            },
            "everyone-can-create",
        ),
        (
            Kind::AcceptFinding,
            Value::Other("rotted until then".into()),
            "rotted until then",
        ),
        (
            Kind::EditScopes,
            Value::ScopesInBulk {
                bulk: BULK.parse::<BulkId>().unwrap(),
                scopes: "sql, jobs".into(),
            },
            scopes_in_bulk.as_str(),
        ),
        (Kind::EditScopes, Value::Scopes("job 0f: sql".into()), "job 0f: sql"),
        (
            Kind::EditScopesInBulk,
            Value::KeepScopes(12),
            "scopes of 12 tokens kept",
        ),
        (
            Kind::EditScopesInBulk,
            Value::NarrowScopes(12),
            "scopes of 12 tokens narrowed",
        ),
        (
            Kind::EditScopesInBulk,
            Value::PutBackScopes(1),
            "scopes of 1 tokens put back",
        ),
        (
            Kind::EditScopesInBulk,
            Value::FailedScopes,
            "the scopes of the failed tokens",
        ),
        (Kind::ResumeBulk, Value::Empty, ""),
        (Kind::CancelBulk, Value::Other("on".into()), "on"),
        (Kind::Other("rotate_token".into()), Value::Other("on".into()), "on"),
    ] {
        assert_eq!(value.to_stored(), text);
        assert_eq!(Value::from_stored(&kind, text), value);
    }
}

#[test]
fn everything_that_is_stored_has_a_label_of_its_own() {
    for kind in ActivityKind::ALL {
        assert_ne!(kind.label(), kind.to_stored());
    }
    for (detail, text) in details() {
        let is_as_stored = matches!(detail, Detail::Empty | Detail::Other(_));
        assert_eq!(detail.label() == text, is_as_stored, "{detail:?}");
    }
}

/// Texts that are stored, or begin or end like one.
fn text() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        Just("not sent: ".to_owned()),
        Just("sent, result unknown: ".to_owned()),
        Just("creation refused: ".to_owned()),
        Just("created token ".to_owned()),
        Just("; its value was lost".to_owned()),
        Just("seen later: ".to_owned()),
        Just("cancelled by ".to_owned()),
        Just("Added ".to_owned()),
        Just("Added nobody".to_owned()),
        Just("; removed nobody".to_owned()),
        Just("; removed ".to_owned()),
        Just("job ".to_owned()),
        Just(BULK.to_owned()),
        Just(" tokens revoked".to_owned()),
        Just("scopes of ".to_owned()),
        Just(" tokens narrowed".to_owned()),
        Just(": sql".to_owned()),
        Just("1 changed, 02 gone, +3 failed, 4 cancelled, 5 unknown".to_owned()),
        Just("the failed tokens revoked".to_owned()),
        Just("1 revoked, 02 already gone, +3 failed, 4 cancelled".to_owned()),
        "[0-9]{1,3} revoked, [0-9]{1,22} already gone, [0-9] failed, [0-9] cancelled",
        "[ +0-9]{1,4}",
        Just("on".to_owned()),
        Just("null".to_owned()),
        ".{0,8}",
    ];
    prop::collection::vec(parts, 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_stored_text_is_read_back_unchanged(text in text()) {
        let kind = ActivityKind::from_stored(&text);
        prop_assert_eq!(kind.to_stored(), &text);
        let detail = Detail::from_stored(&text);
        prop_assert_eq!(detail.to_stored(), text.as_str());
        for kind in kinds() {
            let requested = RequestedValue::from_stored(&kind, &text);
            prop_assert_eq!(requested.to_stored(), text.as_str());
            // Labels accept anything.
            let _ = (requested.label(), store::before_label(&kind, &text), store::target_label(&kind, &text));
        }
        let _ = detail.label();
    }
}
