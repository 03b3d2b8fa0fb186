//! `/w/{workspace}/bulk-revocations/{id}`: the review of a draft, or the progress and result of a bulk change.

use std::sync::Arc;

use console::bulk::{BulkView, Progress, is_own};
use console::{Actor, BulkChange, BulkItemState, BulkState, Error, PauseReason};
use domain::Timestamp;
use leptos::prelude::*;

use super::items::ItemsQuery;
use super::progress::progress_view;
use super::result::{heading, result_message};
use super::review::review;
use super::words::{noun_within, verb};
use crate::components::{bulk_noun, count_of, crumbs, date_time, group_digits};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{self, Area, PageResult, workspace_page};
use crate::problem::{Interrupted, Problem};

/// One bulk change.
#[component]
pub(crate) fn BulkPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Bulk change", load)
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
    let pairs = request.pairs();
    let shown = ItemsQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let view = request.console.bulk_view(&actor, &id, shown.page()).await?;
    let progress = &view.progress;
    let look = match progress.bulk.state {
        BulkState::Finished => request.console.look_after_end(&actor, &progress.bulk).await?,
        BulkState::Draft | BulkState::Running | BulkState::Paused => None,
    };
    let can_be_put_back = request.console.can_be_put_back(&actor, &progress.bulk).await?;
    let workspace = actor.workspace().name();
    let heading = heading(progress);
    let title = match progress.bulk.state {
        // The tab's title starts with the numbers.
        BulkState::Draft | BulkState::Running => bulk_noun(progress.bulk.kind).to_owned(),
        BulkState::Paused | BulkState::Finished => heading.clone(),
    };
    let is_running = progress.bulk.state == BulkState::Running;
    // Events are sent only while it is running.
    let events = is_running.then(|| shown.add_to(&paths::bulk_item_events(workspace, &id)));
    let content = view! {
        <div class="bulk-page">
            {crumbs(paths::bulk_list(workspace), "Bulk changes")}
            <div class="head">
                <div>
                    <h1 data-progress=is_running>{heading}</h1>
                    {facts(&view)}
                </div>
                {actions(&actor, progress, can_be_put_back)}
            </div>
            {paused_notice(&actor, progress)}
            <div id="progress" data-events=events>
                {progress_view(workspace, &view, Some(shown), look.as_ref())}
            </div>
        </div>
    };
    Ok(PageResult::new(content).title(title).success(result_message(progress)))
}

fn facts(view: &BulkView) -> AnyView {
    let bulk = &view.progress.bulk;
    let at = |label: &'static str, at: Option<Timestamp>| at.map(|at| view! { {label} {date_time(at)} ". " });
    let reason = (!bulk.reason.is_empty()).then(|| view! { "Reason: " <bdi>{bulk.reason.clone()}</bdi> });
    view! {
        <p>
            "Started by " <bdi>{bulk.user_name.clone()}</bdi> " " {at("at ", bulk.started)}
            {at("Ended at ", bulk.ended)}
            {format!("{} of {}. ", count_of(view.progress.counts.total(), "token"), count_of(view.owners, "owner"))}
            {reason}
        </p>
    }
    .into_any()
}

/// The buttons. Anyone can download the report. Anyone who can make changes can cancel, and check what was sent before;
/// only the person who started the bulk change can resume and retry it.
fn actions(actor: &Actor, progress: &Progress, can_be_put_back: bool) -> AnyView {
    let bulk = &progress.bulk;
    let noun = noun_within(bulk.kind);
    let (can_change, is_own) = (actor.can_change(), is_own(bulk, actor));
    let form = |action, label: String, object: String, class| {
        can_change.then(|| action_form(actor, bulk, action, label, object, class))
    };
    let queued = progress.counts.of(BulkItemState::Waiting);
    let counts = &progress.counts;
    let failed = counts.of(BulkItemState::Failed) - counts.changed_since();
    let unknown = counts.of(BulkItemState::Unknown);
    let stop = (queued > 0 && bulk.state != BulkState::Finished).then(|| {
        let action = "/api/bulk_revocations/cancel";
        form(action, "Stop".to_owned(), format!(" this {noun}"), "btn danger-outline")
    });
    let resume = (is_own && bulk.state == BulkState::Paused).then(|| {
        let action = "/api/bulk_revocations/resume";
        form(action, "Resume".to_owned(), format!(" this {noun}"), "btn primary")
    });
    let check = (bulk.state == BulkState::Paused && is_all_sent(progress)).then(|| {
        let action = "/api/bulk_revocations/check";
        let which = match bulk.kind.sets_scopes() {
            true => " which tokens were changed",
            false => " which tokens are gone",
        };
        form(action, "Check again".to_owned(), which.to_owned(), "btn")
    });
    let retry = (is_own && failed + unknown > 0 && bulk.state == BulkState::Finished).then(|| {
        let label = match (failed, unknown) {
            (failed, 0) => format!("Retry {} failed", group_digits(failed)),
            (0, unknown) => format!("Retry {} not confirmed", group_digits(unknown)),
            (failed, unknown) => format!("Retry {}", group_digits(failed + unknown)),
        };
        form(
            "/api/bulk_revocations/retry",
            label,
            " tokens".to_owned(),
            "btn primary",
        )
    });
    let put_back = (can_change && can_be_put_back).then(|| put_back_form(actor, bulk));
    view! {
        <div class="row">
            {stop} {check}
            <a class="btn" href=paths::bulk_report(actor.workspace().name(), &bulk.id) download>
                "Download report"
                <span class="visually-hidden">{format!(" of this {noun}")}</span>
            </a> {put_back} {retry} {resume}
        </div>
    }
    .into_any()
}

/// Whether everything has been sent.
fn is_all_sent(progress: &Progress) -> bool {
    progress.bulk.cancelled || progress.counts.of(BulkItemState::Waiting) == 0
}

/// A form with one button. `object` completes the button's label for screen readers.
fn action_form(
    actor: &Actor,
    bulk: &BulkChange,
    action: &'static str,
    label: String,
    object: String,
    class: &'static str,
) -> AnyView {
    view! {
        <form method="post" action=action>
            <input type="hidden" name="workspace" value=actor.workspace().name().to_owned() />
            <input type="hidden" name="job" value=bulk.id.to_string() />
            <button class=class data-submit-once>
                {label}
                <span class="visually-hidden">{object}</span>
            </button>
        </form>
    }
    .into_any()
}

/// The button that leads to the review of restoring the scopes.
fn put_back_form(actor: &Actor, bulk: &BulkChange) -> AnyView {
    view! {
        <form method="post" action=paths::bulk_draft(actor.workspace().name())>
            <input type="hidden" name="put-back" value=bulk.id.to_string() />
            <button class="btn">
                "Put back"
                <span class="visually-hidden">" the scopes that these tokens had"</span>
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
        Some(PauseReason::NotAllowed) => {
            format!(
                "The person who started it can no longer {} tokens.",
                verb(progress.bulk.kind)
            )
        }
        Some(PauseReason::ReadOnly) => "This console is now read-only.".to_owned(),
        Some(PauseReason::WorkspaceFails) => {
            "Stopped after repeated failures. Resume it when the workspace works again.".to_owned()
        }
    };
    let next_step = match (is_own(&progress.bulk, actor), actor.can_change()) {
        (true, true) => " You can resume it with your current session.".to_owned(),
        // In a read-only console, no one can resume it.
        (true, false) => String::new(),
        (false, _) if progress.bulk.cancelled => {
            " It was stopped. Any admin can check those that were already sent.".to_owned()
        }
        (false, _) if is_all_sent(progress) => " Everything was sent. Any admin can check the results.".to_owned(),
        (false, _) => format!(
            " Only {} can resume it, after signing in again. Any admin can stop it for good.",
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

fn not_found(request: &Request, actor: &Actor) -> PageResult {
    request.set_status(Problem::BulkNotFound);
    let next = view! {
        <div class="row">
            <a class="btn primary" href=paths::tokens(actor.workspace().name())>
                "All tokens"
            </a>
            <a class="btn" href=paths::bulk_list(actor.workspace().name())>
                "Bulk changes"
            </a>
        </div>
    };
    layout::not_found(
        Problem::BulkNotFound,
        "Bulk change",
        "",
        Problem::BulkNotFound.advice(None, Interrupted::Page),
        next.into_any(),
        None,
    )
}
