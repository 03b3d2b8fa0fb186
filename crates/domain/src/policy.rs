//! The workspace's policy on tokens: whether they work at all, and the limit on the lifetime of new tokens.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The longest lifetime of a new token, in days, that the platform allows if no custom limit is set
/// (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
pub const PLATFORM_MAX_LIFETIME_DAYS: u32 = 730;

/// The settings for tokens in the workspace's configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Whether personal access tokens can be created and used. True by default.
    pub enabled: bool,
    /// The limit on new tokens; existing tokens keep their expiry.
    pub max_lifetime: MaxLifetime,
    /// Whether someone ever enabled or disabled tokens; otherwise, `enabled` is the default.
    pub is_switch_set: bool,
    /// Whether someone ever set or removed a limit; otherwise, `max_lifetime` is the default.
    pub is_limit_set: bool,
}

/// The setting “Restrict Workspace Admins” of an account admin
/// (<https://docs.databricks.com/aws/en/admin/workspace-settings/restrict-workspace-admins>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminRestriction {
    /// Workspace admins can create tokens for any service principal.
    AllowAll,
    /// They can create tokens only for service principals on which they have the role Service Principal User.
    RestrictTokens,
}

/// The limit on the lifetime of new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MaxLifetime {
    /// No custom limit: the platform's maximum of 730 days applies. Older sources read it as "unlimited".
    NoCustomLimit,
    /// This number of days, at least one.
    Days(u32),
}

impl MaxLifetime {
    /// Parses `maxTokenLifetimeDays`. If it was never set, workspaces send null, no value, or one of the texts "null",
    /// "false" and ""; `"0"` removes a limit. `None` for any other text, since a wrong limit would be worse than none.
    pub fn from_wire(text: Option<&str>) -> Option<Self> {
        match text.unwrap_or_default().trim() {
            "0" => Some(Self::NoCustomLimit),
            unset if is_unset(unset) => Some(Self::NoCustomLimit),
            days => days.parse().ok().filter(|d| *d > 0).map(Self::Days),
        }
    }

    /// The value for `maxTokenLifetimeDays`. The workspace cannot unset the key, so no custom limit is `"0"`.
    pub fn to_wire(self) -> String {
        self.input()
    }

    /// The value for the field in the settings: the number of days, or 0 for no custom limit.
    pub fn input(self) -> String {
        self.custom_days().unwrap_or(0).to_string()
    }

    /// Parses a lifetime as typed: a whole number of days from 1 to 730, or 0 for no custom limit.
    ///
    /// # Errors
    ///
    /// The first rule that the text breaks.
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

    /// The longest lifetime of a new token, in days.
    pub fn longest_days(self) -> u32 {
        self.custom_days()
            .map_or(PLATFORM_MAX_LIFETIME_DAYS, |days| days.min(PLATFORM_MAX_LIFETIME_DAYS))
    }

    /// The custom limit in days, if there is one.
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

/// Why a lifetime as typed is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LifetimeInputError {
    /// The field is empty.
    Empty,
    /// It is not a whole number.
    NotWhole,
    /// It is below zero.
    Negative,
    /// It is above the platform's maximum.
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

/// Parses the lifetime of one new token in days, as typed: a whole number from 1 to `max_days`. `None` for anything
/// else.
pub fn parse_token_lifetime(text: &str, max_days: u32) -> Option<u32> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let days = is_number.then(|| text.parse().ok()).flatten();
    days.filter(|days| (1..=max_days).contains(days))
}

/// Whether `maxTokenLifetimeDays` was ever set; see [`MaxLifetime::from_wire`].
pub fn is_lifetime_set(text: Option<&str>) -> bool {
    !is_unset(text.unwrap_or_default().trim())
}

fn is_unset(text: &str) -> bool {
    ["", "null", "false"].contains(&text)
}

/// Whether `enableTokensConfig` was ever set; see [`parse_tokens_enabled`].
pub fn is_switch_set(text: Option<&str>) -> bool {
    !["", "null"].contains(&text.unwrap_or_default().trim().to_ascii_lowercase().as_str())
}

/// Whether tokens are enabled, from `enableTokensConfig`. Ignores case, since the workspace returns the text as it was
/// set ("TRue"). True if it was never set. `None` for any other text.
pub fn parse_tokens_enabled(text: Option<&str>) -> Option<bool> {
    match text.unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "" | "null" | "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_spelling_of_no_limit_is_read() {
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
    fn a_maximum_lifetime_is_a_whole_number_of_days_up_to_730() {
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
    fn a_new_token_has_a_lifetime_of_at_least_a_day_and_within_the_policy() {
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
    fn the_setting_is_read_in_any_case_and_never_guessed() {
        assert_eq!(parse_tokens_enabled(Some("TRue")), Some(true));
        assert_eq!(parse_tokens_enabled(Some("FALSE")), Some(false));
        assert_eq!(parse_tokens_enabled(None), Some(true));
        assert_eq!(parse_tokens_enabled(Some("maybe")), None);
    }

    proptest! {
        #[test]
        fn an_accepted_lifetime_is_the_same_after_sending_and_reading_it(days in 0u32..=730) {
            let typed = MaxLifetime::from_input(&days.to_string()).unwrap();
            prop_assert_eq!(MaxLifetime::from_wire(Some(&typed.to_wire())), Some(typed));
        }

        #[test]
        fn no_text_causes_a_panic(text in ".*") {
            let _ = MaxLifetime::from_input(&text);
        }
    }
}
