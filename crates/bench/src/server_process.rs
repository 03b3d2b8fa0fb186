//! This program as a server, where it has to be on the first core, and asking it from the second.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use app::http::browser_session::BrowserSession;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use axum::{Extension, Router};
use clap::Args;
use console::{Console, Snapshot};
use domain::TokenQuery;
use secrecy::SecretString;
use tower_sessions::{CachingSessionStore, Session, SessionManagerLayer};
use tower_sessions_moka_store::MokaStore;

use crate::setup::{Served, WORKSPACE, serve as serve_console};

/// Connections that ask side by side.
const CONNECTIONS: usize = 8;
const SECONDS: u64 = 4;

/// What the server needs.
#[derive(Args)]
pub(crate) struct ServeArgs {
    #[arg(long)]
    workspace: String,
    #[arg(long, env = "BENCH_TOKEN")]
    token: String,
    /// Nothing beside the console.
    #[arg(long)]
    alone: bool,
}

/// Serves a console and prints its origin.
pub(crate) async fn serve(arguments: ServeArgs) -> Result<(), Box<dyn Error>> {
    let served = if arguments.alone {
        serve_console(&arguments.workspace, |_| Router::new()).await?
    } else {
        with_constants(arguments).await?
    };
    println!("{}", served.origin);
    std::future::pending::<()>().await;
    Ok(())
}

/// Beside the console `/constant`: the same 50 rows from a snapshot that never changes; `/empty`: nothing; `/checked`: nothing
/// either, to whoever may see the tokens.
async fn with_constants(arguments: ServeArgs) -> Result<Served, Box<dyn Error>> {
    let reader = serve_console(&arguments.workspace, |_| Router::new()).await?;
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
    let more = Router::new()
        .route("/constant", constant)
        .route("/empty", get(|| async { "" }));
    serve_console(&arguments.workspace, |console| more.merge(checked(console))).await
}

/// What every page does before it renders anything: whose session it is, as whom they are signed in, and whether they may see the
/// snapshot. Made as `server` makes it.
fn checked(console: &Console) -> Router {
    let console = console.clone();
    let sessions = CachingSessionStore::new(MokaStore::new(Some(10_000)), console.session_store());
    let sessions = SessionManagerLayer::new(sessions)
        .with_name("pat_console_dev")
        .with_secure(false);
    let check = get(move |Extension(session): Extension<Session>| {
        let console = console.clone();
        async move {
            match may_see(&console, session).await {
                Some(()) => StatusCode::NO_CONTENT,
                None => StatusCode::FORBIDDEN,
            }
        }
    });
    let answer = Router::new().route("/checked", check);
    answer.layer(sessions)
}

async fn may_see(console: &Console, session: Session) -> Option<()> {
    let id = BrowserSession(session).sign_in(WORKSPACE).await?;
    let actor = console.actor(WORKSPACE, &id, "bench").await.ok()?;
    console.snapshot(&actor).await.ok().map(drop)
}

/// Answers a second at [`CONNECTIONS`] connections.
pub(crate) async fn rate(
    browser: &reqwest::Client,
    address: &str,
    encoding: &'static str,
) -> Result<f64, Box<dyn Error>> {
    let answers = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let end = began + Duration::from_secs(SECONDS);
    let asking: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (browser, address, answers) = (browser.clone(), address.to_owned(), Arc::clone(&answers));
            tokio::spawn(async move {
                while Instant::now() < end {
                    let answer = browser.get(&address).header("Accept-Encoding", encoding).send().await?;
                    answer.error_for_status()?.bytes().await?;
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, reqwest::Error>(())
            })
        })
        .collect();
    for task in asking {
        task.await??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of answers is far below 2^52")]
    let answers = answers.load(Ordering::Relaxed) as f64;
    Ok(answers / began.elapsed().as_secs_f64())
}

/// The value in the middle.
pub(crate) fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// This program as a server; stopped when dropped.
pub(crate) struct Server(Child);

impl Server {
    /// On the first core, with something to compare with.
    pub(crate) fn start(workspace: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new("taskset");
        command.args(["-c", "0"]).arg(std::env::current_exe()?).arg("serve");
        Self::spawn(command, workspace, token)
    }

    /// On all cores, as it ships: what it holds is what the console holds.
    pub(crate) fn alone(workspace: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["serve", "--alone"]);
        Self::spawn(command, workspace, token)
    }

    fn spawn(mut command: Command, workspace: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        command.args(["--workspace", workspace]).env("BENCH_TOKEN", token);
        Ok(Self(command.stdout(Stdio::piped()).spawn()?))
    }

    pub(crate) fn origin(&mut self) -> Result<String, Box<dyn Error>> {
        let stdout = self.0.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        match line.trim() {
            "" => Err("the server did not start".into()),
            origin => Ok(origin.to_owned()),
        }
    }

    /// The processor time that it has used so far, in seconds; the kernel counts in hundredths.
    pub(crate) fn processor_seconds(&self) -> Result<f64, Box<dyn Error>> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // Fields 14 and 15; the name, which may hold spaces, ends with the last parenthesis.
        let after_name = stat.rsplit_once(") ").ok_or("no process")?.1;
        let ticks = after_name.split(' ').skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
    }

    /// What it holds, in MB.
    pub(crate) fn memory_mb(&self) -> Result<f64, Box<dyn Error>> {
        self.status_mb("VmRSS:")
    }

    /// The most that it held since [`Self::forget_peak`], or ever, in MB.
    pub(crate) fn peak_memory_mb(&self) -> Result<f64, Box<dyn Error>> {
        self.status_mb("VmHWM:")
    }

    /// From now on the peak is counted anew.
    pub(crate) fn forget_peak(&self) -> Result<(), Box<dyn Error>> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5")?)
    }

    fn status_mb(&self, name: &str) -> Result<f64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let mut lines = status.lines();
        let kb = lines.find_map(|line| line.strip_prefix(name)).ok_or("no such figure")?;
        Ok(kb.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
