//! Someone else changed the permissions after an edit was started: what they changed, what the edit still changes, and
//! the three lists side by side.

use domain::access::{AccessDiff, AccessList, Grant, Grantee};
use leptos::prelude::*;

use super::ReviewView;
use crate::components::{count_of, hidden_fields};
use crate::http::paths;

impl ReviewView<'_> {
    /// The conflict instead of a save form: the edit has to be applied to the current list and reviewed again.
    pub(super) fn conflict(&self) -> AnyView {
        let kept = match self.is_last_save_unknown() {
            true => "Your edits are kept.",
            false => "Nothing was saved; your edits are kept.",
        };
        let (title, text) = match &self.review.base {
            Some(_) => ("Someone else changed the permissions.", kept),
            None => (
                kept,
                "The list you started from is no longer available, so the console cannot tell what changed.",
            ),
        };
        view! {
            <section class="card pad review-conflict" aria-labelledby="conflict">
                <div class="notice danger" role="alert">
                    <h2 id="conflict">{title}</h2>
                    <p>{text}</p>
                </div>
                {self.conflict_facts()}
                {self.conflict_actions()}
                {self.three_lists()}
            </section>
        }
        .into_any()
    }

    /// What others changed, and what the edit now changes.
    fn conflict_facts(&self) -> AnyView {
        let current = &self.review.current.list;
        let theirs = self.review.base.as_ref().map(|base| self.diff_text(base, current));
        let mine = self.diff_text(current, &self.review.edited);
        let theirs = theirs.map(|theirs| {
            view! {
                <div>
                    <dt>"They changed"</dt>
                    <dd>{theirs}</dd>
                </div>
            }
        });
        view! {
            <dl class="confirm-facts">
                {theirs}
                <div>
                    <dt>"Your changes to the current list"</dt>
                    <dd>{mine}</dd>
                </div>
            </dl>
        }
        .into_any()
    }

    /// `Added: mia@acme.example. Removed: data-platform.`
    fn diff_text(&self, before: &AccessList, after: &AccessList) -> String {
        let diff = AccessDiff::between(before, after);
        let parts = [("Added", &diff.added), ("Removed", &diff.removed)];
        let parts = parts.into_iter().filter(|(_, grantees)| !grantees.is_empty());
        let sentences: Vec<_> = parts
            .map(|(title, grantees)| format!("{title}: {}.", self.names_text(grantees)))
            .collect();
        match sentences.is_empty() {
            true => "Permission levels.".to_owned(),
            false => sentences.join(" "),
        }
    }

    fn three_lists(&self) -> AnyView {
        let at_start = match &self.review.base {
            Some(base) => self.column("When you started", base),
            None => base_unavailable(),
        };
        view! {
            <details class="review-changes" open>
                <summary>"Compare the lists"</summary>
                <div class="columns-3">
                    {at_start} {self.column("Current", &self.review.current.list)}
                    {self.column("With your changes", &self.review.edited)}
                </div>
            </details>
        }
        .into_any()
    }

    fn conflict_actions(&self) -> AnyView {
        let name = self.workspace();
        let edit = self.edit.rebased(&self.review.current.list);
        let action = paths::open_with_fields(&paths::review_permissions(name));
        view! {
            <form method="post" action=action class="row review-actions">
                {hidden_fields([("opened", self.review.current.fingerprint.to_string())])}
                {hidden_fields(self.request.query("reason").map(|reason| ("reason", reason)))}
                {hidden_fields(edit.added().map(|grantee| ("add", grantee.to_key())))}
                {hidden_fields(edit.removed().map(|grantee| ("remove", grantee.to_key())))}
                <a class="btn" href=paths::permissions(name)>
                    "Discard my changes"
                </a>
                <button class="btn primary">"Apply my changes to the current list"</button>
            </form>
        }
        .into_any()
    }

    /// One of the three lists. Each grant is labelled with what others, and what this edit, changed about it.
    fn column(&self, title: &'static str, list: &AccessList) -> AnyView {
        let row = |grant: &Grant| {
            let labels = self.change_labels(&grant.grantee);
            let class = (!labels.is_empty()).then_some("is-changed");
            let chips = labels
                .into_iter()
                .map(|label| view! { " " <span class="chip accent">{label}</span> });
            let label = self.names.marked_label(grant, Some(chips.collect_view().into_any()));
            view! { <li class=class>{label}</li> }
        };
        let rows = self.names.sorted(list.changeable()).into_iter().map(row);
        view! {
            <section aria-label=title>
                <h3>{title}</h3>
                <p class="muted">{count_of(list.changeable().count(), "permission")} " and admins"</p>
                <ul class="name-list">{rows.collect_view()}</ul>
            </section>
        }
        .into_any()
    }

    fn change_labels(&self, grantee: &Grantee) -> Vec<&'static str> {
        let current = self.review.current.list.get(grantee);
        let base = self.review.base.as_ref().map(|base| base.get(grantee));
        let by_others = match (base, current) {
            (Some(None), Some(_)) => Some("added since"),
            (Some(Some(_)), None) => Some("removed since"),
            (Some(Some(base)), Some(current)) if base.levels != current.levels => Some("changed since"),
            _ => None,
        };
        let by_you = match current {
            Some(_) if self.edit.removes(grantee) => Some("you remove"),
            None if self.edit.added().any(|added| added == grantee) => Some("you add"),
            _ => None,
        };
        by_others.into_iter().chain(by_you).collect()
    }
}

fn base_unavailable() -> AnyView {
    view! {
        <section aria-label="When you started">
            <h3>"When you started"</h3>
            <p class="muted">"Not available (opened too long ago)."</p>
        </section>
    }
    .into_any()
}
