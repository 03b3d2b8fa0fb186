//! Revoking a thousand tokens by a job, beside the vendor's Python SDK looping over as many.

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use console::{Actor, BulkState, Console};
use demo_workspace::{Config, Running};
use domain::{Selection, TokenId, TokenQuery};

use crate::disk_sync::{sync_time, with_delayed_syncs};
use crate::setup::{WORKSPACE, serve};

const TOKENS: usize = 1000;

/// Milliseconds that the workspace takes for each answer.
const LATENCY_MS: u32 = 30;

/// Calls a second that the limited workspace takes, and how many at once before that.
const RATE: u32 = 50;
const BURST: u32 = 50;

const API: &str = "/api/2.0/token-management";

/// What is added to each sync of the disk, to see that a slower one changes little.
const SYNC_DELAY: Duration = Duration::from_millis(3);

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let job = by_job(|demo| demo.configure(|knobs| knobs.latency_ms = LATENCY_MS)).await?;
    let by_sdk = by_sdk().await?;
    let delayed = by_job_with_delayed_syncs()?;
    println!(
        "| 1 000 tokens, {LATENCY_MS} ms before each response | s | times as fast | at least | gone \
         | commits per token | at most |"
    );
    println!("|---|---|---|---|---|---|---|");
    println!("| the vendor's SDK in a loop | {by_sdk:.1} | 1 | | | | |");
    let row = |what: &str, job: &ByJob| {
        println!(
            "| a bulk revocation{what}, confirmed; at most {} calls at once (8); a sync takes {:.1?} \
             | {:.1} | {:.1} | 6 | {} of {TOKENS} | {:.2} | 0.5 |",
            job.at_once,
            job.sync,
            job.seconds,
            by_sdk / job.seconds,
            TOKENS - job.left,
            job.commits_per_token(),
        );
    };
    row("", &job);
    row(&format!(" with {} ms in each sync", SYNC_DELAY.as_millis()), &delayed);

    let limit = |demo: &Running| {
        demo.configure(|knobs| {
            knobs.rate_per_second = RATE;
            knobs.rate_burst = BURST;
            knobs.rate_retry_after = 1;
            API.clone_into(&mut knobs.rate_path);
        });
    };
    let limited = by_job(limit).await?;
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let ceiling = (TOKENS as f64 - f64::from(BURST)) / f64::from(RATE);
    println!("\n| the same against {RATE} calls per second, burst {BURST}, Retry-After 1 | | bound |");
    println!("|---|---|---|");
    println!(
        "| share of the ceiling ({ceiling:.0} s) | {:.2} | at least 0.8 |",
        ceiling / limited.seconds
    );
    println!(
        "| calls rejected with 429 | {:.1} % | under 5 % |",
        limited.refused * 100.0
    );
    println!("| gone | {} of {TOKENS} | all |", TOKENS - limited.left);
    Ok(())
}

async fn workspace() -> Result<(Running, String), Box<dyn Error>> {
    let demo = demo_workspace::start(Config {
        // The session's own is left out.
        tokens: u32::try_from(TOKENS)? + 1,
        ..Config::default()
    })
    .await?;
    let pat = demo.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    Ok((demo, pat))
}

/// How a job went.
#[derive(serde::Serialize, serde::Deserialize)]
struct ByJob {
    seconds: f64,
    /// The most calls at once.
    at_once: usize,
    /// The share of calls that were refused.
    refused: f64,
    /// Tokens that are left.
    left: usize,
    /// Transactions of the console's database.
    commits: u64,
    /// How long a sync of the data directory takes.
    sync: Duration,
}

impl ByJob {
    #[expect(clippy::cast_precision_loss, reason = "some thousand commits")]
    fn commits_per_token(&self) -> f64 {
        self.commits as f64 / TOKENS as f64
    }
}

async fn by_job(prepare: impl FnOnce(&Running)) -> Result<ByJob, Box<dyn Error>> {
    let (demo, pat) = workspace().await?;
    let served = serve(demo.url(), |_| axum::Router::new()).await?;
    let console = &served.console;
    let sign_in = console.sign_in_with_token(WORKSPACE, pat.into(), "bench").await?;
    let actor = console.actor(WORKSPACE, &sign_in, "bench").await?;
    let everything = TokenQuery::default();
    let job = console.draft_revocation(&actor, &everything, &Selection::All).await?;
    prepare(&demo);
    demo.clear_log();
    let commits = console.commits();
    let began = Instant::now();
    console.start_bulk(&actor, &job, &TOKENS.to_string()).await?;
    while !ended(console, &actor, &job).await? {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let log: Vec<_> = demo
        .log()
        .into_iter()
        .filter(|call| call.path.starts_with(API))
        .collect();
    let refused = log.iter().filter(|call| call.status == Some(429)).count();
    #[expect(clippy::cast_precision_loss, reason = "some thousand calls")]
    let refused = refused as f64 / log.len() as f64;
    let deletes: Vec<_> = log.iter().filter(|call| call.method == "DELETE").collect();
    let at_once = deletes.iter().map(|one| {
        let under_way = |other: &&&demo_workspace::LogEntry| {
            other.started_ms <= one.started_ms
                && one.started_ms < other.started_ms.saturating_add_unsigned(other.duration_ms)
        };
        deletes.iter().filter(under_way).count()
    });
    Ok(ByJob {
        seconds,
        at_once: at_once.max().unwrap_or_default(),
        refused,
        left: demo.token_count() - 1,
        commits: console.commits() - commits,
        sync: sync_time(served.data_dir())?,
    })
}

/// The same in a process whose syncs take longer.
fn by_job_with_delayed_syncs() -> Result<ByJob, Box<dyn Error>> {
    let (mut child, _folder) = with_delayed_syncs("revoke-job", SYNC_DELAY)?;
    let output = child.stderr(Stdio::inherit()).output()?;
    let job: ByJob = serde_json::from_slice(&output.stdout)?;
    if job.sync < SYNC_DELAY {
        return Err("the syncs were not delayed".into());
    }
    Ok(job)
}

/// One job, for the process whose syncs take longer.
pub(crate) async fn run_job() -> Result<(), Box<dyn Error>> {
    let job = by_job(|demo| demo.configure(|knobs| knobs.latency_ms = LATENCY_MS)).await?;
    println!("{}", serde_json::to_string(&job)?);
    Ok(())
}

async fn ended(console: &Console, actor: &Actor, job: &console::BulkId) -> Result<bool, Box<dyn Error>> {
    match console.bulk(actor, job).await?.state {
        BulkState::Finished => Ok(true),
        BulkState::Paused => Err("the bulk revocation paused".into()),
        _ => Ok(false),
    }
}

/// The seconds that the vendor's SDK takes in a loop.
async fn by_sdk() -> Result<f64, Box<dyn Error>> {
    let (demo, pat) = workspace().await?;
    let served = serve(demo.url(), |_| axum::Router::new()).await?;
    let sign_in = served
        .console
        .sign_in_with_token(WORKSPACE, pat.clone().into(), "bench")
        .await?;
    let actor = served.console.actor(WORKSPACE, &sign_in, "bench").await?;
    let snapshot = served.console.snapshot(&actor).await?;
    let own = actor.own_token();
    let ids: Vec<&TokenId> = snapshot.inventory.tokens().map(|token| &token.id).collect();
    let ids: String = ids
        .into_iter()
        .filter(|id| Some(*id) != own.as_ref())
        .map(|id| format!("{id}\n"))
        .collect();
    demo.configure(|knobs| knobs.latency_ms = LATENCY_MS);
    let (python, script) = (std::env::var("BENCH_PYTHON")?, std::env::var("BENCH_SDK_LOOP")?);
    let host = demo.url().to_owned();
    let seconds = tokio::task::spawn_blocking(move || -> Result<f64, String> {
        let failed = |error: std::io::Error| error.to_string();
        let mut child = Command::new(python)
            .args([&script, &host])
            .env("DATABRICKS_TOKEN", pat)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let mut stdin = child.stdin.take().ok_or("no input")?;
        stdin.write_all(ids.as_bytes()).map_err(failed)?;
        drop(stdin);
        let output = child.wait_with_output().map_err(failed)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.trim().parse().map_err(|_| format!("the loop printed {text:?}"))
    });
    let seconds = seconds.await??;
    if demo.token_count() != 1 {
        return Err(format!("the loop left {} tokens", demo.token_count() - 1).into());
    }
    Ok(seconds)
}
