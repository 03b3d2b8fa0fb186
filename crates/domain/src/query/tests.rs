//! Writes and reads URLs, and checks both directions against each other.

use percent_encoding::percent_decode_str;
use proptest::prelude::*;
use proptest::sample::select;

use super::parse::{MAX_FILTER_BYTES, text};
use super::*;
use crate::{ScopeState, Timestamp};

fn decode(query: &str) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().unwrap().into_owned();
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn parsed(query: &str) -> ParsedQuery {
    let pairs = decode(query);
    ParsedQuery::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
}

fn parse(query: &str) -> TokenQuery {
    parsed(query).query
}

#[test]
fn slugs_are_part_of_urls_and_stay_as_they_are() {
    assert_eq!(
        PrincipalKind::ALL.map(PrincipalKind::slug),
        ["user", "service_principal"]
    );
    assert_eq!(Status::ALL.map(Status::slug), ["active", "expired", "unknown"]);
    let findings = [
        "owner-deactivated-in-use",
        "owner-gone",
        "owner-deactivated",
        "owner-unknown",
        "no-owner",
        "expires-soon-in-use",
        "expires-soon",
        "never-expires",
        "owner-may-not-use",
        "can-create-tokens",
        "will-be-narrowed",
        "over-policy",
        "idle",
        "few-scopes-used",
        "created-by-other",
        "never-used",
        "no-comment",
        "expired",
    ];
    assert_eq!(FindingKind::ALL.map(FindingKind::slug), findings);
    let keys = ["comment", "owner", "created", "expires", "last_used"];
    assert_eq!(SortKey::ALL.map(SortKey::slug), keys);
    let presets = ["7d", "30d", "90d", "later", "never", "expired"];
    assert_eq!(ExpiryWindow::PRESETS.map(ExpiryWindow::slug), presets);
    let weeks: Vec<_> = (0..EXPIRY_WEEKS).map(|n| ExpiryWindow::week(n).slug()).collect();
    assert_eq!((weeks[0].as_str(), weeks[1].as_str()), ("7d", "week-2"));
    assert_eq!((weeks[12].as_str(), weeks.len()), ("week-13", 13));
    let uses = ["today", "7d", "30d", "60d-or-longer", "never"];
    assert_eq!(UseWindow::ALL.map(UseWindow::slug), uses);
}

#[test]
fn all_but_unreserved_characters_are_encoded() {
    let all: String = (' '..='~').collect();
    let encoded = "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40\
                   ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~";
    assert_eq!(path_segment(&all), encoded);
    assert_eq!(path_segment("\0\u{7f}ä"), "%00%7F%C3%A4");
}

#[test]
fn a_path_segment_never_leads_upwards() {
    for (text, encoded) in [
        (".", "%2E"),
        ("..", "%2E%2E"),
        ("...", "..."),
        ("../a", "..%2Fa"),
        ("a.b", "a.b"),
    ] {
        assert_eq!(path_segment(text), encoded);
        assert_eq!(percent_encode(text), encoded);
    }
}

#[test]
fn malformed_values_are_dropped() {
    let query = parse("status=broken&sort=%2D%2Dx&page=-3&created_by_id=1.5&finding=&foo=bar");
    assert_eq!(query, TokenQuery::default());
    assert_eq!(parse("page=18446744073709551615").page, usize::MAX - 1);
    assert_eq!(parse("page=0").page, 0);
}

#[test]
fn dropped_parameters_are_reported_by_name_and_without_their_value() {
    let value = format!("dapi{}", "0123456789abcdef".repeat(2));
    let invalid = "status=broken&finding=idle&finding=worn&idle=0&expires_from=2026-02-30&used_to=soon&owner_kind=group\
               &sort=size&creator=self&page=two&created_by_id=x&idle=10000";
    let found = parsed(&format!("{invalid}&id={value}&owner=%00&foo=bar"));
    let rejected = [
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
    assert_eq!(found.rejected, rejected);
    assert_eq!(found.query, parse("finding=idle"));
    let empty = parsed("q=&id=%20&finding=&idle=&expires_from=&sort=&page=&creator=&scope=%20");
    assert_eq!(empty, ParsedQuery::default(), "an empty field is not a filter");
}

#[test]
fn findings_add_up_in_the_order_of_the_url_and_each_counts_once() {
    let query = parse("finding=never-used&finding=never-expires&finding=never-used&status=active&status=expired");
    assert_eq!(query.findings, [FindingKind::NeverUsed, FindingKind::NeverExpires]);
    assert_eq!(
        query.status,
        Some(Status::Expired),
        "of any other filter, the last value counts"
    );
}

#[test]
fn one_value_stands_for_an_owner_who_is_gone_or_deactivated() {
    let both = parse("finding=owner-deactivated&finding=owner-gone");
    assert_eq!(parse(&format!("finding={OWNER_ABSENT}")), both);
    assert_eq!(
        parse(&format!("finding=owner-deactivated&finding={OWNER_ABSENT}")),
        both
    );
    assert_eq!(both.to_query_string(), "finding=owner-deactivated&finding=owner-gone");
}

#[test]
fn a_window_that_does_not_exist_is_not_valid() {
    let windows = ["expires=week-1", "expires=week-14", "expires=8d", "used=90d", "used=0"];
    for invalid in windows.into_iter().chain(["narrows_within=8", "scope_state=RUNNING"]) {
        let parsed = parsed(invalid);
        assert_eq!(
            (parsed.query, parsed.rejected.len()),
            (TokenQuery::default(), 1),
            "{invalid}"
        );
    }
}

#[test]
fn a_filter_that_was_dropped_makes_the_query_unfit_for_selecting() {
    let long = format!("q={}", "x".repeat(MAX_FILTER_BYTES + 1));
    for (query, name) in [
        ("status=worn&q=ci", "status"),
        ("status=active&status=expired", "status"),
        ("finding=idle&finding=worn", "finding"),
        (long.as_str(), "q"),
    ] {
        assert_eq!(parsed(query).strict(), Err(InvalidFilters(vec![name])), "{query}");
    }
    // An empty field does not clear an earlier filter, and the sort order is not a filter.
    let query = parsed("status=active&status=&sort=size&page=two&q=ci&q=ci");
    assert_eq!(query.strict(), Ok(&parse("status=active&q=ci")));
}

#[test]
fn mark_is_read_as_finding_and_never_written() {
    let query = parse("mark=never-used&mark=never-expires");
    let written = "finding=never-used&finding=never-expires";
    assert_eq!(query, parse(written));
    assert_eq!(query.to_query_string(), written);
    assert_eq!(parsed("mark=worn").rejected, ["finding"]);
    assert_eq!(parsed("mark="), ParsedQuery::default());
}

#[test]
fn finding_wins_over_mark() {
    for query in [
        "mark=idle&finding=never-used",
        "finding=never-used&mark=idle",
        "finding=never-used&mark=worn",
    ] {
        assert_eq!(parsed(query), parsed("finding=never-used"), "{query}");
    }
    assert_eq!(parsed("finding=worn&mark=idle"), parsed("finding=worn"));
    assert_eq!(parsed("mark=idle&finding="), ParsedQuery::default());
}

#[test]
fn a_pasted_token_value_never_becomes_a_filter() {
    let value = format!("dapi{}", "0123456789abcdef".repeat(2));
    assert_eq!(parse(&format!("q={value}")).q, "");
}

#[test]
fn a_click_on_the_current_heading_reverses_the_order() {
    let newest = Sort::default();
    let oldest = newest.toggled(SortKey::Created);
    assert_eq!(oldest.direction, Direction::Ascending);
    assert_eq!(oldest.toggled(SortKey::Created), newest);
    assert_eq!(newest.toggled(SortKey::Owner).direction, Direction::Ascending);
}

#[test]
fn order_and_page_are_not_filters() {
    assert!(!parse("sort=owner&page=3").is_filtered());
    assert!(parse("q=x").is_filtered());
    assert!(parse("finding=idle").is_filtered());
}

fn any_range() -> impl Strategy<Value = DayRange> {
    let day = || proptest::option::of((-700_000i64..2_900_000).prop_map(|n| Timestamp::from_ms(n * 86_400_000).day()));
    (day(), day()).prop_map(|(from, to)| DayRange { from, to })
}

fn any_sort() -> impl Strategy<Value = Sort> {
    select(Sort::all().collect::<Vec<_>>())
}

fn any_scope_state() -> impl Strategy<Value = ScopeStateFilter> {
    prop_oneof![
        select(ScopeState::ALL.to_vec()).prop_map(ScopeStateFilter::Is),
        "[A-Z_]{1,20}".prop_filter_map("not a name", |name| ScopeStateFilter::named(&name)),
    ]
}

prop_compose! {
    fn any_text_filters()(
        q in ".{0,40}", token in ".{0,20}", name in "[a-z@.]{0,20}", id in any::<Option<i64>>(), owner in ".{0,20}",
        scope in "[a-z-]{0,9}", scope_state in proptest::option::of(any_scope_state()),
        narrows_within in proptest::option::of(select(NarrowsWithin::ALL.to_vec())),
    ) -> TokenQuery {
        TokenQuery {
            q: text(&q), id: text(&token), created_by_username: name, created_by_id: id.map(PrincipalId::new),
            owner: text(&owner), scope, scope_state, narrows_within, ..TokenQuery::default()
        }
    }
}

prop_compose! {
    fn any_time_filters()(
        created in any_range(), expires in any_range(), used in any_range(),
        idle_days in proptest::option::of(1..=MAX_IDLE_DAYS),
        expires_in in proptest::option::of(select(ExpiryWindow::all().collect::<Vec<_>>())),
        last_used in proptest::option::of(select(UseWindow::ALL.to_vec())),
        over in proptest::option::of(1..=LONGEST_LIFETIME_DAYS),
        up_to in proptest::option::of(1..=LONGEST_LIFETIME_DAYS),
    ) -> TokenQuery {
        let lifetime = LifetimeRange { over, up_to };
        TokenQuery { created, expires, used, idle_days, expires_in, last_used, lifetime, ..TokenQuery::default() }
    }
}

prop_compose! {
    fn any_query()(
        texts in any_text_filters(), times in any_time_filters(), by_other in any::<bool>(),
        owner_kind in proptest::option::of(select(PrincipalKind::ALL.to_vec())),
        status in proptest::option::of(select(Status::ALL.to_vec())),
        findings in proptest::sample::subsequence(FindingKind::ALL.to_vec(), 0..=FindingKind::ALL.len()).prop_shuffle(),
        sort in any_sort(), page in 0usize..9999,
    ) -> TokenQuery {
        TokenQuery {
            q: texts.q, id: texts.id, created_by_username: texts.created_by_username, owner: texts.owner,
            created_by_id: texts.created_by_id, scope: texts.scope, created_by_other: by_other, owner_kind, status,
            scope_state: texts.scope_state, narrows_within: texts.narrows_within, findings, sort, page, ..times
        }
    }
}

proptest! {
    #[test]
    fn a_query_is_the_same_after_writing_and_reading_its_url(query in any_query()) {
        prop_assert_eq!(parsed(&query.to_query_string()), ParsedQuery { query, rejected: Vec::new() });
    }

    #[test]
    fn any_pairs_can_be_read(name in ".{0,20}", value in ".*") {
        let query = TokenQuery::from_pairs([(name.as_str(), value.as_str()), ("q", value.as_str())]);
        prop_assert!(query.q.len() <= MAX_FILTER_BYTES);
        let known = ["id", "idle", "expires", "used", "created_to", "expires_from", "used_to", "finding", "mark"];
        let known = known.into_iter().chain(["scope_state", "narrows_within"]);
        for known in known.chain(["scope", "lifetime_over", "lifetime_to", "page"]) {
            let parsed = ParsedQuery::from_pairs([(known, value.as_str())]);
            prop_assert!(parsed.rejected.is_empty() || parsed.query == TokenQuery::default(), "{known}");
        }
    }
}
