//! The state of the editor in the address: the list that it was opened on, and what is to be added and removed.

use console::access::ListFingerprint;
use domain::access::AccessEdit;

use crate::http::paths;
use crate::http::request::Request;

/// What is being edited.
pub(super) struct Editing {
    /// The list that the edit was begun on; `None` on a first visit.
    pub(super) opened: Option<ListFingerprint>,
    /// What is to be changed.
    pub(super) edit: AccessEdit,
}

impl Editing {
    /// As the address says.
    pub(super) fn of(request: &Request) -> Self {
        let pairs = request.pairs();
        Self {
            opened: request.query("opened").map(ListFingerprint::new),
            edit: AccessEdit::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        }
    }
}

/// The editor, with `edit` begun on `opened`.
pub(super) fn editor(workspace: &str, opened: &ListFingerprint, edit: &AccessEdit) -> String {
    with_edit(paths::permissions(workspace), opened, edit)
}

/// The review of `edit` begun on `opened`.
pub(super) fn review(workspace: &str, opened: &ListFingerprint, edit: &AccessEdit) -> String {
    with_edit(paths::review_permissions(workspace), opened, edit)
}

fn with_edit(path: String, opened: &ListFingerprint, edit: &AccessEdit) -> String {
    let query = edit.to_query_string();
    let opened = format!("opened={}", domain::percent_encode(&opened.to_string()));
    if query.is_empty() {
        paths::with_query(path, &opened)
    } else {
        paths::with_query(path, &format!("{opened}&{query}"))
    }
}
