//! Every number on the scopes page equals the number of tokens in the list that it links to.

use proptest::prelude::*;

use super::naive_filter::any_tokens;
use super::*;
use crate::inventory::scope_facts::ScopeColumn;
use crate::{AUTHENTICATION, AutoscopeState, Narrowing, NarrowsWithin, ScopeState, ScopeStateFilter, UseWindow};

fn listed(all: &Inventory, scope_state: ScopeStateFilter) -> usize {
    let query = TokenQuery {
        scope_state: Some(scope_state),
        ..TokenQuery::default()
    };
    page_of(all, &query).matching
}

proptest! {
    #[test]
    fn a_number_says_how_many_tokens_its_link_lists(
        tokens in any_tokens(), removed in proptest::collection::vec(0usize..130, 0..9),
    ) {
        let removed: Vec<_> = removed.into_iter().filter_map(|i| tokens.get(i)).map(|t| t.id.clone()).collect();
        let all = inventory(tokens);
        // Fill the cache now: it must not be reused after a token is revoked.
        all.scope_numbers();
        let all = all.excluding(&removed);
        let numbers = all.scope_numbers();
        for state in ScopeState::ALL {
            prop_assert_eq!(numbers.of(state), listed(&all, ScopeStateFilter::Is(state)), "{:?}", state);
        }
        for window in NarrowsWithin::ALL {
            let query = TokenQuery { narrows_within: Some(window), ..TokenQuery::default() };
            prop_assert_eq!(numbers.within(window), page_of(&all, &query).matching, "{:?}", window);
        }
        for (name, tokens) in numbers.named() {
            prop_assert_eq!(tokens, listed(&all, ScopeStateFilter::named(name).unwrap()), "{}", name);
        }
        let never = TokenQuery {
            scope_state: Some(ScopeStateFilter::Is(ScopeState::NothingSeen)),
            last_used: Some(UseWindow::Never),
            ..TokenQuery::default()
        };
        prop_assert_eq!(numbers.never_used_and_observed(), page_of(&all, &never).matching);
        prop_assert_eq!(numbers.active(), all.counts().active.seen());
        let narrowed = numbers.within(NarrowsWithin::Days30).min(ScopeNumbers::MAX_LISTED);
        prop_assert_eq!(numbers.soonest().len(), narrowed);
        prop_assert_eq!(numbers.proposals().len(), numbers.of(ScopeState::Proposal).min(ScopeNumbers::MAX_LISTED));
    }
}

#[test]
fn the_tokens_that_are_narrowed_first_come_first_and_are_ten_at_most() {
    let created = |days: i64| Token {
        created: Some(in_days(-days)),
        autoscope: Some(AutoscopeState::Running),
        ..token(&format!("{days:02}"), "", 1, Expiry::Never)
    };
    let all = inventory([3, 31, 29, 12, 1, 40, 2, 4, 5, 6, 7, 8, 9].map(created).to_vec());
    let ids = |all: &Inventory| -> Vec<_> {
        let soonest = all.scope_numbers().soonest().iter();
        soonest.filter_map(|i| all.at(*i)).map(|t| t.id.to_string()).collect()
    };
    let expected = ["40", "31", "29", "12", "09", "08", "07", "06", "05", "04"];
    assert_eq!(ids(&all), expected);
    let first = TokenId::new("40");
    assert_eq!(ids(&all.excluding([&first]))[..2], ["31", "29"]);
    assert_eq!(Narrowing::of(all.get(&first).unwrap(), NOW), Some(Narrowing::Due));
}

#[test]
fn a_byte_is_enough_for_every_combination() {
    let scopes = [None, Some(vec![]), Some(vec!["sql"]), Some(vec![AUTHENTICATION])];
    let states = ["", "RUNNING", "COMPLETED", "USER_SELECTED", "DISABLED", "PAUSED"];
    let mut tokens = Vec::new();
    for scopes in scopes {
        let scopes = scopes.map(|scopes| scopes.into_iter().map(str::to_owned).collect::<Vec<_>>());
        for state in states {
            for created in [None, Some(-50), Some(-25), Some(-10), Some(40)] {
                for used in [None, Some(-100), Some(0)] {
                    for (inferred, backfill, expires) in [(0, 0, 900), (1, 0, 900), (0, 1, 900), (1, 1, 1)] {
                        tokens.push(Token {
                            scopes: scopes.clone(),
                            autoscope: AutoscopeState::from_wire(state),
                            created: created.map(in_days),
                            last_used: used.map(|days| in_days(days).day()),
                            inferred_scopes: vec!["jobs".to_owned(); inferred],
                            backfill_scopes: vec!["jobs".to_owned(); backfill],
                            ..token("a", "", 1, Expiry::At(in_days(expires)))
                        });
                    }
                }
            }
        }
    }
    let column = ScopeColumn::new(&tokens, NOW);
    let (most, found) = (usize::from(u8::MAX), column.values.len());
    assert!(found <= most && found > 60, "{found}");
    for (token, index) in tokens.iter().zip(&column.indices) {
        assert_eq!(
            column.values[usize::from(*index)],
            crate::scopes::ScopeFacts::of(token, NOW)
        );
    }
}
