//! The lifetimes of active tokens, from creation to expiry.

use super::Inventory;
use crate::query::{LONGEST_LIFETIME_DAYS, LifetimeRange, NEVER, NO_LIFETIME, lifetime_days};
use crate::{MaxLifetime, Status, TokenCount};

/// The boundaries between bars, in days. The last one is the platform's maximum.
const EDGES: [u32; 6] = [30, 60, 90, 180, 365, 730];

/// The active tokens by lifetime. The bars, never and unknown add up to all active tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// From the shortest lifetime to the longest. There is a bar above the platform's maximum only if tokens have such
    /// a lifetime.
    pub bars: Vec<LifetimeBar>,
    /// Tokens that never expire.
    pub never: TokenCount,
    /// Tokens whose creation is unknown.
    pub unknown: TokenCount,
}

/// Tokens with a lifetime within a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeBar {
    /// Longer than this many days.
    pub over: u32,
    /// Up to this many days.
    pub up_to: u32,
    /// How many active tokens are in this range.
    pub tokens: TokenCount,
}

impl LifetimeBar {
    /// The filter that lists these tokens, in addition to one for active tokens.
    pub fn range(&self) -> LifetimeRange {
        LifetimeRange {
            over: Some(self.over).filter(|days| *days > 0),
            up_to: Some(self.up_to),
        }
    }
}

impl Inventory {
    /// The active tokens by lifetime. `limit` is a boundary between bars, so that no bar is partly above it.
    pub fn lifetimes(&self, limit: MaxLifetime) -> Lifetimes {
        let active = self.tokens().filter(|token| token.status(self.as_of) == Status::Active);
        let days: Vec<_> = active.map(lifetime_days).collect();
        let count = |is_counted: &dyn Fn(&u32) -> bool| {
            self.unread().count(days.iter().filter(|days| is_counted(days)).count())
        };
        let mut edges: Vec<_> = EDGES.into_iter().chain(limit.custom_days()).collect();
        edges.push(0);
        edges.sort_unstable();
        edges.dedup();
        let longest = edges.last().copied().unwrap_or_default();
        if days
            .iter()
            .any(|days| (longest + 1..=LONGEST_LIFETIME_DAYS).contains(days))
        {
            edges.push(LONGEST_LIFETIME_DAYS);
        }
        let bars = edges.windows(2).map(|edges| {
            let (over, up_to) = (edges[0], edges[1]);
            let first = if over == 0 { 0 } else { over + 1 };
            LifetimeBar {
                over,
                up_to,
                tokens: count(&|days| (first..=up_to).contains(days)),
            }
        });
        Lifetimes {
            bars: bars.collect(),
            never: count(&|days| *days == NEVER),
            unknown: count(&|days| *days == NO_LIFETIME),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenQuery;
    use crate::inventory::tests::inventory_of_lifetimes;

    fn matching(inventory: &Inventory, lifetime: LifetimeRange) -> usize {
        let query = TokenQuery {
            status: Some(Status::Active),
            lifetime,
            ..TokenQuery::default()
        };
        inventory.page(&query).known().map_or(usize::MAX, |page| page.matching)
    }

    #[test]
    fn each_bar_is_as_long_as_the_list_behind_it_and_all_add_up() {
        for limit in [0, 1, 45, 90, 730].map(|days| MaxLifetime::from_input(&days.to_string()).unwrap()) {
            let inventory = inventory_of_lifetimes(&[Some(1), Some(30), Some(31), Some(45), Some(46), Some(900), None]);
            let lifetimes = inventory.lifetimes(limit);
            let mut sum = lifetimes.never.seen() + lifetimes.unknown.seen();
            for bar in &lifetimes.bars {
                assert_eq!(matching(&inventory, bar.range()), bar.tokens.seen(), "{bar:?}");
                sum += bar.tokens.seen();
            }
            assert_eq!(sum, 7, "{lifetimes:?}");
            if let Some(days) = limit.custom_days() {
                assert!(lifetimes.bars.iter().any(|bar| bar.up_to == days));
                let above = matching(&inventory, LifetimeRange::above(limit));
                assert_eq!(above, inventory.exceeding(limit).seen());
                let bars = lifetimes.bars.iter().filter(|bar| bar.over >= days);
                assert_eq!(bars.map(|bar| bar.tokens.seen()).sum::<usize>() + 1, above);
            }
        }
    }

    #[test]
    fn a_bar_above_the_maximum_of_the_platform_is_there_only_if_needed() {
        let last = |days| {
            inventory_of_lifetimes(&[Some(days)])
                .lifetimes(MaxLifetime::NoCustomLimit)
                .bars
                .pop()
                .unwrap()
        };
        assert_eq!((last(730).over, last(730).up_to), (365, 730));
        let more = last(731);
        assert_eq!(
            (more.over, more.up_to, more.tokens),
            (730, LONGEST_LIFETIME_DAYS, TokenCount::Exactly(1))
        );
    }
}
