//! Every number above the list equals the number of tokens in the list that it links to.

use proptest::prelude::*;

use super::naive_filter::any_tokens;
use super::*;
use crate::{ExpiryWindow, SortKey};

/// A complete inventory in which one owner is gone.
fn with_gone_owner(tokens: Vec<Token>) -> Inventory {
    let all = inventory(tokens);
    let (limit, access) = (all.limit, all.access.clone());
    all.with_parts(Arc::new(directory().with_gone([PrincipalId::new(4)])), limit, access)
}

fn listed(all: &Inventory, query: &TokenQuery) -> TokenCount {
    TokenCount::Exactly(page_of(all, query).matching)
}

fn with_window(window: ExpiryWindow, owner: &str) -> TokenQuery {
    TokenQuery {
        expires_in: Some(window),
        owner: owner.to_owned(),
        ..TokenQuery::default()
    }
}

proptest! {
    #[test]
    fn a_counter_says_how_many_tokens_its_link_lists(
        tokens in any_tokens(), removed in proptest::collection::vec(0usize..130, 0..9),
    ) {
        let removed: Vec<_> = removed.into_iter().filter_map(|i| tokens.get(i)).map(|t| t.id.clone()).collect();
        let all = with_gone_owner(tokens).excluding(&removed);
        let facets = all.listed_page(&TokenQuery::default()).facets;
        for counter in Counter::ALL {
            let found = listed(&all, &counter.query());
            let is_unknown = |token: &Token| matches!(all.owner(token), Owner::Unknown(_));
            let expected = match counter == Counter::OwnerGone && all.tokens().any(is_unknown) {
                // Whether these owners are gone too is not known yet.
                true => TokenCount::AtLeast(found.seen()),
                false => found,
            };
            prop_assert_eq!(all.counts().of(counter), Known::Known(expected), "{:?}", counter);
            prop_assert_eq!(facets.counter(counter), Known::Known(found.seen()), "{:?}", counter);
        }
    }

    #[test]
    fn the_counters_of_an_owner_are_those_of_the_lists_behind_them(tokens in any_tokens(), owner in 1i64..6) {
        let all = with_gone_owner(tokens);
        let of_owner = TokenQuery { owner: owner.to_string(), ..TokenQuery::default() };
        let facets = all.listed_page(&of_owner).facets;
        for counter in Counter::ALL {
            let found = listed(&all, &TokenQuery { owner: owner.to_string(), ..counter.query() });
            prop_assert_eq!(facets.counter(counter), Known::Known(found.seen()), "{:?}", counter);
        }
        for week in facets.expiry_weeks().weeks {
            prop_assert_eq!(week.tokens, listed(&all, &with_window(week.window, &of_owner.owner)), "{:?}", week);
        }
    }

    #[test]
    fn weeks_later_and_never_add_up_to_the_active_tokens(
        tokens in any_tokens(), removed in proptest::collection::vec(0usize..130, 0..9),
    ) {
        let removed: Vec<_> = removed.into_iter().filter_map(|i| tokens.get(i)).map(|t| t.id.clone()).collect();
        let all = inventory(tokens).excluding(&removed);
        let weeks = all.expiry_weeks();
        let sum: usize = weeks.weeks.iter().map(|week| week.tokens.seen()).sum();
        let counts = all.counts();
        prop_assert_eq!(sum + weeks.later.seen() + weeks.never.seen(), counts.active.seen());
        prop_assert_eq!(weeks.weeks[0].tokens, counts.expiring_soon);
        prop_assert_eq!(weeks.never, counts.never_expire);
        for week in weeks.weeks {
            prop_assert_eq!(week.tokens, listed(&all, &with_window(week.window, "")), "{:?}", week);
        }
        prop_assert_eq!(weeks.later, listed(&all, &with_window(ExpiryWindow::Later, "")));
        prop_assert_eq!(all.listed_page(&TokenQuery::default()).facets.expiry_weeks(), weeks);
    }

    #[test]
    fn the_most_severe_finding_comes_first(tokens in any_tokens()) {
        let all = with_gone_owner(tokens);
        for token in all.tokens() {
            let found: Vec<_> = all.findings(token).found().collect();
            prop_assert!(found.is_sorted(), "{:?}", found);
            prop_assert!(found.iter().map(|finding| finding.kind()).is_sorted(), "{:?}", found);
        }
    }
}

#[test]
fn weeks_have_7_times_24_hours_and_start_when_the_list_was_read() {
    let at = |id: &str, end| token(id, "", 1, Expiry::At(end));
    let all = inventory(vec![
        at("now", NOW),
        at("next", NOW.plus(MILLISECOND)),
        at("seven", in_days(7)),
        at("eighth", in_days(7).plus(MILLISECOND)),
        at("last", in_days(91)),
        at("later", in_days(91).plus(MILLISECOND)),
        token("unknown", "", 1, Expiry::Unknown),
    ]);
    let weeks = all.expiry_weeks();
    let numbers = weeks.weeks.map(|week| week.tokens.seen());
    assert_eq!(numbers, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!((weeks.later.seen(), weeks.never.seen()), (1, 0));
    assert_eq!((weeks.weeks[1].from, weeks.weeks[1].until), (in_days(7), in_days(14)));
    let of = |query: &str| ids(&page_of(&all, &parse(query)));
    assert_eq!(of("expires=7d&sort=expires"), ["next", "seven"]);
    assert_eq!(of("expires=week-2"), ["eighth"]);
    assert_eq!(of("finding=expires-soon&sort=expires"), ["next", "seven"]);
    assert_eq!(of("status=unknown"), ["unknown"]);
    let soon = |id: &str| {
        let mut found = all.findings(all.get(&TokenId::new(id)).unwrap()).found();
        found.find(|finding| matches!(finding, Finding::ExpiresSoon(_) | Finding::ExpiresSoonInUse(_)))
    };
    assert_eq!(soon("seven"), Some(Finding::ExpiresSoonInUse(7)));
    assert_eq!(soon("next"), Some(Finding::ExpiresSoonInUse(0)));
    assert_eq!((soon("now"), soon("eighth")), (None, None));
    assert_eq!(Finding::ExpiresSoon(1).to_string(), "Expires tomorrow");
}

#[test]
fn tokens_that_expire_next_come_first_and_expired_ones_last() {
    let at = |id: &str, days| token(id, "", 1, Expiry::At(in_days(days)));
    let all = inventory(vec![
        token("unknown", "", 1, Expiry::Unknown),
        at("long ago", -50),
        at("yesterday", -1),
        token("never", "", 1, Expiry::Never),
        at("in a month", 30),
        at("tomorrow", 1),
    ]);
    let sorted = |sort: &str| ids(&page_of(&all, &parse(&format!("sort={sort}"))));
    let active_first = ["tomorrow", "in a month", "never", "yesterday", "long ago", "unknown"];
    assert_eq!(sorted("expires"), active_first);
    let latest_first = ["never", "in a month", "tomorrow", "yesterday", "long ago", "unknown"];
    assert_eq!(sorted("-expires"), latest_first);
    assert_eq!(parse("sort=expires").sort.label(), "Expiring soonest");
}

#[test]
fn tokens_that_were_never_used_come_after_the_longest_unused() {
    let used = |id: &str, days: Option<i64>| Token {
        last_used: days.map(days_ago),
        ..token(id, "", 1, Expiry::Never)
    };
    let old = Token {
        created: Some(in_days(-300)),
        ..used("never, old", None)
    };
    let all = inventory(vec![
        used("never", None),
        used("today", Some(0)),
        old,
        used("long ago", Some(90)),
    ]);
    let sorted = |sort: &str| ids(&page_of(&all, &parse(&format!("sort={sort}"))));
    assert_eq!(sorted("last_used"), ["long ago", "today", "never, old", "never"]);
    assert_eq!(sorted("-last_used"), ["today", "long ago", "never", "never, old"]);
    assert_eq!(parse("sort=last_used").sort.key, SortKey::LastUsed);
}

#[test]
fn a_number_that_needs_names_is_not_available_without_them() {
    let all = Inventory::new(vec![token("aa", "", 2, Expiry::Never)], Arc::default(), NO_POLICY, NOW);
    assert_eq!(all.counts().owner_gone, Known::NotAvailable(UnreadPart::Names));
    assert_eq!(all.page(&Counter::OwnerGone.query()).missing(), Some(UnreadPart::Names));
    let facets = all.listed_page(&TokenQuery::default()).facets;
    assert_eq!(
        facets.counter(Counter::OwnerGone),
        Known::NotAvailable(UnreadPart::Names)
    );
    assert_eq!(
        facets.counter(Counter::OverPolicy),
        Known::NotAvailable(UnreadPart::Policy)
    );
    let rows = all.with_unreadable_rows(true).expiry_weeks();
    assert_eq!(rows.never, TokenCount::AtLeast(1));
}
