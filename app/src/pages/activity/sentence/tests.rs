use domain::{Directory, MaxLifetime, Principal, PrincipalId, PrincipalKind, Timestamp};

use super::*;

const BULK: &str = "00000000000000000000000000000001";

/// An operation by Mia, and the names that its sentence needs.
fn operation(kind: ActivityKind, target: &str, before: &str, requested: RequestedValue) -> Operation {
    Operation {
        id: 1,
        operation: "1".to_owned(),
        at: Timestamp::from_ms(1),
        actor: "mia@acme.example".to_owned(),
        kind,
        target: target.to_owned(),
        before: before.to_owned(),
        requested,
        reason: String::new(),
        request_id: "request".to_owned(),
        client_address: None,
        outcome: Outcome::Done,
        detail: Detail::Empty,
    }
}

fn directory() -> Directory {
    let principal = |id, kind, name: &str, display_name: &str| Principal {
        id: PrincipalId::new(id),
        kind,
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        active: true,
    };
    Directory::complete([
        principal(1, PrincipalKind::User, "mia@acme.example", "Mia Kowalski"),
        principal(2, PrincipalKind::User, "alex@acme.example", "Alex Chen"),
        principal(3, PrincipalKind::ServicePrincipal, "app-3", "airflow"),
    ])
}

/// The token "listed" of Alex Chen is the only one that the workspace still lists.
fn names(operation: &Operation) -> KnownNames {
    KnownNames::of(&directory(), [operation], |id| {
        (id.as_str() == "listed").then(|| ("etl".to_owned(), Some(PrincipalId::new(2))))
    })
}

/// The sentence, with links as `[text](url)`.
fn with_links(sentence: Sentence) -> String {
    let parts = sentence.0.into_iter().map(|part| match part {
        Part::Text(text) => text,
        Part::Strong(text) => format!("*{text}*"),
        Part::Link { text, href } => format!("[{text}]({})", href.trim_start_matches("/w/acme/")),
    });
    parts.collect()
}

fn shown(operation: &Operation) -> String {
    with_links(sentence("acme", operation, &names(operation)))
}

fn access(added: &str, removed: &str) -> RequestedValue {
    RequestedValue::AccessEdit {
        added: added.to_owned(),
        removed: removed.to_owned(),
    }
}

#[test]
fn each_kind_says_who_did_what_to_whose_token() {
    use ActivityKind::*;
    let lifetime = |days: &str| RequestedValue::MaxLifetime(MaxLifetime::from_wire(Some(days)).unwrap());
    let comment = |text: &str| RequestedValue::Comment(text.to_owned());
    let token = "[token 01234567](tokens/0123456789)";
    let gone = "0123456789";
    let permissions = "[permissions](settings/advanced/permissions)";
    let switch = "[Personal Access Tokens](settings/advanced)";
    for (kind, target, before, requested, expected) in [
        (
            RevokeToken,
            gone,
            "nightly (alex@acme.example)",
            RequestedValue::Empty,
            "revoked [nightly](tokens/0123456789) of [Alex Chen](principals/2)".to_owned(),
        ),
        (
            RevokeToken,
            gone,
            "airflow",
            RequestedValue::Empty,
            format!("revoked {token} of [airflow](principals/3)"),
        ),
        (
            RevokeToken,
            gone,
            "nightly (someone@else.example)",
            RequestedValue::Empty,
            "revoked [nightly (someone@else.example)](tokens/0123456789)".to_owned(),
        ),
        (RevokeToken, gone, "", RequestedValue::Empty, format!("revoked {token}")),
        (
            RevokeToken,
            gone,
            "nightly (airflow)",
            RequestedValue::PartOfBulk(BULK.parse().unwrap()),
            format!(
                "revoked [nightly](tokens/0123456789) of [airflow](principals/3) in a \
                 [bulk revocation](bulk-revocations/{BULK})"
            ),
        ),
        (
            EditComment,
            "listed",
            "old",
            comment("etl"),
            "changed the comment of [old](tokens/listed) of [Alex Chen](principals/2) to *etl*".to_owned(),
        ),
        (
            EditComment,
            gone,
            "",
            comment(""),
            format!("changed the comment of {token} to no comment"),
        ),
        (
            EditScopes,
            "listed",
            "all-apis",
            RequestedValue::Scopes("sql".to_owned()),
            "changed the scopes of [etl](tokens/listed) of [Alex Chen](principals/2) from *all-apis* to *sql*"
                .to_owned(),
        ),
        (
            SwitchTokens,
            "personal access tokens",
            "off",
            RequestedValue::On,
            format!("enabled {switch}"),
        ),
        (
            SwitchTokens,
            "personal access tokens",
            "on",
            RequestedValue::Off,
            format!("disabled {switch}"),
        ),
        (
            SetMaxLifetime,
            "maximum lifetime of new tokens (days)",
            "0",
            lifetime("90"),
            "set the [maximum lifetime](settings/advanced) of new tokens from *no custom limit* to *90 days*"
                .to_owned(),
        ),
        (
            EditAccess,
            "permissions on tokens",
            "",
            access("group a", ""),
            format!("added *group a* to the {permissions}"),
        ),
        (
            EditAccess,
            "permissions on tokens",
            "",
            access("", "user b"),
            format!("removed *user b* from the {permissions}"),
        ),
        (
            EditAccess,
            "permissions on tokens",
            "",
            access("group a", "user b"),
            format!("removed *user b* and added *group a* in the {permissions}"),
        ),
        (
            CreateToken,
            "app-3",
            "",
            RequestedValue::NewToken("nightly (30 days; sql)".to_owned()),
            "created *nightly (30 days; sql)* for [airflow](principals/3)".to_owned(),
        ),
        (
            ResumeBulk,
            BULK,
            "",
            RequestedValue::Empty,
            format!("resumed a [bulk revocation](bulk-revocations/{BULK})"),
        ),
        (
            CancelBulk,
            BULK,
            "",
            RequestedValue::Empty,
            format!("cancelled the remaining tokens of a [bulk revocation](bulk-revocations/{BULK})"),
        ),
    ] {
        let operation = operation(kind, target, before, requested);
        assert_eq!(shown(&operation), format!("*Mia Kowalski* {expected}"));
    }
    let other = operation(Other("rotate_token".to_owned()), "t", "", RequestedValue::Empty);
    assert_eq!(shown(&other), "*Mia Kowalski*: *rotate_token* *t*");
}

#[test]
fn a_created_token_is_a_link() {
    let mut created = operation(
        ActivityKind::CreateToken,
        "unknown-app",
        "",
        RequestedValue::NewToken("nightly (30 days; sql)".to_owned()),
    );
    created.detail = Detail::CreatedToken(TokenId::new("0123456789"));
    created.actor = "someone@else.example".to_owned();
    assert_eq!(
        shown(&created),
        "*someone@else.example* created [nightly (30 days; sql)](tokens/0123456789) for *unknown-app*"
    );
}

#[test]
fn nothing_is_reported_as_done_that_was_not_done() {
    let with = |outcome, detail| Operation {
        outcome,
        detail,
        ..operation(ActivityKind::RevokeToken, "0123456789", "x", RequestedValue::Empty)
    };
    for (outcome, detail, verb) in [
        (Outcome::Done, Detail::Revoked, "revoked"),
        (Outcome::Done, Detail::AlreadyGone, "tried to revoke"),
        (Outcome::Failed, Detail::NoResponse, "tried to revoke"),
        (Outcome::Unknown, Detail::AcceptedButListed, "tried to revoke"),
        (Outcome::Open, Detail::Empty, "started to revoke"),
        (Outcome::Refused, Detail::OwnToken, "tried to revoke"),
    ] {
        assert_eq!(
            sentence("acme", &with(outcome, detail), &KnownNames::default()).plain(),
            format!("mia@acme.example {verb} x")
        );
    }
    let refused = |kind, target: &str| {
        let refused = Operation {
            outcome: Outcome::Refused,
            ..operation(kind, target, "", RequestedValue::Empty)
        };
        sentence("acme", &refused, &KnownNames::default()).plain()
    };
    assert_eq!(
        refused(ActivityKind::SwitchTokens, "off"),
        "mia@acme.example tried to disable Personal Access Tokens"
    );
    assert_eq!(
        refused(ActivityKind::EditAccess, "permissions on tokens"),
        "mia@acme.example tried to change the permissions"
    );
    assert_eq!(
        refused(ActivityKind::RevokeTokens, "a selection"),
        "mia@acme.example tried to revoke tokens in a bulk revocation"
    );
    let failed = Operation {
        outcome: Outcome::Failed,
        ..operation(ActivityKind::EditAccess, "", "", access("group a", "user b"))
    };
    assert_eq!(
        sentence("acme", &failed, &KnownNames::default()).plain(),
        "mia@acme.example tried to remove user b and add group a in the permissions"
    );
}

#[test]
fn a_bulk_change_of_scopes_says_what_it_did_and_counts_its_tokens() {
    let text = |requested, detail, outcome| {
        let run = Operation {
            detail,
            outcome,
            ..operation(ActivityKind::EditScopesInBulk, BULK, "", requested)
        };
        let bulk = BulkRow {
            id: BULK.parse().unwrap(),
            run: Some(run),
            items: vec![],
        };
        let sentence = bulk_sentence(&bulk, &KnownNames::default()).plain();
        sentence.trim_start_matches("mia@acme.example ").to_owned()
    };
    let result = |changed, failed| Detail::ScopesResult {
        changed,
        gone: 0,
        failed,
        cancelled: 0,
        unknown: 0,
    };
    for (requested, detail, outcome, expected) in [
        (
            RequestedValue::NarrowScopes(40),
            result(39, 1),
            Outcome::Failed,
            "narrowed the scopes of tokens in a bulk change: 39 of 40 changed, 1 failed",
        ),
        (
            RequestedValue::KeepScopes(2),
            result(2, 0),
            Outcome::Done,
            "kept the scopes of tokens in a bulk change: 2 of 2 changed",
        ),
        (
            RequestedValue::FailedScopes,
            result(1, 0),
            Outcome::Done,
            "retried the failed tokens of a bulk change of scopes: now 1 of 1 changed",
        ),
        (
            RequestedValue::PutBackScopes(40),
            Detail::Empty,
            Outcome::Open,
            "started to put back the scopes of 40 tokens in a bulk change",
        ),
    ] {
        assert_eq!(text(requested, detail, outcome), expected);
    }
    let item = Operation {
        outcome: Outcome::Done,
        detail: Detail::Changed,
        ..operation(
            ActivityKind::EditScopes,
            "0123456789",
            "all-apis",
            RequestedValue::ScopesInBulk {
                bulk: BULK.parse().unwrap(),
                scopes: "sql".to_owned(),
            },
        )
    };
    assert_eq!(
        sentence("acme", &item, &KnownNames::default()).plain(),
        "mia@acme.example changed the scopes of token 01234567 from all-apis to sql in a bulk change"
    );
    let resumed = Operation {
        outcome: Outcome::Done,
        detail: Detail::Resumed,
        ..operation(ActivityKind::ResumeScopesInBulk, BULK, "", RequestedValue::Empty)
    };
    assert_eq!(
        sentence("acme", &resumed, &KnownNames::default()).plain(),
        "mia@acme.example resumed a bulk change of scopes"
    );
}

#[test]
fn a_bulk_revocation_counts_its_tokens() {
    let run = |requested, detail| Operation {
        detail,
        ..operation(ActivityKind::RevokeTokens, BULK, "", requested)
    };
    let result = |revoked, already_gone, failed, cancelled, unknown| Detail::BulkResult {
        revoked,
        already_gone,
        failed,
        cancelled,
        unknown,
    };
    let item = |target, outcome, detail| Operation {
        outcome,
        detail,
        ..operation(
            ActivityKind::RevokeToken,
            target,
            "",
            RequestedValue::PartOfBulk(BULK.parse().unwrap()),
        )
    };
    let text = |run: Option<Operation>, items: Vec<Operation>| {
        let bulk = BulkRow {
            id: BULK.parse().unwrap(),
            run,
            items,
        };
        let sentence = bulk_sentence(&bulk, &KnownNames::default()).plain();
        sentence.trim_start_matches("mia@acme.example ").to_owned()
    };
    assert_eq!(
        text(Some(run(RequestedValue::Tokens(20), result(13, 0, 7, 0, 0))), vec![]),
        "revoked tokens in a bulk revocation: 13 of 20 revoked, 7 failed"
    );
    assert_eq!(
        text(
            Some(run(RequestedValue::Tokens(1300), result(1284, 1, 0, 14, 1))),
            vec![]
        ),
        "revoked tokens in a bulk revocation: 1,284 of 1,300 revoked, 1 already gone, 1 not confirmed, 14 skipped"
    );
    assert_eq!(
        text(Some(run(RequestedValue::FailedTokens, result(20, 0, 0, 0, 0))), vec![]),
        "retried the failed tokens of a bulk revocation: now 20 of 20 revoked"
    );
    let mut open = run(RequestedValue::Tokens(20), Detail::Empty);
    open.outcome = Outcome::Open;
    assert_eq!(
        text(Some(open), vec![]),
        "started to revoke 20 tokens in a bulk revocation"
    );
    let items = vec![
        item("a", Outcome::Done, Detail::Revoked),
        item("b", Outcome::Failed, Detail::NoResponse),
        item("c", Outcome::Failed, Detail::NotSentCancelled),
        item("d", Outcome::Failed, Detail::NotSentYet),
        // An earlier attempt.
        item("a", Outcome::Failed, Detail::NoResponse),
    ];
    assert_eq!(
        text(None, items),
        "revoked tokens in a bulk revocation: 1 of 4 listed here revoked, 1 failed, 1 skipped, 1 in progress"
    );
    assert_eq!(
        text(Some(run(RequestedValue::Tokens(2), result(0, 0, 2, 0, 0))), vec![]),
        "tried to revoke tokens in a bulk revocation: 0 of 2 revoked, 2 failed"
    );
    assert_eq!(
        text(None, vec![item("a", Outcome::Failed, Detail::NoResponse)]),
        "tried to revoke tokens in a bulk revocation: 0 of 1 listed here revoked, 1 failed"
    );
    assert_eq!(
        text(None, vec![item("a", Outcome::Open, Detail::Empty)]),
        "started to revoke tokens in a bulk revocation: 0 of 1 listed here revoked, 1 in progress"
    );
}
