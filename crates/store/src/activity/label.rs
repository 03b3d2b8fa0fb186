//! The labels that people read for the stored texts of the activity log. The log, its hash chain and its exports
//! contain the stored text, which never changes, so that they can be checked against each other. Unknown text is shown
//! as it is.

use std::borrow::Cow;

use super::Outcome;
use crate::BulkId;

/// The label of a kind, such as "Revoke token" for `revoke_token`.
pub fn kind_label(kind: &str) -> &str {
    match kind {
        "revoke_token" => "Revoke token",
        "revoke_tokens" => "Revoke tokens in bulk",
        "resume_job" => "Resume bulk revocation",
        "cancel_job" => "Cancel bulk revocation",
        "edit_comment" => "Edit comment",
        "switch_tokens" => "Enable or disable tokens",
        "set_max_lifetime" => "Set maximum lifetime",
        "edit_access" => "Edit permissions",
        "create_token" => "Create service principal token",
        "edit_scopes" => "Edit scopes",
        other => other,
    }
}

/// The label of an outcome.
pub const fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "In progress",
        Outcome::Done => "Done",
        Outcome::Failed => "Failed",
        Outcome::Unknown => "Unknown",
        Outcome::Refused => "Refused",
    }
}

/// The label of a target. Names and token IDs stay as they are.
pub fn target_label<'a>(kind: &str, target: &'a str) -> &'a str {
    match (kind, target) {
        ("switch_tokens", "personal access tokens") => "Personal access tokens",
        ("switch_tokens", state) => switch_label(state, "Enable", "Disable"),
        ("set_max_lifetime", "maximum lifetime of new tokens (days)") => "New tokens",
        ("edit_access", "permissions on tokens") => "Permissions",
        ("revoke_tokens", "a selection") => "Selection",
        ("revoke_tokens" | "resume_job" | "cancel_job", id) if is_bulk_id(id) => "Bulk revocation",
        (_, other) => other,
    }
}

/// The label of the state before a change.
pub fn before_label<'a>(kind: &str, before: &'a str) -> Cow<'a, str> {
    match kind {
        "switch_tokens" => switch_label(before, "Enabled", "Disabled").into(),
        "set_max_lifetime" => lifetime_label(before),
        "edit_access" => match before.strip_suffix(" grants and admins").filter(|n| is_number(n)) {
            Some("0") => "Admins only".into(),
            Some("1") => "1 permission, plus admins".into(),
            Some(n) => format!("{n} permissions, plus admins").into(),
            None => before.into(),
        },
        _ => before.into(),
    }
}

/// The label of the requested state. Comments, scopes and names stay as they were typed.
pub fn requested_label<'a>(kind: &str, requested: &'a str) -> Cow<'a, str> {
    match kind {
        "switch_tokens" => switch_label(requested, "Enable", "Disable").into(),
        "set_max_lifetime" => lifetime_label(requested),
        "edit_access" => access_edit_label(requested),
        "revoke_token" if requested.strip_prefix("job ").is_some_and(is_bulk_id) => "Bulk revocation".into(),
        "revoke_tokens" if requested == "the failed tokens revoked" => "Retry failed tokens".into(),
        "revoke_tokens" => match requested.strip_suffix(" tokens revoked").filter(|n| is_number(n)) {
            Some("1") => "Revoke 1 token".into(),
            Some(n) => format!("Revoke {n} tokens").into(),
            None => requested.into(),
        },
        _ => requested.into(),
    }
}

/// The label of the details of an outcome.
pub fn detail_label(detail: &str) -> Cow<'_, str> {
    let label = match detail {
        "in effect" | "changed" => "Confirmed",
        "in effect; the session's own token stopped" => "Confirmed; your session's token stopped working",
        "in effect; the answer was lost" => "Confirmed; the response was lost",
        "sent, not yet in effect" => "Accepted, not confirmed",
        "revoked" => "Revoked",
        "was so already" => "No change needed",
        "was already gone" => "Already gone",
        "a later look found it done" => "Checked later: done",
        "a later look found it not done" => "Checked later: not done",
        "how it ended was not written down; look at the workspace for what became of it" => {
            "Outcome not recorded; check the workspace"
        }
        "not sent: the rest was cancelled" => "Not sent: cancelled",
        "not sent yet" => "Not sent yet",
        "the rest was cancelled" => "Remaining tokens cancelled",
        "it goes on" => "Resumed",
        "no answer came" => "No response",
        "the workspace accepted it, and still lists the token" => "Accepted, but still listed",
        "the workspace said that it is gone, and still lists the token" => "Reported as gone, but still listed",
        "no answer came, and the workspace still lists the token" => "No response, and still listed",
        "this session rides on it: revoke it by itself" => "This session uses it; revoke it separately",
        "the number of tokens was not typed as asked" => "The number typed did not match",
        "the workspace's name was not typed as asked" => "The name typed did not match",
        other => return composed_label(other).unwrap_or_else(|| failure_label(other).into()),
    };
    label.into()
}

/// The label of a detail that contains a name, an ID, a number or another detail.
fn composed_label(detail: &str) -> Option<Cow<'_, str>> {
    if let Some(token) = detail.strip_prefix("created token ") {
        return Some(format!("Created token {token}").into());
    }
    if let Some(actor) = detail.strip_prefix("cancelled by ") {
        return Some(format!("Cancelled by {actor}").into());
    }
    let refused = ["creation refused: ", "the workspace refused to create the token: "];
    if let Some(why) = strip_any(detail, refused) {
        return Some(match &*detail_label(why) {
            "Request rejected" => "Creation rejected".into(),
            why => format!("Creation rejected: {why}").into(),
        });
    }
    if let Some(why) = strip_any(detail, ["database failed: ", "the console's database failed: "]) {
        return Some(format!("Database failed: {why}").into());
    }
    if let Some(label) = call_failure_label(detail) {
        return Some(label);
    }
    counts_label(detail).map(Cow::from)
}

/// The label of a failed call whose text contains a status, a delay or a place in the response.
fn call_failure_label(detail: &str) -> Option<Cow<'_, str>> {
    let text = detail.strip_suffix('.').unwrap_or(detail);
    let mut delays = ["; retry in ", "; it asks to wait "].into_iter();
    let cause = delays
        .find_map(|delay| text.split_once(delay))
        .map_or(text, |(cause, _)| cause);
    if matches!(cause, "rate limited" | "The workspace is limiting requests") {
        return Some("Rate limited".into());
    }
    let unreadable = [
        "unreadable response at ",
        "The workspace's answer could not be understood (",
    ];
    if strip_any(cause, unreadable).is_some() {
        return Some("Unreadable response".into());
    }
    let status = strip_any(cause, ["HTTP ", "The workspace failed with status "])?;
    is_number(status).then(|| format!("HTTP {status}").into())
}

/// The label of the result of a bulk revocation, `2 revoked, 0 already gone, 1 failed, 0 cancelled`, without the zeros.
fn counts_label(detail: &str) -> Option<String> {
    let parts: Vec<&str> = detail.split(", ").collect();
    let stored = [" revoked", " already gone", " failed", " cancelled"];
    let shown = ["revoked", "already gone", "failed", "skipped"];
    if parts.len() != stored.len() {
        return None;
    }
    let mut label = Vec::new();
    for ((part, stored), shown) in parts.into_iter().zip(stored).zip(shown) {
        let n = part.strip_suffix(stored).filter(|n| is_number(n))?;
        if n != "0" || shown == "revoked" {
            label.push(format!("{n} {shown}"));
        }
    }
    Some(label.join(", "))
}

/// The label of an error. Its `Display` is stored; older rows have the longer texts of earlier versions.
fn failure_label(detail: &str) -> &str {
    match detail {
        "accepted but not confirmed"
        | "the workspace accepted the change, but it is not in effect; look again before relying on it" => {
            "Accepted, not confirmed"
        }
        "session ended" | "the sign-in has ended; sign in again" => "Session ended",
        "read-only console" | "this console is read-only; start it without --read-only to change anything" => {
            "Read-only console"
        }
        "auditors can only view" | "auditors may read everything and change nothing; ask an admin" => {
            "Auditors can only view"
        }
        "permissions changed by someone else"
        | "somebody changed the permissions meanwhile; nothing was written, review the change again" => {
            "Permissions changed by someone else"
        }
        "scopes changed by someone else"
        | "somebody changed the token's scopes meanwhile; nothing was written, review the change again" => {
            "Scopes changed by someone else"
        }
        "no response, old state"
        | "no answer came, and the workspace still has the old state; look again before trying once more" => {
            "No response, and no change so far"
        }
        "unexpected permissions"
        | "the workspace has neither the old nor the wanted state; look again before anything else" => {
            "Unexpected permissions"
        }
        "result unknown"
        | "the change was sent, but whether it took place could not be read; look again before anything else" => {
            "Result unknown"
        }
        "no response, no new token"
        | "no answer came, and the workspace lists no such token; look at the list before trying once more" => {
            "No response, and no new token found"
        }
        "creation outcome unknown"
        | "the creation was sent, but whether it created a token could not be told; look at the list" => {
            "Unclear whether a token was created"
        }
        other => workspace_failure_label(other),
    }
}

/// The label of an error of a call to the workspace.
fn workspace_failure_label(detail: &str) -> &str {
    match detail {
        "credential rejected" | "The workspace did not accept the credential: it is wrong, expired or revoked." => {
            "Credential rejected"
        }
        "scope missing" | "The credential lacks a scope that this needs." => "The credential lacks a scope",
        "network blocked" | "The workspace refuses connections from this console's network." => "Network blocked",
        "not an admin" | "The workspace allows this to its admins only." => "Not an admin",
        "no permission to use tokens" | "The workspace does not permit this account to use personal access tokens." => {
            "No permission to use tokens"
        }
        "tokens disabled" | "Personal access tokens are switched off in this workspace." => "Tokens are disabled",
        "feature not available"
        | "This workspace does not offer this feature, most likely because of its pricing tier." => {
            "Feature not available"
        }
        "no token yet" | "The workspace has no personal access token yet, so it has no token permissions either." => {
            "No token yet"
        }
        "not found" | "The workspace does not have what was asked for." => "Not found",
        "request rejected" | "The workspace refused the request." => "Request rejected",
        "unexpected web page" | "A web page came back where the workspace's data was expected." => {
            "Unexpected web page"
        }
        "redirected" | "The workspace's address leads to another one." => "Redirected",
        "timed out" | "The workspace did not answer in time." => "No response in time",
        "unreachable" | "The workspace could not be reached, or the connection to it broke." => "Could not connect",
        "response too large" | "The workspace's answer is larger than this console accepts." => "Response too large",
        "sign-in host not allowed"
        | "The workspace names a sign-in address that is neither its own nor on a configured issuer host." => {
            "Sign-in host not allowed"
        }
        other => other,
    }
}

fn switch_label<'a>(text: &'a str, on: &'static str, off: &'static str) -> &'a str {
    match text {
        "on" => on,
        "off" => off,
        other => other,
    }
}

/// A maximum lifetime in days, as in the setting of the workspace.
fn lifetime_label(days: &str) -> Cow<'_, str> {
    match days {
        "0" => "No custom limit".into(),
        "1" => "1 day".into(),
        days if is_number(days) => format!("{days} days").into(),
        other => other.into(),
    }
}

/// The label of `Added group a, user b; removed nobody`. If a name contains the separator, the text can stay as it is.
fn access_edit_label(edit: &str) -> Cow<'_, str> {
    let parts = edit
        .strip_prefix("Added ")
        .and_then(|edit| edit.split_once("; removed "));
    match parts {
        Some(("nobody", "nobody")) => "No change".into(),
        Some((added, "nobody")) => format!("Added {added}").into(),
        Some(("nobody", removed)) => format!("Removed {removed}").into(),
        _ => edit.into(),
    }
}

fn strip_any<'a>(text: &'a str, prefixes: [&str; 2]) -> Option<&'a str> {
    prefixes.into_iter().find_map(|prefix| text.strip_prefix(prefix))
}

fn is_bulk_id(text: &str) -> bool {
    text.parse::<BulkId>().is_ok()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
