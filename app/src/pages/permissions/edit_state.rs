//! The state of the editor in the URL: the list that it started from, and the additions and removals.

use console::access::ListFingerprint;
use domain::access::{AccessEdit, Grantee};

use crate::http::paths;
use crate::http::request::Request;

/// The parameter with a grantee whose addition or removal is undone. The button "Undo" sends it together with the whole
/// edit.
pub(super) const UNDO_PARAM: &str = "undo";

/// The parameter with the text that filters the rows.
pub(super) const FILTER_PARAM: &str = "filter";

/// The fields with the exact name and the kind of someone to add: permissions can be granted to groups and users that
/// the search does not find.
pub(super) const EXACT_NAME_FIELD: &str = "exact_name";
pub(super) const EXACT_KIND_FIELD: &str = "exact_kind";

/// An edit that has not been saved yet.
pub(super) struct EditState {
    /// The list that the edit started from; `None` on a first visit.
    pub(super) base: Option<ListFingerprint>,
    /// The changes so far.
    pub(super) edit: AccessEdit,
    /// The text that filters the rows; empty to show all.
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
        let edit = match request.query(UNDO_PARAM).and_then(|key| Grantee::from_key(&key)) {
            Some(grantee) => edit.without(&grantee),
            None => edit,
        };
        Self {
            base: request.query("opened").map(ListFingerprint::new),
            edit,
            filter: request.query(FILTER_PARAM).unwrap_or_default(),
        }
    }
}

/// The grantee to add by its exact name.
fn exact_grantee(request: &Request) -> Option<Grantee> {
    let (kind, name) = request.query(EXACT_KIND_FIELD).zip(request.query(EXACT_NAME_FIELD))?;
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
