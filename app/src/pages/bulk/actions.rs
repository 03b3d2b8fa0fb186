//! The actions on a bulk revocation: start, cancel, check, resume and retry. Each redirects to the page of the bulk
//! revocation. The form field with its ID is called `job`.

use console::{Actor, BulkId, Console, Error};
use leptos::prelude::*;

use super::owner_ticks::OwnerTicks;
use crate::http::paths;
use crate::http::request::Request;
use crate::pages::activity::with_reason;
use crate::problem::Failure;

/// Starts a draft. `typed` is the number of its tokens as typed to confirm. Owners that are `listed` but not ticked in
/// `owner` are left out.
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

/// Cancels a bulk revocation: tokens that have not been sent yet are not revoked.
#[server(prefix = "/api", endpoint = "bulk_revocations/cancel")]
pub(crate) async fn cancel(workspace: String, job: String) -> Result<(), Failure> {
    let action = async |console: &Console, actor: Actor, id: &BulkId| console.cancel_bulk(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, action).await
}

/// Looks again at tokens that were sent before the rest was cancelled.
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

/// Retries the tokens that failed or were not confirmed.
#[server(prefix = "/api", endpoint = "bulk_revocations/retry")]
pub(crate) async fn retry(workspace: String, job: String) -> Result<(), Failure> {
    let action = async |console: &Console, actor: Actor, id: &BulkId| console.retry_failed(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, action).await
}

/// Performs an action on a bulk revocation as the signed-in person, and redirects to its page. After a failure,
/// redirects to the URL that `failure_url` returns for that page.
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
