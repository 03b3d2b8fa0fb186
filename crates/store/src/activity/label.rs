//! The labels of targets and of the state before a change, which are stored as text. The log, its hash chain and its
//! exports contain the stored text, which never changes, so that they can be checked against each other. Unknown text
//! is shown as it is.

use std::borrow::Cow;

use super::ActivityKind;
use crate::BulkId;

/// The label of a target. Names and token IDs stay as they are.
pub fn target_label<'a>(kind: &ActivityKind, target: &'a str) -> &'a str {
    match (kind, target) {
        (ActivityKind::SwitchTokens, "personal access tokens") => "Personal access tokens",
        (ActivityKind::SwitchTokens, state) => switch_label(state, "Enable", "Disable"),
        (ActivityKind::SetMaxLifetime, "maximum lifetime of new tokens (days)") => "New tokens",
        (ActivityKind::EditAccess, "permissions on tokens") => "Permissions",
        (ActivityKind::AcceptFinding | ActivityKind::WithdrawAcceptance, "all of the workspace") => "Workspace",
        (ActivityKind::RevokeTokens | ActivityKind::EditScopesInBulk, "a selection") => "Selection",
        (ActivityKind::RevokeTokens | ActivityKind::ResumeBulk | ActivityKind::CancelBulk, id)
            if id.parse::<BulkId>().is_ok() =>
        {
            "Bulk revocation"
        }
        (ActivityKind::EditScopesInBulk | ActivityKind::ResumeScopesInBulk | ActivityKind::CancelScopesInBulk, id)
            if id.parse::<BulkId>().is_ok() =>
        {
            "Bulk change of scopes"
        }
        (_, other) => other,
    }
}

/// The label of the state before a change.
pub fn before_label<'a>(kind: &ActivityKind, before: &'a str) -> Cow<'a, str> {
    match kind {
        ActivityKind::SwitchTokens => switch_label(before, "Enabled", "Disabled").into(),
        ActivityKind::SetMaxLifetime => lifetime_label(before),
        ActivityKind::EditAccess => match before.strip_suffix(" grants and admins").filter(|n| is_number(n)) {
            Some("0") => "Admins only".into(),
            Some("1") => "1 permission, plus admins".into(),
            Some(n) => format!("{n} permissions, plus admins").into(),
            None => before.into(),
        },
        ActivityKind::RevokeToken
        | ActivityKind::RevokeTokens
        | ActivityKind::ResumeBulk
        | ActivityKind::CancelBulk
        | ActivityKind::EditComment
        | ActivityKind::CreateToken
        | ActivityKind::CreateFirstToken
        | ActivityKind::EditScopes
        | ActivityKind::AcceptFinding
        | ActivityKind::WithdrawAcceptance
        | ActivityKind::EditScopesInBulk
        | ActivityKind::ResumeScopesInBulk
        | ActivityKind::CancelScopesInBulk
        | ActivityKind::Other(_) => before.into(),
    }
}

/// A maximum lifetime in days, as in the setting of the workspace.
pub(super) fn lifetime_label(days: &str) -> Cow<'_, str> {
    match days {
        "0" => "No custom limit".into(),
        "1" => "1 day".into(),
        days if is_number(days) => format!("{days} days").into(),
        other => other.into(),
    }
}

pub(super) fn strip_any<'a>(text: &'a str, prefixes: [&str; 2]) -> Option<&'a str> {
    prefixes.into_iter().find_map(|prefix| text.strip_prefix(prefix))
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn switch_label<'a>(text: &'a str, on: &'static str, off: &'static str) -> &'a str {
    match text {
        "on" => on,
        "off" => off,
        other => other,
    }
}

#[cfg(test)]
mod tests;
