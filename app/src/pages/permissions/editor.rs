//! `/w/{workspace}/settings/advanced/permissions`: the list, how many members and tokens each grant covers, and the
//! changes that are not saved yet.

use std::sync::Arc;

use console::access::{FetchedAccessList, ListFingerprint};
use console::{Actor, Error, Snapshot};
use domain::access::{AccessEdit, Grant, Grantee, Membership};
use domain::{Directory, UnreadPart};
use leptos::prelude::*;

use super::edit_state::{EditState, UNDO, editor_url};
use super::exact_name::exact_name_field;
use super::grants::{grantee_label, quoted, reach_cells};
use super::save;
use crate::components::{change_snippets, date_time, hidden_fields, loading_notice, principal_picker, sentence};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};
use crate::snippets::ChangeSnippets;

/// The editor; for people who cannot change anything, the list alone.
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
            let base = state.base.unwrap_or_else(|| fetched.fingerprint.clone());
            let view = EditorView {
                workspace,
                can_change: actor.can_change(),
                url: request.short_url(&editor_url(workspace, &base, &state.edit)).await,
                base,
                edit: state.edit,
                fetched: &fetched,
                snapshot: &snapshot,
                membership: &membership,
            };
            (view.page(&request), snapshot.policy)
        }
    };
    Ok(PageResult::new(content)
        .title("Permissions")
        .policy(policy)
        .success(save::result_message(&request, &actor).await))
}

/// Whether the permissions cannot be read because tokens are disabled. The workspace's response does not always say so,
/// but the policy does.
pub(super) fn are_tokens_disabled(error: &Error, snapshot: &Result<Arc<Snapshot>, Error>) -> bool {
    let is_disabled = |snapshot: &Arc<Snapshot>| snapshot.policy.is_some_and(|policy| !policy.enabled);
    error.tokens_disabled() || (error.is_feature_off() && snapshot.as_ref().is_ok_and(is_disabled))
}

/// Explains that tokens are disabled. The policy of the snapshot adds the banner that every other page has.
pub(super) fn tokens_disabled_page(actor: &Actor, snapshot: Result<Arc<Snapshot>, Error>) -> Result<PageResult, Error> {
    let snapshot = snapshot?;
    let workspace = actor.workspace().name();
    let text = "While tokens are disabled, permissions cannot be viewed or changed. They are kept.";
    let content = view! {
        {crumbs(workspace)}
        <h1>"Permissions"</h1>
        <section class="card empty">
            <h2>"Personal access tokens are disabled"</h2>
            <p>{text}</p>
            <a class="btn" href=paths::settings(workspace)>
                "Settings, Advanced"
            </a>
        </section>
    };
    Ok(PageResult::new(content).title("Permissions").policy(snapshot.policy))
}

/// Why some numbers are not available, unless that is loading.
fn incomplete_notice(snapshot: &Snapshot) -> Option<AnyView> {
    let (unread, loading) = (snapshot.inventory.unread(), snapshot.loading());
    let reasons: Vec<_> = [UnreadPart::Names, UnreadPart::Groups, UnreadPart::Rows]
        .into_iter()
        .filter(|part| unread.has(*part) && !loading.has(*part))
        .map(|part| format!("{}.", sentence(part.reason())))
        .collect();
    if reasons.is_empty() {
        return None;
    }
    let notice = view! {
        <div class="notice">
            <p>
                <b>"Some numbers are not available."</b>
                {format!(" {}", reasons.join(" "))}
            </p>
        </div>
    };
    Some(notice.into_any())
}

fn crumbs(workspace: &str) -> impl IntoView + use<> {
    view! {
        <p class="crumbs">
            <a href=paths::settings(workspace)>"Settings, Advanced"</a>
        </p>
    }
}

/// The workspace has no list before its first token.
fn no_token_yet(actor: &Actor) -> AnyView {
    let workspace = actor.workspace();
    view! {
        {crumbs(workspace.name())}
        <h1>"Permissions"</h1>
        <section class="card empty">
            <h2>"This workspace has no tokens yet"</h2>
            <p>
                "Databricks keeps no permissions until the first token exists, and until then only workspace admins \
                 can create tokens. Create one with a short lifetime, then reload this page."
            </p>
            {change_snippets("first-token", ChangeSnippets::create_first_token(&workspace.into()))}
            <a class="btn" href=paths::permissions(workspace.name())>
                "Reload"
            </a>
        </section>
    }
    .into_any()
}

struct EditorView<'a> {
    workspace: &'a str,
    can_change: bool,
    /// The URL of this page with the edit, which can be the ID of a draft.
    url: String,
    base: ListFingerprint,
    edit: AccessEdit,
    fetched: &'a FetchedAccessList,
    snapshot: &'a Snapshot,
    membership: &'a Membership,
}

impl EditorView<'_> {
    fn page(&self, request: &Request) -> AnyView {
        let added = self.edit.added().cloned().collect::<Vec<_>>();
        let (listed, added): (Vec<_>, Vec<_>) = added
            .into_iter()
            .partition(|grantee| self.fetched.list.get(grantee).is_some_and(Grant::can_use));
        let already_listed = (!listed.is_empty()).then(|| {
            let have = if listed.len() == 1 { "has" } else { "have" };
            let text = format!("{} already {have} permission to use tokens.", quoted(&listed));
            view! {
                <div class="notice">
                    <p>{text}</p>
                </div>
            }
        });
        let list_changed = (self.base != self.fetched.fingerprint).then(|| {
            view! {
                <div class="notice">
                    <p>
                        <b>"The permissions changed since you opened them."</b>
                        " The current list is shown; the review compares both with your edits."
                    </p>
                </div>
            }
        });
        let body = match self.can_change {
            true => self.edit_form(added),
            false => self.read_only_list(),
        };
        view! {
            {crumbs(self.workspace)}
            <div class="head">
                <div>
                    <h1>"Permissions"</h1>
                    <p>
                        "Who can create and use tokens in "
                        <b>{self.workspace.to_owned()}</b>
                        ". Updated "
                        {date_time(self.fetched.as_of)}
                        "."
                    </p>
                </div>
            </div>
            {loading_notice(request, self.snapshot.loading())}
            {incomplete_notice(self.snapshot)}
            {list_changed}
            {already_listed}
            {body}
        }
        .into_any()
    }

    fn read_only_list(&self) -> AnyView {
        view! { <section class="card" aria-label="Permissions">{self.table(&[])}</section> }.into_any()
    }

    fn edit_form(&self, added: Vec<Grantee>) -> AnyView {
        let staged = hidden_fields(added.iter().map(|grantee| ("add", grantee.to_key())));
        let picker = principal_picker(
            "Add a user, group or service principal",
            paths::find_principal(self.workspace),
            paths::permissions(self.workspace),
            "add",
            "will be added when you save.",
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
                {staged}
                {picker}
                {exact_name_field(self.workspace)}
                {self.table(&added.into_iter().map(Grant::to_use).collect::<Vec<_>>())}
                <div class="card-footer">
                    <p class="muted">"You can review before saving."</p>
                    {self.discard_link()}
                    <button class="btn primary">"Review changes"</button>
                </div>
            </form>
        }
        .into_any()
    }

    /// Hidden as long as nothing is changed. The script shows it as soon as something is entered.
    fn discard_link(&self) -> AnyView {
        view! {
            <a class="btn" href=paths::permissions(self.workspace) data-discard hidden=self.edit.is_empty()>
                "Discard changes"
            </a>
        }
        .into_any()
    }

    fn table(&self, added: &[Grant]) -> AnyView {
        let (locked, listed): (Vec<_>, Vec<_>) = self.fetched.list.grants().partition(|g| g.grantee.is_admins());
        let new = added
            .iter()
            .filter(|grant| self.fetched.list.get(&grant.grantee).is_none());
        view! {
            <div class="tablewrap">
                <table class="permissions-table">
                    <caption>"Permissions"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Members"</th>
                            <th scope="col">"Active tokens"</th>
                            <th scope="col">"Used in 7 days"</th>
                            {self.can_change.then(|| view! { <th scope="col">"Change"</th> })}
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
        let label = grantee_label(
            self.workspace,
            self.membership,
            self.directory(),
            grant.display_name.as_deref(),
            &grant.grantee,
        );
        let (members, tokens, recently_used) = reach_cells(self.membership, self.snapshot, &grant.grantee);
        view! {
            <tr>
                <th scope="row">{label}</th>
                <td data-label="Members" class="num">{members}</td>
                <td data-label="Active tokens" class="num">{tokens}</td>
                <td data-label="Used in 7 days" class="num">{recently_used}</td>
                {self.can_change.then(|| view! { <td class="cell-actions">{change}</td> })}
            </tr>
        }
        .into_any()
    }

    fn added_row(&self, grant: &Grant) -> AnyView {
        let without = paths::with_param(&self.url, UNDO, &grant.grantee.to_key());
        let name = grant.grantee.name().to_owned();
        let undo = view! {
            <span class="chip accent">"To be added"</span>
            <a class="btn small" href=without data-undo=grant.grantee.to_key() aria-label=format!("Undo adding {name}")>
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
    view! { <span class="muted">"Workspace admins always have access."</span> }.into_any()
}
