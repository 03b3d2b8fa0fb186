//! The server's memory with a large workspace: in steady use after its pages were shown, and at its peak, while it
//! reloads the list and still holds the previous one.

use std::error::Error;
use std::time::{Duration, Instant};

use demo_workspace::Config;
use tokio::time::sleep;

use crate::server_process::ServerProcess;
use crate::setup::{WORKSPACE, browser, median, post, sign_in};

/// Users of the workspace. Each can have 600 tokens.
const USERS: u32 = 900;

/// Longer than a snapshot is used. The first page after that loads another one, next to the old one.
const SNAPSHOT_TTL_WAIT: Duration = Duration::from_secs(61);

/// How long the server takes to free what it no longer needs.
const SETTLE_TIME: Duration = Duration::from_secs(3);

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    println!(
        "| tokens | steady, MB | while the list is reloaded, MB | ratio | at most | steady after that, MB \
         | cold list page, median of 3 |"
    );
    println!("|---|---|---|---|---|---|---|");
    for tokens in [100_000, 500_000] {
        let MemoryUse {
            steady,
            peak,
            after,
            page,
        } = measure(tokens).await?;
        let ratio = peak / steady;
        println!("| {tokens} | {steady:.0} | {peak:.0} | {ratio:.2} | 2.5 | {after:.0} | {page:.0?} |");
    }
    Ok(())
}

/// Memory in MB, and how long a page took (median).
struct MemoryUse {
    steady: f64,
    peak: f64,
    after: f64,
    page: Duration,
}

async fn measure(tokens: u32) -> Result<MemoryUse, Box<dyn Error>> {
    let config = Config {
        tokens,
        users: USERS,
        ..Config::default()
    };
    let workspace = demo_workspace::start(config).await?;
    let pat = workspace.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    let mut server = ServerProcess::start_unpinned(workspace.url(), &pat)?;
    let origin = server.origin()?;
    let browser = browser()?;
    sign_in(&browser, &origin, &pat).await?;

    let mut pages = vec![page(&browser, &origin).await?];
    let form = [("workspace", WORKSPACE), ("back", "/")];
    post(&browser, &origin, "/api/tokens/refresh", &form).await?;
    pages.push(page(&browser, &origin).await?);
    sleep(SETTLE_TIME).await;
    let steady = server.memory_mb()?;

    sleep(SNAPSHOT_TTL_WAIT).await;
    server.reset_peak()?;
    pages.push(page(&browser, &origin).await?);
    // The page shows the old list if the new one takes long, and that is still being read.
    sleep(SETTLE_TIME).await;
    let peak = server.peak_memory_mb()?;
    Ok(MemoryUse {
        steady,
        peak,
        after: server.memory_mb()?,
        page: median(pages),
    })
}

/// Loads the first page of the token list and returns how long that took.
async fn page(browser: &reqwest::Client, origin: &str) -> Result<Duration, Box<dyn Error>> {
    let started = Instant::now();
    let response = browser.get(format!("{origin}/w/{WORKSPACE}/tokens")).send().await?;
    let html = response.error_for_status()?.text().await?;
    if !html.contains("Showing 1 to 50.") {
        return Err("the page shows no tokens".into());
    }
    Ok(started.elapsed())
}
