//! The service principal that a token is created for, and warnings if the creation will probably fail.

use console::changes::create_token::Recipient;
use console::{Snapshot, Workspace};
use domain::access::Grantee;
use domain::{Known, UnreadPart};
use leptos::prelude::*;

use crate::http::paths;

/// Its name and application ID, with a chip if it is deactivated.
pub(super) fn recipient_name(recipient: &Recipient, application_id: &str) -> AnyView {
    let principal = recipient.principal.as_ref();
    let name = principal
        .map(|p| p.display_name.clone())
        .filter(|name| !name.is_empty());
    let inactive = principal
        .is_some_and(|p| !p.active)
        .then(|| view! { <span class="chip danger">"Deactivated"</span> });
    view! {
        {name.map(|name| view! { <b><bdi class="name">{name}</bdi></b> })}
        " "
        {inactive}
        " "
        <small class="mono">{application_id.to_owned()}</small>
    }
    .into_any()
}

/// Why the workspace will probably not create the token.
pub(super) fn warnings(
    workspace: &Workspace,
    snapshot: &Snapshot,
    recipient: &Recipient,
    application_id: &str,
) -> AnyView {
    let name = workspace.name();
    let unknown = (recipient.principal.is_none() && !snapshot.inventory.unread().has(UnreadPart::Names)).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"No service principal with this application ID was found."</b>
                    " Check it; the workspace rejects unknown IDs."
                </p>
            </div>
        }
    });
    let deactivated = recipient.principal.as_ref().is_some_and(|p| !p.active).then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"It is deactivated."</b>
                    " The workspace rejects tokens for it until it is activated again."
                </p>
            </div>
        }
    });
    let key = Grantee::ServicePrincipal(application_id.to_owned()).to_key();
    let grant_url = paths::with_param(&paths::permissions(name), "add", &key);
    let unchecked = recipient_not_checked(snapshot, recipient).map(|text| {
        view! {
            <div class="notice">
                <p>{text}</p>
            </div>
        }
    });
    let no_permission = (recipient.can_use == Known::Known(false)).then(|| {
        view! {
            <div class="notice danger">
                <p>
                    <b>"It does not have permission to use tokens."</b>
                    " The workspace will reject the request. "
                    <a href=grant_url>"Grant permission first"</a>
                </p>
            </div>
        }
    });
    (
        azure_warning(workspace),
        disabled_warning(workspace, snapshot),
        unknown,
        unchecked,
        deactivated,
        no_permission,
    )
        .into_any()
}

/// Warns that while tokens are disabled a new token does not work, and that its creation may fail.
pub(super) fn disabled_warning(workspace: &Workspace, snapshot: &Snapshot) -> Option<AnyView> {
    let is_disabled = snapshot.policy.is_some_and(|policy| !policy.enabled);
    is_disabled.then(|| {
        view! {
            <div class="notice danger">
                <p>
                    <b>{format!("Personal access tokens are disabled in {}.", workspace.name())}</b>
                    " A token that you create now does not work until they are enabled again in "
                    <a href=paths::settings(workspace.name())>"Settings"</a>
                    ", and the workspace can refuse to create it."
                </p>
            </div>
        }
        .into_any()
    })
}

/// What could not be checked about the service principal. `None` if everything could, or if it does not exist.
fn recipient_not_checked(snapshot: &Snapshot, recipient: &Recipient) -> Option<String> {
    let unread = snapshot.inventory.unread();
    match (&recipient.principal, recipient.can_use) {
        (None, _) if unread.has(UnreadPart::Names) => Some(format!(
            "Whether this application ID exists is not available: {}.",
            UnreadPart::Names.reason()
        )),
        (Some(_), Known::NotAvailable(part)) => Some(format!(
            "Whether it has permission to use tokens is not available: {}.",
            part.reason()
        )),
        _ => None,
    }
}

/// The warning that Azure Databricks creates no tokens on behalf of others
/// (<https://docs.databricks.com/api/token-management/v1/create-on-behalf-of-token>).
pub(super) fn azure_warning(workspace: &Workspace) -> Option<AnyView> {
    let host = workspace.url().host();
    let is_azure = host.contains(".azuredatabricks.") || host.contains(".databricks.azure.");
    is_azure.then(|| {
        view! {
            <div class="notice">
                <p>
                    <b>"This workspace runs on Azure, where tokens cannot be created for service principals."</b>
                    " Let the service principal sign in with a Microsoft Entra ID or Databricks OAuth token and call \
                     POST /api/2.0/token/create; it needs permission to use tokens. Better: use OAuth (M2M)."
                </p>
            </div>
        }
        .into_any()
    })
}
