//! The name of a bulk change, for the header of every page and for its own page.

use console::BulkKind;

/// The name as the first word of a text.
pub(crate) const fn bulk_noun(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::Revoke => "Bulk revocation",
        BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => "Bulk change of scopes",
    }
}
