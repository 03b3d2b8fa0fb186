//! How grantees are shown: name and icon, kind and identifier, and how many members and active tokens a grant covers.

use console::Snapshot;
use domain::access::{Grant, Grantee, Membership};
use domain::{Directory, Principal, PrincipalId, Status, TokenCount, TokenQuery, UseWindow};
use leptos::prelude::*;

use crate::components::{Cell, group_digits, number_of, sentence};
use crate::http::paths;

/// The source of grantees' names: the principals of a workspace, and its groups.
pub(super) struct GranteeNames<'a> {
    workspace: &'a str,
    membership: &'a Membership,
    snapshot: &'a Snapshot,
}

impl<'a> GranteeNames<'a> {
    pub(super) fn new(workspace: &'a str, membership: &'a Membership, snapshot: &'a Snapshot) -> Self {
        Self {
            workspace,
            membership,
            snapshot,
        }
    }

    fn directory(&self) -> &Directory {
        self.snapshot.inventory.directory()
    }

    fn principal(&self, grantee: &Grantee) -> Option<&Principal> {
        let id = self.membership.principal(grantee)?;
        self.directory().get(id)
    }

    /// The display name; without one, the identifier in the workspace.
    pub(super) fn name(&self, grant: &Grant) -> String {
        let of_principal = || self.principal(&grant.grantee).map(|p| p.display_name.as_str());
        let display_name = grant.display_name.as_deref().or_else(of_principal);
        let display_name = display_name.filter(|name| !name.is_empty());
        display_name.unwrap_or(grant.grantee.name()).to_owned()
    }

    /// `grants` sorted for display: `admins` first, then groups, service principals and users, each by display name.
    pub(super) fn sorted<'g>(&self, grants: impl IntoIterator<Item = &'g Grant>) -> Vec<&'g Grant> {
        let mut grants: Vec<_> = grants.into_iter().collect();
        grants.sort_by_cached_key(|grant| {
            let kind = match &grant.grantee {
                Grantee::Group(_) => 0_u8,
                Grantee::ServicePrincipal(_) => 1,
                Grantee::User(_) => 2,
            };
            (kind, !grant.grantee.is_admins(), self.name(grant).to_lowercase())
        });
        grants
    }

    /// The name, as a link to the page of a user or service principal; chips for unusual states; and below it the kind
    /// and the identifier in the workspace.
    pub(super) fn label(&self, grant: &Grant) -> AnyView {
        self.marked_label(grant, None)
    }

    /// Like [`Self::label`], with `mark` next to the name.
    pub(super) fn marked_label(&self, grant: &Grant, mark: Option<AnyView>) -> AnyView {
        let grantee = &grant.grantee;
        let principal = self.principal(grantee);
        let name = self.name(grant);
        let identifier = (name != grantee.name()).then(|| view! { " · " <bdi>{grantee.name().to_owned()}</bdi> });
        let class = match grantee {
            Grantee::Group(_) => "shape group",
            Grantee::ServicePrincipal(_) => "shape service-principal",
            Grantee::User(_) => "shape",
        };
        let name = match principal {
            Some(principal) => view! {
                <a class=class href=paths::principal(self.workspace, principal.id)>
                    <bdi class="name">{name}</bdi>
                </a>
            }
            .into_any(),
            None => view! {
                <span class=class>
                    <bdi class="name">{name}</bdi>
                </span>
            }
            .into_any(),
        };
        view! {
            {name}
            {self.chips(grantee, principal)}
            {mark}
            <small>{kind_text(grantee)} {identifier}</small>
        }
        .into_any()
    }

    fn chips(&self, grantee: &Grantee, principal: Option<&Principal>) -> AnyView {
        let is_group = matches!(grantee, Grantee::Group(_));
        let is_missing = !is_group && principal.is_none() && self.directory().is_complete();
        let chips = [
            (
                principal.is_some_and(|principal| !principal.active),
                "chip danger",
                "Deactivated",
            ),
            (is_missing, "chip danger", "Not in this workspace"),
            (grantee.is_all_users(), "chip warn", "Everyone"),
            (
                is_group && self.membership.is_ambiguous(grantee.name()),
                "chip warn",
                "Several groups have this name",
            ),
        ];
        let chips = chips.into_iter().filter(|(is_shown, ..)| *is_shown);
        chips
            .map(|(_, class, text)| view! { " " <span class=class>{text}</span> })
            .collect_view()
            .into_any()
    }

    /// How many members a grantee has, how many active tokens they own, and how many of those were used in the last 7
    /// days. The numbers of a user or service principal link to its list of tokens. If only some members of a group are
    /// known, the numbers are lower bounds; if none are, they are unknown.
    pub(super) fn reach_cells(&self, grantee: &Grantee) -> [Cell; 3] {
        let reach = self.membership.known_reach(grantee);
        let is_unknown = reach.is_lower_bound && reach.principals.is_empty();
        let (mut tokens, mut recently_used) = (0, 0);
        for id in self.membership.ids(&reach.principals) {
            let active = self.snapshot.inventory.active_tokens_of(id);
            tokens += active.tokens;
            recently_used += active.recently_used;
        }
        let unread = self.snapshot.inventory.unread();
        let number = |n, is_exact: TokenCount| match (is_unknown, reach.is_lower_bound) {
            (true, _) => None,
            (false, true) => Some(TokenCount::AtLeast(n)),
            (false, false) => Some(is_exact.with(n)),
        };
        let members = number(reach.principals.len(), TokenCount::Exactly(0));
        let id = self.membership.principal(grantee);
        let [active_url, recent_url] = active_lists(self.workspace, id);
        [
            number_cell(members, None),
            number_cell(number(tokens, unread.count(0)), active_url),
            number_cell(number(recently_used, unread.count(0)), recent_url),
        ]
    }
}

/// The URLs of someone's active tokens, and of those used in the last 7 days. `None` without an ID: no list shows the
/// tokens of a group.
pub(super) fn active_lists(workspace: &str, id: Option<PrincipalId>) -> [Option<String>; 2] {
    [None, Some(UseWindow::Days7)].map(|last_used| {
        let query = TokenQuery {
            owner: id?.to_string(),
            status: Some(Status::Active),
            last_used,
            ..TokenQuery::default()
        };
        Some(paths::tokens_with(workspace, &query))
    })
}

/// The cell of a number, with a link to its list.
pub(super) fn number_cell(number: Option<TokenCount>, url: Option<String>) -> Cell {
    let text = number.map_or_else(|| "Unknown".to_owned(), |number| sentence(&number_of(number)));
    match url.filter(|_| number.is_some()) {
        Some(url) => Cell::new(view! { <a href=url>{text}</a> }),
        None => Cell::new(text),
    }
}

/// The permission levels of a grant, as in "Can use".
pub(super) fn level_text(grant: &Grant) -> String {
    let levels: Vec<_> = grant.levels.iter().map(|level| level.label()).collect();
    levels.join(", ")
}

/// The kind of a grantee, for a chip.
pub(super) fn kind_label(grantee: &Grantee) -> &'static str {
    match grantee {
        Grantee::User(_) => "User",
        Grantee::Group(_) => "Group",
        Grantee::ServicePrincipal(_) => "Service principal",
    }
}

/// The kind of a grantee, for the line below its name.
fn kind_text(grantee: &Grantee) -> &'static str {
    match grantee {
        _ if grantee.is_admins() => "group · workspace admins",
        _ if grantee.is_all_users() => "group · everyone in this workspace",
        _ => grantee.kind(),
    }
}

/// The text that the filter searches: name, kind and identifier.
pub(super) fn filter_text(name: &str, grantee: &Grantee) -> String {
    format!("{name} {} {}", kind_text(grantee), grantee.name()).to_lowercase()
}

/// Names in quotes, as in `“data-platform”, “analytics”`.
pub(super) fn quoted<'a>(grantees: impl IntoIterator<Item = &'a Grantee>) -> String {
    let names = grantees.into_iter().map(|g| format!("\u{201c}{}\u{201d}", g.name()));
    names.collect::<Vec<_>>().join(", ")
}

/// `1 person or service principal`, `1,284 people and service principals`.
pub(super) fn people_and_services(n: usize) -> String {
    match n {
        1 => "1 person or service principal".to_owned(),
        n => format!("{} people and service principals", group_digits(n)),
    }
}
