//! How far a job has come, as the page shows it and as it is sent while it goes on.

use std::time::Duration;

use console::bulk::{BulkWait, Progress};
use console::{BulkItemState, BulkState};
use leptos::prelude::*;

use crate::components::{group_digits, show_directions};
use crate::http::paths;

/// What of a job's progress a page shows: where it is the same, there are no news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressFragment {
    /// Where the job stands: when it changes, the whole page does.
    pub state: BulkState,
    /// The words and numbers.
    pub html: String,
}

/// The progress as HTML, for a stream of news.
pub fn render_progress(workspace: &str, now: &Progress) -> ProgressFragment {
    ProgressFragment {
        state: now.job.state,
        html: Owner::new().with(|| show_directions(progress(workspace, now).to_html())),
    }
}

/// The bar, the numbers behind it, and how long it will take.
pub(super) fn progress(workspace: &str, now: &Progress) -> AnyView {
    let (settled, total) = (now.counts.settled(), now.counts.total());
    let sum = format!("{} of {}", group_digits(settled), group_digits(total));
    view! {
        <div class="progress">
            <progress value=settled.to_string() max=total.to_string() aria-label="Tokens processed">
                {sum.clone()}
            </progress>
            <p>
                <b class="num">{sum}</b>
                " "
                {status_text(now)}
            </p>
        </div>
        <dl class="outcomes">
            {BulkItemState::ALL.into_iter().filter_map(|state| outcome(workspace, now, state)).collect_view()}
        </dl>
        {refresh_link(now)}
    }
    .into_any()
}

fn outcome(workspace: &str, now: &Progress, state: BulkItemState) -> Option<AnyView> {
    let n = now.counts.of(state);
    let class = if state == BulkItemState::Failed {
        "danger-text"
    } else {
        ""
    };
    let href = paths::with_param(&paths::bulk_detail(workspace, &now.job.id), "state", state.slug());
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

/// Rate, time left, and what is waited for.
fn status_text(now: &Progress) -> String {
    if now.job.state != BulkState::Running {
        return String::new();
    }
    let waiting = now.waiting.map(|waiting| match waiting {
        BulkWait::RateLimited(pause) => format!("Paused by the rate limit, resuming in {}", seconds(pause)),
        BulkWait::Confirming => "All sent, confirming".to_owned(),
    });
    let rate = now.per_second.map(|rate| match now.left {
        Some(left) => format!("{rate:.1} per second, about {} left", seconds(left)),
        None => format!("{rate:.1} per second"),
    });
    let words: Vec<_> = waiting.into_iter().chain(rate).collect();
    words.join("; ")
}

fn seconds(time: Duration) -> String {
    match time.as_millis().div_ceil(1000) {
        1 => "1 second".to_owned(),
        s @ 0..120 => format!("{s} seconds"),
        s @ 120..7200 => format!("{} minutes", s.div_ceil(60)),
        s => format!("{} hours", s.div_ceil(3600)),
    }
}

/// Where no stream comes, one looks again by oneself.
fn refresh_link(now: &Progress) -> Option<AnyView> {
    (now.job.state == BulkState::Running).then(|| {
        view! {
            <p class="muted">
                "This continues if you close the page. "
                <a href="">"Refresh"</a>
            </p>
        }
        .into_any()
    })
}

/// The words for where a token stands.
pub(super) const fn state_label(state: BulkItemState) -> &'static str {
    match state {
        BulkItemState::Waiting => "Queued",
        BulkItemState::Sent => "Sent",
        BulkItemState::Accepted => "Accepted, confirming",
        BulkItemState::Revoked => "Revoked",
        BulkItemState::Gone => "Already gone",
        BulkItemState::Failed => "Failed",
        BulkItemState::Cancelled => "Skipped",
    }
}
