//! The progress bar of a bulk revocation: revoked, failed and remaining tokens.

use console::{BulkCounts, BulkItemState};
use leptos::prelude::*;

/// The minimum width of a part that is not empty, in thousandths: one failed token of a thousand has to be visible.
const MIN_SHARE: usize = 10;

/// The whole bar, in thousandths.
const WHOLE_BAR: usize = 1000;

/// The parts of the bar in order, with their classes. The remaining tokens are the track behind them.
const PARTS: [(&str, &[BulkItemState]); 5] = [
    (
        "revoked",
        &[BulkItemState::Revoked, BulkItemState::Changed, BulkItemState::Gone],
    ),
    ("accepted", &[BulkItemState::Accepted]),
    ("failed", &[BulkItemState::Failed]),
    ("unknown", &[BulkItemState::Unknown]),
    ("skipped", &[BulkItemState::Cancelled]),
];

/// The bar. The text next to it contains the same numbers.
pub(super) fn bar(counts: &BulkCounts) -> AnyView {
    let of = |states: &[BulkItemState]| states.iter().map(|state| counts.of(*state)).sum();
    let widths = shares(PARTS.map(|(_, states)| of(states)), counts.total());
    let mut x = 0;
    let parts = PARTS.into_iter().zip(widths).map(|((class, _), width)| {
        let at = x;
        x += width;
        (width > 0).then(|| view! { <rect class=class x=percent(at) width=percent(width) height="10"></rect> })
    });
    view! {
        <svg
            class="bulk-bar"
            height="10"
            role="progressbar"
            aria-label="Tokens processed"
            aria-valuemin="0"
            aria-valuenow=counts.settled().to_string()
            aria-valuemax=counts.total().to_string()
        >
            {parts.collect_view()}
        </svg>
    }
    .into_any()
}

/// The width of each part in thousandths: proportional, and at least [`MIN_SHARE`] if it is not empty.
fn shares<const N: usize>(parts: [usize; N], total: usize) -> [usize; N] {
    let mut widths = parts.map(|n| match n {
        0 => 0,
        n => (n * WHOLE_BAR / total.max(1)).max(MIN_SHARE),
    });
    // The widest part makes up for what small parts were given.
    let excess = widths.iter().sum::<usize>().saturating_sub(WHOLE_BAR);
    if let Some(widest) = widths.iter_mut().max() {
        *widest = widest.saturating_sub(excess);
    }
    // The last part of a full bar gets what integer division has dropped.
    if parts.iter().sum::<usize>() == total
        && let Some(last) = widths.iter().rposition(|width| *width > 0)
    {
        widths[last] += WHOLE_BAR.saturating_sub(widths.iter().sum());
    }
    widths
}

/// `62.5%`, from thousandths.
fn percent(thousandths: usize) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_failure_is_seen_and_the_bar_is_never_wider_than_it_is() {
        assert_eq!(shares([13, 7], 20), [650, 350]);
        assert_eq!(shares([0, 0], 20), [0, 0]);
        assert_eq!(shares([5, 0], 20), [250, 0], "what is open is the track");
        assert_eq!(shares([9999, 1], 10_000), [990, 10]);
        assert_eq!(shares([1, 1, 1], 3), [333, 333, 334]);
        for parts in [[1, 1, 9998], [9998, 1, 1], [0, 1, 9999]] {
            assert_eq!(shares(parts, 10_000).iter().sum::<usize>(), WHOLE_BAR, "{parts:?}");
        }
        assert_eq!(percent(625), "62.5%");
    }
}
