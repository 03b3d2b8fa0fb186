//! `/w/{workspace}/settings/advanced/permissions/review`: what a change adds, removes and stops, and where somebody was
//! faster, the three lists side by side.

use std::sync::Arc;

use crate::snippets::{databricks_cli, terraform};
use console::access::{ListFingerprint, Review};
use console::{Actor, Error};
use domain::access::{AccessDiff, AccessEdit, AccessList, AccessWrite, Grant, Grantee};
use leptos::prelude::*;

use super::edit_state::{Editing, editor, review};
use super::editor::tokens_disabled_page;
use super::grants::{grantee, quoted};
use super::impact::impact;
use super::save;
use crate::components::{code, count_of, error_notice, group_digits, snippet};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_heading, workspace_page};
use crate::pages::activity::reason_field;
use crate::problem::{Interrupted, Problem};

/// How many changes of others a sentence names; the lists beside it have all.
const MAX_NAMES_SHOWN: usize = 5;

/// The review.
#[component]
pub(crate) fn ReviewPage() -> impl IntoView {
    workspace_page(Area::Settings, "Review changes", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let Editing { opened, edit } = Editing::of(&request);
    // An address without it is no review of anything: the comparison below says so.
    let opened = opened.unwrap_or_else(|| ListFingerprint::new(""));
    let review = match request.console.review_access(&actor, &opened, &edit).await {
        Err(error) if error.tokens_disabled() => {
            return tokens_disabled_page(&actor, request.console.snapshot(&actor).await);
        }
        review => review?,
    };
    let view = ReviewView {
        request: &request,
        actor: &actor,
        opened: &opened,
        edit: &edit,
        review: &review,
    };
    Ok(PageResult::new(view.page())
        .title("Review changes")
        .policy(review.snapshot.policy.clone().ok())
        .error_shown_in_content())
}

struct ReviewView<'a> {
    request: &'a Request,
    actor: &'a Actor,
    opened: &'a ListFingerprint,
    edit: &'a AccessEdit,
    review: &'a Review,
}

impl ReviewView<'_> {
    fn page(&self) -> AnyView {
        let name = self.actor.workspace().name();
        let nothing = AccessWrite::between(&self.review.now.list, &self.review.wanted) == AccessWrite::Nothing;
        let body = match (self.review.is_conflict(), nothing) {
            (_, true) => self.nothing_to_save(),
            (true, false) => self.conflict(),
            (false, false) => self.changes(),
        };
        view! {
            <p class="crumbs">
                <a href=editor(name, self.opened, self.edit)>"Permissions"</a>
            </p>
            <h1>"Review changes"</h1>
            {self.bad_news()}
            {body}
        }
        .into_any()
    }

    /// Why the last save did not succeed, once: the comparison below tells of a changed list by itself.
    fn bad_news(&self) -> Option<AnyView> {
        let failure = self.request.failure_in_url()?;
        let unknown = match failure.problem {
            Problem::AccessChanged if self.review.is_conflict() => return None,
            Problem::UnknownPrincipal { nth } => self.edit.added().nth(nth).map(|who| self.unknown(who)),
            _ => None,
        };
        let workspace = Some(self.actor.workspace().name());
        let notice = unknown.unwrap_or_else(|| error_notice(&failure, workspace, Interrupted::Edit));
        Some(view! { <div role="alert">{notice}</div> }.into_any())
    }

    fn unknown(&self, who: &Grantee) -> AnyView {
        let workspace = self.actor.workspace().name();
        let without = review(workspace, self.opened, &self.edit.without(who));
        view! {
            <div class="notice danger">
                <p>
                    <b>{format!("The {} {} no longer exists in {workspace}.", who.kind(), quoted([who]))}</b>
                    " Nothing was saved. "
                    <a href=without>{format!("Continue without {}", who.name())}</a>
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
        let diff = AccessDiff::between(&self.review.now.list, &self.review.wanted);
        let name = self.actor.workspace().name();
        view! {
            <section class="card pad review">
                {workspace_heading(self.actor.workspace())}
                {self.changes_section("Added", &diff.added)}
                {self.changes_section("Removed", &diff.removed)}
                <details>
                    <summary>{format!("Unchanged ({} and admins)", diff.unchanged.len())}</summary>
                    {self.names(&diff.unchanged)}
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
                    {self.names(grantees)}
                </section>
            }
            .into_any()
        })
    }

    fn names(&self, grantees: &[Grantee]) -> AnyView {
        let share = |who: &Grantee| self.edit.removes(who).then(|| self.share(who));
        let directory = self.review.snapshot.inventory.directory();
        let shown = |who: &Grantee| {
            let given = self
                .review
                .now
                .list
                .get(who)
                .and_then(|grant| grant.display_name.as_deref());
            view! { <li>{grantee(&self.review.membership, directory, given, who)} {share(who)}</li> }
        };
        view! { <ul class="name-list">{grantees.iter().map(shown).collect_view()}</ul> }.into_any()
    }

    /// How many a removed grant reaches, and how many of them keep access by another.
    fn share(&self, who: &Grantee) -> String {
        let is_group = matches!(who, Grantee::Group(_));
        let Some(share) = self.review.loss.grant_impact(&self.review.membership, who) else {
            let subject = if is_group { "members" } else { "effect" };
            return format!(" {subject} unknown");
        };
        let kept = share.reaches - share.lose;
        if !is_group {
            let one = match (share.lose, kept) {
                (0, 0) => "",
                (0, _) => " keeps access through another grant",
                _ => " loses access",
            };
            return one.to_owned();
        }
        format!(
            " {}: {} {} access, {} {} it through another grant",
            count_of(share.reaches, "member"),
            group_digits(share.lose),
            if share.lose == 1 { "loses" } else { "lose" },
            group_digits(kept),
            if kept == 1 { "keeps" } else { "keep" },
        )
    }

    fn snippets(&self) -> AnyView {
        let change = AccessWrite::between(&self.review.now.list, &self.review.wanted);
        let url = self.actor.workspace().url().to_string();
        view! {
            {databricks_cli::change_access(&url, &change).map(snippet)}
            {code("Terraform", terraform::permissions(&self.review.wanted))}
        }
        .into_any()
    }

    fn save_form(&self, removes: bool) -> AnyView {
        let name = self.actor.workspace().name();
        let own = self.review.ends_own_access.then(|| save::own_access(name));
        let gap = if removes {
            "Other changes are checked for right before saving. A change made elsewhere in the same instant could be \
             overwritten."
        } else {
            "Adding never overwrites other people's changes."
        };
        let button = match self.review.loss.tokens {
            0 => "Save".to_owned(),
            stops => format!("Remove access and stop {}", count_of(stops, "token")),
        };
        view! {
            <form method="post" action="/api/permissions/save" class="form-footer">
                <input type="hidden" name="workspace" value=name.to_owned() />
                <input type="hidden" name="opened" value=self.opened.to_string() />
                <input type="hidden" name="edit" value=self.edit.to_query_string() />
                {own}
                {removes.then(|| reason_field(self.request))}
                <p class="muted">{gap}</p>
                <div class="row">
                    <a class="btn" href=editor(name, self.opened, self.edit)>
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

    /// Somebody was faster. Nothing is written before a person has seen what.
    fn conflict(&self) -> AnyView {
        let name = self.actor.workspace().name();
        let (now, wanted) = (&self.review.now, &self.review.wanted);
        let rebased = self.edit.rebased(&now.list);
        let (title, text) = match &self.review.opened {
            Some(opened) => (
                "Someone else changed the permissions.",
                format!(
                    "Nothing was saved; your edits are kept. {}",
                    changed_by_others(&AccessDiff::between(opened, &now.list))
                ),
            ),
            None => (
                "Nothing was saved; your edits are kept.",
                "The list you started from is no longer available, so the console cannot tell what changed.".to_owned(),
            ),
        };
        let opened = self.review.opened.as_ref();
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
                    {match opened {
                        Some(opened) => self.column("When you started", opened),
                        None => base_unavailable(),
                    }} {self.column("Current", &now.list)} {self.column("With your changes", wanted)}
                </div>
                <div class="row">
                    <a class="btn" href=paths::permissions(name)>
                        "Discard my changes"
                    </a>
                    <a class="btn primary" href=review(name, &now.version, &rebased)>
                        "Apply my changes to the current list"
                    </a>
                </div>
            </section>
        }
        .into_any()
    }

    /// One of the three lists, with what others did and what you do to each grant.
    fn column(&self, title: &'static str, list: &AccessList) -> AnyView {
        let directory = self.review.snapshot.inventory.directory();
        let row = |grant: &Grant| {
            let marks = self.change_labels(&grant.grantee);
            let class = (!marks.is_empty()).then_some("is-changed");
            let chips = marks
                .into_iter()
                .map(|mark| view! { " " <span class="chip accent">{mark}</span> });
            view! {
                <li class=class>
                    {grantee(&self.review.membership, directory, grant.display_name.as_deref(), &grant.grantee)}
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

    fn change_labels(&self, who: &Grantee) -> Vec<&'static str> {
        let now = self.review.now.list.get(who);
        let opened = self.review.opened.as_ref().map(|opened| opened.get(who));
        let since = match (opened, now) {
            (Some(None), Some(_)) => Some("added since"),
            (Some(Some(_)), None) => Some("removed since"),
            (Some(Some(then)), Some(now)) if then.levels != now.levels => Some("changed since"),
            _ => None,
        };
        let yours = match now {
            Some(_) if self.edit.removes(who) => Some("you remove"),
            None if self.edit.added().any(|added| added == who) => Some("you add"),
            _ => None,
        };
        since.into_iter().chain(yours).collect()
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
    let names = |of: &[Grantee]| {
        let named: Vec<_> = of.iter().take(MAX_NAMES_SHOWN).map(Grantee::name).collect();
        let more = of.len() - named.len();
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{rest}", named.join(", "))
    };
    let mut parts = Vec::new();
    if !diff.added.is_empty() {
        parts.push(format!("Added: {}.", names(&diff.added)));
    }
    if !diff.removed.is_empty() {
        parts.push(format!("Removed: {}.", names(&diff.removed)));
    }
    if parts.is_empty() {
        return "Permission levels changed.".to_owned();
    }
    parts.join(" ")
}
