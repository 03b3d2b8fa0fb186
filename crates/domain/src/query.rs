//! The filters, sort order and page of a list of tokens, converted to and from a query string. The URL is the state of
//! the page. A property test checks both directions against each other.

mod lifetime;
mod parse;
mod sort;
mod windows;

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::{Day, FindingKind, NarrowsWithin, PrincipalId, PrincipalKind, ScopeStateFilter, Status};

pub use lifetime::{LONGEST_LIFETIME_DAYS, LifetimeRange};
pub(crate) use lifetime::{NEVER, NO_LIFETIME, lifetime_days};
pub use parse::{InvalidFilters, ParsedQuery};
pub use sort::{Direction, Sort, SortKey};
pub use windows::{EXPIRY_WEEKS, ExpiryWindow, UseWindow};

/// How many tokens a page shows.
pub const TOKENS_PAGE_SIZE: usize = 50;

/// The largest value of the filter by days without use.
pub const MAX_IDLE_DAYS: u16 = 9999;

/// The name of the URL parameter for findings.
pub(crate) const FINDING: &str = "finding";

/// The former name of that parameter. Links and bookmarks with it are still read, but it is never written.
pub(crate) const FORMER_FINDING: &str = "mark";

/// The name of the URL parameter for accepted findings.
pub(crate) const ACCEPTED: &str = "accepted";

/// The only value of that parameter.
pub(crate) const ACCEPTED_HIDDEN: &str = "hidden";

/// The name of the URL parameter for when tokens expire.
pub(crate) const EXPIRES: &str = "expires";

/// The name of the URL parameter for when tokens were last used.
pub(crate) const USED: &str = "used";

/// The name of the URL parameter for the state of the scopes.
pub(crate) const SCOPE_STATE: &str = "scope_state";

/// The name of the URL parameter for how soon the platform removes scopes.
pub(crate) const NARROWS_WITHIN: &str = "narrows_within";

/// A value of the parameter for findings that stands for [`FindingKind::OWNER_ABSENT`], so that one option of a list
/// can mean all of these kinds. It is read, but never written.
pub const OWNER_ABSENT: &str = "owner-gone-or-deactivated";

/// All characters except RFC 3986's unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A range of UTC days, both ends inclusive. An open end is `None`; with both ends open, it does not filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DayRange {
    /// The first day.
    pub from: Option<Day>,
    /// The last day.
    pub to: Option<Day>,
}

impl DayRange {
    /// Whether both ends are open.
    pub const fn is_open(self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// The days of the range as days since 1970-01-01, limited to 32 bits.
    pub(crate) fn days(self) -> RangeInclusive<i32> {
        let from = self.from.map_or(i32::MIN + 1, Day::number);
        from..=self.to.map_or(i32::MAX, Day::number)
    }
}

/// Filters, sort and page of a list of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenQuery {
    /// Text in the comment, the ID, or a name of the owner or creator, ignoring case. Empty: all tokens.
    pub q: String,
    /// The ID or its start, ignoring case. Empty: all tokens.
    pub id: String,
    /// The creator's full username, ignoring case. Empty: all tokens.
    pub created_by_username: String,
    /// The creator's ID.
    pub created_by_id: Option<PrincipalId>,
    /// Only tokens that someone other than their owner created (in a URL `creator=other`).
    pub created_by_other: bool,
    /// The owner: an ID, or the full username of a user or application ID of a service principal, ignoring case. Empty:
    /// all tokens.
    pub owner: String,
    /// The kind of the owner. Unknown owners have no kind.
    pub owner_kind: Option<PrincipalKind>,
    /// The status.
    pub status: Option<Status>,
    /// The findings that a token must have, in the order of the URL and without duplicates. A token has at most one of
    /// [`FindingKind::OwnerDeactivated`], [`FindingKind::OwnerGone`] and [`FindingKind::OwnerUnknown`], so several of
    /// these together mean any of them.
    pub findings: Vec<FindingKind>,
    /// Only tokens without accepted findings (in a URL `accepted=hidden`).
    pub without_accepted: bool,
    /// The day of creation. Tokens with an unknown creation do not match.
    pub created: DayRange,
    /// When the token expires (in a URL `expires`).
    pub expires_in: Option<ExpiryWindow>,
    /// The day of the expiry. Tokens that never expire, or whose expiry is unknown, do not match.
    pub expires: DayRange,
    /// When the token was last used (in a URL `used`).
    pub last_used: Option<UseWindow>,
    /// The day of last use. Tokens that were never used do not match.
    pub used: DayRange,
    /// The minimum number of whole days without use, 1 to [`MAX_IDLE_DAYS`]; see [`crate::Token::idle_days`].
    pub idle_days: Option<u16>,
    /// The lifetime.
    pub lifetime: LifetimeRange,
    /// The full name of a scope, ignoring case. Tokens without a list of scopes, or with an empty list, match
    /// [`crate::ALL_APIS`]. Empty: all tokens.
    pub scope: String,
    /// The state of the scopes. Only active tokens match.
    pub scope_state: Option<ScopeStateFilter>,
    /// How soon the platform removes scopes. Only active tokens match.
    pub narrows_within: Option<NarrowsWithin>,
    /// The sort order.
    pub sort: Sort,
    /// The page, counted from 0 (in a URL from 1).
    pub page: usize,
}

impl TokenQuery {
    /// The query string without `?`, in a fixed order and without default values. Empty for the plain list.
    pub fn to_query_string(&self) -> String {
        self.query_string(FINDING)
    }

    /// Like [`Self::to_query_string`], with `finding` as the name of the parameter for findings.
    pub(crate) fn query_string(&self, finding: &str) -> String {
        let mut out = String::new();
        let mut pair = |name: &str, value: &str| {
            if !value.is_empty() {
                let separator = if out.is_empty() { "" } else { "&" };
                // Writing to a string cannot fail.
                let _ = write!(out, "{separator}{name}={}", percent_encode(value));
            }
        };
        let number = |n: Option<PrincipalId>| n.map(|n| n.to_string()).unwrap_or_default();
        let days = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
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
        for kind in &self.findings {
            pair(finding, kind.slug());
        }
        pair(ACCEPTED, if self.without_accepted { ACCEPTED_HIDDEN } else { "" });
        pair("created_from", &day(self.created.from));
        pair("created_to", &day(self.created.to));
        pair(EXPIRES, &self.expires_in.map(ExpiryWindow::slug).unwrap_or_default());
        pair("expires_from", &day(self.expires.from));
        pair("expires_to", &day(self.expires.to));
        pair(USED, self.last_used.map(UseWindow::slug).unwrap_or_default());
        pair("used_from", &day(self.used.from));
        pair("used_to", &day(self.used.to));
        pair("idle", &self.idle_days.map(|n| n.to_string()).unwrap_or_default());
        pair("lifetime_over", &days(self.lifetime.over));
        pair("lifetime_to", &days(self.lifetime.up_to));
        pair("scope", &self.scope);
        let scope_state = self.scope_state.as_ref().map(ScopeStateFilter::slug);
        pair(SCOPE_STATE, &scope_state.unwrap_or_default());
        pair(
            NARROWS_WITHIN,
            self.narrows_within.map(NarrowsWithin::slug).unwrap_or_default(),
        );
        if self.sort != Sort::default() {
            pair("sort", &self.sort.slug());
        }
        if self.page > 0 {
            pair("page", &self.page.saturating_add(1).to_string());
        }
        out
    }

    /// Whether any filter is set.
    pub fn is_filtered(&self) -> bool {
        self.without_filters()
            != Self {
                page: self.page,
                ..self.clone()
            }
    }

    /// The same order and page, without filters.
    #[must_use]
    pub fn without_filters(&self) -> Self {
        Self {
            sort: self.sort,
            page: self.page,
            ..Self::default()
        }
    }

    /// The same filters with the default order, on the first page.
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

    /// The same filters in another order, on the first page.
    #[must_use]
    pub fn sorted(&self, sort: Sort) -> Self {
        Self {
            sort,
            page: 0,
            ..self.clone()
        }
    }
}

/// Encodes a path segment. Browsers interpret the segments `.` and `..`, so their dots are encoded too.
pub fn path_segment(text: &str) -> String {
    match text {
        "." | ".." => text.replace('.', "%2E"),
        _ => utf8_percent_encode(text, RESERVED).to_string(),
    }
}

/// Encodes a value in a query string. The result is also safe as a [`path_segment`], because some callers use it as
/// either.
pub fn percent_encode(text: &str) -> String {
    path_segment(text)
}

#[cfg(test)]
mod tests;
