//! What changes a job: starting it, and cancelling, resuming or retrying it. Each leads back to its page.

use console::{Actor, BulkId, Console, Error};
use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;
use crate::pages::activity::with_reason;
use crate::problem::{Failure, Problem};

/// Starts a draft, once the number of its tokens was typed.
#[server(prefix = "/api", endpoint = "bulk_revocations/start")]
pub(crate) async fn start(
    workspace: String,
    job: String,
    typed: Option<String>,
    reason: Option<String>,
) -> Result<(), Failure> {
    let reason = reason.unwrap_or_default();
    let typed = typed.unwrap_or_default();
    let act = async |console: &Console, actor: Actor, id: &BulkId| {
        console.start_bulk(&actor.with_reason(&reason), id, &typed).await
    };
    perform_on_bulk(&workspace, &job, |page| with_reason(page, &reason), act).await
}

/// Leaves the tokens that have not been sent as they are.
#[server(prefix = "/api", endpoint = "bulk_revocations/cancel")]
pub(crate) async fn cancel(workspace: String, job: String) -> Result<(), Failure> {
    let act = async |console: &Console, actor: Actor, id: &BulkId| console.cancel_bulk(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, act).await
}

/// Goes on with a paused job.
#[server(prefix = "/api", endpoint = "bulk_revocations/resume")]
pub(crate) async fn resume(workspace: String, job: String) -> Result<(), Failure> {
    let act = async |console: &Console, actor: Actor, id: &BulkId| console.resume_bulk(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, act).await
}

/// Tries the failed tokens once more.
#[server(prefix = "/api", endpoint = "bulk_revocations/retry")]
pub(crate) async fn retry(workspace: String, job: String) -> Result<(), Failure> {
    let act = async |console: &Console, actor: Actor, id: &BulkId| console.retry_job(&actor, id).await;
    perform_on_bulk(&workspace, &job, str::to_owned, act).await
}

/// Does something about a job as the person signed in, and leads to its page; after a failure as `kept` has it.
async fn perform_on_bulk(
    workspace: &str,
    job: &str,
    kept: impl Fn(&str) -> String,
    act: impl AsyncFnOnce(&Console, Actor, &BulkId) -> Result<(), Error>,
) -> Result<(), Failure> {
    let request = Request::current();
    let page = match job.parse() {
        Ok(id) => paths::bulk_detail(workspace, &id),
        Err(_) => paths::bulk_list(workspace),
    };
    let result = async {
        let actor = request.actor(workspace).await?;
        let id = job.parse().map_err(|_| Error::BulkNotFound)?;
        act(&request.console, actor, &id).await
    };
    match result.await {
        Ok(()) => {
            request.redirect(&page);
            Ok(())
        }
        Err(error) => {
            let problem: Problem = request.problem(&error);
            Err(request.fail_form_at(problem, &kept(&page)))
        }
    }
}
