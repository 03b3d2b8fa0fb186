use domain::{PrincipalKind, Timestamp};
use store::{Detail, Outcome, RequestedValue};

use super::*;

fn principal(id: i64, kind: PrincipalKind, name: &str, display_name: &str) -> Principal {
    Principal {
        id: PrincipalId::new(id),
        kind,
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        active: true,
    }
}

fn operation(kind: ActivityKind, target: &str, before: &str) -> Operation {
    Operation {
        id: 1,
        operation: "1".to_owned(),
        at: Timestamp::from_ms(1),
        actor: "mia@acme.example".to_owned(),
        kind,
        target: target.to_owned(),
        before: before.to_owned(),
        requested: RequestedValue::Empty,
        reason: String::new(),
        request_id: String::new(),
        client_address: None,
        outcome: Outcome::Done,
        detail: Detail::Empty,
    }
}

fn everyone() -> [Principal; 8] {
    use PrincipalKind::{ServicePrincipal, User};
    [
        principal(1, User, "mia@acme.example", "Mia Kowalski"),
        principal(2, User, "alex@acme.example", "Alex Chen"),
        principal(3, User, "alex2@acme.example", "Alex Chen"),
        principal(4, ServicePrincipal, "app-4", "airflow (prod)"),
        principal(5, ServicePrincipal, "app-5", "twin"),
        principal(6, ServicePrincipal, "app-6", "twin"),
        principal(7, ServicePrincipal, "app-7", "alex@acme.example"),
        principal(8, ServicePrincipal, "app-8", ""),
    ]
}

fn known(directory: &Directory, operations: &[Operation]) -> KnownNames {
    KnownNames::of(directory, operations, |_| None)
}

fn id_and_name(named: &NamedPrincipal) -> (i64, &str) {
    (named.id.get(), named.name.as_str())
}

#[test]
fn the_owner_of_a_revoked_token_is_found_if_only_one_can_be_meant() {
    let directory = Directory::complete(everyone());
    let reading = |text: &str| {
        let names = known(&directory, &[operation(ActivityKind::RevokeToken, "t", text)]);
        let read = names.comment_and_owner(text);
        read.map(|(comment, owner)| (comment.to_owned(), owner.id.get(), owner.name.clone()))
    };
    let read = |comment: &str, id, name: &str| Some((comment.to_owned(), id, name.to_owned()));
    assert_eq!(
        reading("nightly (mia@acme.example)"),
        read("nightly", 1, "Mia Kowalski")
    );
    assert_eq!(reading("mia@acme.example"), read("", 1, "Mia Kowalski"));
    assert_eq!(reading("a (b) (airflow (prod))"), read("a (b)", 4, "airflow (prod)"));
    // Namesakes are told apart by their usernames.
    assert_eq!(reading("x (alex2@acme.example)"), read("x", 3, "alex2@acme.example"));
    for ambiguous in [
        "x (twin)",
        // The username of one is what lists show of another.
        "x (alex@acme.example)",
        "x (no one)",
        "x (mia@acme.example) ",
        "",
        ")",
        " (",
    ] {
        assert_eq!(reading(ambiguous), None, "{ambiguous:?}");
    }
}

#[test]
fn a_hostile_comment_has_few_readings() {
    assert_eq!(readings(&format!("{})", " (".repeat(1000))).count(), 1 + MAX_SPLITS);
}

#[test]
fn a_service_principal_is_known_by_its_application_id_and_by_its_display_name_in_a_complete_list_only() {
    let created = operation(ActivityKind::CreateToken, "app-4", "");
    let revoked = operation(ActivityKind::RevokeToken, "t", "x (airflow (prod))");
    let operations = [created, revoked];
    for directory in [Directory::complete(everyone()), Directory::partial(everyone())] {
        let names = known(&directory, &operations);
        let named = names.principal("app-4").map(id_and_name);
        assert_eq!(named, Some((4, "airflow (prod)")));
        assert_eq!(names.principal("airflow (prod)").is_some(), directory.is_complete());
        assert_eq!(names.principal("app-8"), None, "no operation names it");
    }
}

#[test]
fn a_listed_token_has_the_owner_of_its_id() {
    let directory = Directory::complete(everyone());
    let operations = [
        operation(ActivityKind::EditComment, "listed", "old"),
        operation(ActivityKind::EditComment, "gone", "old"),
    ];
    let names = KnownNames::of(&directory, &operations, |id| {
        (id.as_str() == "listed").then(|| ("new".to_owned(), Some(PrincipalId::new(3))))
    });
    let token = names.token(&TokenId::new("listed")).unwrap();
    assert_eq!(token.comment, "new");
    assert_eq!(token.owner.as_ref().map(id_and_name), Some((3, "alex2@acme.example")));
    assert_eq!(names.token(&TokenId::new("gone")), None);
}
