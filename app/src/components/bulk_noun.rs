//! What a bulk change is called, in the bar of every page and on its own page.

use console::BulkKind;

/// What it is called at the start of a text.
pub(crate) const fn bulk_noun(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::Revoke => "Bulk revocation",
        BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => "Bulk change of scopes",
    }
}
