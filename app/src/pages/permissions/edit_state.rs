//! The state of the editor in the URL: the list it started from, and what is to be added and removed.

use console::access::ListFingerprint;
use domain::access::{AccessEdit, Grantee};

use crate::http::paths;
use crate::http::request::Request;

/// The parameter with a grantee that is no longer to be added or removed: the button "Undo" sends it in addition to the
/// whole edit.
pub(super) const UNDO: &str = "undo";

/// The parameter with the text that the rows of the list have to contain.
pub(super) const FILTER: &str = "filter";

/// The field with the exact name of someone to add, and the one with their kind: a permission can name a group or user
/// that the search does not find.
pub(super) const EXACT_NAME: &str = "exact_name";
pub(super) const EXACT_KIND: &str = "exact_kind";

/// An edit that is not saved yet.
pub(super) struct EditState {
    /// The list that the edit started from; `None` on a first visit.
    pub(super) base: Option<ListFingerprint>,
    /// The changes so far.
    pub(super) edit: AccessEdit,
    /// The text that the rows of the list have to contain; empty shows all.
    pub(super) filter: String,
}

impl EditState {
    /// Reads the state from the request's URL.
    pub(super) fn of(request: &Request) -> Self {
        let pairs = request.pairs();
        let edit = AccessEdit::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let edit = match exact_grantee(request) {
            Some(grantee) => edit.with_added(grantee),
            None => edit,
        };
        let edit = match request.query(UNDO).and_then(|key| Grantee::from_key(&key)) {
            Some(grantee) => edit.without(&grantee),
            None => edit,
        };
        Self {
            base: request.query("opened").map(ListFingerprint::new),
            edit,
            filter: request.query(FILTER).unwrap_or_default(),
        }
    }
}

/// The grantee that is to be added by its exact name.
fn exact_grantee(request: &Request) -> Option<Grantee> {
    let (kind, name) = request.query(EXACT_KIND).zip(request.query(EXACT_NAME))?;
    Grantee::from_key(&format!("{kind}:{}", name.trim()))
}

/// The URL of the editor with `edit`, which started from `base`.
pub(super) fn editor_url(workspace: &str, base: &ListFingerprint, edit: &AccessEdit) -> String {
    with_edit(paths::permissions(workspace), base, edit)
}

/// The URL of the review of `edit`, which started from `base`.
pub(super) fn review_url(workspace: &str, base: &ListFingerprint, edit: &AccessEdit) -> String {
    with_edit(paths::review_permissions(workspace), base, edit)
}

fn with_edit(path: String, base: &ListFingerprint, edit: &AccessEdit) -> String {
    let query = edit.to_query_string();
    let base = format!("opened={}", domain::percent_encode(&base.to_string()));
    if query.is_empty() {
        paths::with_query(path, &base)
    } else {
        paths::with_query(path, &format!("{base}&{query}"))
    }
}
