//! The wording for each kind of bulk change.

use console::BulkKind;

use crate::components::count_of;

/// The noun, within a sentence.
pub(crate) const fn noun_within(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::Revoke => "bulk revocation",
        BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => "bulk change of scopes",
    }
}

/// The action on this number of tokens, as a heading and as a button.
pub(super) fn title(kind: BulkKind, tokens: usize) -> String {
    let tokens = count_of(tokens, "token");
    match kind {
        BulkKind::Revoke => format!("Revoke {tokens}"),
        BulkKind::KeepScopes => format!("Keep the scopes of {tokens}"),
        BulkKind::NarrowScopes => format!("Narrow the scopes of {tokens}"),
        BulkKind::PutBackScopes => format!("Put back the scopes of {tokens}"),
    }
}

/// The participle for this number of tokens, to follow "was" or "were".
pub(super) const fn done(kind: BulkKind, tokens: usize) -> &'static str {
    match (kind, tokens) {
        (BulkKind::Revoke, _) => "revoked",
        (BulkKind::KeepScopes, 1) => "set to keep its scopes",
        (BulkKind::KeepScopes, _) => "set to keep their scopes",
        (BulkKind::NarrowScopes, _) => "narrowed",
        (BulkKind::PutBackScopes, _) => "put back",
    }
}

/// The participle in short.
pub(super) const fn done_briefly(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::Revoke => "revoked",
        BulkKind::KeepScopes => "kept",
        BulkKind::NarrowScopes => "narrowed",
        BulkKind::PutBackScopes => "put back",
    }
}

/// The participle, to follow "could not be".
pub(crate) const fn not_done(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::Revoke => "revoked",
        BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => "changed",
    }
}

/// The verb for what someone must be able to do to tokens.
pub(super) const fn verb(kind: BulkKind) -> &'static str {
    match kind {
        BulkKind::Revoke => "revoke",
        BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => "change",
    }
}
