//! `/w/{workspace}/settings/advanced/permissions`: the list, how many members and tokens each grant covers, and the
//! unsaved changes.

use std::sync::Arc;

use console::access::{AccessSummary, FetchedAccessList, ListFingerprint};
use console::{Actor, Error, Snapshot};
use domain::access::{Grant, Grantee};
use leptos::prelude::*;

use super::edit_state::{EditState, FILTER_PARAM, editor_url};
use super::exact_name::exact_name_field;
use super::grants::{GranteeNames, quoted};
use super::grants_table::GrantsTable;
use super::save;
use super::unavailable::{are_tokens_disabled, incomplete_notice, no_token_yet, tokens_disabled_page};
use crate::components::{access_summary, hidden_fields, loading_notice, principal_picker, refresh_form};
use crate::http::paths;
use crate::http::request::Request;
use crate::islands::permission_edits::{FILTER_FORM_ID, edits_text};
use crate::layout::{Area, PageResult, workspace_page};

/// The editor; for people who cannot make changes, only the list.
#[component]
pub(crate) fn PermissionsPage() -> impl IntoView {
    workspace_page(Area::Permissions, "Permissions", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let console = &request.console;
    let (fetched, snapshot) = tokio::join!(console.access_list(&actor), console.snapshot(&actor));
    let (content, policy) = match fetched {
        Err(error) if error.no_token_yet() => (no_token_yet(&actor), None),
        Err(error) if are_tokens_disabled(&error, &snapshot) => return tokens_disabled_page(&actor, snapshot),
        fetched => {
            let (fetched, snapshot) = (fetched?, snapshot?);
            let membership = snapshot.membership();
            let state = EditState::of(&request);
            let workspace = actor.workspace().name();
            let base = state.base.clone().unwrap_or_else(|| fetched.fingerprint.clone());
            let view = EditorView {
                workspace,
                can_change: actor.can_change(),
                url: request.short_url(&editor_url(workspace, &base, &state.edit)).await,
                base,
                state,
                fetched: &fetched,
                snapshot: &snapshot,
                names: GranteeNames::new(workspace, &membership, &snapshot),
            };
            (view.page(&request), snapshot.policy)
        }
    };
    Ok(PageResult::new(content)
        .title("Permissions")
        .policy(policy)
        .success(save::result_message(&request, &actor).await))
}

struct EditorView<'a> {
    workspace: &'a str,
    can_change: bool,
    /// The URL of this page with the edit, possibly as a draft's ID.
    url: String,
    base: ListFingerprint,
    state: EditState,
    fetched: &'a FetchedAccessList,
    snapshot: &'a Snapshot,
    names: GranteeNames<'a>,
}

impl EditorView<'_> {
    fn page(&self, request: &Request) -> AnyView {
        let body = match self.can_change {
            true => self.edit_form(),
            false => self.read_only_list(),
        };
        // The numbers are as old as the tokens; the list is as old as this page.
        let as_of = self.fetched.as_of.min(self.snapshot.inventory.as_of());
        view! {
            <div class="head permissions-head">
                <h1>"Permissions"</h1>
                {refresh_form(self.workspace, self.url.clone(), (), as_of, true)}
            </div>
            <div class="permissions-summary">{access_summary(AccessSummary::of(&self.fetched.list))}</div>
            {loading_notice(request, self.snapshot.loading())}
            {incomplete_notice(self.snapshot)}
            {self.list_changed_notice()}
            {self.already_listed_notice()}
            {self.filter_form()}
            {body}
        }
        .into_any()
    }

    fn list_changed_notice(&self) -> Option<AnyView> {
        (self.base != self.fetched.fingerprint).then(|| {
            view! {
                <div class="notice">
                    <p>
                        <b>"The permissions changed since you opened them."</b>
                        " The current list is shown; the review compares both with your edits."
                    </p>
                </div>
            }
            .into_any()
        })
    }

    /// Additions that already have permission.
    fn already_listed_notice(&self) -> Option<AnyView> {
        let can_use = |grantee: &&Grantee| self.fetched.list.get(grantee).is_some_and(Grant::can_use);
        let listed: Vec<_> = self.state.edit.added().filter(can_use).collect();
        (!listed.is_empty()).then(|| {
            let have = if listed.len() == 1 { "has" } else { "have" };
            let text = format!("{} already {have} permission to use tokens.", quoted(listed));
            view! {
                <div class="notice">
                    <p>{text}</p>
                </div>
            }
            .into_any()
        })
    }

    fn filter_form(&self) -> AnyView {
        let edit = &self.state.edit;
        let action = paths::open_with_fields(&paths::permissions(self.workspace));
        view! {
            <form method="post" action=action id=FILTER_FORM_ID hidden>
                {hidden_fields([("opened", self.base.to_string())])}
                {hidden_fields(edit.added().map(|grantee| ("add", grantee.to_key())))}
                {hidden_fields(edit.removed().map(|grantee| ("remove", grantee.to_key())))}
            </form>
        }
        .into_any()
    }

    fn filter_field(&self) -> AnyView {
        view! {
            <div class="filters list-filter">
                <div class="field grow">
                    <label for=FILTER_PARAM>"Filter this list"</label>
                    <input
                        class="input"
                        type="search"
                        id=FILTER_PARAM
                        name=FILTER_PARAM
                        form=FILTER_FORM_ID
                        value=self.state.filter.clone()
                        autocomplete="off"
                        spellcheck="false"
                        data-filter-rows
                    />
                </div>
                <button class="btn" form=FILTER_FORM_ID>
                    "Filter"
                    <span class="visually-hidden">" this list"</span>
                </button>
            </div>
        }
        .into_any()
    }

    fn read_only_list(&self) -> AnyView {
        view! {
            <section class="card" aria-label="Permissions">
                {self.filter_field()} {self.table()}
            </section>
        }
        .into_any()
    }

    fn edit_form(&self) -> AnyView {
        let picker = principal_picker(
            "Add a user, group or service principal",
            paths::find_principal(self.workspace),
            paths::permissions(self.workspace),
            "add",
            "will be added when you save.",
            None,
            false,
        );
        view! {
            <form
                method="post"
                action=paths::open_with_fields(&paths::review_permissions(self.workspace))
                class="card"
                id="editor"
                data-editor
            >
                <input type="hidden" name="opened" value=self.base.to_string() />
                <input type="hidden" name=FILTER_PARAM value=self.state.filter.clone() />
                <div class="editor-tools">{picker} {self.filter_field()}</div>
                {exact_name_field(self.workspace)}
                {self.table()}
                {self.footer()}
            </form>
        }
        .into_any()
    }

    fn table(&self) -> AnyView {
        let table = GrantsTable {
            workspace: self.workspace,
            names: &self.names,
            list: &self.fetched.list,
            edit: &self.state.edit,
            filter: self.state.filter.trim(),
            can_change: self.can_change,
        };
        table.view()
    }

    /// The number of changes. It stays in view while there are any.
    fn footer(&self) -> AnyView {
        let (edit, list) = (&self.state.edit, &self.fetched.list);
        let removals = edit.removed().filter(|grantee| list.get(grantee).is_some()).count();
        let additions = edit.rebased(list).added().count();
        view! {
            <div class="editor-footer">
                <p>
                    <b id="edit-count" aria-live="polite">
                        {edits_text(removals, additions)}
                    </b>
                    <span class="muted">" · nothing is saved yet"</span>
                </p>
                <div class="row">
                    <a class="btn" href=paths::permissions(self.workspace) data-discard hidden=edit.is_empty()>
                        "Discard changes"
                    </a>
                    <button class="btn primary">"Review changes"</button>
                </div>
            </div>
        }
        .into_any()
    }
}
