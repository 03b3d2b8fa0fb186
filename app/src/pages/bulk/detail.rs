//! `/w/{workspace}/bulk-revocations/{id}`: the review of a draft, or the progress and result of a bulk revocation.

use std::sync::Arc;

use console::bulk::{Progress, is_own};
use console::{Actor, BulkItemState, BulkRevocation, BulkState, Error, PauseReason};
use domain::Timestamp;
use leptos::prelude::*;

use super::items::items;
use super::progress::progress_view;
use super::review::review;
use crate::components::{date_time, group_digits, success_notice};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{self, Area, PageResult, workspace_page};
use crate::problem::{Interrupted, Problem};

/// One bulk revocation.
#[component]
pub(crate) fn BulkPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Bulk revocation", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let Some(id) = request.bulk_id() else {
        return Ok(not_found(&request, &actor));
    };
    let bulk = match request.console.bulk(&actor, &id).await {
        Err(Error::BulkNotFound) => return Ok(not_found(&request, &actor)),
        bulk => bulk?,
    };
    if bulk.state == BulkState::Draft {
        request.console.ensure_can_change(&actor)?;
        return review(&request, &actor, bulk).await;
    }
    let state = BulkItemState::ALL
        .into_iter()
        .find(|state| request.query("state").as_deref() == Some(state.slug()));
    let from = request.query("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let url = paths::bulk_detail(actor.workspace().name(), &bulk.id);
    let list = items(&request, &bulk, state, from, &url).await?;
    let progress = request.console.progress(&actor, bulk).await?;
    let title = title(&progress);
    let content = view! {
        <p class="crumbs">
            <a href=paths::bulk_list(actor.workspace().name())>"Bulk revocations"</a>
        </p>
        <div class="head">
            <div>
                <h1>{title.clone()}</h1>
                {facts(&progress.bulk)}
            </div>
            {actions(&actor, &progress)}
        </div>
        {paused_notice(&actor, &progress)}
        {progress_card(&actor, &progress)}
        {list}
    };
    Ok(PageResult::new(content).title(title).success(result_message(&progress)))
}

fn title(progress: &Progress) -> String {
    match progress.counts.total() {
        1 => "Revoke 1 token".to_owned(),
        n => format!("Revoke {} tokens", group_digits(n)),
    }
}

fn progress_card(actor: &Actor, progress: &Progress) -> AnyView {
    let (workspace, bulk) = (actor.workspace().name(), &progress.bulk);
    // There are events only while it is running.
    let events = (bulk.state == BulkState::Running).then(|| paths::bulk_events(workspace, &bulk.id));
    view! {
        <section class="card pad" aria-label="Progress">
            <div id="progress" data-events=events>
                {progress_view(workspace, progress)}
            </div>
        </section>
    }
    .into_any()
}

fn facts(bulk: &BulkRevocation) -> AnyView {
    let at = |label: &'static str, at: Option<Timestamp>| at.map(|at| view! { {label} {date_time(at)} ". " });
    let reason = (!bulk.reason.is_empty()).then(|| view! { "Reason: " <bdi>{bulk.reason.clone()}</bdi> });
    view! {
        <p>
            "Started by " <bdi>{bulk.user_name.clone()}</bdi> " " {at("at ", bulk.started)}
            {at("Ended at ", bulk.ended)} {reason}
        </p>
    }
    .into_any()
}

/// The buttons. Everyone who can make changes can cancel, and check what was sent before that; only the person who
/// started it can resume and retry.
fn actions(actor: &Actor, progress: &Progress) -> Option<AnyView> {
    if !actor.can_change() {
        return None;
    }
    let bulk = &progress.bulk;
    let is_own = is_own(bulk, actor);
    let queued = progress.counts.of(BulkItemState::Waiting);
    let (failed, unknown) = (
        progress.counts.of(BulkItemState::Failed),
        progress.counts.of(BulkItemState::Unknown),
    );
    let cancel = (queued > 0 && bulk.state != BulkState::Finished).then(|| {
        let label = "Cancel remaining".to_owned();
        action_form(actor, bulk, "/api/bulk_revocations/cancel", label, "btn danger-outline")
    });
    let resume = (is_own && bulk.state == BulkState::Paused).then(|| {
        let label = "Resume".to_owned();
        action_form(actor, bulk, "/api/bulk_revocations/resume", label, "btn primary")
    });
    let check = (bulk.cancelled && bulk.state == BulkState::Paused).then(|| {
        let label = "Check again".to_owned();
        action_form(actor, bulk, "/api/bulk_revocations/check", label, "btn")
    });
    let retry = (is_own && failed + unknown > 0 && bulk.state == BulkState::Finished).then(|| {
        let label = match unknown {
            0 => format!("Retry {} failed", group_digits(failed)),
            _ => format!("Retry {}", group_digits(failed + unknown)),
        };
        action_form(actor, bulk, "/api/bulk_revocations/retry", label, "btn")
    });
    Some(view! { <div class="row">{cancel} {check} {retry} {resume}</div> }.into_any())
}

fn action_form(
    actor: &Actor,
    bulk: &BulkRevocation,
    action: &'static str,
    label: String,
    class: &'static str,
) -> AnyView {
    view! {
        <form method="post" action=action>
            <input type="hidden" name="workspace" value=actor.workspace().name().to_owned() />
            <input type="hidden" name="job" value=bulk.id.to_string() />
            <button class=class data-submit-once>
                {label}
            </button>
        </form>
    }
    .into_any()
}

/// Why it is paused, and who can resume it.
fn paused_notice(actor: &Actor, progress: &Progress) -> Option<AnyView> {
    let pause_reason = (progress.bulk.state == BulkState::Paused).then_some(progress.bulk.pause_reason)?;
    let reason = match pause_reason {
        Some(PauseReason::SignedOut) | None => "The person who started it has signed out.".to_owned(),
        Some(PauseReason::CredentialEnded) => {
            format!("{} no longer accepts the credential it used.", actor.workspace().name())
        }
        Some(PauseReason::NotAllowed) => "The person who started it can no longer revoke tokens.".to_owned(),
        Some(PauseReason::ReadOnly) => "This console is now read-only.".to_owned(),
        Some(PauseReason::WorkspaceFails) => {
            "Stopped after repeated failures. Resume it when the workspace works again.".to_owned()
        }
    };
    let next_step = match (is_own(&progress.bulk, actor), actor.can_change()) {
        (true, true) => " You can resume it with your current session.".to_owned(),
        // In a read-only console no one can resume it.
        (true, false) => String::new(),
        (false, _) if progress.bulk.cancelled => {
            " The remaining tokens were cancelled. Any admin can check those that were already sent.".to_owned()
        }
        (false, _) => format!(
            " Only {} can resume it, after signing in again. Any admin can cancel what remains.",
            progress.bulk.user_name
        ),
    };
    Some(
        view! {
            <div class="notice">
                <p>
                    <b>"Paused. "</b>
                    {reason}
                    {next_step}
                </p>
            </div>
        }
        .into_any(),
    )
}

/// What to do about tokens whose revocation is not confirmed.
const CHECK_FIRST: &str = "Retrying looks at each token before it is revoked again.";

/// The result once it has finished. It is never called done if some tokens failed, were skipped or are not confirmed.
fn result_message(progress: &Progress) -> Option<AnyView> {
    if progress.bulk.state != BulkState::Finished {
        return None;
    }
    let count = |state| progress.counts.of(state);
    let (failed, skipped) = (count(BulkItemState::Failed), count(BulkItemState::Cancelled));
    let unknown = count(BulkItemState::Unknown);
    let (already_gone, total) = (count(BulkItemState::Gone), progress.counts.total());
    let revoked = count(BulkItemState::Revoked) + already_gone;
    if failed == 0 && unknown == 0 && skipped == 0 {
        let text = match (total, already_gone) {
            (1, 0) => "The token was revoked (confirmed).".to_owned(),
            (1, _) => "The token was already gone (confirmed).".to_owned(),
            (n, 0) => format!("All {} tokens were revoked (confirmed).", group_digits(n)),
            (n, gone) => format!(
                "All {} tokens were revoked (confirmed); {} already gone.",
                group_digits(n),
                was_or_were(gone)
            ),
        };
        return Some(success_notice("Done.", text));
    }
    let mut others = match skipped {
        0 => String::new(),
        n => format!("; {} skipped", was_or_were(n)),
    };
    if unknown > 0 && failed > 0 {
        others += &format!("; {} not confirmed", was_or_were(unknown));
    }
    let (class, title, text) = match (failed, total) {
        (0, 1) if unknown > 0 => (
            "notice danger",
            "It is unclear whether the token was revoked.".to_owned(),
            CHECK_FIRST.to_owned(),
        ),
        (0, n) if unknown > 0 => (
            "notice danger",
            format!(
                "It is unclear whether {} of {} tokens {} revoked.",
                group_digits(unknown),
                group_digits(n),
                if unknown == 1 { "was" } else { "were" }
            ),
            format!("{} revoked (confirmed){others}. {CHECK_FIRST}", was_or_were(revoked)),
        ),
        (1.., 1) => (
            "notice danger",
            "The token could not be revoked.".to_owned(),
            String::new(),
        ),
        (1.., n) => (
            "notice danger",
            format!(
                "{} of {} tokens could not be revoked.",
                group_digits(failed),
                group_digits(n)
            ),
            format!("{} revoked (confirmed){others}.", was_or_were(revoked)),
        ),
        (0, n) => (
            "notice",
            "Cancelled.".to_owned(),
            format!(
                "{} of {} {} revoked (confirmed){others}.",
                group_digits(revoked),
                group_digits(n),
                if revoked == 1 { "was" } else { "were" }
            ),
        ),
    };
    Some(
        view! {
            <div class=class>
                <p>
                    <b>{title}</b>
                    " "
                    {text}
                </p>
            </div>
        }
        .into_any(),
    )
}

/// "1 was", "2 were".
fn was_or_were(n: usize) -> String {
    format!("{} {}", group_digits(n), if n == 1 { "was" } else { "were" })
}

fn not_found(request: &Request, actor: &Actor) -> PageResult {
    request.set_status(Problem::BulkNotFound);
    let next = view! {
        <div class="row">
            <a class="btn primary" href=paths::tokens(actor.workspace().name())>
                "All tokens"
            </a>
            <a class="btn" href=paths::bulk_list(actor.workspace().name())>
                "Bulk revocations"
            </a>
        </div>
    };
    layout::not_found(
        Problem::BulkNotFound,
        "Bulk revocation",
        "",
        Problem::BulkNotFound.advice(None, Interrupted::Page),
        next.into_any(),
        None,
    )
}
