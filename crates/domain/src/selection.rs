//! Which tokens of a list somebody has picked, across its pages. It is in the address like the filters, so that paging, sorting
//! and going back keep it, with and without scripts.
//!
//! A token is picked by a handle of 16 characters, short enough for many in one address. A selection belongs to the filters under
//! which it was made: under others it is dropped, since nobody should revoke what they do not see.

use core::fmt::Write as _;
use core::hash::{Hash as _, Hasher as _};
use std::borrow::Cow;
use std::collections::BTreeSet;

use rustc_hash::FxHasher;

use crate::query::FORMER_FINDING;
use crate::{TokenId, TokenQuery};

/// Tokens that are picked one by one, at most: more make an address that proxies refuse. All that match are any number.
pub const MAX_SELECTED: usize = 1000;

/// What is picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    /// Nothing.
    #[default]
    None,
    /// The tokens with these handles.
    Tokens(BTreeSet<String>),
    /// All that pass the filters.
    All,
}

/// What an address says of a selection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedSelection {
    /// What is picked.
    pub selection: Selection,
    /// Whether the rows of the page shown are to be picked too: the button "Select this page".
    pub select_page: bool,
    /// Whether the address comes from a list with other filters.
    pub filters_changed: bool,
    /// Whether something was picked there, and is not any more.
    pub cleared: bool,
    /// Whether more than [`MAX_SELECTED`] were asked for.
    pub too_many: bool,
}

impl TokenId {
    /// What stands for it in a selection: the beginning of a hash, or a hash of any other id. Two tokens with the same one are as
    /// good as impossible.
    pub fn handle(&self) -> Cow<'_, str> {
        if self.is_hash() {
            return Cow::Borrowed(&self.as_str()[..16]);
        }
        let mut hasher = FxHasher::default();
        self.as_str().hash(&mut hasher);
        Cow::Owned(format!("x{:015x}", hasher.finish() >> 4))
    }
}

/// Stands for the filters of a query, whatever its order and page.
fn fingerprint(query: &TokenQuery) -> String {
    fingerprint_of(&query.unordered().to_query_string())
}

/// The fingerprint that versions before gave the same filters: their addresses called the findings by another name.
fn former_fingerprint(query: &TokenQuery) -> String {
    fingerprint_of(&query.unordered().query_string(FORMER_FINDING))
}

fn fingerprint_of(filters: &str) -> String {
    let mut hasher = FxHasher::default();
    filters.hash(&mut hasher);
    format!("{:08x}", hasher.finish() >> 32)
}

impl ParsedSelection {
    /// From the decoded pairs of an address that asks for `query`. What makes no sense is dropped.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>, query: &TokenQuery) -> Self {
        let (mut handles, mut all, mut of) = (BTreeSet::new(), false, None);
        let mut page_too = false;
        for (name, value) in pairs {
            match (name, value) {
                ("sel", value) => handles.extend(value.split([',', ' ']).filter(|h| is_handle(h)).map(str::to_owned)),
                ("pick", "page") => page_too = true,
                ("all", "1") | ("pick", "all") => all = true,
                ("of", value) if !value.is_empty() => of = Some(value),
                _ => {}
            }
        }
        let other_filters = of.is_some_and(|of| of != fingerprint(query) && of != former_fingerprint(query));
        // "All" without saying of what is not taken at its word.
        if other_filters || (all && of.is_none()) {
            return Self {
                filters_changed: other_filters,
                cleared: all || !handles.is_empty(),
                ..Self::default()
            };
        }
        let too_many = !all && handles.len() > MAX_SELECTED;
        let selection = match handles.into_iter().take(MAX_SELECTED).collect::<BTreeSet<_>>() {
            _ if all => Selection::All,
            none if none.is_empty() => Selection::None,
            some => Selection::Tokens(some),
        };
        Self {
            selection,
            select_page: page_too && !all,
            filters_changed: other_filters,
            cleared: false,
            too_many,
        }
    }

    /// Picks these too, as the button "Select this page" asks.
    pub fn pick<'a>(&mut self, tokens: impl IntoIterator<Item = &'a TokenId>) {
        let mut handles = match core::mem::take(&mut self.selection) {
            Selection::All => {
                self.selection = Selection::All;
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
    /// Whether the token is picked, where it passes the filters.
    pub fn contains(&self, token: &TokenId) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::Tokens(handles) => handles.contains(&*token.handle()),
        }
    }

    /// Whether nothing is.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// What an address has to say beside the query: `sel=…&of=…`, `all=1&of=…`, or nothing.
    pub fn to_query_string(&self, query: &TokenQuery) -> String {
        let mut out = match self {
            Self::None => return String::new(),
            Self::All => "all=1".to_owned(),
            Self::Tokens(handles) => {
                let handles: Vec<_> = handles.iter().map(String::as_str).collect();
                format!("sel={}", handles.join(","))
            }
        };
        // Writing to a string cannot fail.
        let _ = write!(out, "&of={}", self.fingerprint(query));
        out
    }

    /// The filters that it belongs to, for an address.
    pub fn fingerprint(&self, query: &TokenQuery) -> String {
        fingerprint(query)
    }
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

    /// What the address of `selection` under `made` says to a page that asks for `asked`.
    fn carried(selection: &Selection, made: &TokenQuery, asked: &TokenQuery) -> ParsedSelection {
        let text = selection.to_query_string(made);
        ParsedSelection::from_pairs(text.split('&').filter_map(|pair| pair.split_once('=')), asked)
    }

    fn two() -> Selection {
        Selection::Tokens(BTreeSet::from(["a", "b"].map(|digit| id(digit).handle().into_owned())))
    }

    #[test]
    fn a_selection_survives_paging_and_sorting() {
        let made = query(&[("q", "ci"), ("sort", "owner")]);
        let asked = query(&[("q", "ci"), ("sort", "-created"), ("page", "7")]);
        for selection in [Selection::None, Selection::All, two()] {
            let carried = carried(&selection, &made, &asked);
            assert_eq!((carried.selection, carried.cleared), (selection, false));
        }
    }

    #[test]
    fn other_filters_drop_it_and_tell() {
        let (made, asked) = (query(&[("q", "ci")]), query(&[("q", "cid")]));
        let carried = carried(&two(), &made, &asked);
        assert_eq!((carried.selection, carried.cleared), (Selection::None, true));
        let all = ParsedSelection::from_pairs([("all", "1")], &asked);
        assert_eq!(all.selection, Selection::None, "all of what is not said");
    }

    #[test]
    fn a_selection_made_when_findings_were_called_mark_is_kept() {
        let (idle, unused) = (query(&[("finding", "idle")]), query(&[("finding", "never-used")]));
        let of = fingerprint_of("mark=idle");
        let pairs = [("all", "1"), ("of", of.as_str())];
        assert_eq!(ParsedSelection::from_pairs(pairs, &idle).selection, Selection::All);
        let elsewhere = ParsedSelection::from_pairs(pairs, &unused);
        assert_eq!((elsewhere.selection, elsewhere.cleared), (Selection::None, true));
    }

    #[test]
    fn boxes_of_a_page_and_of_others_are_one_selection() {
        let of = Selection::All.fingerprint(&TokenQuery::default());
        let (a, b) = ("a".repeat(16), "b".repeat(16));
        let pairs = [
            ("sel", a.as_str()),
            ("sel", b.as_str()),
            ("sel", "rubbish,'"),
            ("of", &of),
        ];
        let picked = ParsedSelection::from_pairs(pairs, &TokenQuery::default());
        assert_eq!(picked.selection, two());
        assert!(picked.selection.contains(&id("b")) && !picked.selection.contains(&id("c")));
    }

    #[test]
    fn a_page_is_picked_beside_what_is_picked() {
        let mut picked =
            ParsedSelection::from_pairs([("sel", &*id("a").handle()), ("pick", "page")], &TokenQuery::default());
        assert!(picked.select_page);
        picked.pick([&id("a"), &id("b")]);
        assert_eq!(picked.selection, two());
    }

    #[test]
    fn no_more_are_picked_one_by_one_than_an_address_holds() {
        let handles: Vec<_> = (0..MAX_SELECTED + 5).map(|n| format!("{n:016}")).collect();
        let picked = ParsedSelection::from_pairs([("sel", handles.join(",").as_str())], &TokenQuery::default());
        assert!(picked.too_many);
        assert!(matches!(picked.selection, Selection::Tokens(handles) if handles.len() == MAX_SELECTED));
    }

    #[test]
    fn ids_of_any_kind_have_a_handle() {
        for text in ["", "abc", "0123,4567 89/..", "ü"] {
            let id = TokenId::new(text);
            let handle = id.handle();
            assert!(is_handle(&handle), "{text}: {handle}");
        }
        assert_ne!(TokenId::new("abc").handle(), TokenId::new("abd").handle());
    }
}
