//! What a list of tokens is asked for: filters, sort and page, to and from the query string. The address is the state
//! of the page, so both directions live here and are held to each other by a property test.

mod parse;
mod sort;

use core::fmt::Write as _;
use core::ops::RangeInclusive;
use serde::{Deserialize, Serialize};

use crate::{Day, FindingKind, PrincipalId, PrincipalKind, Status};

pub use parse::ParsedQuery;
pub use sort::{Direction, Sort, SortKey};

/// Rows on a page.
pub const TOKENS_PAGE_SIZE: usize = 50;

/// The scope that stands for all of them: what a token without a list of scopes holds.
pub const ALL_SCOPES: &str = "all-apis";

/// The most days of idleness that can be asked for.
pub const MAX_IDLE_DAYS: u16 = 9999;

/// The name of the findings in an address.
pub(crate) const FINDING: &str = "finding";

/// What it was before. It is still read, since links and bookmarks have it, and never written.
pub(crate) const FORMER_FINDING: &str = "mark";

/// Whole UTC days, both ends inclusive. An open end is `None`; both open ask for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DayRange {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
}

impl DayRange {
    /// Whether it asks for nothing.
    pub const fn is_open(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// Its days, counted from 1970-01-01, as far as 32 bits hold them.
    pub(crate) fn days(self) -> RangeInclusive<i32> {
        let from = self.from.map_or(i32::MIN + 1, Day::number);
        from..=self.to.map_or(i32::MAX, Day::number)
    }
}

/// Filters, sort and page of a list of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenQuery {
    /// Text within comment or id, in any case. Empty: all.
    pub q: String,
    /// The id or its beginning, in any case. Empty: all.
    pub id: String,
    /// Exactly this creator's user name, in any case. Empty: all.
    pub created_by_username: String,
    /// This creator's id.
    pub created_by_id: Option<PrincipalId>,
    /// Whether only tokens pass that somebody else made for their owner (in a URL `creator=other`).
    pub created_by_other: bool,
    /// The owner's id, or text within the owner's name, in any case. Empty: all.
    pub owner: String,
    /// What the owner is. Owners who are not known are of no kind.
    pub owner_kind: Option<PrincipalKind>,
    /// This status.
    pub status: Option<Status>,
    /// All of these marks, each once, in the order in which they were asked for. No token has both marks of an owner who
    /// is gone, so that those two together mean either.
    pub marks: Vec<FindingKind>,
    /// Ending on one of these days. What never ends, or nobody knows when, does not.
    pub expires: DayRange,
    /// Last used on one of these days. What was never used was not.
    pub used: DayRange,
    /// Not used for at least so many whole days, 1 to [`MAX_IDLE_DAYS`]; see [`crate::Token::idle_days`].
    pub idle_days: Option<u16>,
    /// Exactly this scope, in any case. A token without a list of scopes holds [`ALL_SCOPES`]. Empty: all.
    pub scope: String,
    /// The order.
    pub sort: Sort,
    /// The page, counted from 0 (in a URL from 1).
    pub page: usize,
}

impl TokenQuery {
    /// The query string without `?`, in a fixed order, without what is at its default. Empty for the plain list.
    pub fn to_query_string(&self) -> String {
        self.query_string(FINDING)
    }

    /// The same, with this name for the findings.
    pub(crate) fn query_string(&self, finding: &str) -> String {
        let mut out = String::new();
        let mut pair = |name: &str, value: &str| {
            if !value.is_empty() {
                let separator = if out.is_empty() { "" } else { "&" };
                let _ = write!(out, "{separator}{name}={}", percent_encode(value));
            }
        };
        let number = |n: Option<PrincipalId>| n.map(|n| n.to_string()).unwrap_or_default();
        let day = |day: Option<Day>| day.map(Day::to_iso).unwrap_or_default();
        pair("q", &self.q);
        pair("id", &self.id);
        pair("created_by_username", &self.created_by_username);
        pair("created_by_id", &number(self.created_by_id));
        pair("creator", if self.created_by_other { "other" } else { "" });
        pair("owner", &self.owner);
        pair(
            "owner_kind",
            self.owner_kind.map(PrincipalKind::slug).unwrap_or_default(),
        );
        pair("status", self.status.map(Status::slug).unwrap_or_default());
        for mark in &self.marks {
            pair(finding, mark.slug());
        }
        pair("expires_from", &day(self.expires.from));
        pair("expires_to", &day(self.expires.to));
        pair("used_from", &day(self.used.from));
        pair("used_to", &day(self.used.to));
        pair("idle", &self.idle_days.map(|n| n.to_string()).unwrap_or_default());
        pair("scope", &self.scope);
        if self.sort != Sort::default() {
            pair("sort", &self.sort.slug());
        }
        if self.page > 0 {
            pair("page", &self.page.saturating_add(1).to_string());
        }
        out
    }

    /// Whether anything narrows the list.
    pub fn is_filtered(&self) -> bool {
        self.without_filters()
            != Self {
                page: self.page,
                ..self.clone()
            }
    }

    /// The same order, first page, all tokens.
    #[must_use]
    pub fn without_filters(&self) -> Self {
        Self {
            sort: self.sort,
            page: self.page,
            ..Self::default()
        }
    }

    /// The same filters in the usual order, from the first page.
    #[must_use]
    pub fn unordered(&self) -> Self {
        Self {
            sort: Sort::default(),
            page: 0,
            ..self.clone()
        }
    }

    /// The same list on another page, counted from 0.
    #[must_use]
    pub fn on_page(&self, page: usize) -> Self {
        Self { page, ..self.clone() }
    }

    /// The same filters in another order, from the first page.
    #[must_use]
    pub fn sorted(&self, sort: Sort) -> Self {
        Self {
            sort,
            page: 0,
            ..self.clone()
        }
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters: right in a path segment and in a query value. Browsers take
/// a segment of one or two dots for a step upwards, so those dots are encoded too.
pub fn percent_encode(text: &str) -> String {
    let dots = matches!(text, "." | "..");
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' => out.push(char::from(byte)),
            b'.' if !dots => out.push('.'),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
