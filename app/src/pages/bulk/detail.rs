//! `/w/{workspace}/jobs/{id}`: a draft to be reviewed, or a job and how it stands.

use std::sync::Arc;

use console::bulk::{Progress, is_own};
use console::{Actor, BulkItemState, BulkRevocation, BulkState, Error, PauseReason};
use domain::Timestamp;
use leptos::prelude::*;

use super::items::items;
use super::progress::progress;
use super::review::review;
use crate::components::{done, grouped, moment};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{self, Area, PageResult, workspace_page};
use crate::problem::Problem;

/// One job.
#[component]
pub(crate) fn BulkPage() -> impl IntoView {
    workspace_page(Area::Tokens, "Revoke tokens", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let Some(id) = request.job_id() else {
        return Ok(unknown(&request, &actor));
    };
    let job = match request.console.job(&actor, &id).await {
        Err(Error::UnknownJob) => return Ok(unknown(&request, &actor)),
        job => job?,
    };
    if job.state == BulkState::Draft {
        request.console.may_change(&actor)?;
        return review(&request, &actor, job).await;
    }
    let shown = BulkItemState::ALL
        .into_iter()
        .find(|state| request.query("state").as_deref() == Some(state.slug()));
    let from = request.query("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let list = items(&request, &job, shown, from).await?;
    let progress = request.console.progress(&actor, job).await?;
    let title = title(&progress);
    let content = view! {
        <p class="crumbs">
            <a href=paths::jobs(actor.workspace().name())>"Jobs"</a>
        </p>
        <div class="head">
            <div>
                <h1>{title.clone()}</h1>
                {facts(&progress.job)}
            </div>
            {deeds(&actor, &progress)}
        </div>
        {paused(&actor, &progress)}
        {progress_card(&actor, &progress)}
        {list}
    };
    Ok(PageResult {
        title: Some(title),
        policy: None,
        said: said(&progress),
        failed: None,
        content: content.into_any(),
    })
}

fn title(progress: &Progress) -> String {
    match progress.counts.total() {
        1 => "Revoke 1 token".to_owned(),
        n => format!("Revoke {} tokens", grouped(n)),
    }
}

fn progress_card(actor: &Actor, now: &Progress) -> AnyView {
    // Only while there are news: what has ended needs no stream.
    let events =
        (now.job.state == BulkState::Running).then(|| paths::job_events(actor.workspace().name(), &now.job.id));
    view! {
        <section class="card pad" aria-label="Progress">
            <div id="progress" data-events=events>
                {progress(actor.workspace().name(), now)}
            </div>
        </section>
    }
    .into_any()
}

fn facts(job: &BulkRevocation) -> AnyView {
    let at = |label: &'static str, at: Option<Timestamp>| at.map(|at| view! { {label} {moment(at)} ". " });
    let reason = (!job.reason.is_empty()).then(|| view! { "Reason: " <bdi>{job.reason.clone()}</bdi> });
    view! {
        <p>"Started by " <bdi>{job.user_name.clone()}</bdi> " " {at("at ", job.started)} {at("Ended at ", job.ended)} {reason}</p>
    }
    .into_any()
}

/// What can be done about it: by anybody who may change, and by who started it.
fn deeds(actor: &Actor, now: &Progress) -> Option<AnyView> {
    if !actor.may_change() {
        return None;
    }
    let job = &now.job;
    let own = is_own(job, actor);
    let open = now.counts.of(BulkItemState::Waiting);
    let failed = now.counts.of(BulkItemState::Failed);
    let cancel = (open > 0 && job.state != BulkState::Finished)
        .then(|| deed(actor, job, "/api/jobs/cancel", "Cancel the rest", "btn danger-outline"));
    let resume =
        (own && job.state == BulkState::Paused).then(|| deed(actor, job, "/api/jobs/resume", "Resume", "btn primary"));
    let retry = (own && failed > 0 && job.state == BulkState::Finished)
        .then(|| deed(actor, job, "/api/jobs/retry", "Retry the failed", "btn"));
    Some(view! { <div class="row">{cancel} {retry} {resume}</div> }.into_any())
}

fn deed(
    actor: &Actor,
    job: &BulkRevocation,
    action: &'static str,
    label: &'static str,
    class: &'static str,
) -> AnyView {
    view! {
        <form method="post" action=action>
            <input type="hidden" name="workspace" value=actor.workspace().name().to_owned() />
            <input type="hidden" name="job" value=job.id.to_string() />
            <button class=class data-once>
                {label}
            </button>
        </form>
    }
    .into_any()
}

/// Why it waits, and who may go on with it.
fn paused(actor: &Actor, now: &Progress) -> Option<AnyView> {
    let because = (now.job.state == BulkState::Paused).then_some(now.job.paused_because)?;
    let why = match because {
        Some(PauseReason::SignedOut) | None => "Its starter signed out, or their sign-in has ended.",
        Some(PauseReason::CredentialEnded) => "The workspace does not take the credential any more that it rode on.",
        Some(PauseReason::NotAllowed) => "The workspace does not let its starter revoke tokens any more.",
        Some(PauseReason::ReadOnly) => "This console is read-only now.",
        Some(PauseReason::WorkspaceFails) => {
            "The workspace failed many times in a row. Nothing more is sent until somebody has looked."
        }
    };
    let who = if is_own(&now.job, actor) {
        " You started it, so you may resume it: it goes on with the credential that you are signed in with now."
            .to_owned()
    } else {
        format!(
            " Only {} may resume it, after signing in again, since it acts as them. Any admin may cancel the rest.",
            now.job.user_name
        )
    };
    Some(
        view! {
            <div class="notice">
                <p>
                    <b>"Paused. "</b>
                    {why}
                    {who}
                </p>
            </div>
        }
        .into_any(),
    )
}

/// How it ended: never called done where something failed.
fn said(now: &Progress) -> Option<AnyView> {
    if now.job.state != BulkState::Finished {
        return None;
    }
    let n = |state| now.counts.of(state);
    let (failed, cancelled) = (n(BulkItemState::Failed), n(BulkItemState::Cancelled));
    let gone = n(BulkItemState::Revoked) + n(BulkItemState::Gone);
    let text = format!(
        "{} of {} tokens are gone from the workspace, by read-back.",
        grouped(gone),
        grouped(now.counts.total())
    );
    if failed == 0 && cancelled == 0 {
        return Some(done("Done.", text));
    }
    let rest = match (failed, cancelled) {
        (0, n) => format!("{} were left as they are.", grouped(n)),
        (n, 0) => format!("{} failed.", grouped(n)),
        (f, c) => format!("{} failed; {} were left as they are.", grouped(f), grouped(c)),
    };
    let class = if failed > 0 { "notice danger" } else { "notice" };
    Some(
        view! {
            <div class=class>
                <p>
                    <b>{if failed > 0 { "Not all were revoked. " } else { "Cancelled. " }}</b>
                    {text}
                    " "
                    {rest}
                </p>
            </div>
        }
        .into_any(),
    )
}

fn unknown(request: &Request, actor: &Actor) -> PageResult {
    request.set_status(Problem::UnknownJob);
    let next = view! {
        <div class="row">
            <a class="btn primary" href=paths::tokens(actor.workspace().name())>
                "All tokens"
            </a>
            <a class="btn" href=paths::jobs(actor.workspace().name())>
                "Jobs"
            </a>
        </div>
    };
    layout::missing(
        Problem::UnknownJob,
        "Revoke tokens",
        "",
        Problem::UnknownJob.advice(),
        next.into_any(),
        None,
    )
}
