//! Runs this program as a server process, pinned to the first core if needed, and sends load to it.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::http::browser_session::BrowserSession;
use app::http::cookies::CookieScope;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::{Extension, Router};
use clap::Args;
use console::{Console, Snapshot};
use domain::TokenQuery;
use secrecy::SecretString;
use tower_sessions::{Session, SessionManagerLayer};

use crate::setup::{ServedConsole, WORKSPACE, serve_console};
use crate::static_page;

/// Connections that send requests at the same time.
const CONNECTIONS: usize = 8;

/// How long requests are sent to measure a rate.
const LOAD_DURATION: Duration = Duration::from_secs(4);

/// The workspace that is served, and a token of one of its admins.
#[derive(Args)]
pub(crate) struct ServeArgs {
    #[arg(long)]
    workspace: String,
    #[arg(long, env = "BENCH_TOKEN")]
    token: String,
    /// Serve only the console, without the routes for comparison.
    #[arg(long)]
    console_only: bool,
    /// Serve the console, and the pages in a folder below `/files/`.
    #[arg(long, value_name = "FOLDER")]
    files: Option<PathBuf>,
}

/// Serves a console, prints its origin and never returns.
pub(crate) async fn serve(arguments: ServeArgs) -> Result<(), Box<dyn Error>> {
    let served = if let Some(folder) = arguments.files {
        serve_console(&arguments.workspace, |_, _| static_page::route(folder)).await?
    } else if arguments.console_only {
        serve_console(&arguments.workspace, |_, _| Router::new()).await?
    } else {
        serve_with_comparisons(arguments).await?
    };
    println!("{}", served.origin);
    std::future::pending::<()>().await;
    Ok(())
}

/// Serves the console and three routes for comparison. `/constant` shows the same 50 rows from a constant snapshot.
/// `/empty` returns an empty response. `/checked` does too, after the check that every page makes.
async fn serve_with_comparisons(arguments: ServeArgs) -> Result<ServedConsole, Box<dyn Error>> {
    let reader = serve_console(&arguments.workspace, |_, _| Router::new()).await?;
    let id = reader
        .console
        .sign_in_with_token(WORKSPACE, SecretString::from(arguments.token), "bench")
        .await?;
    let actor = reader.console.actor(WORKSPACE, &id, "bench").await?;
    let snapshot: Arc<Snapshot> = reader.console.snapshot(&actor).await?;
    let constant = get(move || {
        let snapshot = Arc::clone(&snapshot);
        async move { Html(app::render_results(WORKSPACE, &snapshot, &TokenQuery::default())) }
    });
    let extra = Router::new()
        .route("/constant", constant)
        .route("/empty", get(|| async { "" }));
    serve_console(&arguments.workspace, |console, cookies| {
        extra.merge(check_route(console, cookies))
    })
    .await
}

/// `/checked`: what every page does before it renders anything. Loads the session and the sign-in, and checks whether
/// they can view the snapshot. It has the same layers as `server`.
fn check_route(console: &Console, cookies: CookieScope) -> Router {
    let console = console.clone();
    let sessions = SessionManagerLayer::new(console.session_store())
        .with_name(cookies.session_name())
        .with_secure(false);
    let check = get(move |Extension(session): Extension<Session>| {
        let console = console.clone();
        async move {
            match can_see_tokens(&console, session).await {
                Some(()) => StatusCode::NO_CONTENT,
                None => StatusCode::FORBIDDEN,
            }
        }
    });
    Router::new().route("/checked", check).layer(sessions)
}

async fn can_see_tokens(console: &Console, session: Session) -> Option<()> {
    let id = BrowserSession(session).sign_ins().await.ok()?.remove(WORKSPACE)?;
    let actor = console.actor(WORKSPACE, &id, "bench").await.ok()?;
    console.snapshot(&actor).await.ok().map(drop)
}

/// The load that the server handled.
pub(crate) struct Load {
    /// Responses per second.
    pub(crate) per_second: f64,
    /// The server's processor time per response, in seconds. Time spent waiting, for example for the client, does not
    /// count.
    pub(crate) processor_seconds: f64,
}

/// The number of responses over [`CONNECTIONS`] connections in [`LOAD_DURATION`].
async fn count_responses(
    browser: &reqwest::Client,
    url: &str,
    encoding: &'static str,
) -> Result<usize, Box<dyn Error>> {
    let responses = Arc::new(AtomicUsize::new(0));
    let end = Instant::now() + LOAD_DURATION;
    let tasks: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (browser, url, responses) = (browser.clone(), url.to_owned(), Arc::clone(&responses));
            tokio::spawn(async move {
                while Instant::now() < end {
                    let response = browser.get(&url).header("Accept-Encoding", encoding).send().await?;
                    response.error_for_status()?.bytes().await?;
                    responses.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, reqwest::Error>(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(responses.load(Ordering::Relaxed))
}

/// This program, running as a server. Dropping it stops it.
pub(crate) struct ServerProcess(Child);

impl ServerProcess {
    /// Starts the server on the first core, with the routes for comparison.
    pub(crate) fn start(workspace: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(std::env::current_exe()?).arg("serve");
        Self::spawn(command, workspace, token)
    }

    /// Starts the server on all cores, without those routes: its memory is the console's memory.
    pub(crate) fn start_unpinned(workspace: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--console-only"]);
        Self::spawn(command, workspace, token)
    }

    fn spawn(mut command: Command, workspace: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        command.args(["--workspace", workspace]).env("BENCH_TOKEN", token);
        Ok(Self(command.stdout(Stdio::piped()).spawn()?))
    }

    /// Waits until the server listens, and returns its origin. Can be called only once.
    pub(crate) fn origin(&mut self) -> Result<String, Box<dyn Error>> {
        let stdout = self.0.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        match line.trim() {
            "" => Err("the server did not start".into()),
            origin => Ok(origin.to_owned()),
        }
    }

    /// Sends requests that accept only `encoding`, as fast as the server responds.
    pub(crate) async fn load(
        &self,
        browser: &reqwest::Client,
        url: &str,
        encoding: &'static str,
    ) -> Result<Load, Box<dyn Error>> {
        let (used, started) = (self.processor_seconds()?, Instant::now());
        let responses = count_responses(browser, url, encoding).await?;
        #[expect(clippy::cast_precision_loss, reason = "a count of responses is far below 2^52")]
        let responses = responses as f64;
        Ok(Load {
            per_second: responses / started.elapsed().as_secs_f64(),
            processor_seconds: (self.processor_seconds()? - used) / responses,
        })
    }

    /// The processor time that the server has used so far, in seconds. The kernel counts in hundredths.
    fn processor_seconds(&self) -> Result<f64, Box<dyn Error>> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // Fields 14 and 15, see proc_pid_stat(5). The name can contain spaces; it ends at the last parenthesis.
        let after_name = stat.rsplit_once(") ").ok_or("the process has no statistics")?.1;
        let ticks = after_name.split(' ').skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
    }

    /// The memory that the server uses, in MB.
    pub(crate) fn memory_mb(&self) -> Result<f64, Box<dyn Error>> {
        self.status_mb("VmRSS:")
    }

    /// The server's peak memory since [`Self::reset_peak`], or since its start, in MB.
    pub(crate) fn peak_memory_mb(&self) -> Result<f64, Box<dyn Error>> {
        self.status_mb("VmHWM:")
    }

    /// Starts a new measurement of the peak.
    pub(crate) fn reset_peak(&self) -> Result<(), Box<dyn Error>> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5")?)
    }

    fn status_mb(&self, name: &str) -> Result<f64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let mut lines = status.lines();
        let kb = lines
            .find_map(|line| line.strip_prefix(name))
            .ok_or("the process reports no such figure")?;
        Ok(kb.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
