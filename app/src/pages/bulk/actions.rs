//! The actions on a bulk revocation: start, cancel, check, resume and retry. Each redirects to the page of the bulk
//! revocation. The form field with the ID of the bulk revocation is called `job`.

use console::{Actor, BulkId, Console, Error};
use leptos::prelude::*;

use super::owner_ticks::OwnerTicks;
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::activity::with_reason;
use crate::problem::Failure;

/// Starts a draft. `typed` is the number of its tokens, typed to confirm. Owners that are `listed`, but not among the
/// ticked ones in `owner`, are left out.
#[server(prefix = "/api", endpoint = "bulk_revocations/start")]
pub(crate) async fn start(
    workspace: String,
    job: String,
    typed: Option<String>,
    reason: Option<String>,
    listed: Option<Vec<String>>,
    owner: Option<Vec<String>>,
) -> Result<(), Failure> {
    let reason = reason.unwrap_or_default();
    let typed = typed.unwrap_or_default();
    let without = OwnerTicks::new(listed.unwrap_or_default(), owner.unwrap_or_default());
    let action = async |console: &Console, actor: Actor, id: &BulkId| {
        let actor = actor.with_reason(&reason)?;
        console.start_bulk(&actor, id, &typed, &without.unticked()).await
    };
    let failure_url = |page: &str| with_reason(&without.add_to(page), &reason);
    perform_on_bulk(&workspace, &job, failure_url, action).await
}

/// Cancels what remains: tokens that have not been sent yet are not revoked.
#[server(prefix = "/api", endpoint = "bulk_revocations/cancel")]
pub(crate) async fn cancel(workspace: String, job: String) -> Result<(), Failure> {
    let action = async |console: &Console, actor: Actor, id: &BulkId| console.cancel_bulk(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, action).await
}

/// Looks again at the tokens that were sent before the rest was cancelled.
#[server(prefix = "/api", endpoint = "bulk_revocations/check")]
pub(crate) async fn check(workspace: String, job: String) -> Result<(), Failure> {
    let action = async |console: &Console, actor: Actor, id: &BulkId| console.check_bulk(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, action).await
}

/// Resumes a paused bulk revocation.
#[server(prefix = "/api", endpoint = "bulk_revocations/resume")]
pub(crate) async fn resume(workspace: String, job: String) -> Result<(), Failure> {
    let action = async |console: &Console, actor: Actor, id: &BulkId| console.resume_bulk(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, action).await
}

/// Tries to revoke the tokens that failed or were not confirmed again.
#[server(prefix = "/api", endpoint = "bulk_revocations/retry")]
pub(crate) async fn retry(workspace: String, job: String) -> Result<(), Failure> {
    let action = async |console: &Console, actor: Actor, id: &BulkId| console.retry_failed(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, action).await
}

/// Performs an action on a bulk revocation as the person signed in, and redirects to its page. After a failure it
/// redirects to what `failure_url` makes of the URL of that page.
async fn perform_on_bulk(
    workspace: &str,
    id: &str,
    failure_url: impl Fn(&str) -> String,
    action: impl AsyncFnOnce(&Console, Actor, &BulkId) -> Result<(), Error>,
) -> Result<(), Failure> {
    let request = Request::current();
    let page = match id.parse() {
        Ok(id) => paths::bulk_detail(workspace, &id),
        Err(_) => paths::bulk_list(workspace),
    };
    let result = async {
        let actor = request.actor_for_change(workspace).await?;
        let id = id.parse().map_err(|_| Error::BulkNotFound)?;
        action(&request.console, actor, &id).await
    };
    match result.await {
        Ok(()) => {
            request.redirect(&page);
            Ok(())
        }
        Err(error) => Err(request.fail_form_at(request.change_failure(&error), &failure_url(&page))),
    }
}
