use super::*;
use crate::{Detail, RequestedValue};

fn detail_label(text: &str) -> String {
    Detail::from_stored(text).label().into_owned()
}

fn kind_label(text: &str) -> String {
    kind(text).label().to_owned()
}

fn requested_label(of: &str, text: &str) -> String {
    RequestedValue::from_stored(&kind(of), text).label().into_owned()
}

fn kind(text: &str) -> ActivityKind {
    ActivityKind::from_stored(text)
}

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
        ("rate limited", "Rate limited"),
        (
            "The workspace is limiting requests; it asks to wait 5 seconds.",
            "Rate limited",
        ),
        ("HTTP 503; retry in 5 s", "HTTP 503"),
        ("The workspace failed with status 503.", "HTTP 503"),
        (
            "The workspace failed with status 503; it asks to wait 1 second.",
            "HTTP 503",
        ),
        ("unreadable response at token_infos[3].owner_id", "Unreadable response"),
        (
            "The workspace's answer could not be understood (at .).",
            "Unreadable response",
        ),
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
        ("create_first_token", "Create first token"),
        ("edit_scopes_of_tokens", "Edit scopes in bulk"),
        ("resume_scopes_job", "Resume bulk change of scopes"),
        ("cancel_scopes_job", "Cancel bulk change of scopes"),
    ] {
        assert_eq!(kind_label(stored), label);
    }
    let id = "0".repeat(32);
    let in_bulk = format!("job {id}");
    for (kind, stored, label) in [
        ("edit_access", "permissions on tokens", "Permissions"),
        ("revoke_tokens", "a selection", "Selection"),
        ("cancel_job", id.as_str(), "Bulk revocation"),
        ("cancel_scopes_job", id.as_str(), "Bulk change of scopes"),
        ("switch_tokens", "personal access tokens", "Personal access tokens"),
        ("switch_tokens", "off", "Disable"),
        (
            "set_max_lifetime",
            "maximum lifetime of new tokens (days)",
            "New tokens",
        ),
    ] {
        assert_eq!(target_label(&ActivityKind::from_stored(kind), stored), label);
    }
    for (kind, stored, label) in [
        ("switch_tokens", "on", "Enable"),
        ("switch_tokens", "off", "Disable"),
        ("set_max_lifetime", "90", "90 days"),
        ("set_max_lifetime", "0", "No custom limit"),
        ("revoke_token", in_bulk.as_str(), "Bulk revocation"),
        ("revoke_tokens", "12 tokens revoked", "Revoke 12 tokens"),
        ("revoke_tokens", "1 tokens revoked", "Revoke 1 token"),
        ("revoke_tokens", "the failed tokens revoked", "Retry failed tokens"),
        ("edit_access", "Added group a; removed nobody", "Added group a"),
        ("edit_access", "Added nobody; removed user b", "Removed user b"),
    ] {
        assert_eq!(requested_label(kind, stored), label);
    }
    assert_eq!(before_label(&kind("switch_tokens"), "on"), "Enabled");
    assert_eq!(
        before_label(&kind("edit_access"), "1 grants and admins"),
        "1 permission, plus admins"
    );
}

#[test]
fn unknown_text_is_shown_as_it_is() {
    for text in ["", "on", "HTTP 500", "90", "job 0f", "1 failed, 2 cancelled"] {
        assert_eq!(kind_label(text), text);
        assert_eq!(target_label(&kind("edit_comment"), text), text);
        assert_eq!(before_label(&kind("edit_comment"), text), text);
        assert_eq!(requested_label("edit_comment", text), text);
        assert_eq!(detail_label(text), text);
    }
    for detail in [
        "The workspace failed with status teapot.",
        "HTTP ",
        "rate limited by a proxy",
    ] {
        assert_eq!(detail_label(detail), detail);
    }
    assert_eq!(requested_label("revoke_token", "job 0f"), "job 0f");
    assert_eq!(target_label(&kind("cancel_job"), "0f"), "0f");
    let edit = "Added group a; removed b; removed nobody";
    assert_eq!(requested_label("edit_access", edit), edit);
}
