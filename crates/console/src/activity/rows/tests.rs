use super::*;
use crate::activity::{Detail, RequestedValue};

const BULK: &str = "00000000000000000000000000000001";
const OTHER_BULK: &str = "00000000000000000000000000000002";

fn operation(id: i64, kind: ActivityKind, target: &str, requested: RequestedValue) -> Operation {
    Operation {
        id,
        operation: id.to_string(),
        at: Timestamp::from_ms(id),
        actor: "mia@acme.example".to_owned(),
        kind,
        target: target.to_owned(),
        before: String::new(),
        requested,
        reason: String::new(),
        request_id: String::new(),
        client_address: None,
        outcome: Outcome::Done,
        detail: Detail::Empty,
    }
}

/// `c` is a comment, `r` the start or a retry of a bulk revocation, `i` a token of it, `I` a token of another one.
fn operations(letters: &str) -> Vec<Operation> {
    let part_of = |id: &str| RequestedValue::PartOfBulk(id.parse().unwrap());
    let ids = (1..=letters.len()).rev();
    let all = ids.zip(letters.chars()).map(|(id, letter)| {
        let id = i64::try_from(id).unwrap();
        match letter {
            'c' => operation(id, ActivityKind::EditComment, "t", RequestedValue::Empty),
            'r' => operation(id, ActivityKind::RevokeTokens, BULK, RequestedValue::Tokens(2)),
            'i' => operation(id, ActivityKind::RevokeToken, "t", part_of(BULK)),
            _ => operation(id, ActivityKind::RevokeToken, "t", part_of(OTHER_BULK)),
        }
    });
    all.collect()
}

/// The rows of such operations: `c`, `1` for a token alone, `r2` for a run with two tokens, `?2` for tokens without it.
fn shown(letters: &str) -> String {
    let rows = fold(operations(letters)).into_iter().map(|row| match row {
        ActivityRow::One(one) if one.kind == ActivityKind::EditComment => "c".to_owned(),
        ActivityRow::One(_) => "1".to_owned(),
        ActivityRow::Bulk(bulk) => {
            let run = if bulk.run.is_some() { 'r' } else { '?' };
            format!("{run}{}", bulk.items.len())
        }
    });
    rows.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_bulk_revocation_is_one_row_at_the_place_of_its_start() {
    for (letters, rows) in [
        ("", ""),
        ("ccc", "c c c"),
        ("ciicr", "c c r2"),
        ("cr", "c r0"),
        // The tokens of a retry belong to it.
        ("irciir", "r1 c r2"),
        // The start is older than what was read, or does not match.
        ("ciic", "c ?2 c"),
        ("cic", "c 1 c"),
        ("iIir", "1 r2"),
        ("iIiIcr", "?2 c r2"),
    ] {
        assert_eq!(shown(letters), rows, "{letters}");
    }
}

#[test]
fn a_refused_start_is_not_a_run() {
    let mut all = operations("ir");
    all[1].outcome = Outcome::Refused;
    assert!(fold(all).iter().all(|row| matches!(row, ActivityRow::One(_))));
}

#[test]
fn a_page_has_as_many_rows_as_fit_in_either_direction() {
    for letters in ["cccccc", "ciicrc", "iiiirc", "irciirc", "IiIirc", "ciiiic"] {
        let all = operations(letters);
        for limit in 1..7 {
            let newest = &all[..fitting_from_newest(&all, limit)];
            assert!(fold(newest.to_vec()).len() <= limit, "{letters} {limit}");
            let oldest = &all[all.len() - fitting_from_oldest(&all, limit)..];
            assert!(fold(oldest.to_vec()).len() <= limit, "{letters} {limit}");
            if fold(all.clone()).len() <= limit {
                assert_eq!(
                    (newest.len(), oldest.len()),
                    (all.len(), all.len()),
                    "{letters} {limit}"
                );
            }
        }
    }
}
