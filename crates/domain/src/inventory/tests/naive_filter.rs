//! The inventory, compared with a simple implementation: filter each token, sort all, take one page.

use std::collections::HashSet;
use std::fmt::Debug;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::query::Direction;
use crate::{
    ALL_APIS, AUTHENTICATION, AutoscopeState, DayRange, ExpiryWindow, LifetimeRange, Narrowing, NarrowsWithin,
    NothingSeen, ScopeState, ScopeStateFilter, UseWindow, has_proposal,
};

fn any_expiry() -> impl Strategy<Value = Expiry> {
    prop_oneof![
        Just(Expiry::Never),
        Just(Expiry::Unknown),
        (-3i64..3).prop_map(|days| Expiry::At(in_days(days))),
        // Exactly at the boundaries of the windows, and a millisecond off.
        (0i64..14, -1i64..2).prop_map(|(week, ms)| Expiry::At(Timestamp::from_ms(in_days(week * 7).ms() + ms))),
        (-40i64..120).prop_map(|days| Expiry::At(in_days(days))),
    ]
}

const SCOPES: [&str; 4] = ["", "sql", "jobs", "all-apis"];

/// Few values, so that filters match often.
const STATES: [&str; 6] = ["", "RUNNING", "RUNNING", "COMPLETED", "USER_SELECTED", "PAUSED"];

/// The scopes that a generated token uses, and those computed from its past use.
fn used(kind: usize) -> [Vec<String>; 2] {
    let sql = || vec!["sql".to_owned()];
    match kind {
        0 => [sql(), Vec::new()],
        1 => [Vec::new(), sql()],
        _ => [Vec::new(), Vec::new()],
    }
}

prop_compose! {
    pub(super) fn any_tokens()(rows in proptest::collection::vec(
        (
            "[abAB]{0,4}", 1i64..6, any_expiry(), proptest::option::of(-120i64..1),
            prop_oneof![-200i64..1, -40i64..1], 0usize..4, (select(STATES.to_vec()), 0usize..4, 0u8..9),
        ), 0..130,
    )) -> Vec<Token> {
        rows.into_iter().enumerate().map(|(i, (comment, owner, expiry, last, created, scope, known))| Token {
            last_used: last.map(|days| in_days(days).day()),
            created: (known.2 > 0).then(|| in_days(created)),
            autoscope: AutoscopeState::from_wire(known.0),
            inferred_scopes: used(known.1)[0].clone(),
            backfill_scopes: used(known.1)[1].clone(),
            creator: Some(PrincipalId::new(owner % 3)),
            scopes: (scope > 0).then(|| vec![SCOPES[scope].to_owned(), SCOPES[scope].to_uppercase()]),
            ..token(&format!("{i:04x}"), &comment, owner, expiry)
        }).collect()
    }
}

fn any_range() -> impl Strategy<Value = DayRange> {
    let day = || proptest::option::weighted(0.2, (-4i64..90).prop_map(days_ago));
    (day(), day()).prop_map(|(from, to)| DayRange { from, to })
}

fn rarely<T: Clone + Debug + 'static>(all: &[T]) -> impl Strategy<Value = Option<T>> + use<T> {
    proptest::option::weighted(0.3, select(all.to_vec()))
}

prop_compose! {
    fn any_scope_filters()(
        state in rarely(&ScopeState::ALL), is_named in proptest::bool::weighted(0.05),
        narrows_within in proptest::option::weighted(0.1, select(NarrowsWithin::ALL.to_vec())),
    ) -> TokenQuery {
        let named = is_named.then(|| ScopeStateFilter::Named("PAUSED".to_owned()));
        TokenQuery { scope_state: named.or(state.map(ScopeStateFilter::Is)), narrows_within, ..TokenQuery::default() }
    }
}

prop_compose! {
    pub(super) fn any_query()(
        scopes in any_scope_filters(), (q, id) in ("[ab]{0,2}", "(|0|00|000a)"), creator in rarely(&[0i64, 1, 2]),
        by_other in proptest::bool::weighted(0.2),
        owner_kind in rarely(&PrincipalKind::ALL), status in rarely(&Status::ALL),
        findings in proptest::sample::subsequence(FindingKind::ALL.to_vec(), 0..3),
        (created, expires, used) in (any_range(), any_range(), any_range()),
        expires_in in rarely(&ExpiryWindow::all().collect::<Vec<_>>()), last_used in rarely(&UseWindow::ALL),
        idle_days in rarely(&[1, 30, 60, 110]), scope in select(SCOPES.to_vec()),
        lifetime in (rarely(&[1, 30, 90, 365]), rarely(&[30, 90, 730])),
        (key, descending, page) in (select(SortKey::ALL.to_vec()), any::<bool>(), 0usize..4),
    ) -> TokenQuery {
        let direction = if descending { Direction::Descending } else { Direction::Ascending };
        TokenQuery {
            q, id, created_by_id: creator.map(PrincipalId::new), created_by_other: by_other, owner_kind, status,
            findings, created, expires_in, expires, last_used, used, idle_days, scope: scope.to_owned(),
            lifetime: LifetimeRange { over: lifetime.0, up_to: lifetime.1 },
            sort: Sort { key, direction }, page,
            ..scopes
        }
    }
}

fn within(range: DayRange, day: Option<Day>) -> bool {
    range.is_open() || day.is_some_and(|d| range.from.is_none_or(|f| d >= f) && range.to.is_none_or(|t| d <= t))
}

fn expires_within(window: ExpiryWindow, expiry: Expiry) -> bool {
    let ends = |from: i64, to: i64| matches!(expiry, Expiry::At(end) if end > in_days(from) && end <= in_days(to));
    match window {
        ExpiryWindow::Days7 => ends(0, 7),
        ExpiryWindow::Days30 => ends(0, 30),
        ExpiryWindow::Days90 => ends(0, 90),
        ExpiryWindow::Week(n) => ends(7 * i64::from(n), 7 * i64::from(n) + 7),
        ExpiryWindow::Later => ends(91, 1_000_000),
        ExpiryWindow::Never => expiry == Expiry::Never,
        ExpiryWindow::Expired => ends(-1_000_000, 0),
    }
}

fn used_within(window: UseWindow, last_used: Option<Day>) -> bool {
    let days = last_used.map(|day| NOW.day().days_since(day));
    match window {
        UseWindow::Today => days == Some(0),
        UseWindow::Days7 => days.is_some_and(|days| days <= 7),
        UseWindow::Days30 => days.is_some_and(|days| days <= 30),
        UseWindow::Days60OrMore => days.is_some_and(|days| days >= 60),
        UseWindow::Never => days.is_none(),
    }
}

fn lasts_within(range: LifetimeRange, t: &Token) -> bool {
    let (over, up_to) = (range.over.map(|n| DAY * n), range.up_to.map(|n| DAY * n));
    match (t.expiry, t.created) {
        (Expiry::Never, _) => range.up_to.is_none(),
        (Expiry::At(end), Some(created)) => {
            let lifetime = end.duration_since(created);
            over.is_none_or(|over| lifetime > over) && up_to.is_none_or(|up_to| lifetime <= up_to)
        }
        _ => range.is_open(),
    }
}

/// Whether a token is in a state, following the documentation of [`ScopeState`].
fn has_scope_state(state: ScopeState, t: &Token) -> bool {
    let is = |state: &str| t.autoscope == AutoscopeState::from_wire(state);
    let has = |scope: &str| t.scopes.iter().flatten().any(|granted| granted == scope);
    let is_full = t.scopes.is_none() || has(ALL_APIS);
    let is_empty = t.scopes.as_ref().is_some_and(Vec::is_empty);
    let unseen = NothingSeen::of(t, NOW);
    match state {
        ScopeState::Observed => is("RUNNING"),
        ScopeState::Limited => is("COMPLETED"),
        ScopeState::Manual => is("USER_SELECTED"),
        ScopeState::Proposal => has_proposal(t),
        ScopeState::ExpiresBefore => Narrowing::of(t, NOW) == Some(Narrowing::ExpiresBefore),
        ScopeState::EndUnknown => is("RUNNING") && t.created.is_none(),
        ScopeState::NothingSeen => is("RUNNING") && t.inferred_scopes.is_empty(),
        ScopeState::UsedBefore => unseen == Some(NothingSeen::UsedBefore),
        ScopeState::UsedSince => unseen == Some(NothingSeen::UsedSince),
        ScopeState::CanCreateTokens => is_full || has(AUTHENTICATION) || is_empty,
        ScopeState::FullAccess => is_full,
        ScopeState::Authentication => !is_full && has(AUTHENTICATION),
        ScopeState::EmptyList => is_empty,
        ScopeState::Undocumented => is("PAUSED"),
        ScopeState::NotReported => is("") && t.inferred_scopes.is_empty() && t.backfill_scopes.is_empty(),
    }
}

fn narrows_within(window: NarrowsWithin, t: &Token) -> bool {
    let days = if window == NarrowsWithin::Days7 { 7 } else { 30 };
    match Narrowing::of(t, NOW) {
        Some(Narrowing::About(end)) => end <= in_days(days),
        Some(Narrowing::Due) => true,
        _ => false,
    }
}

fn passes_scope_filters(query: &TokenQuery, t: &Token) -> bool {
    let is_active = t.status(NOW) == Status::Active;
    query.scope_state.as_ref().is_none_or(|filter| {
        is_active
            && match filter {
                ScopeStateFilter::Is(state) => has_scope_state(*state, t),
                ScopeStateFilter::Named(name) => t.autoscope.as_ref().is_some_and(|state| state.name() == name),
            }
    }) && query.narrows_within.is_none_or(|window| narrows_within(window, t))
}

/// The sort position of a token, following the documentation of [`SortKey`].
fn place(sort: Sort, t: &Token) -> (u8, Option<i64>) {
    let sign = if sort.direction == Direction::Descending { -1 } else { 1 };
    match sort.key {
        SortKey::Created => match t.created {
            Some(at) => (0, Some(sign * at.ms())),
            None => (1, None),
        },
        SortKey::LastUsed => match t.last_used {
            Some(day) => (0, Some(sign * day.start().ms())),
            None => (1, None),
        },
        SortKey::Expires => match (t.status(NOW), t.expiry) {
            (Status::Active, Expiry::At(end)) => (1, Some(sign * end.ms())),
            (Status::Active, _) => (if sign < 0 { 0 } else { 2 }, None),
            (Status::Expired, Expiry::At(end)) => (3, Some(-end.ms())),
            _ => (4, None),
        },
        SortKey::Comment | SortKey::Owner => (0, None),
    }
}

/// Whether a token passes each filter, following the documentation of [`TokenQuery`].
fn passes(all: &Inventory, query: &TokenQuery, t: &Token) -> bool {
    let kinds: Vec<_> = all.findings(t).kinds().iter().collect();
    let owner_missing = [
        FindingKind::OwnerDeactivated,
        FindingKind::OwnerGone,
        FindingKind::OwnerUnknown,
    ];
    let is_one_of_several = |kind: &FindingKind| query.findings.contains(kind) && kinds.contains(kind);
    let has_finding = |kind: &FindingKind| match owner_missing.contains(kind) {
        true => owner_missing.iter().any(is_one_of_several),
        false => kinds.contains(kind),
    };
    let kind = match all.owner(t) {
        Owner::Known(principal) => Some(principal.kind),
        _ => None,
    };
    let expires = match t.expiry {
        Expiry::At(end) => Some(end.day()),
        _ => None,
    };
    let scopes = t.scopes.clone().unwrap_or(vec!["all-apis".to_owned()]);
    let names = match all.owner(t) {
        Owner::Known(principal) => format!("{}\n{}", principal.name, principal.display_name),
        _ => String::new(),
    };
    let creator = t.creator_name.clone().unwrap_or_default();
    [&t.comment, t.id.as_str(), &names, &creator]
        .iter()
        .any(|text| text.to_lowercase().contains(&query.q))
        && t.id.as_str().starts_with(&query.id)
        && query.created_by_id.is_none_or(|id| t.creator == Some(id))
        && (!query.created_by_other || t.on_behalf_of())
        && (query.owner_kind.is_none() || query.owner_kind == kind)
        && query.status.is_none_or(|s| t.status(NOW) == s)
        && query.findings.iter().all(has_finding)
        && within(query.created, t.created.map(Timestamp::day))
        && query.expires_in.is_none_or(|window| expires_within(window, t.expiry))
        && query.last_used.is_none_or(|window| used_within(window, t.last_used))
        && within(query.expires, expires)
        && within(query.used, t.last_used)
        && query
            .idle_days
            .is_none_or(|n| t.idle_days(NOW).is_some_and(|days| days >= i64::from(n)))
        && lasts_within(query.lifetime, t)
        && (query.scope.is_empty() || scopes.contains(&query.scope))
        && passes_scope_filters(query, t)
}

/// Every option of a filter with facets, with its count.
fn choices(query: &TokenQuery, facets: &Facets) -> Vec<(TokenQuery, usize)> {
    let with = |change: &dyn Fn(&mut TokenQuery)| {
        let mut query = query.clone();
        change(&mut query);
        query
    };
    let known = |tokens: Known<usize>| tokens.known().unwrap();
    let mut all = vec![(with(&|q| q.created_by_other = true), facets.created_by_other())];
    all.extend(Status::ALL.map(|s| (with(&|q| q.status = Some(s)), facets.status(s))));
    all.extend(PrincipalKind::ALL.map(|k| (with(&|q| q.owner_kind = Some(k)), known(facets.owner_kind(k)))));
    all.extend(FindingKind::ALL.map(|f| (with(&|q| q.findings = vec![f]), known(facets.with_finding(&[f])))));
    let also = |f| [query.findings.as_slice(), &[f]].concat();
    all.extend(FindingKind::ALL.map(|f| (with(&|q| q.findings = also(f)), known(facets.with_finding(&also(f))))));
    all.extend(ExpiryWindow::all().map(|w| (with(&|q| q.expires_in = Some(w)), facets.expires(w))));
    all.extend(UseWindow::ALL.map(|w| (with(&|q| q.last_used = Some(w)), facets.last_used(w))));
    let scopes = facets
        .scopes
        .iter()
        .map(|scope| (with(&|q| q.scope = scope.name.clone()), scope.tokens));
    all.extend(scopes);
    let is = |state| Some(ScopeStateFilter::Is(state));
    all.extend(ScopeState::ALL.map(|s| (with(&|q| q.scope_state = is(s)), facets.scope_state(s))));
    all.extend(NarrowsWithin::ALL.map(|w| (with(&|q| q.narrows_within = Some(w)), facets.narrows_within(w))));
    all
}

proptest! {
    #[test]
    fn pages_contain_what_filtering_and_sorting_all_tokens_gives(tokens in any_tokens(), query in any_query()) {
        let all = inventory(tokens);
        let passing = all.tokens().filter(|t| passes(&all, &query, t));
        let expected: HashSet<_> = passing.map(|t| t.id.clone()).collect();
        let mut seen = Vec::new();
        let first = page_of(&all, &query.on_page(0));
        prop_assert_eq!(first.matching, expected.len());
        for number in 0..first.pages {
            seen.extend(page_of(&all, &query.on_page(number)).tokens);
        }
        for pair in seen.windows(2) {
            prop_assert!(place(query.sort, pair[0]) <= place(query.sort, pair[1]), "{:?}", pair);
        }
        let matching = all.matching(&query).known().unwrap();
        let in_order: Vec<_> = matching.into_iter().filter_map(|i| all.at(i)).map(|t| t.id.clone()).collect();
        prop_assert_eq!(&in_order, &seen.iter().map(|t| t.id.clone()).collect::<Vec<_>>());
        let seen: HashSet<_> = seen.into_iter().map(|t| t.id.clone()).collect();
        prop_assert_eq!(seen, expected);
        prop_assert!(page_of(&all, &query).tokens.len() <= TOKENS_PAGE_SIZE);
    }

    #[test]
    fn a_choice_shows_as_many_tokens_as_its_count_says(tokens in any_tokens(), query in any_query()) {
        let all = inventory(tokens);
        let listed = all.listed_page(&query);
        let facets = listed.facets;
        prop_assert_eq!(listed.page.matching, page_of(&all, &query).matching);
        for (choice, count) in choices(&query, &facets) {
            prop_assert_eq!(page_of(&all, &choice).matching, count, "{:?}", choice);
        }
    }

    #[test]
    fn a_token_is_never_both_active_and_expired(expiry in any_expiry(), now in any::<i64>()) {
        let token = token("aa", "", 1, expiry);
        let counts = RowCounts::of([&token], Timestamp::from_ms(now));
        prop_assert!(counts.active + counts.expired <= 1);
        prop_assert!(counts.never_expire <= counts.active);
    }

    #[test]
    fn excluded_tokens_make_no_difference(
        tokens in any_tokens(), excluded in proptest::collection::vec(0usize..130, 0..40), q in "[ab]{0,1}",
        status in proptest::option::of(proptest::sample::select(Status::ALL.to_vec())),
        key in proptest::sample::select(SortKey::ALL.to_vec()), page in 0usize..4,
    ) {
        let excluded: HashSet<_> =
            excluded.into_iter().filter_map(|i| tokens.get(i)).map(|t| t.id.clone()).collect();
        let rest = inventory(tokens.iter().filter(|t| !excluded.contains(&t.id)).cloned().collect());
        let all = inventory(tokens);
        // Remove them one after another, as in revocations, after the index was built.
        page_of(&all, &TokenQuery::default());
        let fewer = excluded.iter().fold(all.excluding([]), |fewer, id| fewer.excluding([id]));
        prop_assert_eq!(fewer.counts(), rest.counts());
        prop_assert_eq!(fewer.usage(), rest.usage());
        prop_assert_eq!(fewer.tokens().collect::<Vec<_>>(), rest.tokens().collect::<Vec<_>>());
        for owner in (1..6).map(PrincipalId::new) {
            prop_assert_eq!(fewer.active_tokens_of(owner), rest.active_tokens_of(owner));
        }
        let limit = MaxLifetime::Days(7);
        prop_assert_eq!(fewer.exceeding(limit), rest.exceeding(limit));
        let sort = Sort { key, direction: Direction::Descending };
        let query = TokenQuery { q, status, sort, page, ..TokenQuery::default() };
        let (fewer, rest) = (page_of(&fewer, &query), page_of(&rest, &query));
        prop_assert_eq!(ids(&fewer), ids(&rest));
        prop_assert_eq!((fewer.matching, fewer.number, fewer.pages), (rest.matching, rest.number, rest.pages));
    }
}
