//! Permissions that cannot be shown: tokens are disabled, or the workspace has none yet.

use std::sync::Arc;

use console::{Actor, Error, Snapshot};
use domain::UnreadPart;
use leptos::prelude::*;

use crate::components::{empty_card, sentence};
use crate::http::paths;
use crate::layout::PageResult;
use crate::pages::tokens::first_token_offer;

/// Whether the permissions cannot be read because tokens are disabled. The workspace's error does not always say so,
/// but the policy does.
pub(super) fn are_tokens_disabled(error: &Error, snapshot: &Result<Arc<Snapshot>, Error>) -> bool {
    let is_disabled = |snapshot: &Arc<Snapshot>| snapshot.policy.is_some_and(|policy| !policy.enabled);
    error.tokens_disabled() || (error.is_feature_off() && snapshot.as_ref().is_ok_and(is_disabled))
}

/// Explains that tokens are disabled. The banner comes from the snapshot's policy, as on every other page.
pub(super) fn tokens_disabled_page(actor: &Actor, snapshot: Result<Arc<Snapshot>, Error>) -> Result<PageResult, Error> {
    let snapshot = snapshot?;
    let workspace = actor.workspace().name();
    let text = "While tokens are disabled, permissions cannot be viewed or changed. They are kept.";
    let content = view! {
        <h1>"Permissions"</h1>
        {empty_card("Personal access tokens are disabled", text, paths::settings(workspace), "Settings, Advanced")}
    };
    Ok(PageResult::new(content).title("Permissions").policy(snapshot.policy))
}

/// Why some numbers are not available, unless they are still loading.
pub(super) fn incomplete_notice(snapshot: &Snapshot) -> Option<AnyView> {
    let (unread, loading) = (snapshot.inventory.unread(), snapshot.loading());
    let reasons: Vec<_> = [UnreadPart::Names, UnreadPart::Groups, UnreadPart::Rows]
        .into_iter()
        .filter(|part| unread.has(*part) && !loading.has(*part))
        .map(|part| format!("{}.", sentence(part.reason())))
        .collect();
    if reasons.is_empty() {
        return None;
    }
    let notice = view! {
        <div class="notice">
            <p>
                <b>"Some numbers are not available."</b>
                {format!(" {}", reasons.join(" "))}
            </p>
        </div>
    };
    Some(notice.into_any())
}

/// The workspace has no list before its first token.
pub(super) fn no_token_yet(actor: &Actor) -> AnyView {
    let workspace = actor.workspace();
    view! {
        <h1>"Permissions"</h1>
        <section class="card empty">
            <h2>"This workspace has no tokens yet"</h2>
            <p>
                "Databricks keeps no permissions until the first token exists, and until then only workspace admins \
                 can create tokens."
            </p>
            {first_token_offer(actor)}
            <a class="btn" href=paths::permissions(workspace.name())>
                "Reload permissions"
            </a>
        </section>
    }
    .into_any()
}
