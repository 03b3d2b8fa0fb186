//! The page of the scopes of 100 000 tokens, compared with a bare scan of the comments and IDs of those tokens.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use axum::Router;
use demo_workspace::Config;
use secrecy::SecretString;
use workspace_client::{Client, Credential, HttpClient};

use crate::setup::{WORKSPACE, browser, median, post, serve_console, sign_in};

const TOKENS: u32 = 100_000;
const RUNS: usize = 21;

/// How many times as long as the scan the page may take.
const LIMIT: u32 = 60;

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let workspace = demo_workspace::start(Config {
        tokens: TOKENS,
        ..Config::default()
    })
    .await?;
    let pat = workspace.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    let served = serve_console(workspace.url(), |_, _| Router::new()).await?;
    let browser = browser()?;
    sign_in(&browser, &served.origin, &pat).await?;
    let client = Client::new(HttpClient::new()?, workspace.url().parse()?);
    let credential = Credential::new(SecretString::from(pat));
    let tokens = client.with(&credential).tokens().await?;
    let texts = tokens.tokens.iter();
    let texts: Vec<_> = texts
        .map(|token| format!("{}\n{}", token.comment.to_lowercase(), token.id.as_str()))
        .collect();

    let (list, page) = (format!("/w/{WORKSPACE}/tokens"), format!("/w/{WORKSPACE}/scopes"));
    let (mut first, mut again, mut scans) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let refresh = [("workspace", WORKSPACE), ("back", "/")];
        post(&browser, &served.origin, "/api/tokens/refresh", &refresh).await?;
        // Most people come from the list.
        time_page(&browser, &served.origin, &list).await?;
        first.push(time_page(&browser, &served.origin, &page).await?);
        again.push(time_page(&browser, &served.origin, &page).await?);
        let started = Instant::now();
        black_box(texts.iter().filter(|text| text.contains("export")).count());
        scans.push(started.elapsed());
    }
    let scan = median(scans);
    println!("| scopes page of 100 000 tokens | median | bare scan of the same strings | ratio | at most |");
    println!("|---|---|---|---|---|");
    for (name, times) in [("the first after the list was read", first), ("again", again)] {
        let time = median(times);
        let ratio = time.as_secs_f64() / scan.as_secs_f64();
        println!("| {name} | {time:.1?} | {scan:.1?} | {ratio:.1} | {LIMIT} |");
    }
    Ok(())
}

/// How long a page takes.
async fn time_page(browser: &reqwest::Client, origin: &str, path: &str) -> Result<Duration, Box<dyn Error>> {
    let started = Instant::now();
    let response = browser.get(format!("{origin}{path}")).send().await?;
    response.error_for_status()?.bytes().await?;
    Ok(started.elapsed())
}
