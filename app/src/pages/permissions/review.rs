//! `/w/{workspace}/settings/advanced/permissions/review`: what an edit adds, removes and stops. If someone else changed
//! the permissions in the meantime: the list at the start, the current one and the one with the edit, side by side.

use std::sync::Arc;

use console::access::{ListFingerprint, Review};
use console::{Actor, Error};
use domain::access::{AccessDiff, AccessEdit, AccessList, AccessWrite, Grant, Grantee};
use leptos::prelude::*;

use super::edit_state::{EditState, editor_url, review_url};
use super::editor::{are_tokens_disabled, tokens_disabled_page};
use super::grants::{grantee_label, quoted};
use super::impact::impact;
use super::save;
use crate::components::{change_snippets, count_of, error_notice, group_digits, tokens_of};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_heading, workspace_page};
use crate::pages::activity::reason_field;
use crate::problem::{Interrupted, Problem};
use crate::snippets::ChangeSnippets;

/// Grantees that a sentence names; the lists below it have all of them.
const MAX_NAMES_SHOWN: usize = 5;

/// The review of an edit, with the form that saves it.
#[component]
pub(crate) fn ReviewPage() -> impl IntoView {
    workspace_page(Area::Permissions, "Review changes", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let EditState { base, edit } = EditState::of(&request);
    // A URL without a base is treated like one whose base is no longer available: as a conflict.
    let base = base.unwrap_or_else(|| ListFingerprint::new(""));
    let review = match request.console.review_access(&actor, &base, &edit).await {
        Err(error) if error.is_feature_off() => {
            let snapshot = request.console.snapshot(&actor).await;
            return match are_tokens_disabled(&error, &snapshot) {
                true => tokens_disabled_page(&actor, snapshot),
                false => Err(error),
            };
        }
        review => review?,
    };
    let links = ReviewLinks::of(&request, &base, &edit, &review).await;
    let view = ReviewView {
        request: &request,
        actor: &actor,
        base: &base,
        edit: &edit,
        review: &review,
        links: &links,
    };
    Ok(PageResult::new(view.page())
        .title("Review changes")
        .policy(review.snapshot.policy)
        .error_shown_in_content())
}

struct ReviewView<'a> {
    request: &'a Request,
    actor: &'a Actor,
    base: &'a ListFingerprint,
    edit: &'a AccessEdit,
    review: &'a Review,
    links: &'a ReviewLinks,
}

/// The URLs that this page links to. They hold the edit, or the ID of a draft.
struct ReviewLinks {
    editor: String,
    /// The review without the grantee that the workspace does not know, if the last save met one.
    without_unknown: Option<String>,
    /// The review of the edit on the current list.
    rebased: String,
}

impl ReviewLinks {
    async fn of(request: &Request, base: &ListFingerprint, edit: &AccessEdit, review: &Review) -> Self {
        let workspace = request.workspace();
        let unknown = unknown_grantee(request, edit);
        let without = unknown.map(|grantee| review_url(workspace, base, &edit.without(grantee)));
        let current = &review.current;
        let rebased = review_url(workspace, &current.fingerprint, &edit.rebased(&current.list));
        Self {
            editor: request.short_url(&editor_url(workspace, base, edit)).await,
            without_unknown: match without {
                Some(url) => Some(request.short_url(&url).await),
                None => None,
            },
            rebased: request.short_url(&rebased).await,
        }
    }
}

/// The grantee to be added that the workspace does not know, according to the failure in the URL.
fn unknown_grantee<'a>(request: &Request, edit: &'a AccessEdit) -> Option<&'a Grantee> {
    match request.failure_in_url()?.problem {
        Problem::UnknownPrincipal { nth } => edit.added().nth(nth),
        _ => None,
    }
}

impl ReviewView<'_> {
    fn page(&self) -> AnyView {
        let is_unchanged = AccessWrite::between(&self.review.current.list, &self.review.edited) == AccessWrite::Nothing;
        let body = match (self.review.is_conflict(), is_unchanged) {
            (_, true) => self.nothing_to_save(),
            (true, false) => self.conflict(),
            (false, false) => self.changes(),
        };
        view! {
            <p class="crumbs">
                <a href=self.links.editor.clone()>"Permissions"</a>
            </p>
            <h1>"Review changes"</h1>
            {self.failure_alert()}
            {body}
        }
        .into_any()
    }

    /// Why the last save failed. `None` if it did not, or because of a conflict, which the comparison below explains.
    fn failure_alert(&self) -> Option<AnyView> {
        let failure = self.request.failure_in_url()?;
        if failure.problem == Problem::AccessChanged && self.review.is_conflict() {
            return None;
        }
        let unknown = unknown_grantee(self.request, self.edit).zip(self.links.without_unknown.as_deref());
        let unknown_principal = unknown.map(|(grantee, without)| self.unknown_principal(grantee, without));
        let workspace = Some(self.actor.workspace().name());
        let notice = unknown_principal.unwrap_or_else(|| error_notice(&failure, workspace, Interrupted::Edit));
        Some(view! { <div role="alert">{notice}</div> }.into_any())
    }

    /// Whether the form that led here was sent to the workspace and may have changed the permissions.
    fn is_last_save_unknown(&self) -> bool {
        self.request.failure_in_url().is_some_and(|failure| !failure.unchanged)
    }

    fn unknown_principal(&self, grantee: &Grantee, without: &str) -> AnyView {
        let workspace = self.actor.workspace().name();
        let (kind, name) = (grantee.kind(), quoted([grantee]));
        view! {
            <div class="notice danger">
                <p>
                    <b>{format!("The {kind} {name} no longer exists in {workspace}.")}</b>
                    " Nothing was saved. "
                    <a href=without.to_owned()>{format!("Continue without {}", grantee.name())}</a>
                </p>
            </div>
        }
        .into_any()
    }

    fn nothing_to_save(&self) -> AnyView {
        let name = self.actor.workspace().name();
        let text = if self.edit.is_empty() {
            "You have not changed anything."
        } else {
            "The permissions are already as you want them."
        };
        view! {
            <section class="card empty">
                <h2>"Nothing to save"</h2>
                <p>{text}</p>
                <a class="btn" href=paths::permissions(name)>
                    "Back to permissions"
                </a>
            </section>
        }
        .into_any()
    }

    fn changes(&self) -> AnyView {
        let diff = AccessDiff::between(&self.review.current.list, &self.review.edited);
        let name = self.actor.workspace().name();
        view! {
            <section class="card pad review">
                {workspace_heading(self.actor.workspace())}
                {self.changes_section("Added", &diff.added)}
                {self.changes_section("Removed", &diff.removed)}
                <details>
                    <summary>{format!("Unchanged ({} and admins)", diff.unchanged.len())}</summary>
                    {self.grantee_list(&diff.unchanged)}
                </details>
                {impact(name, self.review)}
                {self.snippets()}
                {self.save_form(!diff.removed.is_empty())}
            </section>
        }
        .into_any()
    }

    fn changes_section(&self, title: &str, grantees: &[Grantee]) -> Option<AnyView> {
        (!grantees.is_empty()).then(|| {
            view! {
                <section>
                    <h2>{format!("{title} ({})", grantees.len())}</h2>
                    {self.grantee_list(grantees)}
                </section>
            }
            .into_any()
        })
    }

    fn workspace(&self) -> &str {
        self.actor.workspace().name()
    }

    fn grantee_list(&self, grantees: &[Grantee]) -> AnyView {
        let directory = self.review.snapshot.inventory.directory();
        let item = |grantee: &Grantee| {
            let grant = self.review.current.list.get(grantee);
            let display_name = grant.and_then(|grant| grant.display_name.as_deref());
            let label = grantee_label(
                self.workspace(),
                &self.review.membership,
                directory,
                display_name,
                grantee,
            );
            let effect = self.edit.removes(grantee).then(|| self.removal_effect(grantee));
            view! { <li>{label} {effect}</li> }
        };
        view! { <ul class="name-list">{grantees.iter().map(item).collect_view()}</ul> }.into_any()
    }

    /// How many members a removed grant has, and how many of them keep access through another grant.
    fn removal_effect(&self, grantee: &Grantee) -> String {
        let is_group = matches!(grantee, Grantee::Group(_));
        let Some(impact) = self.review.impact.grant_impact(&self.review.membership, grantee) else {
            let subject = if is_group { "members" } else { "effect" };
            return format!(" {subject} not available");
        };
        let keep = impact.reaches - impact.lose;
        if !is_group {
            let effect = match (impact.lose, keep) {
                (0, 0) => "",
                (0, _) => " keeps access through another grant",
                _ => " loses access",
            };
            return effect.to_owned();
        }
        format!(
            " {}: {} {} access, {} {} it through another grant",
            count_of(impact.reaches, "member"),
            group_digits(impact.lose),
            if impact.lose == 1 { "loses" } else { "lose" },
            group_digits(keep),
            if keep == 1 { "keeps" } else { "keep" },
        )
    }

    fn snippets(&self) -> Option<AnyView> {
        let edited = &self.review.edited;
        let change = AccessWrite::between(&self.review.current.list, edited);
        let snippets = ChangeSnippets::change_access(&self.actor.workspace().into(), &change, edited)?;
        Some(change_snippets("permissions", snippets))
    }

    fn save_form(&self, removes: bool) -> AnyView {
        let name = self.actor.workspace().name();
        let own_access_warning = self.review.ends_own_access.then(|| save::own_access_warning(name));
        let overwrite_note = if removes {
            "Other changes are checked for right before saving. A change made elsewhere in the same instant could be \
             overwritten."
        } else {
            "Adding never overwrites other people's changes."
        };
        let stopped = self.review.impact.tokens;
        let button = match stopped.seen() {
            0 => "Save".to_owned(),
            _ => format!("Remove access and stop {}", tokens_of(stopped, "token")),
        };
        view! {
            <form method="post" action="/api/permissions/save" class="form-footer">
                <input type="hidden" name="workspace" value=name.to_owned() />
                <input type="hidden" name="opened" value=self.base.to_string() />
                <input type="hidden" name="edit" value=self.edit.to_query_string() />
                {own_access_warning}
                {removes.then(|| reason_field(self.request))}
                <p class="muted">{overwrite_note}</p>
                <div class="row">
                    <a class="btn" href=self.links.editor.clone()>
                        "Back"
                    </a>
                    <button class=if removes { "btn danger" } else { "btn primary" } data-submit-once>
                        {button}
                    </button>
                </div>
            </form>
        }
        .into_any()
    }

    /// Someone else changed the permissions. Nothing can be saved from here: the edit has to be applied to the current
    /// list and reviewed again.
    fn conflict(&self) -> AnyView {
        let name = self.actor.workspace().name();
        let (current, edited) = (&self.review.current, &self.review.edited);
        let base = self.review.base.as_ref();
        let kept = match self.is_last_save_unknown() {
            true => "Your edits are kept.",
            false => "Nothing was saved; your edits are kept.",
        };
        let (title, text) = match base {
            Some(base) => (
                "Someone else changed the permissions.",
                format!(
                    "{kept} {}",
                    changed_by_others(&AccessDiff::between(base, &current.list))
                ),
            ),
            None => (
                kept,
                "The list you started from is no longer available, so the console cannot tell what changed.".to_owned(),
            ),
        };
        view! {
            <section class="card pad review">
                <div class="notice danger" role="alert">
                    <p>
                        <b>{title}</b>
                        " "
                        {text}
                    </p>
                </div>
                <div class="columns-3">
                    {match base {
                        Some(base) => self.column("When you started", base),
                        None => base_unavailable(),
                    }} {self.column("Current", &current.list)} {self.column("With your changes", edited)}
                </div>
                <div class="row">
                    <a class="btn" href=paths::permissions(name)>
                        "Discard my changes"
                    </a>
                    <a class="btn primary" href=self.links.rebased.clone()>
                        "Apply my changes to the current list"
                    </a>
                </div>
            </section>
        }
        .into_any()
    }

    /// One of the three lists. Each grant is labelled with what others and the person editing changed about it.
    fn column(&self, title: &'static str, list: &AccessList) -> AnyView {
        let directory = self.review.snapshot.inventory.directory();
        let row = |grant: &Grant| {
            let labels = self.change_labels(&grant.grantee);
            let class = (!labels.is_empty()).then_some("is-changed");
            let chips = labels
                .into_iter()
                .map(|label| view! { " " <span class="chip accent">{label}</span> });
            let display_name = grant.display_name.as_deref();
            view! {
                <li class=class>
                    {grantee_label(self.workspace(), &self.review.membership, directory, display_name, &grant.grantee)}
                    {chips.collect_view()}
                </li>
            }
        };
        view! {
            <section aria-label=title>
                <h2>{title}</h2>
                <p class="muted">{count_of(list.changeable().count(), "permission")} " and admins"</p>
                <ul class="name-list">{list.changeable().map(row).collect_view()}</ul>
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
            <h2>"When you started"</h2>
            <p class="muted">"Not available (opened too long ago)."</p>
        </section>
    }
    .into_any()
}

/// "Added: mia@acme.example. Removed: data-platform."
fn changed_by_others(diff: &AccessDiff) -> String {
    let names = |grantees: &[Grantee]| {
        let shown: Vec<_> = grantees.iter().take(MAX_NAMES_SHOWN).map(Grantee::name).collect();
        let more = grantees.len() - shown.len();
        let and_more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{and_more}", shown.join(", "))
    };
    let mut sentences = Vec::new();
    if !diff.added.is_empty() {
        sentences.push(format!("Added: {}.", names(&diff.added)));
    }
    if !diff.removed.is_empty() {
        sentences.push(format!("Removed: {}.", names(&diff.removed)));
    }
    if sentences.is_empty() {
        return "Permission levels changed.".to_owned();
    }
    sentences.join(" ")
}
