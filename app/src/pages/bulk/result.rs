//! The result of a bulk change as text. It is never called done if tokens failed, were skipped or are not confirmed.

use console::bulk::{LaterState, LookAfterEnd, Progress};
use console::{BulkCounts, BulkItemState, BulkKind, BulkState};
use leptos::prelude::*;

use super::words::{done, done_briefly, not_done};
use crate::components::{bulk_noun, count_of, group_digits, time_text};
use crate::islands::bulk_events::progress_label;

/// The numbers of a bulk change that has ended.
struct FinalCounts {
    kind: BulkKind,
    total: usize,
    /// Revoked or changed tokens.
    done: usize,
    gone: usize,
    failed: usize,
    /// How many of the failed tokens have changed since the review.
    changed_since: usize,
    unknown: usize,
    skipped: usize,
}

impl FinalCounts {
    fn of(kind: BulkKind, counts: &BulkCounts) -> Self {
        Self {
            kind,
            total: counts.total(),
            done: counts.of(BulkItemState::Revoked) + counts.of(BulkItemState::Changed),
            gone: counts.of(BulkItemState::Gone),
            failed: counts.of(BulkItemState::Failed),
            changed_since: counts.changed_since(),
            unknown: counts.of(BulkItemState::Unknown),
            skipped: counts.of(BulkItemState::Cancelled),
        }
    }

    /// How many tokens are in the requested state: a token that is gone counts as revoked, but does not have new
    /// scopes.
    fn in_requested_state(&self) -> usize {
        match self.kind {
            BulkKind::Revoke => self.done + self.gone,
            BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => self.done,
        }
    }

    /// The advice for unconfirmed tokens.
    fn check_first(&self) -> String {
        let again = not_done(self.kind);
        format!("Retrying looks at each token before it is {again} again.")
    }
}

/// The page's heading, which says what happened.
pub(super) fn heading(progress: &Progress) -> String {
    let counts = &progress.counts;
    match progress.bulk.state {
        BulkState::Draft | BulkState::Running => {
            progress_label(bulk_noun(progress.bulk.kind), counts.settled(), counts.total())
        }
        BulkState::Paused => format!(
            "Paused: {} of {} processed",
            group_digits(counts.settled()),
            count_of(counts.total(), "token")
        ),
        BulkState::Finished => finished(&FinalCounts::of(progress.bulk.kind, counts)),
    }
}

fn finished(ended: &FinalCounts) -> String {
    let (kind, not_done) = (ended.kind, not_done(ended.kind));
    let of = |n: usize| format!("{} of {}", group_digits(n), count_of(ended.total, "token"));
    let were_done_text = |n: usize| format!("{} {}", if n == 1 { "was" } else { "were" }, done(kind, n));
    match *ended {
        FinalCounts {
            failed: 1.., total: 1, ..
        } => format!("The token could not be {not_done}"),
        FinalCounts {
            unknown: 1.., total: 1, ..
        } => format!("It is unclear whether the token was {not_done}"),
        FinalCounts {
            failed: failed @ 1..,
            unknown: unknown @ 1..,
            ..
        } => format!(
            "{} could not be {not_done}, {} not confirmed",
            of(failed),
            group_digits(unknown)
        ),
        FinalCounts {
            failed: failed @ 1.., ..
        } => format!("{} could not be {not_done}", of(failed)),
        FinalCounts {
            unknown: unknown @ 1.., ..
        } => {
            let verb = if unknown == 1 { "was" } else { "were" };
            format!("It is unclear whether {} {verb} {not_done}", of(unknown))
        }
        FinalCounts { skipped: 1.., .. } => {
            let in_requested_state = ended.in_requested_state();
            format!(
                "Stopped: {} {}",
                of(in_requested_state),
                were_done_text(in_requested_state)
            )
        }
        FinalCounts { total: 1, gone: 1, .. } => "The token was already gone".to_owned(),
        FinalCounts { total: 1, .. } => format!("The token was {}", done(kind, 1)),
        FinalCounts { total, done: 0, .. } => format!("All {} tokens were already gone", group_digits(total)),
        FinalCounts { total, gone: 0, .. } => format!("All {} tokens were {}", group_digits(total), done(kind, total)),
        FinalCounts { done: n, gone, .. } => {
            format!("{} {}, {} already gone", of(n), were_done_text(n), group_digits(gone))
        }
    }
}

/// The result as a chip in the list, without what the row says already: text and class.
pub(super) fn short_result(kind: BulkKind, counts: &BulkCounts) -> (String, &'static str) {
    let ended = FinalCounts::of(kind, counts);
    let (not_done, briefly) = (not_done(kind), done_briefly(kind));
    let of = |n: usize| format!("{} of {}", group_digits(n), group_digits(ended.total));
    match ended {
        FinalCounts {
            failed: failed @ 1..,
            unknown: unknown @ 1..,
            ..
        } => (
            format!(
                "{} could not be {not_done}, {} not confirmed",
                of(failed),
                group_digits(unknown)
            ),
            "chip danger",
        ),
        FinalCounts {
            failed: failed @ 1.., ..
        } => (format!("{} could not be {not_done}", of(failed)), "chip danger"),
        FinalCounts {
            unknown: unknown @ 1.., ..
        } => (format!("{} not confirmed", of(unknown)), "chip danger"),
        FinalCounts {
            skipped: skipped @ 1.., ..
        } => (format!("Stopped, {} skipped", of(skipped)), "chip warn"),
        FinalCounts { done: 0, gone: 1.., .. } => ("Already gone".to_owned(), "chip"),
        FinalCounts { total: 1, .. } => (first_upper(briefly), "chip ok"),
        FinalCounts { gone: 0, .. } => (format!("All {briefly}"), "chip ok"),
        FinalCounts { done, gone, .. } => (
            format!("{} {briefly}, {} already gone", group_digits(done), group_digits(gone)),
            "chip ok",
        ),
    }
}

fn first_upper(text: &str) -> String {
    let first = text.chars().next().map(char::len_utf8).unwrap_or_default();
    text[..first].to_uppercase() + &text[first..]
}

/// The sentences below the bar: what is confirmed, and what is known about the other tokens.
pub(super) fn result_text(progress: &Progress, look: Option<&LookAfterEnd>) -> AnyView {
    let ended = FinalCounts::of(progress.bulk.kind, &progress.counts);
    let at = progress.bulk.ended.map(time_text);
    let at = at.map_or_else(String::new, |at| format!(" with the workspace at {at}"));
    let mut confirmed = Vec::new();
    if ended.done > 0 {
        let done = done(ended.kind, ended.done);
        confirmed.push(format!("{} {done} (confirmed{at}).", was_or_were(ended.done)));
    }
    if ended.gone > 0 {
        confirmed.push(format!("{} already gone (confirmed).", was_or_were(ended.gone)));
    }
    if ended.skipped > 0 {
        confirmed.push(format!("{} skipped: nothing was sent.", was_or_were(ended.skipped)));
    }
    let others = match ended.kind {
        BulkKind::Revoke => not_revoked(&ended, look),
        BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => not_changed(&ended),
    };
    view! { <p>{confirmed.join(" ")} {others}</p> }.into_any()
}

/// What is known about tokens that were not revoked.
fn not_revoked(ended: &FinalCounts, look: Option<&LookAfterEnd>) -> AnyView {
    let checked = look
        .map(|look| format!(" (checked at {})", time_text(look.at)))
        .unwrap_or_default();
    let failed = (ended.failed > 0).then(|| {
        let text = still_works(
            ended.failed,
            "failed",
            look.map(|look| LaterCounts::of(look, BulkItemState::Failed)),
        );
        view! {
            " "
            <b>{text}</b>
            {checked.clone()}
            "."
        }
    });
    let unknown = (ended.unknown > 0).then(|| {
        let seen = look.map(|look| LaterCounts::of(look, BulkItemState::Unknown));
        let text = still_works(ended.unknown, "unconfirmed", seen);
        view! {
            " "
            <b>{text}</b>
            {checked}
            ". "
            {ended.check_first()}
        }
    });
    view! {
        {failed}
        {unknown}
    }
    .into_any()
}

/// What is known about tokens whose scopes were not changed.
fn not_changed(ended: &FinalCounts) -> AnyView {
    let failed = (ended.failed > 0).then(|| {
        let text = format!("{} not changed", was_or_were(ended.failed));
        view! {
            " "
            <b>{text}</b>
            ": the table says why."
            {(ended.changed_since > 0).then_some(" Tokens that have changed since the review were left as they are.")}
            {(ended.changed_since > 0 && ended.kind != BulkKind::PutBackScopes)
                .then_some(" To include them, select them again.")}
        }
    });
    let unknown = (ended.unknown > 0).then(|| {
        let text = match ended.unknown {
            1 => "Whether 1 token has its new setting is unknown".to_owned(),
            n => format!("Whether {} tokens have their new setting is unknown", group_digits(n)),
        };
        view! {
            " "
            <b>{text}</b>
            ": the workspace did not show it in the time that this can take. "
            {ended.check_first()}
        }
    });
    view! {
        {failed}
        {unknown}
    }
    .into_any()
}

/// What a later look showed, by number of tokens.
#[derive(Clone, Copy, Debug, Default)]
struct LaterCounts {
    works: usize,
    listed: usize,
    gone: usize,
}

impl LaterCounts {
    fn of(look: &LookAfterEnd, state: BulkItemState) -> Self {
        Self {
            works: look.count(state, |seen| matches!(seen, LaterState::Works(_))),
            listed: look.count(state, |seen| seen == LaterState::Listed),
            gone: look.count(state, |seen| seen == LaterState::Gone),
        }
    }
}

/// Whether the `total` tokens described by `what` still work, from what was actually seen.
fn still_works(total: usize, what: &str, seen: Option<LaterCounts>) -> String {
    let tokens = match total {
        1 => format!("{what} token"),
        n => format!("{} {what} tokens", group_digits(n)),
    };
    let s = |n: usize| if n == 1 { "s" } else { "" };
    let Some(seen) = seen.filter(|seen| seen.works + seen.listed + seen.gone > 0) else {
        return format!("Whether the {tokens} still work{} is not known", s(total));
    };
    if seen.works == total {
        return format!("The {tokens} still work{}", s(total));
    }
    let is_or_are = |n: usize| if n == 1 { "is" } else { "are" };
    let unseen = total - seen.works - seen.listed - seen.gone;
    let parts = [
        (seen.works, format!("still work{}", s(seen.works))),
        (
            seen.listed,
            format!("{} still listed and cannot be used", is_or_are(seen.listed)),
        ),
        (seen.gone, format!("{} no longer listed", is_or_are(seen.gone))),
        (unseen, format!("{} unknown", is_or_are(unseen))),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, text)| format!("{} {text}", group_digits(n)))
        .collect();
    format!("Of the {tokens}, {}", parts.join(", "))
}

/// The notice after the end, for screen readers. Sighted people read the heading.
pub(super) fn result_message(progress: &Progress) -> Option<AnyView> {
    if progress.bulk.state != BulkState::Finished {
        return None;
    }
    let ended = FinalCounts::of(progress.bulk.kind, &progress.counts);
    let in_requested_state = ended.in_requested_state();
    let all_confirmed = ended.failed + ended.unknown + ended.skipped == 0;
    let text = if all_confirmed {
        let already_gone = match ended.gone {
            gone if gone > 0 && ended.total > 1 => format!("; {} already gone", was_or_were(gone)),
            _ => String::new(),
        };
        format!("Done. {} (confirmed){already_gone}.", finished(&ended))
    } else {
        let skipped = match ended.skipped {
            0 => String::new(),
            n => format!("; {} skipped", was_or_were(n)),
        };
        let result = match ended.total {
            1 => String::new(),
            _ => format!(
                " {} {} (confirmed){skipped}.",
                was_or_were(in_requested_state),
                done(ended.kind, in_requested_state)
            ),
        };
        let check_first = if ended.unknown > 0 {
            format!(" {}", ended.check_first())
        } else {
            String::new()
        };
        format!("{}.{result}{check_first}", finished(&ended))
    };
    Some(view! { <p class="visually-hidden">{text}</p> }.into_any())
}

/// "1 was", "2 were".
fn was_or_were(n: usize) -> String {
    format!("{} {}", group_digits(n), if n == 1 { "was" } else { "were" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(total: usize, failed: usize, unknown: usize, skipped: usize) -> FinalCounts {
        FinalCounts {
            kind: BulkKind::Revoke,
            total,
            done: total - failed - unknown - skipped,
            gone: 0,
            failed,
            changed_since: 0,
            unknown,
            skipped,
        }
    }

    #[test]
    fn the_heading_says_what_failed_before_what_succeeded() {
        for (counts, heading) in [
            (ended(20, 7, 0, 0), "7 of 20 tokens could not be revoked"),
            (
                ended(20, 7, 2, 1),
                "7 of 20 tokens could not be revoked, 2 not confirmed",
            ),
            (ended(20, 0, 1, 0), "It is unclear whether 1 of 20 tokens was revoked"),
            (ended(20, 0, 0, 5), "Stopped: 15 of 20 tokens were revoked"),
            (ended(20, 0, 0, 0), "All 20 tokens were revoked"),
            (ended(1, 1, 0, 0), "The token could not be revoked"),
            (ended(1, 0, 1, 0), "It is unclear whether the token was revoked"),
            (ended(1, 0, 0, 0), "The token was revoked"),
        ] {
            assert_eq!(finished(&counts), heading);
        }
    }

    #[test]
    fn the_heading_says_how_the_change_of_scopes_ended() {
        let narrowed = |total, failed, unknown, skipped| FinalCounts {
            kind: BulkKind::NarrowScopes,
            ..ended(total, failed, unknown, skipped)
        };
        for (counts, heading) in [
            (narrowed(40, 1, 0, 0), "1 of 40 tokens could not be changed"),
            (narrowed(40, 0, 0, 0), "All 40 tokens were narrowed"),
            (narrowed(40, 0, 0, 28), "Stopped: 12 of 40 tokens were narrowed"),
            (
                narrowed(40, 0, 2, 0),
                "It is unclear whether 2 of 40 tokens were changed",
            ),
        ] {
            assert_eq!(finished(&counts), heading);
        }
        let kept = |total| FinalCounts {
            kind: BulkKind::KeepScopes,
            ..ended(total, 0, 0, 0)
        };
        assert_eq!(finished(&kept(1)), "The token was set to keep its scopes");
        assert_eq!(finished(&kept(3)), "All 3 tokens were set to keep their scopes");
        let stopped = FinalCounts {
            kind: BulkKind::PutBackScopes,
            gone: 1,
            done: 2,
            ..ended(5, 0, 0, 2)
        };
        assert_eq!(
            finished(&stopped),
            "Stopped: 2 of 5 tokens were put back",
            "a token that is gone has no scopes"
        );
    }

    #[test]
    fn only_what_was_seen_is_said_about_tokens_that_were_not_revoked() {
        let seen = |works, listed, gone| Some(LaterCounts { works, listed, gone });
        for (total, seen, text) in [
            (7, seen(7, 0, 0), "The 7 failed tokens still work"),
            (1, seen(1, 0, 0), "The failed token still works"),
            (7, None, "Whether the 7 failed tokens still work is not known"),
            (1, seen(0, 0, 0), "Whether the failed token still works is not known"),
            (
                7,
                seen(4, 1, 1),
                "Of the 7 failed tokens, 4 still work, 1 is still listed and cannot be used, 1 is no longer listed, \
                 1 is unknown",
            ),
        ] {
            assert_eq!(still_works(total, "failed", seen), text);
        }
    }
}
