//! What people read for the stored texts of the activity log. The log, its hash chain and its exports hold the stored
//! text, which never changes, so that they can be checked against each other. Unknown text is shown as it is.

use std::borrow::Cow;

use super::Outcome;
use crate::BulkId;

/// What was done, such as "Revoke token" for `revoke_token`.
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

/// How it ended.
pub const fn outcome_label(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Open => "In progress",
        Outcome::Done => "Done",
        Outcome::Failed => "Failed",
        Outcome::Unknown => "Unknown",
        Outcome::Refused => "Refused",
    }
}

/// What it was done to. Names and IDs stay as they are.
pub fn target_label<'a>(kind: &str, target: &'a str) -> &'a str {
    match (kind, target) {
        ("switch_tokens", "personal access tokens") => "Personal access tokens",
        ("switch_tokens", to) => switch_label(to, "Enable", "Disable"),
        ("set_max_lifetime", "maximum lifetime of new tokens (days)") => "New tokens",
        ("edit_access", "permissions on tokens") => "Permissions",
        ("revoke_tokens", "a selection") => "Selection",
        ("revoke_tokens" | "resume_job" | "cancel_job", id) if id.parse::<BulkId>().is_ok() => "Bulk revocation",
        (_, other) => other,
    }
}

/// What was there before.
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

/// What was asked for. Comments, scopes and names stay as they were typed.
pub fn requested_label<'a>(kind: &str, requested: &'a str) -> Cow<'a, str> {
    match kind {
        "switch_tokens" => switch_label(requested, "Enable", "Disable").into(),
        "set_max_lifetime" => lifetime_label(requested),
        "edit_access" => access_edit_label(requested),
        "revoke_token" if requested.starts_with("job ") => "Bulk revocation".into(),
        "revoke_tokens" if requested == "the failed tokens revoked" => "Retry failed tokens".into(),
        "revoke_tokens" => match requested.strip_suffix(" tokens revoked").filter(|n| is_number(n)) {
            Some("1") => "Revoke 1 token".into(),
            Some(n) => format!("Revoke {n} tokens").into(),
            None => requested.into(),
        },
        _ => requested.into(),
    }
}

/// How it ended, more exactly.
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

/// A detail that contains a name, an ID or a number.
fn composed_label(detail: &str) -> Option<Cow<'_, str>> {
    let after = |starts: [&str; 2]| starts.into_iter().find_map(|start| detail.strip_prefix(start));
    if let Some(token) = detail.strip_prefix("created token ") {
        return Some(format!("Created token {token}").into());
    }
    if let Some(actor) = detail.strip_prefix("cancelled by ") {
        return Some(format!("Cancelled by {actor}").into());
    }
    if let Some(why) = after(["creation refused: ", "the workspace refused to create the token: "]) {
        return Some(match &*detail_label(why) {
            "Request rejected" => "Creation rejected".into(),
            why => format!("Creation rejected: {why}").into(),
        });
    }
    if let Some(why) = after(["database failed: ", "the console's database failed: "]) {
        return Some(format!("Database failed: {why}").into());
    }
    if let Some(status) = detail.strip_prefix("The workspace failed with status ") {
        let status: String = status.chars().take_while(char::is_ascii_digit).collect();
        return Some(format!("HTTP {status}").into());
    }
    counts_label(detail).map(Cow::from)
}

/// How a bulk revocation ended: `2 revoked, 0 already gone, 1 failed, 0 cancelled`. Zeros are left out.
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

/// Why a change failed: the `Display` of errors. Older entries have its earlier, longer texts.
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

/// The same for a call to the workspace.
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
        "sign-in host not allowed" => "Sign-in host not allowed",
        other => {
            let starts = [
                ("rate limited", "Rate limited"),
                ("The workspace is limiting requests", "Rate limited"),
                ("unreadable response at ", "Unreadable response"),
                ("The workspace's answer could not be understood", "Unreadable response"),
            ];
            let known = starts.into_iter().find(|(start, _)| other.starts_with(start));
            known.map_or(other, |(_, label)| label)
        }
    }
}

fn switch_label<'a>(text: &'a str, on: &'static str, off: &'static str) -> &'a str {
    match text {
        "on" => on,
        "off" => off,
        other => other,
    }
}

/// A maximum lifetime in days, as the workspace's setting has it.
fn lifetime_label(days: &str) -> Cow<'_, str> {
    match days {
        "0" => "No custom limit".into(),
        "1" => "1 day".into(),
        days if is_number(days) => format!("{days} days").into(),
        other => other.into(),
    }
}

/// `Added group a, user b; removed nobody`. Where a name contains the separator, the text stays as it is.
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

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_details_have_labels() {
        for (stored, label) in [
            ("in effect", "Confirmed"),
            ("changed", "Confirmed"),
            ("sent, not yet in effect", "Accepted, not confirmed"),
            (
                "in effect; the session's own token stopped",
                "Confirmed; your session's token stopped working",
            ),
            ("in effect; the answer was lost", "Confirmed; the response was lost"),
            ("revoked", "Revoked"),
            ("was so already", "No change needed"),
            ("was already gone", "Already gone"),
            ("a later look found it done", "Checked later: done"),
            ("a later look found it not done", "Checked later: not done"),
            (
                "how it ended was not written down; look at the workspace for what became of it",
                "Outcome not recorded; check the workspace",
            ),
            ("not sent: the rest was cancelled", "Not sent: cancelled"),
            ("not sent yet", "Not sent yet"),
            ("the rest was cancelled", "Remaining tokens cancelled"),
            ("it goes on", "Resumed"),
            ("no answer came", "No response"),
            (
                "the workspace accepted it, and still lists the token",
                "Accepted, but still listed",
            ),
            (
                "the workspace said that it is gone, and still lists the token",
                "Reported as gone, but still listed",
            ),
            (
                "no answer came, and the workspace still lists the token",
                "No response, and still listed",
            ),
            (
                "this session rides on it: revoke it by itself",
                "This session uses it; revoke it separately",
            ),
            (
                "the number of tokens was not typed as asked",
                "The number typed did not match",
            ),
            (
                "the workspace's name was not typed as asked",
                "The name typed did not match",
            ),
            ("cancelled by mia@acme.example", "Cancelled by mia@acme.example"),
            (
                "created token 0f; its value was lost",
                "Created token 0f; its value was lost",
            ),
            (
                "12 revoked, 0 already gone, 1 failed, 3 cancelled",
                "12 revoked, 1 failed, 3 skipped",
            ),
            ("0 revoked, 0 already gone, 0 failed, 0 cancelled", "0 revoked"),
            ("rate limited; retry in 5 s", "Rate limited"),
            ("The workspace failed with status 503.", "HTTP 503"),
            ("creation refused: request rejected", "Creation rejected"),
            ("creation refused: HTTP 400", "Creation rejected: HTTP 400"),
        ] {
            assert_eq!(detail_label(stored), label);
        }
    }

    #[test]
    fn stored_kinds_targets_and_values_have_labels() {
        for (stored, label) in [
            ("revoke_token", "Revoke token"),
            ("revoke_tokens", "Revoke tokens in bulk"),
            ("resume_job", "Resume bulk revocation"),
            ("cancel_job", "Cancel bulk revocation"),
            ("edit_comment", "Edit comment"),
            ("switch_tokens", "Enable or disable tokens"),
            ("set_max_lifetime", "Set maximum lifetime"),
            ("edit_access", "Edit permissions"),
            ("create_token", "Create service principal token"),
            ("edit_scopes", "Edit scopes"),
        ] {
            assert_eq!(kind_label(stored), label);
        }
        let id = "0".repeat(32);
        for (kind, stored, label) in [
            ("edit_access", "permissions on tokens", "Permissions"),
            ("revoke_tokens", "a selection", "Selection"),
            ("cancel_job", id.as_str(), "Bulk revocation"),
            ("switch_tokens", "personal access tokens", "Personal access tokens"),
            ("switch_tokens", "off", "Disable"),
            (
                "set_max_lifetime",
                "maximum lifetime of new tokens (days)",
                "New tokens",
            ),
        ] {
            assert_eq!(target_label(kind, stored), label);
        }
        for (kind, stored, label) in [
            ("switch_tokens", "on", "Enable"),
            ("switch_tokens", "off", "Disable"),
            ("set_max_lifetime", "90", "90 days"),
            ("set_max_lifetime", "0", "No custom limit"),
            ("revoke_token", "job 0f", "Bulk revocation"),
            ("revoke_tokens", "12 tokens revoked", "Revoke 12 tokens"),
            ("revoke_tokens", "1 tokens revoked", "Revoke 1 token"),
            ("revoke_tokens", "the failed tokens revoked", "Retry failed tokens"),
            ("edit_access", "Added group a; removed nobody", "Added group a"),
            ("edit_access", "Added nobody; removed user b", "Removed user b"),
        ] {
            assert_eq!(requested_label(kind, stored), label);
        }
        assert_eq!(before_label("switch_tokens", "on"), "Enabled");
        assert_eq!(
            before_label("edit_access", "1 grants and admins"),
            "1 permission, plus admins"
        );
    }

    #[test]
    fn other_text_is_shown_as_it_is() {
        for text in ["", "on", "HTTP 500", "90", "job 0f", "1 failed, 2 cancelled"] {
            assert_eq!(kind_label(text), text);
            assert_eq!(target_label("edit_comment", text), text);
            assert_eq!(before_label("edit_comment", text), text);
            assert_eq!(requested_label("edit_comment", text), text);
            assert_eq!(detail_label(text), text);
        }
        let edit = "Added group a; removed b; removed nobody";
        assert_eq!(requested_label("edit_access", edit), edit);
    }
}
