//! Saving the list.

use console::access::ListFingerprint;
use console::activity::{kind, requested_label};
use console::{Actor, Error};
use domain::access::{AccessEdit, Grantee};
use leptos::prelude::*;

use super::edit_state::review;
use crate::components::success_notice;
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::activity::with_reason;
use crate::pages::settings::NAME_MISMATCH;
use crate::problem::{Failure, Problem};

/// The good news after a save: what the record says was done lately, not what the address claims.
pub(super) async fn result_message(request: &Request, actor: &Actor) -> Option<AnyView> {
    if request.query("done")? != "saved" {
        return None;
    }
    let (what, outcome) = request.console.last_recent_change(actor, kind::EDIT_ACCESS).await?;
    let lost = if outcome.contains("lost") {
        " (The response was lost, but the change was made.)"
    } else {
        ""
    };
    let what = requested_label(kind::EDIT_ACCESS, &what);
    Some(success_notice(
        "Saved.",
        format!("{what}. Confirmed with the workspace.{lost}"),
    ))
}

/// Whoever would stop the token that they are signed in with types the workspace's name.
pub(super) fn own_access(name: &str) -> AnyView {
    view! {
        <div class="notice danger">
            <p>
                <b>"You will be signed out"</b>
                ": you would no longer have permission to use the token you are signed in with."
            </p>
        </div>
        <div class="field">
            <label for="typed">"Type " <b>{name.to_owned()}</b> " to confirm"</label>
            <input class="input" id="typed" name="typed" autocomplete="off" spellcheck="false" data-expect=name.to_owned() />
        </div>
    }
    .into_any()
}

/// Makes a reviewed change of who may use tokens. `opened` is the fingerprint of the list that it was made from, `edit` the
/// change as the editor's address spells it.
#[server(prefix = "/api", endpoint = "permissions/save")]
pub(crate) async fn save_permissions(
    workspace: String,
    opened: String,
    edit: String,
    typed: Option<String>,
    reason: Option<String>,
) -> Result<(), Failure> {
    let request = Request::current();
    let pairs: Vec<_> = form_urlencoded::parse(edit.as_bytes()).collect();
    let edit = AccessEdit::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref())));
    let opened = ListFingerprint::new(opened);
    let reason = reason.unwrap_or_default();
    let back = with_reason(&review(&workspace, &opened, &edit), &reason);
    let result = async {
        let actor = request.actor(&workspace).await?.with_reason(&reason);
        let typed = typed.unwrap_or_default();
        // Who may not change anything is refused by the change itself, which writes that down.
        let ends_own = actor.can_change()
            && request
                .console
                .review_access(&actor, &opened, &edit)
                .await?
                .ends_own_access;
        if ends_own && !typed.trim().eq_ignore_ascii_case(&workspace) {
            let refusal =
                request
                    .console
                    .record_refusal(&actor, kind::EDIT_ACCESS, "permissions on tokens", NAME_MISMATCH);
            refusal.await?;
            return Ok(false);
        }
        request.console.save_access(&actor, &opened, &edit).await.map(|_| true)
    };
    match result.await {
        Ok(true) => {
            request.redirect(&paths::with_param(&paths::permissions(&workspace), "done", "saved"));
            Ok(())
        }
        Ok(false) => Err(request.fail_form_at(Problem::NameMismatch, &back)),
        Err(error) => Err(request.fail_form_at(problem(&request, &error, &edit), &back)),
    }
}

/// Which principal is unknown, and that only admins may manage, are told by text alone.
fn problem(request: &Request, error: &Error, edit: &AccessEdit) -> Problem {
    let general = request.problem(error);
    match error.unknown_principal() {
        Some(unknown) => Problem::UnknownPrincipal {
            nth: added_index(edit, &unknown),
        },
        None if error.only_admins_manage() => Problem::OnlyAdminsManage,
        None => general,
    }
}

/// Among those to be added; beyond the end where it is somebody who was in the list before.
fn added_index(edit: &AccessEdit, unknown: &Grantee) -> usize {
    edit.added()
        .position(|grantee| grantee == unknown)
        .unwrap_or(usize::MAX)
}
