//! `/w/{workspace}/settings/advanced/permissions`: the list, whom each grant reaches, and what is to be changed.

use std::sync::Arc;

use crate::snippets::databricks_cli;
use console::access::{FetchedAccessList, ListFingerprint};
use console::{Actor, Error, Snapshot};
use domain::Directory;
use domain::access::{AccessEdit, Grant, Grantee, Membership};
use leptos::prelude::*;
use workspace_client::ErrorKind;

use super::PrincipalPicker;
use super::edit_state::{Editing, editor};
use super::grants::{grantee, reach};
use super::save;
use crate::components::{command, moment};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// The editor.
#[component]
pub(crate) fn PermissionsPage() -> impl IntoView {
    workspace_page(Area::Settings, "Permissions", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let console = &request.console;
    let (read, snapshot) = tokio::join!(console.access_list(&actor), console.snapshot(&actor));
    let (content, policy) = match read {
        Err(Error::Workspace(error)) if error.kind == ErrorKind::NoTokenYet => (no_token_yet(&actor), None),
        Err(Error::Workspace(error)) if is_off(&error) => return while_off(&actor, snapshot),
        read => {
            let (read, snapshot) = (read?, snapshot?);
            let membership = console.membership(&actor, &snapshot).await;
            let editing = Editing::of(&request);
            let view = EditorView {
                workspace: actor.workspace().name(),
                may_change: actor.may_change(),
                opened: editing.opened.unwrap_or_else(|| read.version.clone()),
                edit: editing.edit,
                read: &read,
                snapshot: &snapshot,
                membership: &membership,
            };
            (view.page(), snapshot.policy.clone().ok())
        }
    };
    Ok(PageResult {
        title: Some("Permissions".to_owned()),
        policy,
        said: save::said(&request, &actor).await,
        failed: None,
        content,
    })
}

/// While tokens are switched off the workspace answers nothing about their permissions.
pub(super) fn is_off(error: &workspace_client::Error) -> bool {
    error.kind == ErrorKind::FeatureOff { tokens_disabled: true }
}

/// Says so, on a page that has the banner as every other.
pub(super) fn while_off(actor: &Actor, snapshot: Result<Arc<Snapshot>, Error>) -> Result<PageResult, Error> {
    let snapshot = snapshot?;
    let workspace = actor.workspace().name();
    let text = "While tokens are switched off, the workspace neither shows nor changes who may use them. The permissions are kept.";
    let content = view! {
        {crumbs(workspace)}
        <h1>"Permissions"</h1>
        <section class="card empty">
            <h2>"Personal access tokens are switched off"</h2>
            <p>{text}</p>
            <a class="btn" href=paths::advanced(workspace)>
                "Settings, Advanced"
            </a>
        </section>
    };
    Ok(PageResult {
        title: Some("Permissions".to_owned()),
        policy: snapshot.policy.clone().ok(),
        said: None,
        failed: None,
        content: content.into_any(),
    })
}

fn crumbs(workspace: &str) -> impl IntoView + use<> {
    view! {
        <p class="crumbs">
            <a href=paths::advanced(workspace)>"Settings, Advanced"</a>
        </p>
    }
}

/// The workspace keeps no list before its first token.
fn no_token_yet(actor: &Actor) -> AnyView {
    let workspace = actor.workspace();
    view! {
        {crumbs(workspace.name())}
        <h1>"Permissions"</h1>
        <section class="card empty">
            <h2>"This workspace has no token yet"</h2>
            <p>
                "Databricks keeps no permissions on tokens before a workspace's first token exists, so there is nothing to edit. Until \
                 then only workspace admins may create tokens. Create one with a short lifetime, then reload this page."
            </p>
            {command(databricks_cli::create_first_token(&workspace.url().to_string()))}
            <a class="btn" href=paths::permissions(workspace.name())>
                "Reload"
            </a>
        </section>
    }
    .into_any()
}

struct EditorView<'a> {
    workspace: &'a str,
    may_change: bool,
    opened: ListFingerprint,
    edit: AccessEdit,
    read: &'a FetchedAccessList,
    snapshot: &'a Snapshot,
    membership: &'a Membership,
}

impl EditorView<'_> {
    fn page(&self) -> AnyView {
        let added = self.edit.added().cloned().collect::<Vec<_>>();
        let (listed, added): (Vec<_>, Vec<_>) = added
            .into_iter()
            .partition(|grantee| self.read.list.get(grantee).is_some_and(Grant::may_use));
        let already = (!listed.is_empty()).then(|| {
            let names = listed.iter().map(|g| g.name()).collect::<Vec<_>>().join(", ");
            view! {
                <div class="notice">
                    <p>{format!("Already in the list: {names}.")}</p>
                </div>
            }
        });
        let moved = (self.opened != self.read.version).then(|| {
            view! {
                <div class="notice">
                    <p>
                        <b>"The list has changed since you began."</b>
                        " It is shown as it is now; the review compares both with what you entered."
                    </p>
                </div>
            }
        });
        let body = match self.may_change {
            true => self.to_edit(added),
            false => self.to_read(),
        };
        view! {
            {crumbs(self.workspace)}
            <div class="head">
                <div>
                    <h1>"Permissions"</h1>
                    <p>
                        "Who may create and use tokens on "
                        <b>{self.workspace.to_owned()}</b>
                        ". As of "
                        {moment(self.read.as_of)}
                        "."
                    </p>
                </div>
            </div>
            {moved}
            {already}
            {body}
        }
        .into_any()
    }

    /// The list to be read.
    fn to_read(&self) -> AnyView {
        view! { <section class="card" aria-label="Access control list">{self.table(&[])}</section> }.into_any()
    }

    /// The list to be edited.
    fn to_edit(&self, added: Vec<Grantee>) -> AnyView {
        let staged = added.iter().map(|grantee| {
            view! { <input type="hidden" name="add" value=grantee.to_key() /> }
        });
        let search = paths::find_principal(self.workspace);
        view! {
            <form method="get" action=paths::review_permissions(self.workspace) class="card" id="editor" data-editor>
                <input type="hidden" name="opened" value=self.opened.to_string() />
                {staged.collect_view()}
                <PrincipalPicker
                    search=paths::find_principal(self.workspace)
                    editor=paths::permissions(self.workspace)
                    pair="add".to_owned()
                    said="will be added when you have reviewed and saved.".to_owned()
                >
                    <div class="field grow">
                        <label for="find">"Add a user, group or service principal"</label>
                        <input class="input" id="find" name="find" type="search" autocomplete="off" maxlength="200" spellcheck="false" />
                    </div>
                    <button class="btn" formaction=search>
                        "Search"
                    </button>
                </PrincipalPicker>
                {self.table(&added.into_iter().map(Grant::to_use).collect::<Vec<_>>())}
                <div class="foot">
                    <p class="muted">"Nothing changes before you have reviewed it."</p>
                    {self.discard()}
                    <button class="btn primary">"Review changes"</button>
                </div>
            </form>
        }
        .into_any()
    }

    /// Shown by the browser's part too, as soon as something is entered.
    fn discard(&self) -> AnyView {
        view! {
            <a class="btn" href=paths::permissions(self.workspace) data-discard hidden=self.edit.is_empty()>
                "Discard changes"
            </a>
        }
        .into_any()
    }

    fn table(&self, added: &[Grant]) -> AnyView {
        let (locked, listed): (Vec<_>, Vec<_>) = self.read.list.grants().partition(|g| g.grantee.is_admins());
        let new = added
            .iter()
            .filter(|grant| self.read.list.get(&grant.grantee).is_none());
        view! {
            <div class="tablewrap">
                <table class="grants">
                    <caption>"Access control list"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Who"</th>
                            <th scope="col">"Reaches"</th>
                            <th scope="col">"Live tokens they own"</th>
                            {self.may_change.then(|| view! { <th scope="col">"Change"</th> })}
                        </tr>
                    </thead>
                    <tbody>
                        {new.map(|grant| self.added_row(grant)).collect_view()}
                        {locked.into_iter().map(|grant| self.row(grant, locked_cell())).collect_view()}
                        {listed.into_iter().map(|grant| self.row(grant, self.remove_cell(grant))).collect_view()}
                    </tbody>
                </table>
            </div>
        }
        .into_any()
    }

    fn directory(&self) -> &Directory {
        self.snapshot.inventory.directory()
    }

    fn row(&self, grant: &Grant, change: AnyView) -> AnyView {
        let (people, tokens) = reach(self.membership, self.snapshot, &grant.grantee);
        view! {
            <tr>
                <th scope="row">{grantee(self.membership, self.directory(), grant.display_name.as_deref(), &grant.grantee)}</th>
                <td data-l="Reaches" class="num">{people}</td>
                <td data-l="Live tokens they own" class="num">{tokens}</td>
                {self.may_change.then(|| view! { <td class="act">{change}</td> })}
            </tr>
        }
        .into_any()
    }

    fn added_row(&self, grant: &Grant) -> AnyView {
        let without = editor(self.workspace, &self.opened, &self.edit.without(&grant.grantee));
        let name = grant.grantee.name().to_owned();
        let undo = view! {
            <span class="chip accent">"to be added"</span>
            <a class="btn small" href=without data-undo=grant.grantee.to_key() aria-label=format!("Do not add {name}")>
                "Undo"
            </a>
        };
        self.row(grant, undo.into_any())
    }

    fn remove_cell(&self, grant: &Grant) -> AnyView {
        let name = grant.display_name.as_deref().unwrap_or(grant.grantee.name());
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    name="remove"
                    value=grant.grantee.to_key()
                    checked=self.edit.removes(&grant.grantee)
                    aria-label=format!("Remove {name}")
                />
                "Remove"
            </label>
        }
        .into_any()
    }
}

fn locked_cell() -> AnyView {
    view! { <span class="muted">"Locked: workspace admins always may, Databricks lets nobody change that."</span> }
        .into_any()
}
