//! Tests the inventory with a few handwritten tokens; `naive_filter` tests it with generated ones.

mod counters;
mod findings;
mod handles;
mod naive_filter;
mod neighbours;
mod scope_numbers;
mod unread;

use std::time::Duration;

use super::*;
use crate::{DAY, Day, Expiry, Finding, FindingKind, Principal, PrincipalKind};

const NOW: Timestamp = Timestamp::from_ms(1_795_442_400_000);
const NO_POLICY: Known<MaxLifetime> = Known::NotAvailable(UnreadPart::Policy);
const MILLISECOND: Duration = Duration::from_millis(1);

fn directory() -> Arc<Directory> {
    let principal = |id, kind, name: &str, display: &str, active| Principal {
        id: PrincipalId::new(id),
        kind,
        name: name.into(),
        display_name: display.into(),
        active,
    };
    Arc::new(Directory::complete([
        principal(1, PrincipalKind::User, "mia@acme.example", "Mia Kowalski", true),
        principal(2, PrincipalKind::User, "old.hand@acme.example", "Old Hand", false),
        principal(3, PrincipalKind::ServicePrincipal, "3f1c1d5e-0c3a", "ci-deployer", true),
    ]))
}

fn token(id: &str, comment: &str, owner: i64, expiry: Expiry) -> Token {
    Token {
        id: TokenId::new(id),
        comment: comment.into(),
        owner: Some(PrincipalId::new(owner)),
        creator: Some(PrincipalId::new(1)),
        creator_name: Some("mia@acme.example".into()),
        created: Some(NOW.minus(DAY * 100)),
        expiry,
        last_used: Some(NOW.day()),
        scopes: None,
        autoscope: None,
        inferred_scopes: Vec::new(),
        backfill_scopes: Vec::new(),
        workspace_id: None,
    }
}

fn inventory(tokens: Vec<Token>) -> Inventory {
    let membership = Arc::new(crate::access::Membership::new(&directory(), &[]));
    let everyone = crate::access::Grantee::Group("users".into());
    let list = crate::access::AccessList::new([crate::access::Grant::to_use(everyone)]);
    let access = Known::Known(Arc::new(TokenAccess::new(membership, &list)));
    let bare = Inventory::new(tokens, Arc::default(), NO_POLICY, NOW);
    // Fill the caches now: they must not be reused after the parts have arrived.
    bare.listed_page(&parse("owner=mia&sort=owner"));
    bare.with_parts(directory(), Known::Known(MaxLifetime::Days(90)), access)
}

/// An inventory of active tokens with these lifetimes in days; `None` never expires.
pub(super) fn inventory_of_lifetimes(days: &[Option<u32>]) -> Inventory {
    let of = |(i, days): (usize, &Option<u32>)| Token {
        created: Some(NOW.minus(DAY / 2)),
        ..token(
            &format!("{i}"),
            "",
            1,
            days.map_or(Expiry::Never, |days| Expiry::At(NOW.plus(DAY * days).minus(DAY / 2))),
        )
    };
    inventory(days.iter().enumerate().map(of).collect())
}

fn page_of<'a>(all: &'a Inventory, query: &TokenQuery) -> TokenPage<'a> {
    all.page(query).known().unwrap()
}

fn ids(page: &TokenPage<'_>) -> Vec<String> {
    page.tokens.iter().map(|t| t.id.to_string()).collect()
}

fn search(q: &str) -> TokenQuery {
    TokenQuery {
        q: q.into(),
        ..TokenQuery::default()
    }
}

#[test]
fn a_search_looks_in_comment_and_id_ignoring_case_and_never_spans_two_texts() {
    let all = inventory(vec![
        token("aa11", "Nightly EXPORT", 1, Expiry::Never),
        token("bb22", "ÜBERSICHT", 1, Expiry::Never),
        token("cc33", "", 1, Expiry::Never),
    ]);
    assert_eq!(ids(&page_of(&all, &search("export"))), ["aa11"]);
    assert_eq!(ids(&page_of(&all, &search("übersicht"))), ["bb22"]);
    assert_eq!(ids(&page_of(&all, &search("C33"))), ["cc33"]);
    assert!(ids(&page_of(&all, &search("aa11über"))).is_empty());
    assert!(ids(&page_of(&all, &search("export aa"))).is_empty());
}

#[test]
fn an_owner_is_exact_and_a_part_of_a_name_is_found_by_the_search() {
    let all = inventory(vec![
        token("aa", "", 1, Expiry::Never),
        token("bb", "", 3, Expiry::Never),
        token("cc", "", 99, Expiry::Never),
    ]);
    let owner = |text: &str| {
        ids(&page_of(
            &all,
            &TokenQuery {
                owner: text.into(),
                ..TokenQuery::default()
            },
        ))
    };
    assert_eq!(owner("3F1C1D5E-0c3a"), ["bb"]);
    assert_eq!(owner("99"), ["cc"]);
    for part in ["kowalski", "ci-dep", "9", "old"] {
        assert!(owner(part).is_empty(), "{part}");
    }
    let is_unknown = |text: &str| all.listed_page(&parse(&format!("owner={text}"))).is_owner_unknown;
    assert!(is_unknown("kowalski") && !is_unknown("99") && !is_unknown("3f1c1d5e-0c3a") && !is_unknown(""));
    // Mia created all tokens.
    assert_eq!(ids(&page_of(&all, &search("ci-DEP"))), ["bb"]);
    assert_eq!(ids(&page_of(&all, &search("mia@acme"))).len(), 3);
}

#[test]
fn a_token_can_have_several_findings() {
    let mut neglected = token("aa", "", 2, Expiry::Never);
    neglected.last_used = None;
    let all = inventory(vec![neglected, token("bb", "", 99, Expiry::At(NOW.minus(MILLISECOND)))]);
    let findings = |i: usize| all.findings(all.tokens().nth(i).unwrap()).found().collect::<Vec<_>>();
    assert_eq!(
        findings(0),
        [
            Finding::OwnerDeactivated,
            Finding::NeverExpires,
            Finding::OverPolicy,
            Finding::Idle(100),
            Finding::CreatedByOther,
            Finding::NeverUsed,
            Finding::NoComment,
        ]
    );
    assert_eq!(findings(1), [Finding::OwnerUnknown, Finding::Expired]);
}

#[test]
fn a_lifetime_of_exactly_the_limit_is_within_the_policy() {
    let created = NOW.minus(DAY * 100);
    let within = token("aa", "", 1, Expiry::At(created.plus(DAY * 200)));
    let mut over = within.clone();
    over.expiry = Expiry::At(created.plus(DAY * 200 + MILLISECOND));
    let tokens = vec![within, over];
    let at = |limit| {
        Inventory::new(tokens.clone(), directory(), limit, NOW)
            .counts()
            .over_policy
    };
    let exactly = TokenCount::Exactly;
    assert_eq!(at(Known::Known(MaxLifetime::Days(200))), Known::Known(exactly(1)));
    assert_eq!(at(Known::Known(MaxLifetime::NoCustomLimit)), Known::Known(exactly(0)));
    assert_eq!(at(NO_POLICY), Known::NotAvailable(UnreadPart::Policy));
    let all = Inventory::new(tokens.clone(), directory(), NO_POLICY, NOW);
    assert_eq!(all.exceeding(MaxLifetime::Days(199)), exactly(2));
    assert_eq!(all.exceeding(MaxLifetime::Days(200)), exactly(1));
    assert_eq!(all.exceeding(MaxLifetime::NoCustomLimit), exactly(0));
}

#[test]
fn usage_counts_each_owner_once_and_only_active_tokens() {
    let mut old = token("dd", "", 3, Expiry::Never);
    old.last_used = Some(NOW.minus(DAY * 8).day());
    let all = inventory(vec![
        token("aa", "", 1, Expiry::Never),
        token("bb", "", 1, Expiry::At(NOW.plus(MILLISECOND))),
        token("cc", "", 2, Expiry::At(NOW)),
        old,
        token("ee", "", 2, Expiry::Unknown),
    ]);
    assert_eq!(
        all.usage(),
        TokenUsage {
            tokens: TokenCount::Exactly(3),
            owners: TokenCount::Exactly(2),
            service_principals: Known::Known(TokenCount::Exactly(1)),
            recently_used: TokenCount::Exactly(2),
            without_owner: TokenCount::Exactly(0),
        }
    );
}

#[test]
fn a_page_beyond_the_end_is_the_last_page() {
    let all = inventory(
        (0..101)
            .map(|i| token(&format!("{i:03}"), "", 1, Expiry::Never))
            .collect(),
    );
    let page = page_of(
        &all,
        &TokenQuery {
            page: usize::MAX - 1,
            ..TokenQuery::default()
        },
    );
    assert_eq!((page.number, page.pages, page.tokens.len()), (2, 3, 1));
    assert_eq!((page.first(), page.last()), (101, 101));
    let empty = inventory(Vec::new());
    let page = empty.page(&TokenQuery::default()).known().unwrap();
    assert_eq!((page.first(), page.last(), page.pages), (0, 0, 1));
}

#[test]
fn a_token_is_found_by_its_id_and_keeps_its_position() {
    let all = inventory(
        (0..300)
            .map(|i| token(&format!("{i:03}"), "", 1, Expiry::Never))
            .collect(),
    );
    let id = |i: usize| TokenId::new(format!("{i:03}"));
    assert_eq!(all.position_of(&id(0)), Some(0));
    assert_eq!(all.position_of(&id(299)), Some(299));
    assert_eq!(all.get(&id(128)).map(|t| t.id.clone()), Some(id(128)));
    assert_eq!((all.position_of(&id(300)), all.get(&TokenId::new(""))), (None, None));
    let fewer = all.excluding(&[id(127), id(299), id(300)]);
    assert_eq!(fewer.position_of(&id(128)), Some(128));
    assert_eq!((fewer.position_of(&id(127)), fewer.get(&id(299))), (None, None));
    // The original inventory is unchanged.
    assert_eq!((all.position_of(&id(299)), all.counts().total.seen()), (Some(299), 300));
    assert_eq!(fewer.excluding(&[id(127), id(128)]).counts().total.seen(), 297);
}

#[test]
fn the_first_of_several_tokens_with_the_same_id_is_found() {
    let all = inventory(vec![
        token("aa", "first", 1, Expiry::Never),
        token("aa", "second", 1, Expiry::Never),
    ]);
    assert_eq!(all.get(&TokenId::new("aa")).map(|t| t.comment.as_str()), Some("first"));
}

/// `days` after now, or before now if negative.
fn in_days(days: i64) -> Timestamp {
    Timestamp::from_ms(NOW.ms() + days * 86_400_000)
}

fn days_ago(days: i64) -> Day {
    in_days(-days).day()
}

fn parse(query: &str) -> TokenQuery {
    TokenQuery::from_pairs(query.split('&').filter_map(|pair| pair.split_once('=')))
}

#[test]
fn each_filter_keeps_exactly_the_tokens_that_match_it() {
    let mut unused = token("aa11", "", 1, Expiry::Never);
    unused.last_used = Some(days_ago(70));
    let mut never_used = token("AA22", "", 2, Expiry::At(NOW.plus(DAY * 5)));
    never_used.last_used = None;
    never_used.scopes = Some(vec!["SQL".into(), "jobs".into()]);
    let mut of_unknown_owner = token("bbaa", "", 99, Expiry::Unknown);
    of_unknown_owner.scopes = Some(vec!["sql-admin".into()]);
    let of_service_principal = token("cc", "", 3, Expiry::At(NOW.minus(DAY)));
    let all = inventory(vec![unused, never_used, of_unknown_owner, of_service_principal]);
    let day = |days| days_ago(days).to_iso();
    for (query, expected) in [
        ("id=aA".to_owned(), vec!["AA22", "aa11"]),
        ("id=aa11".to_owned(), vec!["aa11"]),
        ("owner_kind=user".to_owned(), vec!["AA22", "aa11"]),
        ("owner_kind=service_principal".to_owned(), vec!["cc"]),
        ("creator=other".to_owned(), vec!["AA22", "bbaa", "cc"]),
        ("finding=never-expires&finding=idle".to_owned(), vec!["aa11"]),
        ("finding=never-expires&finding=never-used".to_owned(), vec![]),
        (
            "finding=owner-deactivated&finding=owner-unknown".to_owned(),
            vec!["AA22", "bbaa"],
        ),
        ("finding=owner-deactivated&finding=never-used".to_owned(), vec!["AA22"]),
        (format!("expires_from={}", day(0)), vec!["AA22"]),
        (format!("expires_to={}", day(0)), vec!["cc"]),
        (format!("expires_from={}&expires_to={0}", day(-5)), vec!["AA22"]),
        ("expires=7d".to_owned(), vec!["AA22"]),
        ("expires=30d&used=never".to_owned(), vec!["AA22"]),
        ("expires=never".to_owned(), vec!["aa11"]),
        ("expires=expired".to_owned(), vec!["cc"]),
        ("expires=week-2".to_owned(), vec![]),
        ("used=today".to_owned(), vec!["bbaa", "cc"]),
        ("used=60d-or-longer".to_owned(), vec!["aa11"]),
        (
            format!("created_from={}&created_to={0}", day(100)),
            vec!["AA22", "aa11", "bbaa", "cc"],
        ),
        (format!("created_to={}", day(101)), vec![]),
        (format!("used_to={}", day(70)), vec!["aa11"]),
        (format!("used_from={}", day(69)), vec!["bbaa", "cc"]),
        ("idle=70".to_owned(), vec!["AA22", "aa11"]),
        ("idle=71".to_owned(), vec!["AA22"]),
        ("idle=101".to_owned(), vec![]),
        ("scope=sql".to_owned(), vec!["AA22"]),
        ("scope=All-APIs".to_owned(), vec!["aa11", "cc"]),
        ("scope=nothing".to_owned(), vec![]),
        (
            "created_by_username=MIA@acme.example&created_by_id=1&scope=jobs".to_owned(),
            vec!["AA22"],
        ),
        ("created_by_username=mia".to_owned(), vec![]),
    ] {
        let mut found = ids(&page_of(&all, &parse(&query)));
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn scopes_are_counted_ignoring_case_with_the_most_common_first() {
    let with = |id: &str, scopes: &[&str]| Token {
        scopes: Some(scopes.iter().map(|s| (*s).to_owned()).collect()),
        ..token(id, "", 1, Expiry::Never)
    };
    let all = inventory(vec![
        with("aa", &["sql", "SQL", "jobs"]),
        with("bb", &["sql"]),
        token("cc", "", 1, Expiry::Never),
        with("dd", &["all-apis"]),
        with("ee", &["sql"]),
    ]);
    let counted = |query: &str| {
        let facets = all.listed_page(&parse(query)).facets;
        let scopes = facets
            .scopes
            .iter()
            .map(|scope| (scope.name.to_lowercase(), scope.tokens));
        scopes.collect::<Vec<_>>()
    };
    let expected = |sql, all_apis, jobs| {
        vec![
            ("sql".to_owned(), sql),
            ("all-apis".to_owned(), all_apis),
            ("jobs".to_owned(), jobs),
        ]
    };
    assert_eq!(counted(""), expected(3, 2, 1));
    assert_eq!(
        counted("scope=jobs"),
        expected(3, 2, 1),
        "the numbers if another scope is chosen"
    );
    assert_eq!(counted("id=aa"), expected(1, 0, 1));
}

#[test]
fn access_that_becomes_known_later_leads_to_findings() {
    let all = Inventory::new(vec![token("aa", "", 1, Expiry::Never)], directory(), NO_POLICY, NOW);
    let lacks_permission = parse("finding=owner-may-not-use");
    assert_eq!(all.page(&lacks_permission).missing(), Some(UnreadPart::Permissions));
    let list = crate::access::AccessList::default();
    let membership = Arc::new(crate::access::Membership::new(&directory(), &[]));
    let access = Known::Known(Arc::new(TokenAccess::new(membership, &list)));
    let all = all.with_parts(directory(), NO_POLICY, access);
    assert_eq!(page_of(&all, &lacks_permission).matching, 1);
}

#[test]
fn a_token_without_an_owner_has_no_unknown_one() {
    let without = Token {
        owner: None,
        ..token("aa", "", 1, Expiry::Never)
    };
    let all = inventory(vec![without, token("bb", "", 99, Expiry::Never)]);
    let of = |finding: &str| ids(&page_of(&all, &parse(&format!("finding={finding}"))));
    assert_eq!(
        (of("no-owner"), of("owner-unknown")),
        (vec!["aa".into()], vec!["bb".into()])
    );
    assert!(
        of("owner-may-not-use").is_empty(),
        "no one knows whose permission it needs"
    );
    assert_eq!(all.usage().without_owner, TokenCount::Exactly(1));
    let (limit, access) = (all.limit, all.access.clone());
    assert_eq!(all.unknown_owners(), [PrincipalId::new(99)]);
    let asked = all.with_parts(Arc::new(directory().with_gone([PrincipalId::new(99)])), limit, access);
    let of = |finding: &str| ids(&page_of(&asked, &parse(&format!("finding={finding}"))));
    assert_eq!((of("owner-gone"), of("owner-unknown")), (vec!["bb".into()], vec![]));
    assert!(asked.unknown_owners().is_empty());
}

#[test]
fn an_empty_list_of_scopes_counts_as_full_access() {
    let empty = Token {
        scopes: Some(Vec::new()),
        ..token("aa", "", 1, Expiry::Never)
    };
    let all = inventory(vec![empty]);
    assert_eq!(page_of(&all, &parse("scope=all-apis")).matching, 1);
    assert_eq!(
        all.listed_page(&TokenQuery::default()).facets.scopes[0].name,
        "all-apis"
    );
}

#[test]
fn a_finding_that_cannot_be_determined_is_neither_found_nor_absent() {
    let partial = Arc::new(Directory::partial(directory().get(PrincipalId::new(2)).cloned()));
    let tokens = vec![
        token("aa", "", 1, Expiry::Never),
        token("bb", "", 2, Expiry::At(NOW.minus(DAY))),
    ];
    let all = Inventory::new(tokens, partial, NO_POLICY, NOW);
    let undetermined = |i: usize| {
        let findings = all.findings(all.tokens().nth(i).unwrap());
        findings.undetermined().collect::<Vec<_>>()
    };
    use FindingKind::{
        OverPolicy, OwnerDeactivated, OwnerDeactivatedInUse, OwnerGone, OwnerLacksPermission, OwnerUnknown,
    };
    use UnreadPart::{Names, Permissions, Policy};
    assert_eq!(
        undetermined(0),
        [
            (OwnerDeactivatedInUse, Names),
            (OwnerGone, Names),
            (OwnerDeactivated, Names),
            (OwnerUnknown, Names),
            (OwnerLacksPermission, Permissions),
            (OverPolicy, Policy),
        ]
    );
    assert_eq!(
        undetermined(1),
        [(OwnerLacksPermission, Permissions)],
        "an expired token of a known owner"
    );
}
