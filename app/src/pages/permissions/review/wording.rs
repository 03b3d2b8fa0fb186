//! The effects of a change as text that says how certain they are.

use console::bulk::count_matches;
use domain::access::{AccessImpact, ImpactCount};

use crate::components::{count_of, group_digits, sentence};
use crate::pages::permissions::grants::people_and_services;

/// What has to be typed if the number of tokens that stop working is unknown.
pub(super) const UNKNOWN_CONFIRMATION: &str = "unknown";

/// The result of a change, as a heading. `removes` says whether it removes permissions.
pub(super) fn result(impact: &AccessImpact, removes: bool) -> String {
    if !removes {
        return match impact.gained {
            ImpactCount::Exactly(0) => "No one gains access. Nothing stops working.".to_owned(),
            ImpactCount::Unknown => "It is not known how many gain access. Nothing stops working.".to_owned(),
            gained => format!("{} access. Nothing stops working.", subject(gained, "gains", "gain")),
        };
    }
    let people = match impact.lost {
        ImpactCount::Exactly(0) => return "No one loses access. No active tokens stop working.".to_owned(),
        ImpactCount::Unknown => "It is not known who loses access.".to_owned(),
        lost => format!("{} access.", subject(lost, "loses", "lose")),
    };
    let tokens = match impact.tokens {
        ImpactCount::Exactly(0) => "No active tokens stop working.".to_owned(),
        ImpactCount::Unknown => "It is not known how many active tokens stop working.".to_owned(),
        tokens => format!("{}.", sentence(&what_stops(tokens))),
    };
    format!("{people} {tokens}")
}

/// `84 active tokens stop working`.
pub(super) fn what_stops(tokens: ImpactCount) -> String {
    let stop = if is_one(tokens) { "stops" } else { "stop" };
    format!("{} {stop} working", tokens_text(tokens, "active token"))
}

/// `36 people and service principals lose`, `At least 1 person or service principal loses`.
fn subject(count: ImpactCount, one: &str, several: &str) -> String {
    let verb = if is_one(count) { one } else { several };
    format!("{} {verb}", sentence(&bounded(count, people_and_services)))
}

/// `84 active tokens`, `at least 1 token`, `up to 3 tokens`, `an unknown number of tokens`.
pub(super) fn tokens_text(count: ImpactCount, one: &str) -> String {
    match count {
        ImpactCount::Unknown => format!("an unknown number of {one}s"),
        count => bounded(count, |n| count_of(n, one)),
    }
}

/// The number, and how certain it is.
pub(super) fn number_text(count: ImpactCount) -> String {
    match count {
        ImpactCount::Unknown => UNKNOWN_CONFIRMATION.to_owned(),
        count => bounded(count, group_digits),
    }
}

fn bounded(count: ImpactCount, text: impl Fn(usize) -> String) -> String {
    match count {
        ImpactCount::Exactly(n) => text(n),
        ImpactCount::AtLeast(n) => format!("at least {}", text(n)),
        ImpactCount::AtMost(n) => format!("up to {}", text(n)),
        ImpactCount::Unknown => UNKNOWN_CONFIRMATION.to_owned(),
    }
}

fn is_one(count: ImpactCount) -> bool {
    matches!(
        count,
        ImpactCount::Exactly(1) | ImpactCount::AtLeast(1) | ImpactCount::AtMost(1)
    )
}

/// The label of the save button, which names what stops working.
pub(super) fn save_label(tokens: ImpactCount) -> String {
    match tokens {
        tokens if tokens.is_zero() => "Save".to_owned(),
        tokens => format!("Remove access and stop {}", tokens_text(tokens, "token")),
    }
}

/// What has to be typed before active tokens stop working: their number, or that it is unknown. `None` if none stops.
pub(super) fn expected(tokens: ImpactCount) -> Option<String> {
    match tokens {
        ImpactCount::Exactly(0) => None,
        ImpactCount::Exactly(n) | ImpactCount::AtLeast(n) | ImpactCount::AtMost(n) => Some(n.to_string()),
        ImpactCount::Unknown => Some(UNKNOWN_CONFIRMATION.to_owned()),
    }
}

/// Like [`expected`], as shown: with thousands separators.
pub(super) fn expected_text(tokens: ImpactCount) -> String {
    match tokens {
        ImpactCount::Exactly(n) | ImpactCount::AtLeast(n) | ImpactCount::AtMost(n) => group_digits(n),
        ImpactCount::Unknown => UNKNOWN_CONFIRMATION.to_owned(),
    }
}

/// Whether the typed text confirms that these tokens stop working.
pub(in crate::pages::permissions) fn is_confirmed(tokens: ImpactCount, typed: &str) -> bool {
    match tokens {
        ImpactCount::Exactly(0) => true,
        ImpactCount::Exactly(n) | ImpactCount::AtLeast(n) | ImpactCount::AtMost(n) => count_matches(typed, n),
        ImpactCount::Unknown => typed.trim().eq_ignore_ascii_case(UNKNOWN_CONFIRMATION),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_how_certain_they_are() {
        assert_eq!(tokens_text(ImpactCount::Exactly(1), "token"), "1 token");
        assert_eq!(
            tokens_text(ImpactCount::AtMost(1284), "active token"),
            "up to 1,284 active tokens"
        );
        assert_eq!(number_text(ImpactCount::AtLeast(2)), "at least 2");
        assert_eq!(what_stops(ImpactCount::AtMost(1)), "up to 1 active token stops working");
        assert_eq!(
            subject(ImpactCount::AtLeast(1), "loses", "lose"),
            "At least 1 person or service principal loses"
        );
    }

    #[test]
    fn a_button_says_how_many_tokens_it_stops() {
        for (tokens, label) in [
            (ImpactCount::Exactly(0), "Save"),
            (ImpactCount::Exactly(84), "Remove access and stop 84 tokens"),
            (ImpactCount::AtLeast(1), "Remove access and stop at least 1 token"),
            (ImpactCount::AtMost(2), "Remove access and stop up to 2 tokens"),
            (
                ImpactCount::Unknown,
                "Remove access and stop an unknown number of tokens",
            ),
        ] {
            assert_eq!(save_label(tokens), label);
        }
    }

    #[test]
    fn tokens_that_stop_are_confirmed_by_their_number_and_an_unknown_number_by_that_word() {
        for (tokens, typed, confirmed) in [
            (ImpactCount::Exactly(0), "", true),
            (ImpactCount::Exactly(1284), "1,284", true),
            (ImpactCount::Exactly(1284), "1283", false),
            (ImpactCount::AtLeast(3), " 3 ", true),
            (ImpactCount::AtMost(3), "", false),
            (ImpactCount::Unknown, "Unknown", true),
            (ImpactCount::Unknown, "0", false),
        ] {
            assert_eq!(is_confirmed(tokens, typed), confirmed, "{tokens:?} {typed:?}");
            if let Some(expected) = expected(tokens) {
                assert!(is_confirmed(tokens, &expected));
            }
        }
    }
}
