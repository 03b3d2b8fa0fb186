//! The counts of findings, compared with the lists that they link to.

use proptest::prelude::*;
use proptest::sample::select;

use super::naive_filter::any_tokens;
use super::*;
use crate::{AcceptedFindings, NEAR_TOKEN_LIMIT, Rule};

proptest! {
    #[test]
    fn every_number_is_that_of_its_list(
        tokens in any_tokens(),
        accepted in proptest::collection::vec((select(FindingKind::ALL.to_vec()), 0u32..140), 0..20),
        for_all in proptest::option::of(select(FindingKind::ALL.to_vec())), removed in 0u32..10,
    ) {
        let singles = accepted.into_iter().map(|(kind, token)| (kind, Some(TokenId::new(format!("{token:04x}")))));
        let all = singles.chain(for_all.map(|kind| (kind, None)));
        let accepted = all.fold(AcceptedFindings::default(), |all, (kind, token)| all.with(kind, token));
        let removed: Vec<_> = (0..removed).map(|i| TokenId::new(format!("{i:04x}"))).collect();
        let inventory = inventory(tokens).excluding(&removed).with_accepted(Arc::new(accepted));
        for rule in Rule::ALL {
            for is_open in [true, false] {
                let (Rule::Token(kind), Some(query)) = (rule, rule.query(is_open)) else { continue };
                let count = inventory.finding_count(kind, is_open);
                let listed = inventory.matching(&query).map(|tokens| tokens.len());
                prop_assert_eq!(count.map(TokenCount::seen), listed, "{:?} {}", rule, is_open);
            }
        }
    }
}

#[test]
fn an_accepted_finding_leaves_the_open_numbers_and_the_list_behind_them() {
    let tokens = vec![
        token("aa", "one", 1, Expiry::Never),
        token("bb", "two", 1, Expiry::Never),
    ];
    let all = inventory(tokens);
    let rule = Rule::Token(FindingKind::NeverExpires);
    let counts = |all: &Inventory| [false, true].map(|is_open| all.finding_count(FindingKind::NeverExpires, is_open));
    let [two, one] = [2, 1].map(|n| Known::Known(TokenCount::Exactly(n)));
    assert_eq!(counts(&all), [two, two]);
    let accepted = AcceptedFindings::default().with(FindingKind::NeverExpires, Some(TokenId::new("aa")));
    let with = all.with_accepted(Arc::new(accepted));
    assert_eq!(counts(&with), [two, one]);
    let page = with.page(&rule.query(true).unwrap()).known().unwrap();
    assert_eq!(page.tokens.iter().map(|t| t.id.as_str()).collect::<Vec<_>>(), ["bb"]);
}

#[test]
fn an_owner_is_near_the_limit_from_nine_tenths_on() {
    let tokens = |n: usize| {
        let tokens = (0..n).map(|i| token(&format!("{i:04x}"), "", 1, Expiry::Never));
        inventory(tokens.collect()).owners_near_limit()
    };
    assert_eq!(tokens(NEAR_TOKEN_LIMIT), [(PrincipalId::new(1), NEAR_TOKEN_LIMIT)]);
    assert_eq!(tokens(NEAR_TOKEN_LIMIT - 1), []);
}

#[test]
fn an_acceptance_covers_what_the_finding_covers() {
    let mut used = token("aa", "one", 2, Expiry::At(in_days(40)));
    used.last_used = Some(NOW.day());
    let mut unused = token("bb", "two", 2, Expiry::At(in_days(40)));
    unused.last_used = Some(days_ago(30));
    let accepted = AcceptedFindings::default().with(FindingKind::OwnerDeactivatedInUse, None);
    let all = inventory(vec![used, unused]).with_accepted(Arc::new(accepted));
    let open = |kind| all.finding_count(kind, true);
    assert_eq!(
        open(FindingKind::OwnerDeactivatedInUse),
        Known::Known(TokenCount::Exactly(0))
    );
    assert_eq!(
        open(FindingKind::OwnerDeactivated),
        Known::Known(TokenCount::Exactly(1))
    );
    assert_eq!(
        all.finding_count(FindingKind::OwnerDeactivated, false),
        Known::Known(TokenCount::Exactly(2))
    );
}
