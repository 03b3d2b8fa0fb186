//! Who loses access, and who keeps it through another permission.

use domain::TokenCount;
use domain::access::{AffectedPrincipal, Grant, Grantee, ImpactCount};
use leptos::prelude::*;

use super::ReviewView;
use crate::components::{Cell, Column, DataTable, TableName, count_of, group_digits};
use crate::pages::permissions::grants::{active_lists, number_cell, quoted};

/// How many people the table shows at first; the others are folded away.
const MAX_LOSERS_SHOWN: usize = 5;

/// How many people both tables list together, to keep the page small if everyone loses access.
const MAX_LOSERS_LISTED: usize = 500;

impl ReviewView<'_> {
    /// The card with the people who lose access. `removed` are the grants that the change removes.
    pub(super) fn losers_card(&self, removed: &[Grantee]) -> AnyView {
        let impact = &self.review.impact;
        let heading = match impact.maybe_kept_through.is_empty() {
            true => "Who loses access",
            false => "Who may lose access",
        };
        let has_no_losers = impact.lost == ImpactCount::Exactly(0);
        let no_one =
            has_no_losers.then(|| view! { <p>"No one: everyone keeps access through another permission."</p> });
        let effects = removed.iter().filter_map(|grantee| self.removal_effect(grantee));
        let effects: Vec<_> = effects.map(|effect| view! { <li>{effect}</li> }).collect();
        let effects = (!effects.is_empty()).then(|| view! { <ul class="removal-effects">{effects}</ul> });
        view! {
            <section class="card review-losers" aria-labelledby="losers">
                <div class="pad">
                    <h2 id="losers">{heading}</h2>
                    {no_one}
                    {effects}
                    {self.unknown_impact()}
                </div>
                {self.tables()}
            </section>
        }
        .into_any()
    }

    /// How many members of a removed group there are, and how many keep access through another permission. For a user
    /// or service principal, only that it keeps access: those who lose it are in the table.
    fn removal_effect(&self, grantee: &Grantee) -> Option<String> {
        let name = self.name(grantee);
        let Some(impact) = self.review.impact.grant_impact(&self.review.membership, grantee) else {
            return Some(match grantee {
                Grantee::Group(_) => format!("{name}: not all members are known."),
                _ => format!("{name}: not known whether access is lost."),
            });
        };
        let keep = impact.reaches - impact.lose;
        if !matches!(grantee, Grantee::Group(_)) {
            return (keep > 0).then(|| format!("{name} keeps access through another permission."));
        }
        if !self.review.impact.maybe_kept_through.is_empty() {
            return Some(format!(
                "{name} has {}: up to {} lose access, at least {} keep it through another permission.",
                count_of(impact.reaches, "member"),
                group_digits(impact.lose),
                group_digits(keep),
            ));
        }
        Some(format!(
            "{name} has {}: {} {} access, {} {} it through another permission.",
            count_of(impact.reaches, "member"),
            group_digits(impact.lose),
            if impact.lose == 1 { "loses" } else { "lose" },
            group_digits(keep),
            if keep == 1 { "keeps" } else { "keep" },
        ))
    }

    /// Warns that the numbers are incomplete if members of some groups could not be read.
    fn unknown_impact(&self) -> AnyView {
        let impact = &self.review.impact;
        let more_may_lose = (!impact.unresolved.is_empty()).then(|| {
            view! {
                <div class="notice">
                    <p>
                        <b>{format!("The members of {} could not be read", quoted(&impact.unresolved))}</b>
                        ", so more people may lose access."
                    </p>
                </div>
            }
        });
        let some_may_keep = (!impact.maybe_kept_through.is_empty()).then(|| {
            let through = quoted(&impact.maybe_kept_through);
            view! {
                <div class="notice">
                    <p>
                        <b>"Some may keep access "</b>
                        {format!("through {through}, whose members could not be read.")}
                    </p>
                </div>
            }
        });
        view! {
            {more_may_lose}
            {some_may_keep}
        }
        .into_any()
    }

    fn tables(&self) -> AnyView {
        let affected = &self.review.impact.affected;
        let (shown, others) = affected.split_at(affected.len().min(MAX_LOSERS_SHOWN));
        let listed = &others[..others.len().min(MAX_LOSERS_LISTED - MAX_LOSERS_SHOWN)];
        let not_listed = others.len() - listed.len();
        let rest = (not_listed > 0).then(|| {
            let text = format!("and {} more", group_digits(not_listed));
            view! { <p class="pad muted">{text}</p> }
        });
        let folded = (!others.is_empty()).then(|| {
            view! {
                <details>
                    <summary>{format!("and {} more", group_digits(others.len()))}</summary>
                    {self.table("Others", listed)}
                    {rest}
                </details>
            }
        });
        (!shown.is_empty())
            .then(|| {
                view! {
                    {self.table("Service principals first, then by number of active tokens", shown)}
                    {folded}
                }
            })
            .into_any()
    }

    fn table(&self, caption: &'static str, affected: &[AffectedPrincipal]) -> AnyView {
        let table = DataTable {
            class: Some("losers-table"),
            name: TableName::Caption(caption.into()),
            columns: [
                Column::name("Name"),
                Column::number("Active tokens"),
                Column::number("Used in 7 days"),
            ],
        };
        table.view(affected.iter().map(|affected| self.row(affected)))
    }

    fn row(&self, affected: &AffectedPrincipal) -> [Cell; 3] {
        let unread = self.review.snapshot.inventory.unread();
        let number = |n: usize| -> Option<TokenCount> { Some(unread.count(n)) };
        let [active_url, recent_url] = active_lists(self.workspace(), Some(affected.id));
        let label = self
            .grantee_of(affected.id)
            .map(|grantee| self.names.label(&Grant::to_use(grantee)));
        [
            Cell::new(label),
            number_cell(number(affected.tokens), active_url),
            number_cell(number(affected.recently_used), recent_url),
        ]
    }
}
