//! Accepted findings: someone has accepted them until a date, and they are not open until then.

use std::fmt;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use super::{Finding, FindingKind, KindSet};
use crate::{Day, TokenId, can_contain_token_value};

/// The longest time for which a finding can be accepted, in days.
pub const MAX_ACCEPTANCE_DAYS: u32 = 365;

/// The longest reason for an acceptance, in characters.
pub const MAX_ACCEPTANCE_REASON_CHARS: usize = 500;

/// Why the input for an acceptance is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AcceptanceInputError {
    /// The reason is empty.
    NoReason,
    /// The reason is longer than [`MAX_ACCEPTANCE_REASON_CHARS`].
    ReasonTooLong,
    /// The reason can contain a token value, which must not be stored.
    TokenValue,
    /// The last day is not a date.
    NoDate,
    /// The last day is before today.
    DatePast,
    /// The last day is more than [`MAX_ACCEPTANCE_DAYS`] ahead.
    DateTooFar,
}

impl fmt::Display for AcceptanceInputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoReason => "Enter a reason. Others will read it.",
            Self::ReasonTooLong => "Enter a reason of at most 500 characters.",
            Self::TokenValue => "Remove the token value from the reason.",
            Self::NoDate => "Enter a date, such as 2027-01-31.",
            Self::DatePast => "Enter a date that is not in the past.",
            Self::DateTooFar => "Enter a date within the next 365 days.",
        })
    }
}

/// Parses the last day and the reason of an acceptance, as typed on `today`.
///
/// # Errors
///
/// Everything that is not valid, in the order of the form and without duplicates.
pub fn parse_acceptance(reason: &str, until: &str, today: Day) -> Result<(String, Day), Vec<AcceptanceInputError>> {
    let reason: String = reason.chars().filter(|c| !c.is_control()).collect();
    let reason = reason.trim().to_owned();
    let wrong_reason = match reason.chars().count() {
        _ if reason.chars().all(is_invisible) => Some(AcceptanceInputError::NoReason),
        _ if can_contain_token_value(&reason) => Some(AcceptanceInputError::TokenValue),
        n if n > MAX_ACCEPTANCE_REASON_CHARS => Some(AcceptanceInputError::ReasonTooLong),
        _ => None,
    };
    let day = Day::from_iso(until.trim());
    let wrong_day = match day.map(|day| day.days_since(today)) {
        None => Some(AcceptanceInputError::NoDate),
        Some(..0) => Some(AcceptanceInputError::DatePast),
        Some(days) if days > i64::from(MAX_ACCEPTANCE_DAYS) => Some(AcceptanceInputError::DateTooFar),
        Some(_) => None,
    };
    match (wrong_reason, wrong_day, day) {
        (None, None, Some(day)) => Ok((reason, day)),
        (wrong_reason, wrong_day, _) => Err(wrong_reason.into_iter().chain(wrong_day).collect()),
    }
}

/// Whether a character shows nothing: white space, and the format characters of Unicode that occur in pasted text
/// (<https://www.unicode.org/reports/tr44/#General_Category_Values>, `Cf`).
fn is_invisible(c: char) -> bool {
    let is_direction = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}');
    let is_other_format = matches!(c, '\u{ad}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_whitespace() || is_direction || is_other_format
}

/// The accepted findings of tokens, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AcceptedFindings {
    kinds: KindSet,
    tokens: FxHashMap<TokenId, KindSet>,
}

impl AcceptedFindings {
    /// Accepts a kind of finding, for one token or for all tokens.
    #[must_use]
    pub fn with(mut self, kind: FindingKind, token: Option<TokenId>) -> Self {
        match token {
            None => self.kinds = self.kinds.with(kind),
            Some(id) => {
                let kinds = self.tokens.entry(id).or_default();
                *kinds = kinds.with(kind);
            }
        }
        self
    }

    /// Whether nothing is accepted.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() && self.tokens.is_empty()
    }

    /// The kinds that are accepted for a token, including those accepted for all tokens.
    pub fn of(&self, token: &TokenId) -> KindSet {
        let own = self.tokens.get(token).copied().unwrap_or_default();
        own.or(self.kinds)
    }

    /// The findings in `found` that are accepted for a token. Accepting a finding also accepts the findings that it
    /// covers.
    pub(crate) fn among(&self, token: &TokenId, found: KindSet) -> KindSet {
        let accepted = self.of(token);
        let covered = found.iter().filter(|kind| {
            kind.covered_by()
                .is_some_and(|other| found.has(other) && accepted.has(other))
        });
        accepted.or(covered.collect())
    }

    /// Whether `finding` of a token is accepted.
    pub fn has(&self, token: &TokenId, finding: Finding) -> bool {
        self.of(token).has(finding.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acceptance_has_a_reason_and_ends_within_a_year() {
        use AcceptanceInputError::{DatePast, DateTooFar, NoDate, NoReason, ReasonTooLong};
        let today = Day::from_iso("2026-11-26").unwrap();
        let parse = |reason: &str, until: &str| parse_acceptance(reason, until, today);
        let until = |day: &str| Ok(("quarter close".to_owned(), Day::from_iso(day).unwrap()));
        assert_eq!(parse(" quarter\u{7} close ", "2026-11-26"), until("2026-11-26"));
        assert_eq!(parse("quarter close", "2027-11-26"), until("2027-11-26"));
        assert_eq!(parse("quarter close", "2027-11-27"), Err(vec![DateTooFar]));
        assert_eq!(parse("quarter close", "2026-11-25"), Err(vec![DatePast]));
        assert_eq!(parse(" \t", "soon"), Err(vec![NoReason, NoDate]));
        assert_eq!(parse("\u{200b} \u{feff}", "2027-01-01"), Err(vec![NoReason]));
        let wrapped = "da\npi0123456789abcdef0123456789abcdef";
        assert_eq!(
            parse(wrapped, "2027-01-01"),
            Err(vec![AcceptanceInputError::TokenValue])
        );
        assert_eq!(parse(&"x".repeat(501), "2027-01-01"), Err(vec![ReasonTooLong]));
    }
}
