//! The review of the selected tokens: how many there are, who owns them, how many are in use, and the number to type.

use console::bulk::{DraftReview, is_own};
use console::{Actor, BulkOwner, BulkOwnerKind, BulkOwners, BulkRevocation, Error};
use domain::{Known, PrincipalKind};
use leptos::prelude::*;

use super::items::{items, owner_link};
use super::owner_ticks::{LISTED, OwnerTicks, TICKED, field_value};
use crate::components::{OwnerRow, count_of, date_time, error_notice, group_digits, hidden_fields, owners_table};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{PageResult, acting_as, workspace_heading};
use crate::pages::activity::{reason_field, with_reason};
use crate::problem::Interrupted;

/// Owners in the open table; the others are folded away, so that the button is not too far down.
const MAX_OWNERS_SHOWN: usize = 8;

/// Owners with a box. The tokens of further owners are always revoked.
const MAX_OWNERS_LISTED: usize = 50;

/// The page of a draft.
pub(super) async fn review(request: &Request, actor: &Actor, bulk: BulkRevocation) -> Result<PageResult, Error> {
    let ticks = OwnerTicks::of(request);
    let review = request.console.review_draft(actor, &bulk, &ticks.unticked()).await?;
    let from = request.query("from").and_then(|from| from.parse().ok()).unwrap_or(0);
    let page = paths::bulk_detail(actor.workspace().name(), &bulk.id);
    let page = with_reason(&ticks.add_to(&page), &request.query("reason").unwrap_or_default());
    let list = items(request, &bulk, None, from, &request.short_url(&page).await).await?;
    let title = format!("Revoke {}", count_of(review.tokens, "token"));
    let view = DraftView {
        request,
        actor,
        bulk: &bulk,
        review: &review,
        ticks: &ticks,
        title: &title,
    };
    let content = view! {
        {view.confirm()}
        {list}
    };
    Ok(PageResult::new(content).title(title).error_shown_in_content())
}

struct DraftView<'a> {
    request: &'a Request,
    actor: &'a Actor,
    bulk: &'a BulkRevocation,
    review: &'a DraftReview,
    ticks: &'a OwnerTicks,
    title: &'a str,
}

impl DraftView<'_> {
    fn confirm(&self) -> AnyView {
        let (request, actor, tokens) = (self.request, self.actor, self.review.tokens);
        let workspace = actor.workspace();
        let page = paths::bulk_detail(workspace.name(), &self.bulk.id);
        let has_to_type = tokens + self.review.missing_count > 1;
        view! {
            <section class="card confirm-card review" id="review">
                <form method="post" action="/api/bulk_revocations/start" data-page=page.clone()>
                    <div class="body">
                        {workspace_heading(workspace)}
                        <h1>{self.title.to_owned()}</h1>
                        {self.failure_alert()}
                        {self.several_owners_notice()}
                        {consequences(tokens, &self.review.owners)}
                        {self.notices()}
                        {self.missing_notice()}
                        {self.owners_section(&page)}
                        {reason_field(request)}
                        {has_to_type.then(|| count_field(tokens))}
                        <p class="muted">{acting_as(actor)} " " {self.selected_by()}</p>
                    </div>
                    <input type="hidden" name="workspace" value=workspace.name().to_owned() />
                    <input type="hidden" name="job" value=self.bulk.id.to_string() />
                    <div class="card-footer">
                        <a class="btn" href=paths::with_query(paths::tokens(workspace.name()), &self.bulk.filters)>
                            "Cancel"
                        </a>
                        <button class="btn danger" data-submit-once disabled=tokens + self.review.missing_count == 0>
                            {self.title.to_owned()}
                        </button>
                    </div>
                </form>
            </section>
        }
        .into_any()
    }

    fn failure_alert(&self) -> Option<AnyView> {
        let failure = self.request.failure_in_url()?;
        let notice = error_notice(&failure, Some(self.actor.workspace().name()), Interrupted::Change);
        Some(view! { <div role="alert">{notice}</div> }.into_any())
    }

    /// Says on top that more than one owner is affected: a filter often matches more than someone means.
    fn several_owners_notice(&self) -> Option<AnyView> {
        let owners = self.review.all_owners.all.len();
        (owners > 1).then(|| {
            view! {
                <div class="notice">
                    <p>
                        <b>{format!("The selection has tokens of {}.", count_of(owners, "owner"))}</b>
                        " Untick those whose tokens you want to keep."
                    </p>
                </div>
            }
            .into_any()
        })
    }

    /// What was left out, and what is not known.
    fn notices(&self) -> AnyView {
        let own_token = self.review.own_token_excluded.then(|| {
            view! {
                <div class="notice">
                    <p>
                        <b>"Your own session's token was excluded"</b>
                        ", because revoking it would stop this process. Revoke it separately."
                    </p>
                </div>
            }
        });
        let names = self.bulk.names_missing.then(|| {
            view! {
                <div class="notice">
                    <p>
                        <b>"Owner names are unavailable"</b>
                        ", and service principals cannot be distinguished from users. Refresh the list and select \
                         again."
                    </p>
                </div>
            }
        });
        view! {
            {own_token}
            {names}
        }
        .into_any()
    }

    /// The tokens that were selected and are gone since.
    fn missing_notice(&self) -> Option<AnyView> {
        let count = self.review.missing_count;
        if count == 0 {
            return None;
        }
        let heading = match count {
            1 => "1 selected token no longer exists.".to_owned(),
            n => format!("{} selected tokens no longer exist.", group_digits(n)),
        };
        let rows = self.review.missing.iter().map(|item| {
            let comment = match item.comment.trim() {
                "" => "No comment".to_owned(),
                comment => comment.to_owned(),
            };
            view! {
                <li>
                    <bdi>{comment}</bdi>
                    " "
                    <span class="mono">{item.token.short().to_owned()}</span>
                    ", "
                    <bdi>{item.owner.clone()}</bdi>
                </li>
            }
        });
        let rows = rows.collect_view();
        let unlisted = count - self.review.missing.len();
        let unlisted = (unlisted > 0).then(|| view! { <li>"and " {group_digits(unlisted)} " more"</li> });
        Some(
            view! {
                <div class="notice">
                    <p>
                        <b>{heading}</b>
                        " They are not counted."
                    </p>
                    <ul>{rows} {unlisted}</ul>
                </div>
            }
            .into_any(),
        )
    }

    fn selected_by(&self) -> AnyView {
        let only_these = match self.review.tokens {
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
            ", will be revoked. You can close the browser; signing out pauses the revocation. Another admin can open \
             the link to this page for an hour after the selection, and start it as themselves."
        }
        .into_any()
    }

    /// The owners of the tokens, service principals first, each with a box if there are several.
    fn owners_section(&self, page: &str) -> AnyView {
        let owners = &self.review.all_owners.all;
        let has_boxes = owners.len() > 1;
        let listed = &owners[..owners.len().min(MAX_OWNERS_LISTED)];
        let (shown, folded) = listed.split_at(listed.len().min(MAX_OWNERS_SHOWN));
        let unlisted = owners.len() - listed.len();
        let unlisted =
            (unlisted > 0).then(|| view! { <p class="muted">"and " {count_of(unlisted, "other owner")}</p> });
        let workspace = self.actor.workspace().name();
        let table = |caption, owners: &[BulkOwner]| {
            let rows = owners
                .iter()
                .map(|owner| row(workspace, owner, has_boxes.then(|| self.ticks.is_ticked(&owner.id))));
            owners_table(caption, "Tokens", rows.collect::<Vec<_>>())
        };
        let is_any_unticked = folded.iter().any(|owner| !self.ticks.is_ticked(&owner.id));
        let others = (!folded.is_empty()).then(|| {
            view! {
                <details open=is_any_unticked>
                    <summary>{count_of(owners.len() - shown.len(), "more owner")}</summary>
                    {table("Other owners", folded)}
                    {unlisted}
                </details>
            }
        });
        let fields = has_boxes.then(|| hidden_fields(listed.iter().map(|owner| (LISTED, field_value(&owner.id)))));
        let update = has_boxes.then(|| {
            view! {
                <button class="btn small" formaction=paths::open_with_fields(page) data-update-review>
                    "Update"
                </button>
            }
        });
        view! {
            <section>
                <h2>"Owners"</h2>
                {fields}
                {table("Service principals first, then by number of tokens", shown)}
                {others}
                {update}
            </section>
        }
        .into_any()
    }
}

fn consequences(tokens: usize, owners: &BulkOwners) -> AnyView {
    let service_principals = match owners.service_principals {
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
    };
    let used = match owners.recent {
        1 => " was used in the last 7 days.",
        _ => " were used in the last 7 days.",
    };
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
            <b class="num">{group_digits(owners.recent)}</b>
            {used}
        </p>
        <div class="notice danger">
            <p>
                <b>"This cannot be undone."</b>
                {anything}
                {service_principals}
            </p>
        </div>
    }
    .into_any()
}

/// `ticked` is the state of the owner's box, if it has one.
fn row(workspace: &str, owner: &BulkOwner, ticked: Option<bool>) -> OwnerRow {
    let kind = match owner.kind {
        BulkOwnerKind::Principal(PrincipalKind::ServicePrincipal) => "service principal",
        BulkOwnerKind::Principal(PrincipalKind::User) => "user",
        BulkOwnerKind::Unknown => "unknown owner",
        BulkOwnerKind::NotRead => "name and type not available",
        BulkOwnerKind::NotGiven => "not provided by the workspace",
    };
    let name = match ticked {
        None => view! {
            {owner_link(workspace, &owner.id, &owner.name)}
            <small>{kind}</small>
        }
        .into_any(),
        Some(ticked) => {
            let value = field_value(&owner.id);
            // The label ticks the box, so that the link stands beside it.
            let view = owner.id.parse().ok().map(|id| {
                view! {
                    <a href=paths::principal(workspace, id) aria-label=format!("View {}", owner.name)>
                        "View"
                    </a>
                }
            });
            view! {
                <label class="check">
                    <input type="checkbox" id=format!("owner-{value}") name=TICKED value=value checked=ticked />
                    <span>
                        <bdi>{owner.name.clone()}</bdi>
                        <small>{kind}</small>
                    </span>
                </label>
                {view}
            }
            .into_any()
        }
    };
    OwnerRow {
        name,
        tokens: owner.tokens,
        recently_used: owner.recent,
    }
}

/// The field in which the number of tokens has to be typed.
fn count_field(tokens: usize) -> AnyView {
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
