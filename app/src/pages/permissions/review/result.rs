//! The result of a change: who can use tokens before and after it, what is removed and added, and what stops working.

use domain::TokenCount;
use domain::access::{AccessDiff, AccessImpact, Grant, Grantee, ImpactCount};
use leptos::prelude::*;

use super::wording;
use super::{MAX_NAMES_SHOWN, ReviewView};
use crate::components::{group_digits, number_of, percent, sentence};
use crate::layout::{ConfirmFact, confirm_facts};
use crate::pages::permissions::grants::people_and_services;

/// The height of a bar, in pixels.
const BAR_PX: usize = 20;

impl ReviewView<'_> {
    /// The card with the result.
    pub(super) fn result_card(&self, diff: &AccessDiff) -> AnyView {
        let impact = &self.review.impact;
        let removes = !diff.removed.is_empty();
        view! {
            <section class="card pad review-result" aria-labelledby="result">
                <h2 id="result">{wording::result(impact, removes)}</h2>
                {before_and_after(impact)}
                {self.facts(diff)}
                {(!impact.tokens.is_zero()).then(|| what_happens_to_tokens(&diff.removed))}
                {self.all_changes(diff)}
            </section>
        }
        .into_any()
    }

    fn facts(&self, diff: &AccessDiff) -> AnyView {
        let impact = &self.review.impact;
        let names = |grantees: &[Grantee]| self.names_text(grantees);
        match diff.removed.is_empty() {
            true => confirm_facts([
                ConfirmFact::new("Added", names(&diff.added), false),
                ConfirmFact::new("Gain access", sentence(&wording::number_text(impact.gained)), false),
                ConfirmFact::new("Active tokens that stop", "None", false),
            ]),
            false => confirm_facts([
                ConfirmFact::new("Removed", names(&diff.removed), false),
                ConfirmFact::new("Added", names(&diff.added), false),
                ConfirmFact::new("Used in 7 days", used_text(impact), !impact.recently_used.is_zero()),
            ]),
        }
    }

    /// `analytics, github-actions and 12 more`.
    pub(super) fn names_text(&self, grantees: &[Grantee]) -> String {
        if grantees.is_empty() {
            return "No one".to_owned();
        }
        let shown: Vec<_> = grantees.iter().take(MAX_NAMES_SHOWN).map(|g| self.name(g)).collect();
        match grantees.len() - shown.len() {
            0 => shown.join(", "),
            more => format!("{} and {} more", shown.join(", "), group_digits(more)),
        }
    }

    /// All permissions with their changes, folded away: the facts above name only the first few.
    fn all_changes(&self, diff: &AccessDiff) -> AnyView {
        let parts = [
            ("Removed", &diff.removed),
            ("Added", &diff.added),
            ("Unchanged", &diff.unchanged),
        ];
        let counts =
            parts.map(|(title, grantees)| format!("{} {}", group_digits(grantees.len()), title.to_lowercase()));
        let lists = parts.map(|(title, grantees)| self.grantee_list(title, grantees));
        view! {
            <details class="review-changes">
                <summary>"All permissions: " {counts.join(", ")} " (and admins)"</summary>
                <div class="columns-3">{lists.collect_view()}</div>
            </details>
        }
        .into_any()
    }

    fn grantee_list(&self, title: &'static str, grantees: &[Grantee]) -> Option<AnyView> {
        let item = |grant: &Grant| view! { <li>{self.names.label(grant)}</li> };
        (!grantees.is_empty()).then(|| {
            let grants: Vec<_> = grantees.iter().map(|grantee| self.grant(grantee)).collect();
            let items = self.names.sorted(&grants).into_iter().map(item).collect_view();
            view! {
                <section>
                    <h3>{format!("{title} ({})", group_digits(grantees.len()))}</h3>
                    <ul class="name-list">{items}</ul>
                </section>
            }
            .into_any()
        })
    }
}

/// `54 of 84 tokens`.
fn used_text(impact: &AccessImpact) -> String {
    match (impact.tokens, impact.recently_used) {
        (ImpactCount::Exactly(0), _) => "No tokens stop".to_owned(),
        (ImpactCount::Unknown, _) => "Unknown".to_owned(),
        (tokens, used) => sentence(&format!(
            "{} of {}",
            wording::number_text(used),
            wording::tokens_text(tokens, "token")
        )),
    }
}

/// Two bars: those who can use tokens before, and those who can after, with those who lose access. The text next to
/// them contains the same numbers. `None` if no one is known.
fn before_and_after(impact: &AccessImpact) -> Option<AnyView> {
    let (before, after, lost) = (impact.before.seen(), impact.after.seen(), impact.affected.len());
    let all = before.max(after + lost);
    if all == 0 {
        return None;
    }
    let share = |n: usize| n * 100_000 / all;
    let bar = |class: &'static str, from: usize, n: usize| {
        // At least 2 pixels, so that one person among thousands is visible.
        let width = share(n).max(400).min(100_000 - from);
        (n > 0).then(|| {
            view! { <rect class=class x=percent(from) width=percent(width) height=BAR_PX rx="3"></rect> }
        })
    };
    let from = share(after).min(99_600);
    let row = |label: &'static str, bars: AnyView, count: TokenCount| {
        view! {
            <span class="muted">{label}</span>
            <svg width="100%" height=BAR_PX>
                {bars}
            </svg>
            <b class="num">{sentence(&number_of(count))} " can"</b>
        }
    };
    let before_bar = bar("can", 0, before).into_any();
    let after_bars = view! {
        {bar("can", 0, after)}
        {bar("loses", from, lost)}
    };
    view! {
        <div class="before-after" role="img" aria-label=bars_text(impact)>
            {row("Before", before_bar, impact.before)}
            {row("After", after_bars.into_any(), impact.after)}
        </div>
    }
    .into_any()
    .into()
}

/// `Before: 103 people and service principals can use tokens. After: 68, of them 1 new; 36 lose access.`
fn bars_text(impact: &AccessImpact) -> String {
    let new = match impact.gained {
        ImpactCount::Exactly(0) => String::new(),
        gained => format!(", of them {} new", wording::number_text(gained)),
    };
    let lost = match impact.lost {
        ImpactCount::Exactly(0) => "no one loses access".to_owned(),
        ImpactCount::Exactly(1) => "1 loses access".to_owned(),
        ImpactCount::Unknown => "it is not known who loses access".to_owned(),
        lost => format!("{} lose access", wording::number_text(lost)),
    };
    format!(
        "Before: {} can use tokens. After: {}{new}; {lost}.",
        people(impact.before),
        number_of(impact.after)
    )
}

fn people(count: TokenCount) -> String {
    let text = people_and_services(count.seen());
    match count {
        TokenCount::Exactly(_) => text,
        TokenCount::AtLeast(_) => format!("at least {text}"),
    }
}

/// What Databricks does with the tokens of people who lose access. It documents deletion for losing a direct
/// permission, and suspension for leaving a group (<https://docs.databricks.com/aws/en/admin/access-control/tokens>).
fn what_happens_to_tokens(removed: &[Grantee]) -> AnyView {
    let has_group = removed.iter().any(|grantee| matches!(grantee, Grantee::Group(_)));
    let has_principal = removed.iter().any(|grantee| !matches!(grantee, Grantee::Group(_)));
    let of_principal = "Databricks documents that tokens are deleted if a user or service principal loses their own \
                        permission, and elsewhere that they work again once the permission is back.";
    let of_group = "Databricks does not document what happens to the tokens of the members of a removed group, only \
                    that tokens are suspended if someone loses access by leaving a group.";
    view! {
        <div class="notice danger">
            <p>
                "Their tokens stop working immediately and "
                <b>"may be permanently deleted"</b>
                ". Databricks' documentation is contradictory on this."
            </p>
            <details>
                <summary>"What Databricks documents"</summary>
                {has_principal.then(|| view! { <p>{of_principal}</p> })}
                {has_group.then(|| view! { <p>{of_group}</p> })}
            </details>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::access::{AccessList, Membership};
    use domain::{Inventory, Known, Timestamp, UnreadPart};

    use super::*;

    #[test]
    fn the_picture_says_in_words_what_it_shows() {
        let (list, policy) = (AccessList::default(), Known::NotAvailable(UnreadPart::Policy));
        let inventory = Inventory::new(Vec::new(), Default::default(), policy, Timestamp::from_ms(0));
        let mut impact = AccessImpact::of(&list, &list, &Membership::default(), &inventory);
        impact.before = TokenCount::Exactly(103);
        impact.after = TokenCount::AtLeast(68);
        impact.gained = ImpactCount::Exactly(1);
        impact.lost = ImpactCount::AtMost(36);
        assert_eq!(
            bars_text(&impact),
            "Before: 103 people and service principals can use tokens. After: at least 68, of them 1 new; up to 36 \
             lose access."
        );
    }
}
