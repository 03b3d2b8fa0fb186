//! The progress of a bulk revocation, for its page and for the events that update the page.

use std::time::Duration;

use console::bulk::{BulkView, BulkWait, LookAfterEnd, Progress};
use console::{BulkItemState, BulkState};
use leptos::prelude::*;

use super::bar::bar;
use super::items::{ItemsQuery, items, state_label};
use super::result::result_text;
use crate::components::{group_digits, show_directions};
use crate::http::paths;
use crate::http::time_zone::PageTimeZone;

/// The progress that a page shows. An event is sent only if it has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressFragment {
    /// The state of the bulk revocation. When it changes, the whole page is replaced.
    pub state: BulkState,
    /// The numbers, the status text and the tokens, as HTML.
    pub html: String,
}

/// Renders the progress for an event, with the tokens if the page shows any. `time_zone` is the page's time zone.
pub fn render_progress(
    time_zone: &PageTimeZone,
    workspace: &str,
    view: &BulkView,
    shown: Option<ItemsQuery>,
) -> ProgressFragment {
    let html = Owner::new().with(|| {
        provide_context(time_zone.clone());
        progress_view(workspace, view, shown, None).to_html()
    });
    ProgressFragment {
        state: view.progress.bulk.state,
        html: show_directions(html),
    }
}

/// The bar, the number of tokens by state, and the tokens themselves, all as of the same moment.
pub(super) fn progress_view(
    workspace: &str,
    view: &BulkView,
    shown: Option<ItemsQuery>,
    look: Option<&LookAfterEnd>,
) -> AnyView {
    let progress = &view.progress;
    view! {
        <section class="card pad bulk-progress" aria-label="Progress">
            {bar(&progress.counts)} {text(progress, look)}
            <dl class="outcomes">
                {BulkItemState::ALL.into_iter().filter_map(|state| outcome(workspace, progress, state)).collect_view()}
            </dl>
        </section>
        {shown.map(|shown| items(workspace, view, shown, look))}
    }
    .into_any()
}

fn text(progress: &Progress, look: Option<&LookAfterEnd>) -> AnyView {
    let (settled, total) = (progress.counts.settled(), progress.counts.total());
    match progress.bulk.state {
        BulkState::Finished => result_text(progress, look),
        BulkState::Running => view! {
            <p>
                <b class="num">{format!("{} of {}", group_digits(settled), group_digits(total))}</b>
                " "
                {status_text(progress)}
                " "
                <span class="muted">"This continues if you close the page. " <a href="">"Refresh"</a></span>
            </p>
        }
        .into_any(),
        BulkState::Draft | BulkState::Paused => view! {
            <p>
                <b class="num">{format!("{} of {}", group_digits(settled), group_digits(total))}</b>
                " processed"
            </p>
        }
        .into_any(),
    }
}

/// The number of tokens in a state, as a link to them. Done and failed tokens are shown even if there are 0.
fn outcome(workspace: &str, progress: &Progress, state: BulkItemState) -> Option<AnyView> {
    let n = progress.counts.of(state);
    let class = match state {
        BulkItemState::Failed | BulkItemState::Unknown if n > 0 => "danger-text",
        _ => "",
    };
    let done = match progress.bulk.kind.sets_scopes() {
        true => BulkItemState::Changed,
        false => BulkItemState::Revoked,
    };
    let is_always_shown = state == BulkItemState::Failed || state == done;
    let href = paths::with_param(&paths::bulk_detail(workspace, &progress.bulk.id), "state", state.slug());
    let number = match n {
        0 => view! { <b class="num">"0"</b> }.into_any(),
        n => view! {
            <a class="num" href=href>
                {group_digits(n)}
            </a>
        }
        .into_any(),
    };
    (n > 0 || is_always_shown).then(|| {
        view! {
            <div>
                <dt class=class>{state_label(state)}</dt>
                <dd>{number}</dd>
            </div>
        }
        .into_any()
    })
}

/// What it is waiting for, the rate, and the time left, as a sentence. Empty if nothing is known yet.
fn status_text(progress: &Progress) -> String {
    if progress.waiting == Some(BulkWait::Confirming) && progress.bulk.kind.sets_scopes() {
        return scopes_confirming_text(progress);
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
    match parts.is_empty() {
        true => String::new(),
        false => parts.join("; ") + ".",
    }
}

/// How many tokens already have their new scopes in the workspace, and what that means for the others. It mentions no
/// rate, since the wait does not depend on the number of tokens.
fn scopes_confirming_text(progress: &Progress) -> String {
    let of = |state| progress.counts.of(state);
    let open = of(BulkItemState::Accepted) + of(BulkItemState::Sent);
    let confirmed = of(BulkItemState::Changed);
    let tokens = if open == 1 { "token is" } else { "tokens are" };
    format!(
        "processed, {} confirmed. {} {tokens} not confirmed yet: it can take up to 10 minutes until new scopes show. \
         The console looks again, at least every 2 minutes.",
        group_digits(confirmed),
        group_digits(open),
    )
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
