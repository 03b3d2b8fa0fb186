//! The workspace's policy on tokens: whether they work at all, and how long new ones may live.

use core::fmt;
use serde::{Deserialize, Serialize};

/// The longest lifetime that the platform gives a new token, in days, where no custom limit is set
/// (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
pub const PLATFORM_MAX_LIFETIME_DAYS: u32 = 730;

/// What the workspace's configuration says about tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Whether personal access tokens may be created and used. Never set means yes.
    pub enabled: bool,
    /// The limit on tokens made from now on; existing tokens keep their expiry.
    pub max_lifetime: MaxLifetime,
}

/// The limit on the lifetime of new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MaxLifetime {
    /// No custom limit: the platform's maximum of 730 days holds. Older sources read it as "unlimited".
    NoCustomLimit,
    /// So many days, at least one.
    Days(u32),
}

impl MaxLifetime {
    /// From `maxTokenLifetimeDays`. A workspace that never set it answers null, nothing, or one of the texts "null",
    /// "false" and ""; `"0"` is how a limit is taken away. `None` where the text means nothing known: a wrong limit
    /// would be worse than none.
    pub fn from_wire(text: Option<&str>) -> Option<Self> {
        match text.unwrap_or_default().trim() {
            "" | "null" | "false" | "0" => Some(Self::NoCustomLimit),
            days => days.parse().ok().filter(|d| *d > 0).map(Self::Days),
        }
    }

    /// For `maxTokenLifetimeDays`; the workspace has no way to unset the key, only `"0"`.
    pub fn to_wire(self) -> String {
        self.input()
    }

    /// As the field of the settings shows it: days, 0 for no custom limit.
    pub fn input(self) -> String {
        self.custom_days().unwrap_or(0).to_string()
    }

    /// From what a person typed: a whole number of days from 1 to 730, or 0 for no custom limit.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn from_input(text: &str) -> Result<Self, LifetimeInputError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(LifetimeInputError::Empty);
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.bytes().all(|b| b.is_ascii_digit()) || digits.is_empty() {
            return Err(LifetimeInputError::NotWhole);
        }
        if digits.len() < text.len() {
            return Err(LifetimeInputError::Negative);
        }
        match digits.parse::<u32>() {
            Ok(0) => Ok(Self::NoCustomLimit),
            Ok(days) if days <= PLATFORM_MAX_LIFETIME_DAYS => Ok(Self::Days(days)),
            _ => Err(LifetimeInputError::TooLong),
        }
    }

    /// The most days that a new token may live.
    pub fn longest_days(self) -> u32 {
        self.custom_days()
            .map_or(PLATFORM_MAX_LIFETIME_DAYS, |days| days.min(PLATFORM_MAX_LIFETIME_DAYS))
    }

    /// The custom limit in days, where there is one.
    pub fn custom_days(self) -> Option<u32> {
        match self {
            Self::NoCustomLimit => None,
            Self::Days(days) => Some(days),
        }
    }
}

/// `90 days`, or `no custom limit (platform maximum: 730 days)`.
impl fmt::Display for MaxLifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCustomLimit => write!(
                f,
                "no custom limit (platform maximum: {PLATFORM_MAX_LIFETIME_DAYS} days)"
            ),
            Self::Days(1) => f.write_str("1 day"),
            Self::Days(days) => write!(f, "{days} days"),
        }
    }
}

/// Why a typed lifetime is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LifetimeInputError {
    /// Nothing was typed.
    Empty,
    /// Not a whole number.
    NotWhole,
    /// Below zero.
    Negative,
    /// Above the platform's maximum.
    TooLong,
}

impl fmt::Display for LifetimeInputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty | Self::Negative => "Enter a number of days from 1 to 730, or 0 for no custom limit.",
            Self::NotWhole => "Enter a whole number from 1 to 730, or 0 for no custom limit.",
            Self::TooLong => "The maximum is 730 days. Enter 0 for no custom limit.",
        })
    }
}

/// The lifetime of one new token from what a person typed: a whole number of days from 1 to `most`. `None` for anything
/// else.
pub fn parse_token_lifetime(text: &str, most: u32) -> Option<u32> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let days = digits.then(|| text.parse().ok()).flatten();
    days.filter(|days| (1..=most).contains(days))
}

/// From `enableTokensConfig`: case does not matter, since the workspace echoes what was written ("TRue"). Never set
/// means on. `None` where the text means nothing known.
pub fn parse_tokens_enabled(text: Option<&str>) -> Option<bool> {
    match text.unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "" | "null" | "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_to_say_no_limit() {
        for text in [None, Some("0"), Some("null"), Some("false"), Some("")] {
            assert_eq!(
                MaxLifetime::from_wire(text),
                Some(MaxLifetime::NoCustomLimit),
                "{text:?}"
            );
        }
        assert_eq!(MaxLifetime::from_wire(Some("90")), Some(MaxLifetime::Days(90)));
        assert_eq!(MaxLifetime::from_wire(Some("-5")), None);
        assert_eq!(MaxLifetime::from_wire(Some("soon")), None);
    }

    #[test]
    fn typed_lifetimes() {
        use LifetimeInputError as E;
        for (text, expected) in [
            ("1", Ok(MaxLifetime::Days(1))),
            (" 730 ", Ok(MaxLifetime::Days(730))),
            ("0", Ok(MaxLifetime::NoCustomLimit)),
            ("", Err(E::Empty)),
            ("1.5", Err(E::NotWhole)),
            ("ninety", Err(E::NotWhole)),
            ("-", Err(E::NotWhole)),
            ("1e2", Err(E::NotWhole)),
            ("+5", Err(E::NotWhole)),
            ("-5", Err(E::Negative)),
            ("731", Err(E::TooLong)),
            ("99999999999999999999", Err(E::TooLong)),
        ] {
            assert_eq!(MaxLifetime::from_input(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_new_token_lives_at_least_a_day_and_within_the_policy() {
        for (text, days) in [
            ("1", Some(1)),
            (" 90 ", Some(90)),
            ("0", None),
            ("91", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(parse_token_lifetime(text, 90), days, "{text:?}");
        }
        for text in ["-1", "+1", "1e1", "٣٠", "99999999999999999999"] {
            assert_eq!(parse_token_lifetime(text, 730), None, "{text:?}");
        }
        assert_eq!(MaxLifetime::NoCustomLimit.longest_days(), 730);
        assert_eq!(MaxLifetime::Days(90).longest_days(), 90);
        assert_eq!(MaxLifetime::Days(1000).longest_days(), 730);
    }

    #[test]
    fn the_switch_is_read_leniently_but_not_guessed() {
        assert_eq!(parse_tokens_enabled(Some("TRue")), Some(true));
        assert_eq!(parse_tokens_enabled(Some("FALSE")), Some(false));
        assert_eq!(parse_tokens_enabled(None), Some(true));
        assert_eq!(parse_tokens_enabled(Some("maybe")), None);
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_read_back_the_same(days in 0u32..=730) {
            let typed = MaxLifetime::from_input(&days.to_string()).unwrap();
            prop_assert_eq!(MaxLifetime::from_wire(Some(&typed.to_wire())), Some(typed));
        }

        #[test]
        fn no_input_panics(text in ".*") {
            let _ = MaxLifetime::from_input(&text);
        }
    }
}
