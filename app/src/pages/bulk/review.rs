//! The review of the selected tokens: who owns them, how many are in use, when each was last used, and the number to
//! type.

use console::bulk::{BulkOwners, DraftReview, is_own};
use console::{Actor, BulkChange, BulkKind, Error};
use domain::{Known, PrincipalKind};
use leptos::prelude::*;

use super::owner_ticks::OwnerTicks;
use super::review_owners::{owners_section, people_phrase};
use super::review_tokens::{missing_notice, tokens_section};
use super::scopes_review::scopes_consequences;
use super::scopes_tokens::{changed_notice, scopes_section, skipped_notice, sums_section};
use super::words::{self, not_done};
use crate::components::{count_of, date_time, error_notice, group_digits};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{PageResult, acting_as, cancel_button, cancel_form, confirm_details, workspace_heading};
use crate::pages::activity::{reason_field, with_reason};
use crate::problem::Interrupted;
use crate::snippets::ChangeSnippets;

/// The page of a draft.
pub(super) async fn review(request: &Request, actor: &Actor, bulk: BulkChange) -> Result<PageResult, Error> {
    let ticks = OwnerTicks::of(request);
    let review = request.console.review_draft(actor, &bulk, &ticks.unticked()).await?;
    let from = request.query("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let page = paths::bulk_detail(actor.workspace().name(), &bulk.id);
    let page = with_reason(&ticks.add_to(&page), &request.query("reason").unwrap_or_default());
    let (workspace, url) = (actor.workspace().name(), request.short_url(&page).await);
    let tokens = match bulk.kind.sets_scopes() {
        true => scopes_section(workspace, &review, from, &url),
        false => tokens_section(workspace, &review, from, &url),
    };
    let title = words::title(bulk.kind, review.tokens());
    let view = DraftView {
        request,
        actor,
        bulk: &bulk,
        review: &review,
        ticks: &ticks,
        title: &title,
    };
    Ok(PageResult::new(view.form(tokens)).title(title).error_shown_in_content())
}

/// A draft, and the data that its review shows.
struct DraftView<'a> {
    request: &'a Request,
    actor: &'a Actor,
    bulk: &'a BulkChange,
    review: &'a DraftReview,
    ticks: &'a OwnerTicks,
    title: &'a str,
}

impl DraftView<'_> {
    fn form(&self, tokens: AnyView) -> AnyView {
        let workspace = self.actor.workspace().name();
        let page = paths::bulk_detail(workspace, &self.bulk.id);
        let back = match &self.bulk.puts_back {
            Some(bulk) => paths::bulk_detail(workspace, bulk),
            None => paths::with_query(paths::tokens(workspace), &self.bulk.filters),
        };
        let sets_scopes = self.bulk.kind.sets_scopes();
        view! {
            <section id="review">
                <form class="bulk-review" method="post" action="/api/bulk_revocations/start" data-page=page.clone()>
                    <input type="hidden" name="workspace" value=workspace.to_owned() />
                    <input type="hidden" name="job" value=self.bulk.id.to_string() />
                    <div class="bulk-review-head">
                        <h1>{self.title.to_owned()}</h1>
                        <p>{self.selected_by()}</p>
                        {self.failure_alert()}
                        {self.several_owners_notice()}
                        {self.notices()}
                        {sets_scopes.then(|| changed_notice(self.review))}
                        {missing_notice(self.review)}
                        {sets_scopes.then(|| (skipped_notice(self.review), sums_section(self.review)))}
                    </div>
                    {owners_section(workspace, &self.review.all_owners.all, self.ticks, &page)}
                    {self.confirm()}
                    {tokens}
                </form>
                {cancel_form(&back)}
            </section>
        }
        .into_any()
    }

    /// The consequences, the number to type, and the button. They are next to the lists if there is room, so that they
    /// stay in view however long the lists are.
    fn confirm(&self) -> AnyView {
        let (actor, tokens) = (self.actor, self.review.tokens());
        let workspace = actor.workspace();
        let needs_typed_count = self.review.needs_typed_count();
        let consequences = match self.bulk.kind.sets_scopes() {
            true => scopes_consequences(self.bulk.kind, self.review),
            false => consequences(self.review),
        };
        let (class, what) = match self.bulk.kind {
            BulkKind::Revoke => ("btn danger", "revocation"),
            BulkKind::KeepScopes => ("btn primary", "change"),
            BulkKind::NarrowScopes | BulkKind::PutBackScopes => ("btn danger", "change"),
        };
        let advice = format!(
            "You can close the browser; signing out pauses the {what}. Another admin can open the link to this page \
             for an hour after the selection, and start it as themselves."
        );
        view! {
            <section class="card bulk-confirm" aria-labelledby="confirm-heading">
                <h2 id="confirm-heading" class="visually-hidden">
                    "Confirm"
                </h2>
                {workspace_heading(workspace)}
                {consequences}
                {count_field(tokens, needs_typed_count)}
                {reason_field(self.request)}
                {self.details()}
                <div class="card-footer">
                    {cancel_button()}
                    <button class=class data-submit-once disabled=tokens + self.review.missing_count == 0>
                        {self.title.to_owned()}
                    </button>
                </div>
                <p class="muted">{advice}</p>
            </section>
        }
        .into_any()
    }

    /// Who makes the change, and commands for other tools if it affects only a few tokens.
    fn details(&self) -> AnyView {
        let target = &self.actor.workspace().into();
        let snippets = match self.bulk.kind {
            BulkKind::Revoke => {
                let items = self.review.items.iter();
                ChangeSnippets::join(items.map(|item| ChangeSnippets::revoke_token(target, &item.token)))
            }
            BulkKind::KeepScopes | BulkKind::NarrowScopes | BulkKind::PutBackScopes => {
                let plans = self.review.plans();
                ChangeSnippets::join(
                    plans.map(|(item, plan)| ChangeSnippets::set_scopes(target, &item.token, &plan.after)),
                )
            }
        };
        match snippets {
            Some(snippets) => confirm_details(self.actor, "bulk", snippets),
            None => view! { <p class="muted">{acting_as(self.actor)}</p> }.into_any(),
        }
    }

    fn failure_alert(&self) -> Option<AnyView> {
        let failure = self.request.failure_in_url()?;
        let notice = error_notice(&failure, Some(self.actor.workspace().name()), Interrupted::Change);
        Some(view! { <div role="alert">{notice}</div> }.into_any())
    }

    /// Warns at the top that several owners are affected, since filters often match more than someone expects.
    fn several_owners_notice(&self) -> Option<AnyView> {
        let (all, ticked) = (&self.review.all_owners.all, &self.review.owners.all);
        let owner = match all.iter().all(|owner| owner.owner.is(PrincipalKind::User)) {
            true => "person",
            false => "owner",
        };
        let (class, text, advice) = match (all.len(), ticked.len()) {
            (0 | 1, _) => return None,
            (_, 0 | 1) => (
                "notice",
                format!(
                    "{} of {} owners {} ticked.",
                    ticked.len(),
                    group_digits(all.len()),
                    if ticked.len() == 1 { "is" } else { "are" }
                ),
                " The tokens of the others are left out.".to_owned(),
            ),
            _ => (
                "notice danger",
                format!("These tokens belong to {}.", people_phrase(ticked)),
                match self.bulk.kind.sets_scopes() {
                    true => format!(" Untick each {owner} whose tokens you want to leave as they are."),
                    false => format!(" Untick each {owner} whose tokens you want to keep."),
                },
            ),
        };
        Some(
            view! {
                <div class=class>
                    <p>
                        <b>{text}</b>
                        {advice}
                    </p>
                </div>
            }
            .into_any(),
        )
    }

    /// What was left out, and what is not known.
    fn notices(&self) -> AnyView {
        let own_token = self.review.own_token_excluded.then(|| {
            let why = match self.bulk.kind.sets_scopes() {
                true => ", because changing it could stop this process. Change it separately.",
                false => ", because revoking it would stop this process. Revoke it separately.",
            };
            notice("Your own session's token was excluded", why)
        });
        let names = self.review.names_missing.then(|| {
            notice(
                "Owner names are unavailable",
                ", and service principals cannot be distinguished from users. Reload this page to read them again.",
            )
        });
        let unread = match self.review.unread_count() {
            0 => None,
            1 => Some("1 token could not be read".to_owned()),
            n => Some(format!("{} tokens could not be read", group_digits(n))),
        };
        let unread = unread.map(|text| notice(text, ", so it is not known when they were last used."));
        view! {
            {own_token}
            {names}
            {unread}
        }
        .into_any()
    }

    fn selected_by(&self) -> AnyView {
        let only_these = match self.review.tokens() {
            1 => "Only this token, selected".to_owned(),
            n => format!("Only these {} tokens, selected", group_digits(n)),
        };
        let by = (!is_own(self.bulk, self.actor)).then(|| {
            view! {
                " by "
                <bdi>{self.bulk.user_name.clone()}</bdi>
            }
        });
        view! {
            {only_these}
            {by}
            " at "
            {date_time(self.bulk.created)}
            {format!(", will be {}.", not_done(self.bulk.kind))}
        }
        .into_any()
    }
}

pub(super) fn notice(title: impl Into<String>, text: &'static str) -> AnyView {
    let title: String = title.into();
    view! {
        <div class="notice">
            <p>
                <b>{title}</b>
                {text}
            </p>
        </div>
    }
    .into_any()
}

fn consequences(review: &DraftReview) -> AnyView {
    let (tokens, owners) = (review.tokens(), &review.owners);
    let used = match owners.recent {
        1 => " was used in the last 7 days.",
        _ => " were used in the last 7 days.",
    };
    // The use of unreadable tokens is unknown.
    let at_least = (review.unread_count() > 0).then_some("at least ");
    let anything = match tokens {
        1 => " Anything using this token stops working immediately.",
        _ => " Anything using these tokens stops working immediately.",
    };
    view! {
        <p>
            <b class="num">{count_of(tokens, "token")}</b>
            " of "
            <b class="num">{count_of(owners.owners, "owner")}</b>
            "; "
            {at_least}
            <b class="num">{group_digits(owners.recent)}</b>
            {used}
        </p>
        <div class="notice danger">
            <p>
                <b>"This cannot be undone."</b>
                {anything}
                {service_principals(owners)}
            </p>
        </div>
    }
    .into_any()
}

fn service_principals(owners: &BulkOwners) -> Option<AnyView> {
    match owners.service_principals {
        Known::Known(0) => None,
        Known::Known(n) => {
            let affected = match n {
                1 => " is affected: unattended automation may stop.",
                _ => " are affected: unattended automation may stop.",
            };
            let count = count_of(n, "service principal");
            Some(view! { " " <b>{count}</b> {affected} }.into_any())
        }
        Known::NotAvailable(part) => {
            let text = format!(
                " How many service principals are affected is not available: {}. Unattended automation may stop.",
                part.reason()
            );
            Some(text.into_any())
        }
    }
}

/// The field for the number of tokens. If it does not have to be typed, the form sends the number that is shown.
fn count_field(tokens: usize, needs_typed_count: bool) -> AnyView {
    if !needs_typed_count {
        return view! { <input type="hidden" name="typed" value=tokens.to_string() /> }.into_any();
    }
    view! {
        <div class="field">
            <label for="typed">"Type " <b>{group_digits(tokens)}</b> " to confirm"</label>
            <input
                class="input"
                id="typed"
                name="typed"
                inputmode="numeric"
                autocomplete="off"
                spellcheck="false"
                data-expect=tokens.to_string()
            />
        </div>
    }
    .into_any()
}
