//! The index against the plain way of doing the same: filter each token, sort all, cut a page.

use super::*;
use crate::{DAY_MS, Principal, PrincipalKind, Sort};
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_ms(1_795_442_400_000);

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
        created: Some(NOW.plus_ms(-100 * DAY_MS)),
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
    Inventory::new(tokens, directory(), Some(MaxLifetime::Days(90)), NOW)
}

fn ids(page: &Page<'_>) -> Vec<String> {
    page.tokens.iter().map(|t| t.id.to_string()).collect()
}

fn search(q: &str) -> TokenQuery {
    TokenQuery {
        q: q.into(),
        ..TokenQuery::default()
    }
}

#[test]
fn search_finds_comment_and_id_in_any_case_and_never_across_tokens() {
    let all = inventory(vec![
        token("aa11", "Nightly EXPORT", 1, Expiry::Never),
        token("bb22", "ÜBERSICHT", 1, Expiry::Never),
        token("cc33", "", 1, Expiry::Never),
    ]);
    assert_eq!(ids(&all.page(&search("export"))), ["aa11"]);
    assert_eq!(ids(&all.page(&search("übersicht"))), ["bb22"]);
    assert_eq!(ids(&all.page(&search("C33"))), ["cc33"]);
    assert!(ids(&all.page(&search("aa11über"))).is_empty());
    assert!(ids(&all.page(&search("export aa"))).is_empty());
}

#[test]
fn owners_are_found_by_name_display_name_and_id() {
    let all = inventory(vec![
        token("aa", "", 1, Expiry::Never),
        token("bb", "", 3, Expiry::Never),
        token("cc", "", 99, Expiry::Never),
    ]);
    let owner = |text: &str| {
        ids(&all.page(&TokenQuery {
            owner: text.into(),
            ..TokenQuery::default()
        }))
    };
    assert_eq!(owner("KOWALSKI"), ["aa"]);
    assert_eq!(owner("ci-dep"), ["bb"]);
    assert_eq!(owner("99"), ["cc"]);
    assert!(owner("9").is_empty());
}

#[test]
fn marks_say_what_an_admin_should_look_at() {
    let mut odd = token("aa", "", 2, Expiry::Never);
    odd.last_used = None;
    let all = inventory(vec![odd, token("bb", "", 99, Expiry::At(NOW.plus_ms(-1)))]);
    let marks = |i: usize| all.marks(all.tokens().nth(i).unwrap()).collect::<Vec<_>>();
    assert_eq!(
        marks(0),
        [
            Mark::NeverExpires,
            Mark::OverPolicy,
            Mark::Idle(100),
            Mark::NeverUsed,
            Mark::OwnerDeactivated
        ]
    );
    assert_eq!(marks(1), [Mark::OwnerUnknown]);
}

#[test]
fn exactly_the_limit_is_within_the_policy() {
    let created = NOW.plus_ms(-100 * DAY_MS);
    let within = token("aa", "", 1, Expiry::At(created.plus_ms(200 * DAY_MS)));
    let mut over = within.clone();
    over.expiry = Expiry::At(created.plus_ms(200 * DAY_MS + 1));
    let tokens = vec![within, over];
    let at = |limit| {
        Inventory::new(tokens.clone(), directory(), limit, NOW)
            .counts()
            .over_policy
    };
    assert_eq!(at(Some(MaxLifetime::Days(200))), 1);
    assert_eq!(at(Some(MaxLifetime::NoCustomLimit)), 0);
    assert_eq!(at(None), 0);
    let all = Inventory::new(tokens.clone(), directory(), None, NOW);
    assert_eq!(all.outliving(MaxLifetime::Days(199)), 2);
    assert_eq!(all.outliving(MaxLifetime::Days(200)), 1);
    assert_eq!(all.outliving(MaxLifetime::NoCustomLimit), 0);
}

#[test]
fn impact_counts_each_owner_once_and_only_active_tokens() {
    let mut old = token("dd", "", 3, Expiry::Never);
    old.last_used = Some(NOW.plus_ms(-8 * DAY_MS).day());
    let all = inventory(vec![
        token("aa", "", 1, Expiry::Never),
        token("bb", "", 1, Expiry::At(NOW.plus_ms(1))),
        token("cc", "", 2, Expiry::At(NOW)),
        old,
        token("ee", "", 2, Expiry::Unknown),
    ]);
    assert_eq!(
        all.impact(),
        Impact {
            tokens: 3,
            owners: 2,
            service_principals: 1,
            recently_used: 2
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
    let page = all.page(&TokenQuery {
        page: usize::MAX - 1,
        ..TokenQuery::default()
    });
    assert_eq!((page.number, page.pages, page.tokens.len()), (2, 3, 1));
    assert_eq!((page.first(), page.last()), (101, 101));
    let empty = inventory(Vec::new());
    let page = empty.page(&TokenQuery::default());
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
    let fewer = all.without(&[id(127), id(299), id(300)]);
    assert_eq!(fewer.position_of(&id(128)), Some(128));
    assert_eq!((fewer.position_of(&id(127)), fewer.get(&id(299))), (None, None));
    // The one that it was made of is as it was.
    assert_eq!((all.position_of(&id(299)), all.counts().total), (Some(299), 300));
    assert_eq!(fewer.without(&[id(127), id(128)]).counts().total, 297);
}

#[test]
fn tokens_with_one_id_are_found_as_the_first() {
    let all = inventory(vec![
        token("aa", "first", 1, Expiry::Never),
        token("aa", "second", 1, Expiry::Never),
    ]);
    assert_eq!(all.get(&TokenId::new("aa")).map(|t| t.comment.as_str()), Some("first"));
}

fn any_expiry() -> impl Strategy<Value = Expiry> {
    prop_oneof![
        Just(Expiry::Never),
        Just(Expiry::Unknown),
        (-3i64..3).prop_map(|days| Expiry::At(NOW.plus_ms(days * DAY_MS))),
    ]
}

prop_compose! {
    fn any_tokens()(rows in proptest::collection::vec(
        ("[abAB]{0,4}", 1i64..6, any_expiry(), proptest::option::of(-120i64..1), -200i64..1), 0..130,
    )) -> Vec<Token> {
        rows.into_iter().enumerate().map(|(i, (comment, owner, expiry, used, created))| Token {
            last_used: used.map(|days| NOW.plus_ms(days * DAY_MS).day()),
            created: Some(NOW.plus_ms(created * DAY_MS)),
            creator: Some(PrincipalId::new(owner % 3)),
            ..token(&format!("{i:04x}"), &comment, owner, expiry)
        }).collect()
    }
}

proptest! {
    #[test]
    fn a_page_is_what_filtering_and_sorting_everything_gives(
        tokens in any_tokens(), q in "[ab]{0,2}",
        status in proptest::option::of(proptest::sample::select(Status::ALL.to_vec())),
        mark in proptest::option::of(proptest::sample::select(MarkKind::ALL.to_vec())),
        creator in proptest::option::of(0i64..3), key in proptest::sample::select(SortKey::ALL.to_vec()),
        descending in any::<bool>(), page in 0usize..4,
    ) {
        let all = inventory(tokens);
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        let query = TokenQuery {
            q: q.clone(), status, mark, created_by_id: creator.map(PrincipalId::new),
            sort: Sort { key, direction }, page, ..TokenQuery::default()
        };
        let holds = |t: &&Token| {
            (t.comment.to_lowercase().contains(&q) || t.id.as_str().contains(&q))
                && status.is_none_or(|s| t.status(NOW) == s)
                && mark.is_none_or(|m| all.marks(t).any(|mark| mark.kind() == m))
                && creator.is_none_or(|c| t.creator == Some(PrincipalId::new(c)))
        };
        let expected: HashSet<_> = all.tokens().filter(holds).map(|t| t.id.clone()).collect();
        let mut seen = Vec::new();
        let first = all.page(&query.on_page(0));
        prop_assert_eq!(first.matching, expected.len());
        for number in 0..first.pages {
            seen.extend(all.page(&query.on_page(number)).tokens);
        }
        let key_of = |t: &Token| match key {
            SortKey::Created => t.created.map(|c| c.ms()),
            SortKey::LastUsed => t.last_used.map(|d| d.start().ms()),
            _ => None,
        };
        let wrong = if descending { Ordering::Less } else { Ordering::Greater };
        for pair in seen.windows(2) {
            let order = key_of(pair[0]).cmp(&key_of(pair[1]));
            prop_assert_ne!(order, wrong);
        }
        let seen: HashSet<_> = seen.into_iter().map(|t| t.id.clone()).collect();
        prop_assert_eq!(seen, expected);
        prop_assert!(all.page(&query).tokens.len() <= PAGE_SIZE);
    }

    #[test]
    fn without_some_is_as_if_they_had_not_been_listed(
        tokens in any_tokens(), gone in proptest::collection::vec(0usize..130, 0..40), q in "[ab]{0,1}",
        status in proptest::option::of(proptest::sample::select(Status::ALL.to_vec())),
        key in proptest::sample::select(SortKey::ALL.to_vec()), page in 0usize..4,
    ) {
        let gone: HashSet<_> = gone.into_iter().filter_map(|i| tokens.get(i)).map(|t| t.id.clone()).collect();
        let rest = inventory(tokens.iter().filter(|t| !gone.contains(&t.id)).cloned().collect());
        let all = inventory(tokens);
        // One after another, as people revoke them, and with what the first one had indexed by then.
        all.page(&TokenQuery::default());
        let fewer = gone.iter().fold(all.without([]), |fewer, id| fewer.without([id]));
        prop_assert_eq!(fewer.counts(), rest.counts());
        prop_assert_eq!(fewer.impact(), rest.impact());
        prop_assert_eq!(fewer.tokens().collect::<Vec<_>>(), rest.tokens().collect::<Vec<_>>());
        for owner in (1..6).map(PrincipalId::new) {
            prop_assert_eq!(fewer.live_of(owner), rest.live_of(owner));
        }
        let limit = MaxLifetime::Days(7);
        prop_assert_eq!(fewer.outliving(limit), rest.outliving(limit));
        let sort = Sort { key, direction: Direction::Descending };
        let query = TokenQuery { q, status, sort, page, ..TokenQuery::default() };
        let (fewer, rest) = (fewer.page(&query), rest.page(&query));
        prop_assert_eq!(ids(&fewer), ids(&rest));
        prop_assert_eq!((fewer.matching, fewer.number, fewer.pages), (rest.matching, rest.number, rest.pages));
    }

    #[test]
    fn a_status_is_exactly_one(expiry in any_expiry(), now in any::<i64>()) {
        let token = token("aa", "", 1, expiry);
        let counts = count([&token], None, Timestamp::from_ms(now));
        prop_assert!(counts.active + counts.expired <= 1);
        prop_assert!(counts.never_expire <= counts.active);
    }
}
