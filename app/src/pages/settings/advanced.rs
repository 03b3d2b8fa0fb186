//! `/w/{workspace}/settings/advanced`: the tab "Advanced" of "Settings".

use std::sync::Arc;

use console::{Actor, Error};
use leptos::prelude::*;

use super::{lifetime, permissions_summary, restriction, switch};
use crate::components::{date_time, page_head};
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// The switch, the maximum lifetime, the permissions, and what account admins set.
#[component]
pub(crate) fn AdvancedPage() -> impl IntoView {
    workspace_page(Area::Settings, "Settings", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let console = &request.console;
    if let Some(tokens) = lifetime::requested_tokens(&request, actor.workspace().name()) {
        request.redirect(&tokens);
        return Ok(PageResult::new(()));
    }
    let (policy, access, snapshot, restriction) = tokio::join!(
        console.policy(&actor),
        console.access_summary(&actor),
        console.snapshot_if_quick(&actor),
        console.admin_restriction(&actor)
    );
    let (policy, as_of) = policy?;
    let (switched, error) = switch::result_message(&request, &actor, policy, as_of);
    // The success message says the same as the banner would.
    let banner = switched.is_none().then_some(policy);
    let success = match switched {
        Some(switched) => Some(switched),
        None => lifetime::result_message(&request, &actor, policy, as_of).await,
    };
    let error = error.or_else(|| lifetime::failure(&request, &actor));
    let settings = paths::settings(actor.workspace().name());
    let content = view! {
        <div class="settings">
            {page_head("Settings", view! { <p>"Updated " {date_time(as_of)}</p> }, ())}
            <div class="tabs" role="tablist" aria-label="Settings">
                <a role="tab" id="tab-advanced" aria-selected="true" aria-controls="panel-advanced" href=settings>
                    "Advanced"
                </a>
            </div>
            <div class="card" role="tabpanel" id="panel-advanced" aria-labelledby="tab-advanced">
                {switch::setting(&actor, policy, snapshot.as_deref())}
                {lifetime::setting(&request, &actor, policy, snapshot.as_deref(), as_of)}
                {permissions_summary::setting(&request, &actor, policy, access)}
                {restriction::setting(restriction)}
            </div>
        </div>
    };
    Ok(PageResult::new(content)
        .policy(banner)
        .success(success)
        .error(error)
        .has_errors(lifetime::is_invalid(&request)))
}
