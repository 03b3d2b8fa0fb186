//! The owners of the selected tokens, with checkboxes if there are several.

use console::bulk::{BulkOwner, BulkOwnerKind, ReviewedOwner};
use domain::PrincipalKind;
use leptos::prelude::*;

use super::items::{owner_class, owner_link};
use super::owner_ticks::{LISTED_FIELD, OwnerTicks, TICKED_FIELD, field_value};
use crate::components::{Cell, Column, DataTable, TableName, count_of, group_digits, hidden_fields};
use crate::http::paths;

/// How many owners the table shows at first. The others are folded away, to keep the tokens in reach.
const MAX_OWNERS_SHOWN: usize = 6;

/// How many owners have a checkbox. Tokens of further owners are always included.
const MAX_OWNERS_LISTED: usize = 500;

/// The owners, service principals first.
pub(super) fn owners_section(workspace: &str, owners: &[BulkOwner], ticks: &OwnerTicks, page: &str) -> AnyView {
    let has_boxes = owners.len() > 1;
    let listed = &owners[..owners.len().min(MAX_OWNERS_LISTED)];
    let (shown, folded) = listed.split_at(listed.len().min(MAX_OWNERS_SHOWN));
    let unlisted = owners.len() - listed.len();
    let unlisted = (unlisted > 0).then(|| view! { <p class="muted">"and " {count_of(unlisted, "other owner")}</p> });
    let table = |caption, owners: &[BulkOwner]| {
        let is_ticked = |owner: &BulkOwner| has_boxes.then(|| ticks.is_ticked(&owner.owner.id));
        let table = DataTable {
            class: None,
            name: TableName::HiddenCaption(caption),
            columns: [
                Column::name("Owner"),
                Column::number("Tokens"),
                Column::number("Used today"),
                Column::number("Used in 7 days"),
            ],
        };
        table.view(owners.iter().map(|owner| row(workspace, owner, is_ticked(owner))))
    };
    let is_any_unticked = folded.iter().any(|owner| !ticks.is_ticked(&owner.owner.id));
    let others = (!folded.is_empty()).then(|| {
        view! {
            <details open=is_any_unticked>
                <summary>{count_of(owners.len() - shown.len(), "more owner")}</summary>
                {table("Other owners", folded)}
                {unlisted}
            </details>
        }
    });
    let fields =
        has_boxes.then(|| hidden_fields(listed.iter().map(|owner| (LISTED_FIELD, field_value(&owner.owner.id)))));
    let update = has_boxes.then(|| {
        view! {
            <button class="btn small" formaction=paths::open_with_fields(page)>
                "Update"
                <span class="visually-hidden">" the numbers"</span>
            </button>
        }
    });
    view! {
        <section class="card bulk-owners" aria-labelledby="owners-heading">
            <div class="bulk-heading">
                <h2 id="owners-heading">"Owners"</h2>
                {update}
            </div>
            {fields}
            {table("Service principals first, then by number of tokens", shown)}
            {others}
        </section>
    }
    .into_any()
}

/// `2 different people`; `3 different owners, 1 of them a service principal`.
pub(super) fn people_phrase(owners: &[BulkOwner]) -> String {
    let count = |kind| owners.iter().filter(|owner| owner.owner.is(kind)).count();
    let (people, service_principals) = (count(PrincipalKind::User), count(PrincipalKind::ServicePrincipal));
    let n = group_digits(owners.len());
    match service_principals {
        _ if people == owners.len() => format!("{n} different people"),
        0 => format!("{n} different owners"),
        1 => format!("{n} different owners, 1 of them a service principal"),
        of => format!("{n} different owners, {} of them service principals", group_digits(of)),
    }
}

/// `ticked` is the state of the owner's checkbox, if there is one.
fn row(workspace: &str, owner: &BulkOwner, ticked: Option<bool>) -> [Cell; 4] {
    let who = &owner.owner;
    let name = match ticked {
        None => view! {
            <span class=class_of(who)>{owner_link(workspace, &who.id, &who.name)}</span>
            <small>{description(who)}</small>
        }
        .into_any(),
        Some(ticked) => {
            let value = field_value(&who.id);
            // The label ticks the checkbox, so the link is next to the label.
            let view = who.id.parse().ok().map(|id| {
                view! {
                    <a href=paths::principal(workspace, id) aria-label=format!("View {}", who.name)>
                        "View"
                    </a>
                }
            });
            view! {
                <div class="bulk-owner-box">
                    <label class="check">
                        <input
                            type="checkbox"
                            id=format!("owner-{value}")
                            name=TICKED_FIELD
                            value=value
                            checked=ticked
                        />
                        <span>
                            <span class=class_of(who)>
                                <bdi>{who.name.clone()}</bdi>
                            </span>
                            <small>{description(who)}</small>
                        </span>
                    </label>
                    {view}
                </div>
            }
            .into_any()
        }
    };
    // The use of unreadable tokens is unknown.
    let used = |seen| match owner.unread {
        0 => group_digits(seen),
        _ => format!("at least {}", group_digits(seen)),
    };
    [
        Cell::new(name),
        Cell::new(group_digits(owner.tokens)),
        Cell::new(used(owner.used_today)),
        Cell::new(used(owner.recent)),
    ]
}

/// The class of the icon before an owner's name.
pub(super) fn class_of(owner: &ReviewedOwner) -> &'static str {
    owner_class(match owner.kind {
        BulkOwnerKind::Principal(kind) => Some(kind),
        BulkOwnerKind::Unknown | BulkOwnerKind::NotRead | BulkOwnerKind::NotGiven => None,
    })
}

/// Details that distinguish an owner from others of the same name.
fn description(owner: &ReviewedOwner) -> AnyView {
    let (kind, more) = match owner.kind {
        BulkOwnerKind::Principal(PrincipalKind::ServicePrincipal) => ("service principal", &owner.application_id),
        BulkOwnerKind::Principal(PrincipalKind::User) => ("user", &owner.display_name),
        BulkOwnerKind::Unknown => ("unknown owner", &owner.display_name),
        BulkOwnerKind::NotRead => ("name and type not available", &owner.display_name),
        BulkOwnerKind::NotGiven => ("not provided by the workspace", &owner.display_name),
    };
    let more = (!more.is_empty()).then(|| view! { ", " <bdi>{more.clone()}</bdi> });
    view! {
        {kind}
        {more}
    }
    .into_any()
}
