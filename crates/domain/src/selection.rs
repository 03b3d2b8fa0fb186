//! The selected tokens of a list, across all of its pages. The URL contains the selection and the filters, so that the
//! selection survives paging, sorting and going back, with and without scripts.
//!
//! A token is represented by a handle of 16 characters, so that many fit into a URL. A selection belongs to the filters
//! that it was made with, and is dropped under other filters, so that no one revokes tokens that they do not see.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hash::{Hash as _, Hasher as _};

use rustc_hash::FxHasher;

use crate::query::FORMER_FINDING;
use crate::{TokenId, TokenQuery};

/// How many tokens can be selected individually: with more, the URL would be too long for some proxies.
/// [`Selection::All`] has no limit.
pub const MAX_SELECTED: usize = 1000;

/// The length of a handle.
const HANDLE_CHARS: usize = 16;

/// Which tokens are selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// No tokens.
    #[default]
    None,
    /// The tokens with these handles.
    Tokens(BTreeSet<String>),
    /// All tokens that pass the filters.
    All,
    /// All tokens that pass the filters, except those with these handles, of which there is at least one.
    AllExcept(BTreeSet<String>),
}

/// A selection from a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedSelection {
    /// The tokens that are selected.
    pub selection: Selection,
    /// Whether to select the rows of the current page too, because of the button "Select this page".
    pub select_page: bool,
    /// Whether the URL comes from a list with other filters.
    pub filters_changed: bool,
    /// Whether a selection was dropped because it was made with other filters, or with unknown ones.
    pub cleared: bool,
    /// Whether the URL selects more than [`MAX_SELECTED`] tokens.
    pub too_many: bool,
}

impl TokenId {
    /// The token's handle in a selection: the start of the ID if that is a hash, otherwise a hash of the ID. Two tokens
    /// practically never have the same handle.
    pub fn handle(&self) -> Cow<'_, str> {
        if self.is_hash() {
            return Cow::Borrowed(&self.as_str()[..HANDLE_CHARS]);
        }
        let mut hasher = FxHasher::default();
        self.as_str().hash(&mut hasher);
        Cow::Owned(format!("x{:015x}", hasher.finish() >> 4))
    }

    /// Whether this can be the handle of an ID that is a hash.
    pub fn can_be_handle(&self) -> bool {
        self.as_str().len() == HANDLE_CHARS && self.as_str().bytes().all(|b| b.is_ascii_hexdigit())
    }
}

/// A short hash of a query's filters, without its order and page.
fn fingerprint(query: &TokenQuery) -> String {
    fingerprint_of(&query.unordered().to_query_string())
}

/// The fingerprint in URLs of earlier versions, in which the parameter for findings had another name.
fn former_fingerprint(query: &TokenQuery) -> String {
    fingerprint_of(&query.unordered().query_string(FORMER_FINDING))
}

fn fingerprint_of(filters: &str) -> String {
    let mut hasher = FxHasher::default();
    filters.hash(&mut hasher);
    format!("{:08x}", hasher.finish() >> 32)
}

impl ParsedSelection {
    /// Reads a selection from the decoded pairs of a URL whose filters are `query`. Drops invalid values.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, query: &TokenQuery) -> Self {
        let (mut handles, mut all, mut made_with) = (BTreeSet::new(), false, None);
        let (mut excluded, mut shown) = (BTreeSet::new(), BTreeSet::new());
        let mut select_page = false;
        for (name, value) in pairs {
            match (name, value) {
                ("sel", value) => handles.extend(handles_in(value)),
                ("not", value) => excluded.extend(handles_in(value)),
                ("shown", value) => shown.extend(handles_in(value)),
                ("pick", "page") => select_page = true,
                ("all", "1") | ("pick", "all") => all = true,
                ("of", value) if !value.is_empty() => made_with = Some(value),
                _ => {}
            }
        }
        let filters_changed =
            made_with.is_some_and(|filters| filters != fingerprint(query) && filters != former_fingerprint(query));
        // "All" without a fingerprint is not trusted, since it may have been made with other filters.
        if filters_changed || (all && made_with.is_none()) {
            return Self {
                filters_changed,
                cleared: all || !handles.is_empty(),
                ..Self::default()
            };
        }
        if all {
            // A browser only sends ticked checkboxes, so unticked rows are those that are shown but not sent.
            excluded.extend(shown.difference(&handles).cloned());
            return Self::all_except(excluded, filters_changed);
        }
        let too_many = handles.len() > MAX_SELECTED;
        let selection = match handles.into_iter().take(MAX_SELECTED).collect::<BTreeSet<_>>() {
            none if none.is_empty() => Selection::None,
            some => Selection::Tokens(some),
        };
        Self {
            selection,
            select_page,
            filters_changed,
            cleared: false,
            too_many,
        }
    }

    /// All tokens except the excluded ones. With too many exceptions for a URL, nothing is selected: dropping some
    /// would select tokens that someone excluded.
    fn all_except(excluded: BTreeSet<String>, filters_changed: bool) -> Self {
        let too_many = excluded.len() > MAX_SELECTED;
        Self {
            selection: match excluded.is_empty() {
                _ if too_many => Selection::None,
                true => Selection::All,
                false => Selection::AllExcept(excluded),
            },
            filters_changed,
            too_many,
            ..Self::default()
        }
    }

    /// Adds tokens to the selection, for the button "Select this page".
    pub fn select<'a>(&mut self, tokens: impl IntoIterator<Item = &'a TokenId>) {
        let mut handles = match std::mem::take(&mut self.selection) {
            all @ (Selection::All | Selection::AllExcept(_)) => {
                self.selection = all;
                return;
            }
            Selection::None => BTreeSet::new(),
            Selection::Tokens(handles) => handles,
        };
        for token in tokens {
            if handles.len() < MAX_SELECTED {
                handles.insert(token.handle().into_owned());
            } else {
                self.too_many = true;
            }
        }
        self.selection = Selection::Tokens(handles);
    }
}

impl Selection {
    /// Whether the token is selected, assuming that it passes the filters.
    pub fn contains(&self, token: &TokenId) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::AllExcept(excluded) => !excluded.contains(&*token.handle()),
            Self::Tokens(handles) => handles.contains(&*token.handle()),
        }
    }

    /// Whether all tokens that pass the filters are selected, with or without exceptions.
    pub fn is_all(&self) -> bool {
        matches!(self, Self::All | Self::AllExcept(_))
    }

    /// The handles of the exceptions, if the selection has any.
    pub fn excluded(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::AllExcept(excluded) => Some(excluded),
            _ => None,
        }
    }

    /// Whether no token is selected.
    pub fn is_empty(&self) -> bool {
        *self == Self::None
    }

    /// The parameters to add to the query string of `query`: `sel=…&of=…`, `all=1&of=…`, `all=1&not=…&of=…`, or none.
    pub fn to_query_string(&self, query: &TokenQuery) -> String {
        let mut out = match self {
            Self::None => return String::new(),
            Self::All => "all=1".to_owned(),
            Self::AllExcept(excluded) => format!("all=1&not={}", joined(excluded)),
            Self::Tokens(handles) => format!("sel={}", joined(handles)),
        };
        // Writing to a string cannot fail.
        let _ = write!(out, "&of={}", self.fingerprint(query));
        out
    }

    /// The value of the parameter `of`, which identifies the filters that the selection was made with.
    pub fn fingerprint(&self, query: &TokenQuery) -> String {
        fingerprint(query)
    }
}

/// The valid handles in a parameter's value.
fn handles_in(value: &str) -> impl Iterator<Item = String> {
    value
        .split([',', ' '])
        .filter(|text| is_handle(text))
        .map(str::to_owned)
}

fn joined(handles: &BTreeSet<String>) -> String {
    let handles: Vec<_> = handles.iter().map(String::as_str).collect();
    handles.join(",")
}

fn is_handle(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> TokenId {
        TokenId::new(digit.repeat(64))
    }

    fn query(pairs: &[(&str, &str)]) -> TokenQuery {
        TokenQuery::from_pairs(pairs.iter().copied())
    }

    /// The selection that the list `shown` reads from the URL of `selection`, which was made with the filters
    /// `made_with`.
    fn carried(selection: &Selection, made_with: &TokenQuery, shown: &TokenQuery) -> ParsedSelection {
        let text = selection.to_query_string(made_with);
        ParsedSelection::from_pairs(text.split('&').filter_map(|pair| pair.split_once('=')), shown)
    }

    fn two() -> Selection {
        Selection::Tokens(BTreeSet::from(["a", "b"].map(|digit| id(digit).handle().into_owned())))
    }

    fn all_but_two() -> Selection {
        let Selection::Tokens(handles) = two() else {
            unreachable!()
        };
        Selection::AllExcept(handles)
    }

    #[test]
    fn a_row_that_is_not_ticked_is_excluded_from_all() {
        let of = Selection::All.fingerprint(&TokenQuery::default());
        let handle = |digit| id(digit).handle().into_owned();
        let (a, b, c) = (handle("a"), handle("b"), handle("c"));
        let parse = |pairs: &[(&str, &str)]| {
            let pairs = [pairs, &[("all", "1"), ("of", &of)]].concat();
            ParsedSelection::from_pairs(pairs, &TokenQuery::default()).selection
        };
        let shown = [a.as_str(), c.as_str()].join(",");
        assert_eq!(parse(&[("shown", &shown), ("sel", &a), ("sel", &c)]), Selection::All);
        let without_a = parse(&[("shown", &shown), ("sel", &c), ("not", &b)]);
        assert_eq!(without_a, all_but_two());
        assert!(!without_a.contains(&id("a")) && !without_a.contains(&id("b")) && without_a.contains(&id("d")));
        // One of them is ticked again.
        assert_eq!(
            parse(&[("shown", &shown), ("sel", &a), ("sel", &c), ("not", &b)])
                .excluded()
                .map(BTreeSet::len),
            Some(1)
        );
    }

    #[test]
    fn too_many_exceptions_select_nothing() {
        let of = Selection::All.fingerprint(&TokenQuery::default());
        let handles: Vec<_> = (0..=MAX_SELECTED).map(|n| format!("{n:016}")).collect();
        let pairs = [("all", "1"), ("not", &handles.join(",")), ("of", &of)];
        let parsed = ParsedSelection::from_pairs(pairs, &TokenQuery::default());
        assert_eq!((parsed.selection, parsed.too_many), (Selection::None, true));
    }

    #[test]
    fn a_selection_survives_paging_and_sorting() {
        let made_with = query(&[("q", "ci"), ("sort", "owner")]);
        let shown = query(&[("q", "ci"), ("sort", "-created"), ("page", "7")]);
        for selection in [Selection::None, Selection::All, all_but_two(), two()] {
            let carried = carried(&selection, &made_with, &shown);
            assert_eq!((carried.selection, carried.cleared), (selection, false));
        }
    }

    #[test]
    fn other_filters_clear_the_selection_and_report_it() {
        let (made_with, shown) = (query(&[("q", "ci")]), query(&[("q", "cid")]));
        let carried = carried(&two(), &made_with, &shown);
        assert_eq!((carried.selection, carried.cleared), (Selection::None, true));
        let all = ParsedSelection::from_pairs([("all", "1")], &shown);
        assert_eq!(all.selection, Selection::None, "all, without saying with which filters");
    }

    #[test]
    fn a_selection_from_a_url_that_calls_findings_mark_is_kept() {
        let (idle, unused) = (query(&[("finding", "idle")]), query(&[("finding", "never-used")]));
        let of = fingerprint_of("mark=idle");
        let pairs = [("all", "1"), ("of", of.as_str())];
        assert_eq!(ParsedSelection::from_pairs(pairs, &idle).selection, Selection::All);
        let other = ParsedSelection::from_pairs(pairs, &unused);
        assert_eq!((other.selection, other.cleared), (Selection::None, true));
    }

    #[test]
    fn checkboxes_of_this_page_and_of_other_pages_are_one_selection() {
        let of = Selection::All.fingerprint(&TokenQuery::default());
        let (a, b) = ("a".repeat(16), "b".repeat(16));
        let pairs = [
            ("sel", a.as_str()),
            ("sel", b.as_str()),
            ("sel", "rubbish,'"),
            ("of", &of),
        ];
        let parsed = ParsedSelection::from_pairs(pairs, &TokenQuery::default());
        assert_eq!(parsed.selection, two());
        assert!(parsed.selection.contains(&id("b")) && !parsed.selection.contains(&id("c")));
    }

    #[test]
    fn selecting_a_page_adds_to_the_selection() {
        let mut parsed =
            ParsedSelection::from_pairs([("sel", &*id("a").handle()), ("pick", "page")], &TokenQuery::default());
        assert!(parsed.select_page);
        parsed.select([&id("a"), &id("b")]);
        assert_eq!(parsed.selection, two());
    }

    #[test]
    fn no_more_tokens_are_selected_one_by_one_than_fit_into_a_url() {
        let handles: Vec<_> = (0..MAX_SELECTED + 5).map(|n| format!("{n:016}")).collect();
        let parsed = ParsedSelection::from_pairs([("sel", handles.join(",").as_str())], &TokenQuery::default());
        assert!(parsed.too_many);
        assert!(matches!(parsed.selection, Selection::Tokens(handles) if handles.len() == MAX_SELECTED));
    }

    #[test]
    fn every_id_has_a_valid_handle() {
        for text in ["", "abc", "0123,4567 89/..", "ü"] {
            let id = TokenId::new(text);
            let handle = id.handle();
            assert!(is_handle(&handle), "{text}: {handle}");
        }
        assert_ne!(TokenId::new("abc").handle(), TokenId::new("abd").handle());
    }
}
