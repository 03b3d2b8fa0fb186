//! A warm token page of 50 rows out of 10 000, beside rendering those rows from a constant in the same process.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use clap::Args;
use console::Snapshot;
use demo_workspace::Config;
use domain::TokenQuery;
use secrecy::SecretString;

use crate::setup::{WORKSPACE, browser, serve as serve_console, sign_in};

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
}

/// Serves a console and, at `/constant`, the same 50 rows from a snapshot that never changes. Prints its origin.
pub(crate) async fn serve(arguments: ServeArgs) -> Result<(), Box<dyn Error>> {
    let reader = serve_console(&arguments.workspace, Router::new()).await?;
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
    let served = serve_console(&arguments.workspace, Router::new().route("/constant", constant)).await?;
    println!("{}", served.origin);
    std::future::pending::<()>().await;
    Ok(())
}

/// Starts the server on one core and asks from the other; prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let workspace = demo_workspace::start(Config {
        tokens: 10_000,
        ..Config::default()
    })
    .await?;
    let pat = workspace
        .credentials()
        .admin
        .pat
        .clone()
        .ok_or("the demo workspace has no token for its admin")?;
    let mut server = Server::start(workspace.url(), &pat)?;
    let origin = server.origin()?;
    let browser = browser()?;
    sign_in(&browser, &origin, &pat).await?;
    let page = format!("{origin}/w/{WORKSPACE}/tokens");

    let (mut constant, mut plain, mut brotli) = (Vec::new(), Vec::new(), Vec::new());
    // In turns, so that a noisy moment hits all three.
    for _ in 0..3 {
        constant.push(rate(&browser, &format!("{origin}/constant"), "identity").await?);
        plain.push(rate(&browser, &page, "identity").await?);
        brotli.push(rate(&browser, &page, "br").await?);
    }
    let (constant, plain, brotli) = (middle(constant), middle(plain), middle(brotli));
    println!(
        "| warm token page, 50 rows of 10 000, signed in, server on one core | a second | of the constant | at least |"
    );
    println!("|---|---|---|---|");
    println!("| those 50 rows from a constant | {constant:.0} | 1 | |");
    println!(
        "| the page, uncompressed | {plain:.0} | {:.2} | 0.5 |",
        plain / constant
    );
    println!("| the page, in brotli | {brotli:.0} | {:.2} | |", brotli / constant);
    println!("\nPeak memory of the server: {} MB.", server.peak_memory_kb()? / 1024);
    Ok(())
}

/// Answers a second at [`CONNECTIONS`] connections.
async fn rate(browser: &reqwest::Client, address: &str, encoding: &'static str) -> Result<f64, Box<dyn Error>> {
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

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

/// This program as a server on the first core; stopped when dropped.
struct Server(Child);

impl Server {
    fn start(workspace: &str, token: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new("taskset");
        command
            .args(["-c", "0"])
            .arg(std::env::current_exe()?)
            .args(["serve", "--workspace", workspace]);
        Ok(Self(command.env("BENCH_TOKEN", token).stdout(Stdio::piped()).spawn()?))
    }

    fn origin(&mut self) -> Result<String, Box<dyn Error>> {
        let stdout = self.0.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        match line.trim() {
            "" => Err("the server did not start".into()),
            origin => Ok(origin.to_owned()),
        }
    }

    /// The most that it ever held, in kB.
    fn peak_memory_kb(&self) -> Result<u64, Box<dyn Error>> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .ok_or("no VmHWM")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
