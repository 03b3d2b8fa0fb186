//! The labels of errors. Their `Display` is stored; older rows have the longer texts of earlier versions.

use std::borrow::Cow;

use crate::activity::label::{is_number, strip_any};

/// The label of an error; `None` if the text is not that of an error.
pub(super) fn label(text: &str) -> Option<Cow<'_, str>> {
    let refused = ["creation refused: ", "the workspace refused to create the token: "];
    if let Some(why) = strip_any(text, refused) {
        return Some(match workspace_label(why).as_deref().unwrap_or(why) {
            "Request rejected" => "Creation rejected".into(),
            why => format!("Creation rejected: {why}").into(),
        });
    }
    if let Some(why) = strip_any(text, ["database failed: ", "the console's database failed: "]) {
        return Some(format!("Database failed: {why}").into());
    }
    if let Some(why) = text.strip_prefix("sign-in service failed: ") {
        let why = workspace_label(why).unwrap_or(why.into());
        return Some(format!("Sign-in service failed: {why}").into());
    }
    own_label(text).map(Cow::from).or_else(|| workspace_label(text))
}

/// The label of an error of a call to the workspace.
fn workspace_label(text: &str) -> Option<Cow<'_, str>> {
    call_failure_label(text).or_else(|| fixed_workspace_label(text).map(Cow::from))
}

/// The label of a failed call whose text contains a status, a delay or a place in the response.
fn call_failure_label(text: &str) -> Option<Cow<'_, str>> {
    let text = text.strip_suffix('.').unwrap_or(text);
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
    if let Some(fault) = cause.strip_prefix("unreachable: ") {
        return Some(format!("Could not connect: {fault}").into());
    }
    let status = strip_any(cause, ["HTTP ", "The workspace failed with status "])?;
    is_number(status).then(|| format!("HTTP {status}").into())
}

/// The label of an error of the console.
fn own_label(text: &str) -> Option<&'static str> {
    Some(match text {
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
        "value changed in the meantime" => "Changed in the meantime",
        "no response, old state"
        | "no answer came, and the workspace still has the old state; look again before trying once more" => {
            "No response, and no change so far"
        }
        "accepted, another state" => "Accepted, another state is reported",
        "unexpected permissions"
        | "the workspace has neither the old nor the wanted state; look again before anything else" => {
            "Unexpected permissions"
        }
        "result unknown"
        | "the change was sent, but whether it took place could not be read; look again before anything else" => {
            "Result unknown"
        }
        "has tokens already" => "The workspace has tokens already",
        "no response, no new token"
        | "no answer came, and the workspace lists no such token; look at the list before trying once more" => {
            "No response, and no new token found"
        }
        "creation outcome unknown"
        | "the creation was sent, but whether it created a token could not be told; look at the list" => {
            "Unclear whether a token was created"
        }
        _ => return None,
    })
}

/// The label of an error of the workspace whose text is always the same.
fn fixed_workspace_label(text: &str) -> Option<&'static str> {
    Some(match text {
        "credential rejected" | "The workspace did not accept the credential: it is wrong, expired or revoked." => {
            "Credential rejected"
        }
        "scope missing" | "The credential lacks a scope that this needs." => "The credential lacks a scope",
        "network blocked" | "The workspace refuses connections from this console's network." => "Network blocked",
        "not in this workspace" => "Not in this workspace",
        "another workspace responded" => "Another workspace responded",
        "workspace ID missing" => "Workspace ID missing",
        "unknown refusal" => "Refused",
        "refused without a reason" => "Refused without a reason",
        "not an admin" | "The workspace allows this to its admins only." => "Not an admin",
        "refused for this token" => "Refused for this token",
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
        "sign-in service refused" => "Refused by the sign-in service",
        "response too large" | "The workspace's answer is larger than this console accepts." => "Response too large",
        "sign-in host not allowed"
        | "The workspace names a sign-in address that is neither its own nor on a configured issuer host." => {
            "Sign-in host not allowed"
        }
        _ => return None,
    })
}
