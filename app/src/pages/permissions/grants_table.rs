//! The table of the editor: who has permission, how many members and tokens that covers, and the additions and
//! removals.

use domain::access::{AccessEdit, AccessList, Grant};
use leptos::prelude::*;

use super::edit_state::UNDO_PARAM;
use super::grants::{GranteeNames, filter_text, level_text};
use crate::components::{Cell, Column, DataTable, Row, TableName};
use crate::http::paths;
use crate::islands::permission_edits::shown_text;

/// What the table shows.
pub(super) struct GrantsTable<'a> {
    pub(super) workspace: &'a str,
    pub(super) names: &'a GranteeNames<'a>,
    pub(super) list: &'a AccessList,
    pub(super) edit: &'a AccessEdit,
    /// The text that filters the rows, except additions and removals.
    pub(super) filter: &'a str,
    pub(super) can_change: bool,
}

/// What happens to a row when the edit is saved.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RowState {
    Added,
    Removed,
    Kept,
    /// The row cannot be changed.
    Locked,
}

impl GrantsTable<'_> {
    pub(super) fn view(&self) -> AnyView {
        let added: Vec<_> = self.edit.added().cloned().map(Grant::to_use).collect();
        let is_new = |grant: &&Grant| self.list.get(&grant.grantee).is_none();
        // Additions come first, below the search field that added them.
        let added = self.names.sorted(added.iter().filter(is_new));
        let listed = self.names.sorted(self.list.grants());
        let total = added.len() + listed.len();
        let rows = added.into_iter().chain(listed).enumerate();
        let rows: Vec<_> = rows.map(|(index, grant)| self.row(index, grant)).collect();
        let shown = rows.iter().filter(|(is_shown, _)| *is_shown).count();
        let table = DataTable {
            class: Some("permissions-table"),
            name: TableName::LiveCaption("permission-count", shown_text(shown, total)),
            columns: [
                Column::name("Name"),
                Column::value("Level"),
                Column::number("Members"),
                Column::number("Active tokens"),
                Column::number("Used in 7 days"),
                Column::actions("Change").shown(self.can_change),
            ],
        };
        table.view(rows.into_iter().map(|(_, row)| row))
    }

    fn state(&self, grant: &Grant) -> RowState {
        match &grant.grantee {
            grantee if grantee.is_admins() => RowState::Locked,
            grantee if self.edit.removes(grantee) => RowState::Removed,
            grantee if self.edit.added().any(|added| added == grantee) => RowState::Added,
            _ => RowState::Kept,
        }
    }

    /// The row, and whether it passes the filter.
    fn row(&self, index: usize, grant: &Grant) -> (bool, Row<6>) {
        let (state, name) = (self.state(grant), self.names.name(grant));
        let is_edited = matches!(state, RowState::Added | RowState::Removed);
        let names = filter_text(&name, &grant.grantee);
        let is_shown = is_edited || names.contains(&self.filter.to_lowercase());
        let id = format!("permission-{index}");
        let mark = match state {
            RowState::Added => Some(view! { " " <span class="chip ok">"will be added"</span> }.into_any()),
            RowState::Kept | RowState::Removed if self.can_change => Some(
                view! {
                    " "
                    <span class="chip danger" hidden=state == RowState::Kept data-removal>
                        "will be removed"
                    </span>
                }
                .into_any(),
            ),
            _ => None,
        };
        let [members, tokens, recently_used] = self.names.reach_cells(&grant.grantee);
        let row = Row::new([
            Cell::new(self.names.marked_label(grant, mark)),
            Cell::new(level_text(grant)),
            members,
            tokens,
            recently_used,
            Cell::new(self.change(state, grant, &name, &id)),
        ]);
        let class = (state == RowState::Added).then_some("added");
        (is_shown, row.id(Some(id)).class(class).filter(names, is_shown))
    }

    /// The buttons of a row. A script ticks the hidden checkbox of the form and shows the other button; without
    /// scripts, the server does this.
    fn change(&self, state: RowState, grant: &Grant, name: &str, row: &str) -> AnyView {
        let key = grant.grantee.to_key();
        // The fragment makes the browser return to the row.
        let editor = format!("{}#{row}", paths::open_with_fields(&paths::permissions(self.workspace)));
        match state {
            RowState::Locked => view! { <small>"Always has access"</small> }.into_any(),
            RowState::Added => view! {
                <input type="hidden" name="add" value=key.clone() />
                <button class="btn small" name=UNDO_PARAM value=key formaction=editor>
                    "Undo"
                    <span class="visually-hidden">{format!(" addition of {name}")}</span>
                </button>
            }
            .into_any(),
            RowState::Kept | RowState::Removed => view! {
                <input
                    type="checkbox"
                    name="remove"
                    value=key.clone()
                    checked=state == RowState::Removed
                    autocomplete="off"
                    hidden
                />
                <button
                    class="btn small"
                    name="remove"
                    value=key.clone()
                    formaction=editor.clone()
                    hidden=state == RowState::Removed
                    data-removal
                >
                    "Remove"
                    <span class="visually-hidden">{format!(" {name}")}</span>
                </button>
                <button
                    class="btn small"
                    name=UNDO_PARAM
                    value=key
                    formaction=editor
                    hidden=state == RowState::Kept
                    data-removal
                >
                    "Undo"
                    <span class="visually-hidden">{format!(" removal of {name}")}</span>
                </button>
            }
            .into_any(),
        }
    }
}
