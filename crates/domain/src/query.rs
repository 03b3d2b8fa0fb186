//! What a list of tokens is asked for: filters, sort and page, to and from the query string. The address is the state
//! of the page, so both directions live here and are held to each other by a property test.

use core::fmt::Write as _;
use serde::{Deserialize, Serialize};

use crate::{MarkKind, PrincipalId, Status, looks_like_token_value};

/// Rows on a page.
pub const PAGE_SIZE: usize = 50;

/// Bytes of a filter's text that are looked at; what is longer is cut, since no comment is found by more.
const MAX_TEXT: usize = 256;

/// A column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SortKey {
    /// By comment.
    Comment,
    /// By the owner's name.
    Owner,
    /// By creation.
    Created,
    /// By expiry; never comes last, unknown first.
    Expires,
    /// By last use; never used comes first.
    LastUsed,
}

impl SortKey {
    /// Every key, in the order of the columns.
    pub const ALL: [Self; 5] = [Self::Comment, Self::Owner, Self::Created, Self::Expires, Self::LastUsed];

    /// The word in a URL.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Comment => "comment",
            Self::Owner => "owner",
            Self::Created => "created",
            Self::Expires => "expires",
            Self::LastUsed => "last_used",
        }
    }
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Direction {
    /// Smallest, earliest or A first.
    Ascending,
    /// Largest, latest or Z first.
    Descending,
}

/// A key and its direction. In a URL `created` or, descending, `-created`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// The column.
    pub key: SortKey,
    /// Which end first.
    pub direction: Direction,
}

impl Default for Sort {
    /// Newest first.
    fn default() -> Self {
        Self {
            key: SortKey::Created,
            direction: Direction::Descending,
        }
    }
}

impl Sort {
    /// Every order: each column both ways.
    pub fn all() -> impl Iterator<Item = Self> {
        let both = [Direction::Ascending, Direction::Descending];
        SortKey::ALL
            .into_iter()
            .flat_map(move |key| both.map(|direction| Self { key, direction }))
    }

    /// In words.
    pub const fn label(self) -> &'static str {
        match (self.key, self.direction) {
            (SortKey::Created, Direction::Descending) => "Newest first",
            (SortKey::Created, Direction::Ascending) => "Oldest first",
            (SortKey::Expires, Direction::Ascending) => "Soonest to expire first",
            (SortKey::Expires, Direction::Descending) => "Latest to expire first",
            (SortKey::LastUsed, Direction::Ascending) => "Longest unused first",
            (SortKey::LastUsed, Direction::Descending) => "Last used first",
            (SortKey::Comment, Direction::Ascending) => "By comment",
            (SortKey::Comment, Direction::Descending) => "By comment, backwards",
            (SortKey::Owner, Direction::Ascending) => "By owner",
            (SortKey::Owner, Direction::Descending) => "By owner, backwards",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (slug, direction) = match text.strip_prefix('-') {
            Some(slug) => (slug, Direction::Descending),
            None => (text, Direction::Ascending),
        };
        let key = SortKey::ALL.into_iter().find(|k| k.slug() == slug)?;
        Some(Self { key, direction })
    }

    /// The value in a URL.
    pub fn slug(self) -> String {
        let sign = if self.direction == Direction::Descending {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", self.key.slug())
    }

    /// What a click on `key`'s heading asks for: the other direction where it is already sorted by it.
    #[must_use]
    pub fn toggled(self, key: SortKey) -> Self {
        let direction = match (self.key == key, self.direction) {
            (true, Direction::Ascending) => Direction::Descending,
            (true, Direction::Descending) => Direction::Ascending,
            (false, _) if matches!(key, SortKey::Created) => Direction::Descending,
            (false, _) => Direction::Ascending,
        };
        Self { key, direction }
    }
}

/// Filters, sort and page of a list of tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenQuery {
    /// Text within comment or id, in any case. Empty: all.
    pub q: String,
    /// Exactly this creator's user name, in any case. Empty: all.
    pub created_by_username: String,
    /// This creator's id.
    pub created_by_id: Option<PrincipalId>,
    /// The owner's id, or text within the owner's name, in any case. Empty: all.
    pub owner: String,
    /// This status.
    pub status: Option<Status>,
    /// This mark.
    pub mark: Option<MarkKind>,
    /// The order.
    pub sort: Sort,
    /// The page, counted from 0 (in a URL from 1).
    pub page: usize,
}

impl TokenQuery {
    /// From the decoded pairs of a query string. Unknown names and values that make no sense are dropped, never an
    /// error: the address may come from anywhere. A text that looks like a token's secret value is dropped too.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut query = Self::default();
        for (name, value) in pairs {
            match name {
                "q" => query.q = text(value),
                "created_by_username" => query.created_by_username = text(value),
                "created_by_id" => query.created_by_id = value.trim().parse().ok(),
                "owner" => query.owner = text(value),
                "status" => query.status = Status::ALL.into_iter().find(|s| s.slug() == value),
                "mark" => query.mark = MarkKind::ALL.into_iter().find(|m| m.slug() == value),
                "sort" => query.sort = Sort::parse(value).unwrap_or_default(),
                "page" => query.page = value.parse::<usize>().unwrap_or(1).saturating_sub(1),
                _ => {}
            }
        }
        query
    }

    /// The query string without `?`, in a fixed order, without what is at its default. Empty for the plain list.
    pub fn to_query_string(&self) -> String {
        let mut out = String::new();
        let mut pair = |name: &str, value: &str| {
            if !value.is_empty() {
                let separator = if out.is_empty() { "" } else { "&" };
                let _ = write!(out, "{separator}{name}={}", encode(value));
            }
        };
        let number = |n: Option<PrincipalId>| n.map(|n| n.to_string()).unwrap_or_default();
        pair("q", &self.q);
        pair("created_by_username", &self.created_by_username);
        pair("created_by_id", &number(self.created_by_id));
        pair("owner", &self.owner);
        pair("status", self.status.map(Status::slug).unwrap_or_default());
        pair("mark", self.mark.map(MarkKind::slug).unwrap_or_default());
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

/// A filter's text: trimmed, bounded, without control characters, and never a token's value.
fn text(value: &str) -> String {
    if looks_like_token_value(value) {
        return String::new();
    }
    let mut out = String::new();
    for c in value.trim().chars().filter(|c| !c.is_control()) {
        if out.len() + c.len_utf8() > MAX_TEXT {
            break;
        }
        out.push(c);
    }
    out.trim().to_owned()
}

/// Percent-encodes all but RFC 3986's unreserved characters: right in a path segment and in a query value. Browsers take
/// a segment of one or two dots for a step upwards, so those dots are encoded too.
pub fn encode(text: &str) -> String {
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode(query: &str) -> Vec<(String, String)> {
        let unescape = |text: &str| {
            let mut bytes = Vec::new();
            let mut rest = text.bytes();
            while let Some(b) = rest.next() {
                if b == b'%' {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    bytes.push(u8::from_str_radix(core::str::from_utf8(&hex).unwrap(), 16).unwrap());
                } else {
                    bytes.push(b);
                }
            }
            String::from_utf8(bytes).unwrap()
        };
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (unescape(name), unescape(value)))
            .collect()
    }

    fn parse(query: &str) -> TokenQuery {
        let pairs = decode(query);
        TokenQuery::from_pairs(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())))
    }

    #[test]
    fn malformed_values_are_dropped() {
        let query = parse("status=broken&sort=%2D%2Dx&page=-3&created_by_id=1.5&mark=&foo=bar");
        assert_eq!(query, TokenQuery::default());
        assert_eq!(parse("page=18446744073709551615").page, usize::MAX - 1);
        assert_eq!(parse("page=0").page, 0);
    }

    #[test]
    fn a_pasted_token_value_never_becomes_a_filter() {
        let value = format!("dapi{}", "0123456789abcdef".repeat(2));
        assert_eq!(parse(&format!("q={value}")).q, "");
    }

    #[test]
    fn a_heading_turns_the_order_around() {
        let newest = Sort::default();
        let oldest = newest.toggled(SortKey::Created);
        assert_eq!(oldest.direction, Direction::Ascending);
        assert_eq!(oldest.toggled(SortKey::Created), newest);
        assert_eq!(newest.toggled(SortKey::Owner).direction, Direction::Ascending);
    }

    #[test]
    fn filters_are_told_from_order_and_page() {
        assert!(!parse("sort=owner&page=3").is_filtered());
        assert!(parse("q=x").is_filtered());
        assert!(parse("mark=idle").is_filtered());
    }

    prop_compose! {
        fn any_query()(
            q in ".{0,40}", name in "[a-z@.]{0,20}", id in any::<Option<i64>>(), owner in ".{0,20}",
            status in proptest::sample::select(vec![None, Some(Status::Active), Some(Status::Expired), Some(Status::Unknown)]),
            mark in proptest::option::of(proptest::sample::select(MarkKind::ALL.to_vec())),
            key in proptest::sample::select(SortKey::ALL.to_vec()), descending in any::<bool>(), page in 0usize..9999,
        ) -> TokenQuery {
            let direction = if descending { Direction::Descending } else { Direction::Ascending };
            TokenQuery {
                q: text(&q), created_by_username: name, created_by_id: id.map(PrincipalId::new), owner: text(&owner),
                status, mark, sort: Sort { key, direction }, page,
            }
        }
    }

    proptest! {
        #[test]
        fn the_address_says_everything(query in any_query()) {
            prop_assert_eq!(parse(&query.to_query_string()), query);
        }

        #[test]
        fn any_pairs_are_accepted(name in ".{0,20}", value in ".*") {
            let query = TokenQuery::from_pairs([(name.as_str(), value.as_str()), ("q", value.as_str())]);
            prop_assert!(query.q.len() <= MAX_TEXT);
        }
    }
}
