//! The server's memory with a large workspace: in steady use after its pages were shown, and at its peak, while it
//! reloads the list and still holds the previous one. Also with a workspace of 10 000 tokens: after one page, and at
//! the peak under load and while the list is refreshed.

use std::error::Error;
use std::time::{Duration, Instant};

use demo_workspace::{Config, Running};
use tokio::time::sleep;

use crate::server_process::ServerProcess;
use crate::setup::{WORKSPACE, browser, median, post, sign_in};

/// Users of the workspace. Each can have 600 tokens.
const USERS: u32 = 900;

/// The number of tokens of a more common workspace.
const COMMON_TOKENS: u32 = 10_000;

/// Longer than a snapshot is used: the first page after that loads a new one while the old one is still in memory.
const SNAPSHOT_TTL_WAIT: Duration = Duration::from_secs(61);

/// How long the server takes to free what it no longer needs.
const SETTLE_TIME: Duration = Duration::from_secs(3);

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    println!(
        "| tokens | steady, MB | while the list is reloaded, MB | ratio | at most | steady after that, MB \
         | cold list page, median of 3 | with the findings and the scopes page, MB | ratio | at most |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for tokens in [100_000, 500_000] {
        let MemoryUse {
            steady,
            peak,
            after,
            page,
            findings,
        } = measure(tokens).await?;
        println!(
            "| {tokens} | {steady:.0} | {peak:.0} | {:.2} | 2.5 | {after:.0} | {page:.0?} \
             | {findings:.0} | {:.2} | 1.25 |",
            peak / steady,
            findings / after,
        );
    }
    let (one_page, peak) = measure_common().await?;
    println!("\n| {COMMON_TOKENS} tokens | resident memory, MB | at most |");
    println!("|---|---|---|");
    println!("| after one page | {one_page:.0} | 64 |");
    println!(
        "| at the peak of the load on the token page in every encoding, with two refreshes while an outdated list \
              is still held | {peak:.0} | 96 |"
    );
    Ok(())
}

/// Memory in MB after one page with [`COMMON_TOKENS`], and its peak under load and during two refreshes.
async fn measure_common() -> Result<(f64, f64), Box<dyn Error>> {
    let (workspace, pat) = workspace(Config {
        tokens: COMMON_TOKENS,
        ..Config::default()
    })
    .await?;
    let mut server = ServerProcess::start_unpinned(workspace.url(), &pat)?;
    let origin = server.origin()?;
    let browser = browser()?;
    sign_in(&browser, &origin, &pat).await?;
    page(&browser, &origin).await?;
    sleep(SETTLE_TIME).await;
    let one_page = server.memory_mb()?;

    let url = format!("{origin}/w/{WORKSPACE}/tokens");
    for encoding in ["identity", "zstd", "br", "gzip"] {
        server.load(&browser, &url, encoding).await?;
    }
    sleep(SNAPSHOT_TTL_WAIT).await;
    for _ in 0..2 {
        refresh(&browser, &origin).await?;
        page(&browser, &origin).await?;
    }
    // As in [`measure`].
    sleep(SETTLE_TIME).await;
    Ok((one_page, server.peak_memory_mb()?))
}

/// Starts a workspace. Returns it with a token of its admin.
async fn workspace(config: Config) -> Result<(Running, String), Box<dyn Error>> {
    let workspace = demo_workspace::start(config).await?;
    let pat = workspace.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    Ok((workspace, pat))
}

async fn refresh(browser: &reqwest::Client, origin: &str) -> Result<(), Box<dyn Error>> {
    let form = [("workspace", WORKSPACE), ("back", "/")];
    post(browser, origin, "/api/tokens/refresh", &form).await
}

/// Memory in MB, and how long a page took (median).
struct MemoryUse {
    steady: f64,
    peak: f64,
    after: f64,
    page: Duration,
    /// After the pages of findings and of scopes, too.
    findings: f64,
}

async fn measure(tokens: u32) -> Result<MemoryUse, Box<dyn Error>> {
    let config = Config {
        tokens,
        users: USERS,
        ..Config::default()
    };
    let (workspace, pat) = workspace(config).await?;
    let mut server = ServerProcess::start_unpinned(workspace.url(), &pat)?;
    let origin = server.origin()?;
    let browser = browser()?;
    sign_in(&browser, &origin, &pat).await?;

    let mut pages = vec![page(&browser, &origin).await?];
    refresh(&browser, &origin).await?;
    pages.push(page(&browser, &origin).await?);
    sleep(SETTLE_TIME).await;
    let steady = server.memory_mb()?;

    sleep(SNAPSHOT_TTL_WAIT).await;
    server.reset_peak()?;
    pages.push(page(&browser, &origin).await?);
    // If the new list takes long, the page shows the old one, and the new one is still loading.
    sleep(SETTLE_TIME).await;
    let peak = server.peak_memory_mb()?;
    let after = server.memory_mb()?;
    for path in ["findings", "scopes"] {
        let response = browser.get(format!("{origin}/w/{WORKSPACE}/{path}")).send().await?;
        response.error_for_status()?.bytes().await?;
    }
    sleep(SETTLE_TIME).await;
    Ok(MemoryUse {
        steady,
        peak,
        after,
        page: median(pages),
        findings: server.memory_mb()?,
    })
}

/// Loads the first page of the token list, and returns how long that took.
async fn page(browser: &reqwest::Client, origin: &str) -> Result<Duration, Box<dyn Error>> {
    let started = Instant::now();
    let response = browser.get(format!("{origin}/w/{WORKSPACE}/tokens")).send().await?;
    let html = response.error_for_status()?.text().await?;
    if !html.contains("Showing 1 to 50.") {
        return Err("the page shows no tokens".into());
    }
    Ok(started.elapsed())
}
