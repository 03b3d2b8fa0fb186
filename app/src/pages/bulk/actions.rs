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
        console.start_job(&actor.because(&reason), id, &typed).await
    };
    about(&workspace, &job, |page| with_reason(page, &reason), act).await
}

/// Leaves the tokens that have not been sent as they are.
#[server(prefix = "/api", endpoint = "bulk_revocations/cancel")]
pub(crate) async fn cancel(workspace: String, job: String) -> Result<(), Failure> {
    let act = async |console: &Console, actor: Actor, id: &BulkId| console.cancel_job(&actor, id).await;
    about(&workspace, &job, str::to_owned, act).await
}

/// Goes on with a paused job.
#[server(prefix = "/api", endpoint = "bulk_revocations/resume")]
pub(crate) async fn resume(workspace: String, job: String) -> Result<(), Failure> {
    let act = async |console: &Console, actor: Actor, id: &BulkId| console.resume_job(&actor, id).await;
    about(&workspace, &job, str::to_owned, act).await
}

/// Tries the failed tokens once more.
#[server(prefix = "/api", endpoint = "bulk_revocations/retry")]
pub(crate) async fn retry(workspace: String, job: String) -> Result<(), Failure> {
    let act = async |console: &Console, actor: Actor, id: &BulkId| console.retry_job(&actor, id).await;
    about(&workspace, &job, str::to_owned, act).await
}

/// Does something about a job as the person signed in, and leads to its page; after a failure as `kept` has it.
async fn about(
    workspace: &str,
    job: &str,
    kept: impl Fn(&str) -> String,
    act: impl AsyncFnOnce(&Console, Actor, &BulkId) -> Result<(), Error>,
) -> Result<(), Failure> {
    let request = Request::current();
    let page = match job.parse() {
        Ok(id) => paths::job(workspace, &id),
        Err(_) => paths::jobs(workspace),
    };
    let result = async {
        let actor = request.actor(workspace).await?;
        let id = job.parse().map_err(|_| Error::UnknownJob)?;
        act(&request.console, actor, &id).await
    };
    match result.await {
        Ok(()) => {
            request.redirect(&page);
            Ok(())
        }
        Err(error) => {
            let problem: Problem = request.problem(&error);
            Err(request.refuse_at(problem, &kept(&page)))
        }
    }
}
