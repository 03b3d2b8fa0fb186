//! `/w/{workspace}/settings/advanced`: the tab "Advanced" of "Settings".

use std::sync::Arc;

use console::{Actor, Error};
use leptos::prelude::*;

use super::{lifetime, permissions_summary, switch};
use crate::components::date_time;
use crate::http::paths;
use crate::http::request::Request;
use crate::layout::{Area, PageResult, workspace_page};

/// The switch, the permissions and the maximum lifetime.
#[component]
pub(crate) fn AdvancedPage() -> impl IntoView {
    workspace_page(Area::Settings, "Settings", load)
}

async fn load(request: Arc<Request>, actor: Arc<Actor>) -> Result<PageResult, Error> {
    let console = &request.console;
    let (policy, access, snapshot) = tokio::join!(
        console.policy(&actor),
        console.access_summary(&actor),
        console.snapshot_if_quick(&actor)
    );
    let (policy, as_of) = policy?;
    let (success, error) = switch::result_message(&request, &actor, policy, as_of);
    let success = match success {
        Some(success) => Some(success),
        None => lifetime::result_message(&request, &actor, policy, as_of).await,
    };
    let error = error.or_else(|| lifetime::failure(&request, &actor));
    let settings = paths::settings(actor.workspace().name());
    let content = view! {
        <div class="head">
            <div>
                <h1>"Settings"</h1>
                <p>"Updated " {date_time(as_of)}</p>
            </div>
        </div>
        <div class="tabs" role="tablist" aria-label="Settings">
            <a role="tab" id="tab-advanced" aria-selected="true" aria-controls="panel-advanced" href=settings>
                "Advanced"
            </a>
        </div>
        <div class="card" role="tabpanel" id="panel-advanced" aria-labelledby="tab-advanced">
            {switch::setting(&actor, policy)}
            {permissions_summary::setting(&request, policy, access)}
            {lifetime::setting(&request, &actor, policy, snapshot.as_deref())}
        </div>
    };
    Ok(PageResult::new(content).policy(policy).success(success).error(error))
}
