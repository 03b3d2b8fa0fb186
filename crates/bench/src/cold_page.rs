//! A cold token page beside one GET of the same list decoded into the client's types, with 100 ms before each answer
//! of the workspace.

use std::error::Error;
use std::time::{Duration, Instant};

use axum::Router;
use demo_workspace::{Config, Effect, Fault};
use secrecy::SecretString;
use workspace_client::{Client, Credential};

use crate::setup::{WORKSPACE, browser, median, post, serve, sign_in};

const RUNS: usize = 7;

/// Prints the figures, and the calls behind one page.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    println!("| tokens | cold page, median | one GET of the list, median | ratio | at most |");
    println!("|---|---|---|---|---|");
    let mut calls = Vec::new();
    for (tokens, bound) in [(1_000, 1.25), (10_000, 1.25), (100_000, 1.6)] {
        let (page, list, seen) = measure(tokens).await?;
        let ratio = page.as_secs_f64() / list.as_secs_f64();
        println!("| {tokens} | {page:.0?} | {list:.0?} | {ratio:.2} | {bound} |");
        calls = seen;
    }
    println!("\nThe calls behind one cold page, in the order in which they started:\n");
    calls.iter().for_each(|call| println!("- {call}"));
    Ok(())
}

async fn measure(tokens: u32) -> Result<(Duration, Duration, Vec<String>), Box<dyn Error>> {
    let workspace = demo_workspace::start(Config {
        tokens,
        ..Config::default()
    })
    .await?;
    let pat = workspace
        .credentials()
        .admin
        .pat
        .clone()
        .ok_or("the demo workspace has no token for its admin")?;
    let served = serve(workspace.url(), |_| Router::new()).await?;
    let browser = browser()?;
    sign_in(&browser, &served.origin, &pat).await?;
    let client = Client::new(Client::http()?, workspace.url().parse()?);
    let credential = Credential::new(SecretString::from(pat));
    workspace.fault(Fault::forever(None, "/api", Effect::None).after_ms(100));

    let (mut pages, mut lists, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let form = [("workspace", WORKSPACE), ("back", "/")];
        post(&browser, &served.origin, "/api/tokens/refresh", &form).await?;
        workspace.clear_log();
        let began = Instant::now();
        let answer = browser
            .get(format!("{}/w/{WORKSPACE}/tokens", served.origin))
            .send()
            .await?;
        let html = answer.error_for_status()?.text().await?;
        pages.push(began.elapsed());
        if !html.contains("Showing 1 to 50.") {
            return Err("the page shows no tokens".into());
        }
        calls = described(&workspace);

        let began = Instant::now();
        let list = client.with(&credential).tokens().await?;
        lists.push(began.elapsed());
        if list.tokens.len() != tokens as usize {
            return Err(format!("only {} of {tokens} tokens were listed", list.tokens.len()).into());
        }
    }
    Ok((median(pages), median(lists), calls))
}

fn described(workspace: &demo_workspace::Running) -> Vec<String> {
    let mut log = workspace.log();
    log.sort_by_key(|call| call.started_ms);
    let first = log.first().map_or(0, |call| call.started_ms);
    log.iter()
        .map(|call| {
            format!(
                "after {} ms: {} {}, {} ms",
                call.started_ms - first,
                call.method,
                call.path,
                call.duration_ms
            )
        })
        .collect()
}
