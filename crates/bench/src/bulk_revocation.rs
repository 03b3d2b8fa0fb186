//! A bulk revocation of a thousand tokens, compared with a loop over the vendor's Python SDK.

use std::error::Error;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use console::{Actor, BulkState, Console};
use demo_workspace::{Config, Running};
use domain::{Selection, TokenId, TokenQuery};

use crate::databases::DurableServer;
use crate::disk_sync::{sync_time, with_delayed_syncs};
use crate::setup::{WORKSPACE, serve_console, serve_console_on};
use store::PostgresUrl;

const TOKENS: usize = 1000;

/// Milliseconds by which the workspace delays each response.
const LATENCY_MS: u32 = 30;

/// Calls per second that the workspace with a rate limit accepts.
const RATE: u32 = 50;

/// Calls that it accepts at once before that rate applies.
const BURST: u32 = 50;

const API: &str = "/api/2.0/token-management";

/// An additional delay of each disk sync, to show that a slower disk makes little difference.
const SYNC_DELAY: Duration = Duration::from_millis(3);

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let bulk = measure_bulk(|demo| demo.configure(|knobs| knobs.latency_ms = LATENCY_MS)).await?;
    let sdk_seconds = measure_sdk().await?;
    let delayed = measure_bulk_with_delayed_syncs()?;
    let server = DurableServer::start()?;
    let slow = |demo: &Running| demo.configure(|knobs| knobs.latency_ms = LATENCY_MS);
    let on_postgres = measure_bulk_on(Some(&server.fresh_database()?), slow).await?;
    println!(
        "| 1 000 tokens, {LATENCY_MS} ms before each response | s | times as fast | at least | revoked \
         | commits per token | at most |"
    );
    println!("|---|---|---|---|---|---|---|");
    println!("| the vendor's SDK in a loop | {sdk_seconds:.1} | 1 | | | | |");
    let row = |variant: &str, bulk: &BulkFigures| {
        println!(
            "| a bulk revocation{variant}, confirmed; at most {} concurrent calls (limit 8); a sync takes {:.1?} \
             | {:.1} | {:.1} | 6 | {} of {TOKENS} | {:.2} | 0.5 |",
            bulk.max_concurrency,
            bulk.sync,
            bulk.seconds,
            sdk_seconds / bulk.seconds,
            TOKENS - bulk.remaining,
            bulk.commits_per_token(),
        );
    };
    row("", &bulk);
    row(
        &format!(" with {} ms added to each sync", SYNC_DELAY.as_millis()),
        &delayed,
    );
    row(" on PostgreSQL", &on_postgres);

    let set_rate_limit = |demo: &Running| {
        demo.configure(|knobs| {
            knobs.rate_per_second = RATE;
            knobs.rate_burst = BURST;
            knobs.rate_retry_after = 1;
            API.clone_into(&mut knobs.rate_path);
        });
    };
    let limited = measure_bulk(set_rate_limit).await?;
    #[expect(clippy::cast_precision_loss, reason = "a thousand")]
    let fastest = (TOKENS as f64 - f64::from(BURST)) / f64::from(RATE);
    println!("\n| the same with a limit of {RATE} calls per second, burst {BURST}, Retry-After 1 | | required |");
    println!("|---|---|---|");
    println!(
        "| share of the maximum speed (fastest possible: {fastest:.0} s) | {:.2} | at least 0.8 |",
        fastest / limited.seconds
    );
    println!(
        "| calls rejected with 429 | {:.1} % | less than 5 % |",
        limited.rejected * 100.0
    );
    println!("| revoked | {} of {TOKENS} | all |", TOKENS - limited.remaining);
    Ok(())
}

/// A demo workspace with enough tokens, and the token of its admin.
async fn start_workspace() -> Result<(Running, String), Box<dyn Error>> {
    let demo = demo_workspace::start(Config {
        // One more, because the session's own token is excluded.
        tokens: u32::try_from(TOKENS)? + 1,
        ..Config::default()
    })
    .await?;
    let pat = demo.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    Ok((demo, pat))
}

/// The figures of one bulk revocation.
#[derive(serde::Serialize, serde::Deserialize)]
struct BulkFigures {
    seconds: f64,
    /// The highest number of concurrent deletions.
    max_concurrency: usize,
    /// The fraction of the calls that were rejected with 429.
    rejected: f64,
    /// Tokens that were not revoked.
    remaining: usize,
    /// Transactions of the console's database.
    commits: u64,
    /// How long a sync of the data directory takes.
    sync: Duration,
}

impl BulkFigures {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand commits")]
    fn commits_per_token(&self) -> f64 {
        self.commits as f64 / TOKENS as f64
    }
}

/// Revokes [`TOKENS`] tokens in bulk. `prepare` configures the workspace after the draft is made.
async fn measure_bulk(prepare: impl FnOnce(&Running)) -> Result<BulkFigures, Box<dyn Error>> {
    measure_bulk_on(None, prepare).await
}

async fn measure_bulk_on(
    database: Option<&PostgresUrl>,
    prepare: impl FnOnce(&Running),
) -> Result<BulkFigures, Box<dyn Error>> {
    let (demo, pat) = start_workspace().await?;
    let served = serve_console_on(database, demo.url(), |_, _| axum::Router::new()).await?;
    let console = &served.console;
    let sign_in = console.sign_in_with_token(WORKSPACE, pat.into(), "bench").await?;
    let actor = console.actor(WORKSPACE, &sign_in, "bench").await?;
    let all_tokens = TokenQuery::default();
    let bulk = console.draft_revocation(&actor, &all_tokens, &Selection::All).await?;
    prepare(&demo);
    demo.clear_log();
    let commits_before = console.commits();
    let started = Instant::now();
    console.start_bulk(&actor, &bulk, &TOKENS.to_string(), &[]).await?;
    while !has_finished(console, &actor, &bulk).await? {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    let log: Vec<_> = demo
        .log()
        .into_iter()
        .filter(|call| call.path.starts_with(API))
        .collect();
    let rejected = log.iter().filter(|call| call.status == Some(429)).count();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand calls")]
    let rejected = rejected as f64 / log.len() as f64;
    let deletes: Vec<_> = log.iter().filter(|call| call.method == "DELETE").collect();
    let concurrency = deletes.iter().map(|call| {
        let is_in_flight = |other: &&&demo_workspace::LogEntry| {
            other.started_ms <= call.started_ms
                && call.started_ms < other.started_ms.saturating_add_unsigned(other.duration_ms)
        };
        deletes.iter().filter(is_in_flight).count()
    });
    Ok(BulkFigures {
        seconds,
        max_concurrency: concurrency.max().unwrap_or_default(),
        rejected,
        remaining: demo.token_count() - 1,
        commits: console.commits() - commits_before,
        sync: sync_time(served.data_dir())?,
    })
}

/// Like [`measure_bulk`], in a process with delayed syncs.
fn measure_bulk_with_delayed_syncs() -> Result<BulkFigures, Box<dyn Error>> {
    let (mut child, _folder) = with_delayed_syncs("bulk-revocation-once", SYNC_DELAY)?;
    let output = child.stderr(Stdio::inherit()).output()?;
    let bulk: BulkFigures = serde_json::from_slice(&output.stdout)?;
    if bulk.sync < SYNC_DELAY {
        return Err("the syncs were not delayed".into());
    }
    Ok(bulk)
}

/// Runs one bulk revocation and prints its figures as JSON. This is the process with delayed syncs.
pub(crate) async fn run_once() -> Result<(), Box<dyn Error>> {
    let bulk = measure_bulk(|demo| demo.configure(|knobs| knobs.latency_ms = LATENCY_MS)).await?;
    println!("{}", serde_json::to_string(&bulk)?);
    Ok(())
}

async fn has_finished(console: &Console, actor: &Actor, bulk: &console::BulkId) -> Result<bool, Box<dyn Error>> {
    match console.bulk(actor, bulk).await?.state {
        BulkState::Finished => Ok(true),
        BulkState::Paused => Err("the bulk revocation paused".into()),
        _ => Ok(false),
    }
}

/// The seconds that the vendor's SDK takes in a loop.
async fn measure_sdk() -> Result<f64, Box<dyn Error>> {
    let (demo, pat) = start_workspace().await?;
    let served = serve_console(demo.url(), |_, _| axum::Router::new()).await?;
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
        let message = |error: std::io::Error| error.to_string();
        let mut child = Command::new(python)
            .args([&script, &host])
            .env("DATABRICKS_TOKEN", pat)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(message)?;
        let mut stdin = child.stdin.take().ok_or("the loop has no standard input")?;
        stdin.write_all(ids.as_bytes()).map_err(message)?;
        drop(stdin);
        let output = child.wait_with_output().map_err(message)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.trim().parse().map_err(|_| format!("the loop printed {text:?}"))
    });
    let seconds = seconds.await??;
    if demo.token_count() != 1 {
        return Err(format!("the loop left {} tokens", demo.token_count() - 1).into());
    }
    Ok(seconds)
}
