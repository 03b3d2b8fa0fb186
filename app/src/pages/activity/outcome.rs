//! The outcome of an operation, as a chip and as text.

use std::collections::HashSet;

use console::activity::{ActivityKind, BulkRow, Detail, Operation, Outcome};
use leptos::prelude::*;

use crate::components::group_digits;
use crate::http::time_zone::PageTimeZone;

/// The chip at the end of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chip {
    pub(super) text: String,
    pub(super) class: &'static str,
}

impl Chip {
    fn new(text: impl Into<String>, class: &'static str) -> Self {
        let text = text.into();
        Self { text, class }
    }

    pub(super) fn view(self) -> AnyView {
        view! { <span class=self.class>{self.text}</span> }.into_any()
    }
}

/// The chip of an operation.
pub(super) fn chip(operation: &Operation) -> Chip {
    let label = operation.outcome.label();
    match (operation.outcome, &operation.detail) {
        (Outcome::Done, Detail::AlreadyGone) => Chip::new("Already gone", "chip"),
        (Outcome::Done, Detail::NoChange) => Chip::new("No change", "chip"),
        (Outcome::Failed, Detail::NotSentCancelled) => Chip::new("Skipped", "chip"),
        (Outcome::Done, _) if operation.kind == ActivityKind::RevokeToken => Chip::new("Revoked", "chip ok"),
        (Outcome::Done, _) => Chip::new(label, "chip ok"),
        (Outcome::Open | Outcome::Unknown, _) => Chip::new(label, "chip warn"),
        (Outcome::Failed | Outcome::Refused, _) => Chip::new(label, "chip danger"),
    }
}

/// How many tokens of a bulk change had each outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BulkResult {
    /// Whether it changes scopes rather than revokes tokens.
    is_of_scopes: bool,
    done: usize,
    already_gone: usize,
    failed: usize,
    unknown: usize,
    skipped: usize,
    in_progress: usize,
}

impl BulkResult {
    /// The result that was recorded when the bulk change ended. `None` until then.
    pub(super) fn of_run(run: &Operation) -> Option<Self> {
        match run.detail {
            Detail::BulkResult {
                revoked,
                already_gone,
                failed,
                cancelled,
                unknown,
            } => Some(Self {
                is_of_scopes: false,
                done: revoked,
                already_gone,
                failed,
                unknown,
                skipped: cancelled,
                in_progress: 0,
            }),
            Detail::ScopesResult {
                changed,
                gone,
                failed,
                cancelled,
                unknown,
            } => Some(Self {
                is_of_scopes: true,
                done: changed,
                already_gone: gone,
                failed,
                unknown,
                skipped: cancelled,
                in_progress: 0,
            }),
            _ => None,
        }
    }

    /// The result of these operations: the outcome of each token's latest attempt, which comes first in `items`.
    pub(super) fn of_items(items: &[Operation]) -> Self {
        let first = items.first().map(|item| &item.kind);
        let none = Self {
            is_of_scopes: first == Some(&ActivityKind::EditScopes),
            ..Self::default()
        };
        let mut seen = HashSet::new();
        let latest = items.iter().filter(|item| seen.insert(item.target.as_str()));
        latest.fold(none, |mut counts, item| {
            let count = match (item.outcome, &item.detail) {
                (_, Detail::AlreadyGone | Detail::GoneSince) => &mut counts.already_gone,
                (Outcome::Done, _) => &mut counts.done,
                (_, Detail::NotSentCancelled) => &mut counts.skipped,
                (Outcome::Open, _) | (_, Detail::NotSentYet) => &mut counts.in_progress,
                (Outcome::Unknown, _) => &mut counts.unknown,
                (Outcome::Failed | Outcome::Refused, _) => &mut counts.failed,
            };
            *count += 1;
            counts
        })
    }

    /// The verb before the numbers, for example "revoked" only if at least one token was revoked.
    pub(super) fn verb(&self) -> &'static str {
        match (self.done, self.in_progress) {
            (1.., _) if self.is_of_scopes => "changed",
            (0, 1..) if self.is_of_scopes => "started to change",
            (0, 0) if self.is_of_scopes => "tried to change",
            (1.., _) => "revoked",
            (0, 1..) => "started to revoke",
            (0, 0) => "tried to revoke",
        }
    }

    /// Whether at least one token was revoked or changed.
    pub(super) fn is_any_done(&self) -> bool {
        self.done > 0
    }

    pub(super) fn total(&self) -> usize {
        self.done + self.already_gone + self.failed + self.unknown + self.skipped + self.in_progress
    }

    /// `13 of 20 revoked, 7 failed`. `tokens` stands before "revoked" or "changed".
    pub(super) fn text(&self, tokens: &str) -> String {
        let others = [
            (self.already_gone, "already gone"),
            (self.failed, "failed"),
            (self.unknown, "not confirmed"),
            (self.skipped, "skipped"),
            (self.in_progress, "in progress"),
        ];
        let (done, total) = (group_digits(self.done), group_digits(self.total()));
        let what = if self.is_of_scopes { "changed" } else { "revoked" };
        let others = others.into_iter().filter(|(count, _)| *count > 0);
        others.fold(format!("{done} of {total}{tokens} {what}"), |text, (count, unit)| {
            format!("{text}, {} {unit}", group_digits(count))
        })
    }

    /// The chip for the worst outcome of a token.
    fn chip(&self) -> Chip {
        let of = |n: usize, word: &str| format!("{} {word}", group_digits(n));
        match (self.failed, self.unknown) {
            (0, 0) if self.in_progress > 0 => Chip::new(Outcome::Open.label(), "chip warn"),
            (0, 0) if self.skipped > 0 => Chip::new(of(self.skipped, "skipped"), "chip"),
            (0, 0) if self.done == 0 => Chip::new("Already gone", "chip"),
            (0, 0) if self.is_of_scopes => Chip::new("Changed", "chip ok"),
            (0, 0) => Chip::new("Revoked", "chip ok"),
            (0, unknown) => Chip::new(of(unknown, "not confirmed"), "chip warn"),
            (failed, 0) => Chip::new(of(failed, "failed"), "chip danger"),
            (failed, unknown) => {
                let text = format!("{}, {}", of(failed, "failed"), of(unknown, "not confirmed"));
                Chip::new(text, "chip danger")
            }
        }
    }
}

/// The chip of a bulk change.
pub(super) fn bulk_chip(bulk: &BulkRow) -> Chip {
    match &bulk.run {
        Some(run) => BulkResult::of_run(run).map_or_else(|| chip(run), |result| result.chip()),
        None => BulkResult::of_items(&bulk.items).chip(),
    }
}

/// Why it ended like this, unless the chip or the sentence says so already.
pub(super) fn reason_of_outcome(operation: &Operation) -> Option<String> {
    if BulkResult::of_run(operation).is_some() {
        return None;
    }
    let text = detail_text(&operation.detail);
    (operation.outcome != Outcome::Done && !text.is_empty()).then_some(text)
}

/// The label of a detail, with its time in the page's time zone.
pub(crate) fn detail_text(detail: &Detail) -> String {
    match detail {
        Detail::StillListed(at) => {
            let zone = PageTimeZone::current();
            format!("Still listed at {} on {}", zone.time_of_day(*at), zone.day(*at))
        }
        detail => detail.label().into_owned(),
    }
}
