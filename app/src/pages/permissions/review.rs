//! `/w/{workspace}/settings/advanced/permissions/review`: what an edit adds, removes and stops. If someone else changed
//! the permissions in the meantime, it shows the original list, the current one, and the current one with the edit,
//! side by side.

mod confirm;
mod conflict;
mod losers;
mod result;
pub(super) mod wording;

use std::sync::Arc;

use console::access::{ListFingerprint, Review};
use console::{Actor, Error};
use domain::access::{AccessDiff, AccessEdit, AccessWrite, Grant, Grantee};
use domain::{PrincipalId, PrincipalKind};
use leptos::prelude::*;

use super::edit_state::{EditState, editor_url, review_url};
use super::grants::{GranteeNames, quoted};
use super::unavailable::{are_tokens_disabled, tokens_disabled_page};
use crate::components::{crumbs, empty_card, error_notice};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::problem::{Interrupted, Problem};

/// How many grantees a fact names. The lists below name all of them.
const MAX_NAMES_SHOWN: usize = 5;

/// The review of an edit, with the form that saves it.
#[component]
pub(crate) fn ReviewPage() -> impl IntoView {
    workspace_page(Area::Permissions, "Review permission changes", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    request.console.ensure_can_change(&actor)?;
    let EditState { base, edit, .. } = EditState::of(&request);
    // Without a base, or with one that is no longer available, the review shows a conflict.
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
    let links = ReviewLinks::of(&request, &base, &edit).await;
    let view = ReviewView {
        request: &request,
        actor: &actor,
        base: &base,
        edit: &edit,
        review: &review,
        links: &links,
        names: GranteeNames::new(actor.workspace().name(), &review.membership, &review.snapshot),
    };
    Ok(PageResult::new(view.page())
        .title("Review permission changes")
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
    names: GranteeNames<'a>,
}

/// The URLs that this page links to. They contain the edit, or a draft's ID.
struct ReviewLinks {
    editor: String,
    /// The review without the grantee that the workspace does not know, if the last save failed because of one.
    without_unknown: Option<String>,
}

impl ReviewLinks {
    async fn of(request: &Request, base: &ListFingerprint, edit: &AccessEdit) -> Self {
        let workspace = request.workspace();
        let unknown = unknown_grantee(request, edit);
        let without = unknown.map(|grantee| review_url(workspace, base, &edit.without(grantee)));
        Self {
            editor: request.short_url(&editor_url(workspace, base, edit)).await,
            without_unknown: match without {
                Some(url) => Some(request.short_url(&url).await),
                None => None,
            },
        }
    }
}

/// The added grantee that the workspace does not know, according to the failure in the URL.
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
            {crumbs(self.links.editor.clone(), "Permissions")}
            <h1>"Review permission changes"</h1>
            {self.failure_alert()}
            {body}
        }
        .into_any()
    }

    fn changes(&self) -> AnyView {
        let diff = AccessDiff::between(&self.review.current.list, &self.review.edited);
        let removes = !diff.removed.is_empty();
        view! {
            {self.result_card(&diff)}
            {removes.then(|| self.losers_card(&diff.removed))}
            {self.confirm_form(&diff)}
        }
        .into_any()
    }

    /// Why the last save failed. `None` if it did not fail, or for a conflict, which the comparison below explains.
    fn failure_alert(&self) -> Option<AnyView> {
        let failure = self.request.failure_in_url()?;
        let is_explained = matches!(
            failure.problem,
            Problem::AccessChanged | Problem::CountMismatch | Problem::NameMismatch
        );
        if is_explained && self.review.is_conflict() {
            return None;
        }
        let unknown = unknown_grantee(self.request, self.edit).zip(self.links.without_unknown.as_deref());
        let unknown_principal = unknown.map(|(grantee, without)| self.unknown_principal(grantee, without));
        let workspace = Some(self.actor.workspace().name());
        let notice = unknown_principal.unwrap_or_else(|| error_notice(&failure, workspace, Interrupted::Edit));
        Some(view! { <div role="alert">{notice}</div> }.into_any())
    }

    /// Whether the last save was sent to the workspace, and may have changed the permissions.
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
        let text = if self.edit.is_empty() {
            "You have not changed anything."
        } else {
            "The permissions are already as you want them."
        };
        empty_card(
            "Nothing to save",
            text,
            paths::permissions(self.workspace()),
            "Back to permissions",
        )
    }

    fn workspace(&self) -> &str {
        self.actor.workspace().name()
    }

    /// The grant of `grantee`, before or after the change.
    fn grant(&self, grantee: &Grantee) -> Grant {
        let listed = [&self.review.current.list, &self.review.edited];
        let listed = listed.into_iter().find_map(|list| list.get(grantee));
        listed.cloned().unwrap_or_else(|| Grant::to_use(grantee.clone()))
    }

    /// The display name of `grantee`.
    fn name(&self, grantee: &Grantee) -> String {
        self.names.name(&self.grant(grantee))
    }

    /// The user or service principal with this ID, as a grantee.
    fn grantee_of(&self, id: PrincipalId) -> Option<Grantee> {
        let principal = self.review.snapshot.inventory.directory().get(id)?;
        Some(match principal.kind {
            PrincipalKind::User => Grantee::User(principal.name.clone()),
            PrincipalKind::ServicePrincipal => Grantee::ServicePrincipal(principal.name.clone()),
        })
    }
}
