//! Both directions of the address, held to each other.

use super::parse::{MAX_FILTER_BYTES, text};
use super::*;
use crate::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

fn decode(query: &str) -> Vec<(String, String)> {
    let unescape = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(b) = rest.next() {
            if b == b'%' {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                bytes.push(u8::from_str_radix(core::str::from_utf8(&hex).unwrap(), 16).unwrap());
            } else {
                bytes.push(b);
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (unescape(name), unescape(value)))
        .collect()
}

fn asked(query: &str) -> ParsedQuery {
    let pairs = decode(query);
    ParsedQuery::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}

fn parse(query: &str) -> TokenQuery {
    asked(query).query
}

#[test]
fn malformed_values_are_dropped() {
    let query = parse("status=broken&sort=%2D%2Dx&page=-3&created_by_id=1.5&finding=&foo=bar");
    assert_eq!(query, TokenQuery::default());
    assert_eq!(parse("page=18446744073709551615").page, usize::MAX - 1);
    assert_eq!(parse("page=0").page, 0);
}

#[test]
fn what_was_dropped_is_told_by_name_alone() {
    let value = format!("dapi{}", "0123456789abcdef".repeat(2));
    let bad = "status=broken&finding=idle&finding=worn&idle=0&expires_from=2026-02-30&used_to=soon&owner_kind=group\
               &sort=size&creator=self&page=two&created_by_id=x&idle=10000";
    let found = asked(&format!("{bad}&id={value}&owner=%00&foo=bar"));
    let told = [
        "status",
        "finding",
        "idle",
        "expires_from",
        "used_to",
        "owner_kind",
        "sort",
        "creator",
        "page",
        "created_by_id",
        "id",
        "owner",
    ];
    assert_eq!(found.rejected, told);
    assert_eq!(found.query, parse("finding=idle"));
    let nothing = asked("q=&id=%20&finding=&idle=&expires_from=&sort=&page=&creator=&scope=%20");
    assert_eq!(nothing, ParsedQuery::default(), "an empty field asks for nothing");
}

#[test]
fn marks_add_up_in_their_order_and_each_once() {
    let query = parse("finding=never-used&finding=never-expires&finding=never-used&status=active&status=expired");
    assert_eq!(query.marks, [FindingKind::NeverUsed, FindingKind::NeverExpires]);
    assert_eq!(query.status, Some(Status::Expired), "of anything else the last counts");
}

#[test]
fn mark_is_read_as_finding_and_never_written() {
    let query = parse("mark=never-used&mark=never-expires");
    let address = "finding=never-used&finding=never-expires";
    assert_eq!(query, parse(address));
    assert_eq!(query.to_query_string(), address);
    assert_eq!(asked("mark=worn").rejected, ["finding"]);
    assert_eq!(asked("mark="), ParsedQuery::default());
}

#[test]
fn finding_wins_over_mark() {
    for address in [
        "mark=idle&finding=never-used",
        "finding=never-used&mark=idle",
        "finding=never-used&mark=worn",
    ] {
        assert_eq!(asked(address), asked("finding=never-used"), "{address}");
    }
    assert_eq!(asked("finding=worn&mark=idle"), asked("finding=worn"));
    assert_eq!(asked("mark=idle&finding="), ParsedQuery::default());
}

#[test]
fn a_pasted_token_value_never_becomes_a_filter() {
    let value = format!("dapi{}", "0123456789abcdef".repeat(2));
    assert_eq!(parse(&format!("q={value}")).q, "");
}

#[test]
fn a_heading_turns_the_order_around() {
    let newest = Sort::default();
    let oldest = newest.toggled(SortKey::Created);
    assert_eq!(oldest.direction, Direction::Ascending);
    assert_eq!(oldest.toggled(SortKey::Created), newest);
    assert_eq!(newest.toggled(SortKey::Owner).direction, Direction::Ascending);
}

#[test]
fn filters_are_told_from_order_and_page() {
    assert!(!parse("sort=owner&page=3").is_filtered());
    assert!(parse("q=x").is_filtered());
    assert!(parse("finding=idle").is_filtered());
}

fn any_window() -> impl Strategy<Value = DayRange> {
    let day = || proptest::option::of((-700_000i64..2_900_000).prop_map(|n| Timestamp::from_ms(n * 86_400_000).day()));
    (day(), day()).prop_map(|(from, to)| DayRange { from, to })
}

fn any_sort() -> impl Strategy<Value = Sort> {
    select(Sort::all().collect::<Vec<_>>())
}

prop_compose! {
    fn any_text_filters()(
        q in ".{0,40}", token in ".{0,20}", name in "[a-z@.]{0,20}", id in any::<Option<i64>>(), owner in ".{0,20}",
        scope in "[a-z-]{0,9}",
    ) -> TokenQuery {
        TokenQuery {
            q: text(&q), id: text(&token), created_by_username: name, created_by_id: id.map(PrincipalId::new),
            owner: text(&owner), scope, ..TokenQuery::default()
        }
    }
}

prop_compose! {
    fn any_query()(
        texts in any_text_filters(), by_other in any::<bool>(),
        owner_kind in proptest::option::of(select(PrincipalKind::ALL.to_vec())),
        status in proptest::option::of(select(Status::ALL.to_vec())),
        marks in proptest::sample::subsequence(FindingKind::ALL.to_vec(), 0..=FindingKind::ALL.len()).prop_shuffle(),
        expires in any_window(), used in any_window(), idle_days in proptest::option::of(1..=MAX_IDLE_DAYS),
        sort in any_sort(), page in 0usize..9999,
    ) -> TokenQuery {
        TokenQuery {
            created_by_other: by_other, owner_kind, status, marks, expires, used, idle_days, sort, page, ..texts
        }
    }
}

proptest! {
    #[test]
    fn the_address_says_everything(query in any_query()) {
        prop_assert_eq!(asked(&query.to_query_string()), ParsedQuery { query, rejected: Vec::new() });
    }

    #[test]
    fn any_pairs_are_accepted(name in ".{0,20}", value in ".*") {
        let query = TokenQuery::from_pairs([(name.as_str(), value.as_str()), ("q", value.as_str())]);
        prop_assert!(query.q.len() <= MAX_FILTER_BYTES);
        for known in ["id", "idle", "expires_from", "used_to", "finding", "mark", "scope", "page"] {
            let asked = ParsedQuery::from_pairs([(known, value.as_str())]);
            prop_assert!(asked.rejected.is_empty() || asked.query == TokenQuery::default(), "{known}");
        }
    }
}
