//! The progress of a bulk revocation, on its page and in the events that update the page.

use std::time::Duration;

use console::bulk::{BulkWait, Progress};
use console::{BulkItemState, BulkState};
use leptos::prelude::*;

use crate::components::{group_digits, show_directions};
use crate::http::paths;

/// The progress that a page shows. If it has not changed, there is nothing to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressFragment {
    /// The state of the bulk revocation. If it changes, the whole page is replaced.
    pub state: BulkState,
    /// The numbers and the status text, as HTML.
    pub html: String,
}

/// Renders the progress for the stream of events.
pub fn render_progress(workspace: &str, progress: &Progress) -> ProgressFragment {
    ProgressFragment {
        state: progress.bulk.state,
        html: Owner::new().with(|| show_directions(progress_view(workspace, progress).to_html())),
    }
}

/// The progress bar, the numbers of tokens by state, and the time left.
pub(super) fn progress_view(workspace: &str, progress: &Progress) -> AnyView {
    let (settled, total) = (progress.counts.settled(), progress.counts.total());
    let text = format!("{} of {}", group_digits(settled), group_digits(total));
    view! {
        <div class="progress">
            <progress value=settled.to_string() max=total.to_string() aria-label="Tokens processed">
                {text.clone()}
            </progress>
            <p>
                <b class="num">{text}</b>
                " "
                {status_text(progress)}
            </p>
        </div>
        <dl class="outcomes">
            {BulkItemState::ALL.into_iter().filter_map(|state| outcome(workspace, progress, state)).collect_view()}
        </dl>
        {refresh_link(progress)}
    }
    .into_any()
}

fn outcome(workspace: &str, progress: &Progress, state: BulkItemState) -> Option<AnyView> {
    let n = progress.counts.of(state);
    let class = match state {
        BulkItemState::Failed | BulkItemState::Unknown => "danger-text",
        _ => "",
    };
    let href = paths::with_param(&paths::bulk_detail(workspace, &progress.bulk.id), "state", state.slug());
    (n > 0).then(|| {
        view! {
            <div>
                <dt class=class>{state_label(state)}</dt>
                <dd>
                    <a class="num" href=href>
                        {group_digits(n)}
                    </a>
                </dd>
            </div>
        }
        .into_any()
    })
}

/// What it is waiting for, the rate, and the time left. Empty unless it is running.
fn status_text(progress: &Progress) -> String {
    if progress.bulk.state != BulkState::Running {
        return String::new();
    }
    let waiting = progress.waiting.map(|waiting| match waiting {
        BulkWait::RateLimited(pause) => format!("Paused by the rate limit, resuming in {}", rounded_duration(pause)),
        BulkWait::Confirming => "All sent, confirming".to_owned(),
    });
    let rate = progress.per_second.map(|rate| match progress.left {
        Some(left) => format!("{rate:.1} per second, about {} left", rounded_duration(left)),
        None => format!("{rate:.1} per second"),
    });
    let parts: Vec<_> = waiting.into_iter().chain(rate).collect();
    parts.join("; ")
}

/// "1 second", "90 seconds", "5 minutes", "2 hours"; rounded up.
fn rounded_duration(duration: Duration) -> String {
    match duration.as_millis().div_ceil(1000) {
        1 => "1 second".to_owned(),
        s @ 0..120 => format!("{s} seconds"),
        s @ 120..7200 => format!("{} minutes", s.div_ceil(60)),
        s => format!("{} hours", s.div_ceil(3600)),
    }
}

/// The link for browsers that receive no events.
fn refresh_link(progress: &Progress) -> Option<AnyView> {
    (progress.bulk.state == BulkState::Running).then(|| {
        view! {
            <p class="muted">
                "This continues if you close the page. "
                <a href="">"Refresh"</a>
            </p>
        }
        .into_any()
    })
}

/// The label of the state of a token.
pub(super) const fn state_label(state: BulkItemState) -> &'static str {
    match state {
        BulkItemState::Waiting => "Queued",
        BulkItemState::Sent => "Sent",
        BulkItemState::Accepted => "Accepted, confirming",
        BulkItemState::Revoked => "Revoked",
        BulkItemState::Gone => "Already gone",
        BulkItemState::Failed => "Failed",
        BulkItemState::Unknown => "Not confirmed",
        BulkItemState::Cancelled => "Skipped",
    }
}
