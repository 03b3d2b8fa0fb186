//! Saving a reviewed edit of the permissions.

use console::access::{ListFingerprint, Review};
use console::activity::{ActivityKind, Detail, RequestedValue};
use console::{Actor, Error};
use domain::access::{AccessEdit, Grantee};
use leptos::prelude::*;

use super::edit_state::review_url;
use super::review::wording::is_confirmed;
use crate::components::success_notice;
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::activity::with_reason;
use crate::problem::{Failure, Problem};

/// The success message after a save. It is shown only if the activity log has the change: anyone can make up a URL.
pub(super) async fn result_message(request: &Request, actor: &Actor) -> Option<AnyView> {
    if request.query("done")? != "saved" {
        return None;
    }
    let last = request
        .console
        .last_recent_change(actor, ActivityKind::EditAccess)
        .await?;
    let response_lost = if last.detail == Detail::InEffectResponseLost {
        " (The response was lost, but the change was made.)"
    } else {
        ""
    };
    let names = request.console.known_names(actor, [&last]).await;
    let requested = match &last.requested {
        RequestedValue::AccessEdit { added, removed } => RequestedValue::AccessEdit {
            added: names.grantees(added),
            removed: names.grantees(removed),
        },
        other => other.clone(),
    };
    let change = requested.label();
    let confirmed = match last.detail {
        Detail::NoChange => "The workspace had these permissions already, so nothing was changed.",
        _ => "Confirmed with the workspace.",
    };
    Some(success_notice(
        "Saved.",
        format!("{change}. {confirmed}{response_lost}"),
    ))
}

/// The warning that the change stops the session's own token, and the field to confirm that with the workspace's name.
pub(super) fn own_access_warning(name: &str) -> AnyView {
    view! {
        <div class="notice danger">
            <p>
                <b>"You will be signed out"</b>
                ": you would no longer have permission to use the token you are signed in with."
            </p>
        </div>
        <div class="field">
            <label for="typed">"Type " <b>{name.to_owned()}</b> " to confirm"</label>
            <input
                class="input"
                id="typed"
                name="typed"
                autocomplete="off"
                spellcheck="false"
                data-expect=name.to_owned()
            />
        </div>
    }
    .into_any()
}

/// Saves a reviewed edit of the permissions. `opened` is the fingerprint of the list that the edit started from, `edit`
/// the edit as in the editor's URL; `typed` and `typed_tokens` confirm what stops working.
#[server(prefix = "/api", endpoint = "permissions/save")]
pub(crate) async fn save_permissions(
    workspace: String,
    opened: String,
    edit: String,
    typed: Option<String>,
    typed_tokens: Option<String>,
    reason: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let pairs: Vec<_> = form_urlencoded::parse(edit.as_bytes()).collect();
    let edit = AccessEdit::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
    let base = ListFingerprint::new(opened);
    let reason = reason.unwrap_or_default();
    let back = with_reason(&review_url(&workspace, &base, &edit), &reason);
    let result = async {
        let actor = request.actor_for_change(&workspace).await?.with_reason(&reason)?;
        // People who cannot make changes are refused by `save_access` below, which records the refusal.
        if actor.can_change() {
            let review = request.console.review_access(&actor, &base, &edit).await;
            let review = review.map_err(Error::before_sending)?;
            let typed = (typed.unwrap_or_default(), typed_tokens.unwrap_or_default());
            if let Some((problem, detail)) = mismatch(&review, &workspace, typed) {
                let target = "permissions on tokens";
                let refusal = request
                    .console
                    .record_refusal(&actor, ActivityKind::EditAccess, target, detail);
                refusal.await?;
                return Ok(Some(problem));
            }
        }
        request.console.save_access(&actor, &base, &edit).await.map(|_| None)
    };
    match result.await {
        Ok(None) => {
            request.redirect(&paths::with_param(&paths::permissions(&workspace), "done", "saved"));
            Ok(())
        }
        Ok(Some(problem)) => Err(request.fail_form_at(problem, &back)),
        Err(error) => {
            let failure = request.change_failure(&error);
            let failure = failure.map(|problem| specific_problem(problem, &error, &edit));
            Err(request.fail_form_at(failure, &back))
        }
    }
}

/// The first confirmation that does not match, if any: the workspace's name, for a change that ends the person's own
/// access, or the number of tokens that stop working.
fn mismatch(review: &Review, workspace: &str, (name, tokens): (String, String)) -> Option<(Problem, Detail)> {
    if review.ends_own_access && !name.trim().eq_ignore_ascii_case(workspace) {
        return Some((Problem::NameMismatch, Detail::NameMismatch));
    }
    let is_confirmed = is_confirmed(review.impact.tokens, &tokens);
    (!is_confirmed).then_some((Problem::CountMismatch, Detail::CountMismatch))
}

/// A more specific problem than `problem`, if the error has one. Only the text of the workspace's error shows that a
/// principal is unknown, or that only the group "admins" can manage tokens.
fn specific_problem(problem: Problem, error: &Error, edit: &AccessEdit) -> Problem {
    match error.unknown_principal() {
        Some(unknown) => Problem::UnknownPrincipal {
            nth: added_index(edit, &unknown),
        },
        None if error.is_non_admin_manager_rejected() => Problem::OnlyAdminsManage,
        None => problem,
    }
}

/// The index of the principal among the additions; `usize::MAX` if it was in the list before.
fn added_index(edit: &AccessEdit, unknown: &Grantee) -> usize {
    edit.added()
        .position(|grantee| grantee == unknown)
        .unwrap_or(usize::MAX)
}
