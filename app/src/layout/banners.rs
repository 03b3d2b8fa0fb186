//! Banners that do not depend on the page: the end of the session, and disabled tokens.

use console::Actor;
use domain::Policy;
use leptos::prelude::*;

use super::page::Area;
use crate::components::time_text;
use crate::http::form_drafts::DraftState;
use crate::http::paths;
use crate::http::request::Request;

/// Texts that a script shows shortly before the session ends, and after it has ended (`islands/session_expiry.rs`). The
/// page stays, since people sign in again in another tab.
pub(super) fn session_expiry_notice(actor: &Actor) -> AnyView {
    let seconds = actor.ends_at().duration_since(console::now()).as_secs();
    let at = time_text(actor.ends_at());
    view! {
        <div id="session-end" role="alert" data-ends-in=seconds.to_string()></div>
        <template id="session-end-words">
            <div class="notice">
                <p>
                    <b>{format!("Your session ends at {at}.")}</b>
                    " "
                    <button type="button" class="link" data-extend-session>
                        "Stay signed in"
                    </button>
                    " If that fails, "
                    <a href=paths::sign_in(None) target="_blank">"sign in again in another tab"</a>
                    "; what you typed here is kept."
                </p>
            </div>
        </template>
        <template id="session-ended-words">
            <div class="notice">
                <p>
                    <b>"Your session has ended."</b>
                    " "
                    <a href=paths::sign_in(None) target="_blank">"Sign in"</a>
                    " to continue."
                </p>
            </div>
        </template>
    }
    .into_any()
}

/// Says that the page shows what was typed before the session ended, or that this text is gone.
pub(super) fn draft_notice(request: &Request) -> Option<AnyView> {
    let (class, title, text) = match request.extension::<DraftState>()? {
        DraftState::Restored { interrupted: false } => return None,
        DraftState::Restored { interrupted: true } => (
            "notice",
            "Your session ended before this was sent.",
            "Nothing was changed. What you typed is still here: check it, then confirm again.",
        ),
        DraftState::Missing => (
            "notice danger",
            "What you typed or selected is no longer here.",
            "It is kept for 30 minutes, and only for the person who typed it.",
        ),
    };
    let notice = view! {
        <div class=class role="alert">
            <p>
                <b>{title}</b>
                " "
                {text}
            </p>
        </div>
    };
    Some(notice.into_any())
}

/// Warns that the clocks of the console and the workspace differ.
pub(crate) fn clock_banner(actor: &Actor) -> Option<AnyView> {
    let workspace = actor.workspace();
    let skew = workspace.clock_skew()?;
    let name = workspace.name();
    let banner = view! {
        <section class="notice" aria-label="Clock">
            <p>
                <b>{format!("This console's clock is {skew} {name}'s.")}</b>
                {format!(" Expiry and ages are judged by {name}'s time. ")}
                "Ask the operator of this console to set its clock."
            </p>
        </section>
    };
    Some(banner.into_any())
}

/// Says that personal access tokens are disabled, if the policy is known and says so. `area` is the page's area.
pub(crate) fn disabled_banner(workspace: &str, policy: Option<Policy>, area: Area) -> Option<AnyView> {
    policy.filter(|policy| !policy.enabled)?;
    let place = match area {
        Area::Settings => "here".into_any(),
        _ => view! { "in " <a href=paths::settings(workspace)>"Settings"</a> }.into_any(),
    };
    let banner = view! {
        <section class="notice danger" aria-label="Personal access tokens are disabled">
            <p>
                <b>{format!("Personal access tokens are disabled in {workspace}.")}</b>
                " No token works until they are enabled again " {place} ". Nothing has been deleted."
            </p>
        </section>
    };
    Some(banner.into_any())
}
