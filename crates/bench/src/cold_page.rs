//! A cold token page, compared with one GET of the same list decoded into the client's types. The workspace delays each
//! response by 100 ms.

use std::error::Error;
use std::time::{Duration, Instant};

use axum::Router;
use demo_workspace::{Config, Effect, Fault};
use secrecy::SecretString;
use workspace_client::{Client, Credential, HttpClient};

use crate::setup::{WORKSPACE, browser, median, post, serve_console, sign_in};

const RUNS: usize = 7;

const SCIM: &str = "/api/2.0/preview/scim/v2";
const CONF: &str = "/api/2.0/workspace-conf";
const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";

/// Prints the figures, and the calls behind one page.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    println!("| tokens | cold page, median | one GET of the list, median | ratio | at most |");
    println!("|---|---|---|---|---|");
    let mut calls = Vec::new();
    for (tokens, limit) in [(1_000, 1.25), (10_000, 1.25), (100_000, 1.6)] {
        let (page, list, page_calls) = measure(tokens).await?;
        let ratio = page.as_secs_f64() / list.as_secs_f64();
        println!("| {tokens} | {page:.0?} | {list:.0?} | {ratio:.2} | {limit} |");
        calls = page_calls;
    }
    compare_slow_parts().await?;
    println!("\nThe calls behind one cold page, in the order in which they started:\n");
    calls.iter().for_each(|call| println!("- {call}"));
    Ok(())
}

/// Prints how long the very first list page takes if only the list responds in time.
async fn compare_slow_parts() -> Result<(), Box<dyn Error>> {
    println!(
        "\n| first list page of a console, 10 000 tokens | median | one GET of the list, median | ratio | at most |"
    );
    println!("|---|---|---|---|---|");
    let hang = |path| Fault::forever("GET", path, Effect::Hang);
    let all_hang = [SCIM, CONF, PERMISSIONS].map(hang).to_vec();
    let slow_scim = vec![Fault::forever("GET", SCIM, Effect::None).after_ms(25_000)];
    for (name, faults) in [
        ("names, settings, permissions and groups hang", all_hang),
        ("SCIM responds after 25 s", slow_scim),
    ] {
        let (page, list) = measure_first_page(10_000, &faults).await?;
        let ratio = page.as_secs_f64() / list.as_secs_f64();
        println!("| {name} | {page:.0?} | {list:.0?} | {ratio:.2} | 1.25 |");
    }
    Ok(())
}

/// The median times of the first list page of a new console, and of the list itself, with these faults of the
/// workspace.
async fn measure_first_page(tokens: u32, faults: &[Fault]) -> Result<(Duration, Duration), Box<dyn Error>> {
    let (workspace, pat) = start_workspace(tokens).await?;
    let client = Client::new(HttpClient::new()?, workspace.url().parse()?);
    let credential = Credential::new(SecretString::from(pat.clone()));
    let (mut pages, mut lists) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        workspace.clear_faults();
        let served = serve_console(workspace.url(), |_, _| Router::new()).await?;
        let browser = browser()?;
        sign_in(&browser, &served.origin, &pat).await?;
        faults.iter().for_each(|fault| workspace.fault(fault.clone()));
        workspace.fault(Fault::forever(None, "/api", Effect::None).after_ms(100));
        let (page, html) = load_list(&browser, &served.origin).await?;
        if !html.contains("are loading.") {
            return Err("the page waited for names".into());
        }
        pages.push(page);
        let started = Instant::now();
        client.with(&credential).tokens().await?;
        lists.push(started.elapsed());
    }
    Ok((median(pages), median(lists)))
}

/// A workspace, and the token of its admin.
async fn start_workspace(tokens: u32) -> Result<(demo_workspace::Running, String), Box<dyn Error>> {
    let workspace = demo_workspace::start(Config {
        tokens,
        ..Config::default()
    })
    .await?;
    let pat = workspace.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    Ok((workspace, pat))
}

/// The list page, and how long it took to load.
async fn load_list(browser: &reqwest::Client, origin: &str) -> Result<(Duration, String), Box<dyn Error>> {
    let started = Instant::now();
    let response = browser.get(format!("{origin}/w/{WORKSPACE}/tokens")).send().await?;
    let html = response.error_for_status()?.text().await?;
    let time = started.elapsed();
    match html.contains("Showing 1 to 50.") {
        true => Ok((time, html)),
        false => Err("the page shows no tokens".into()),
    }
}

/// The median times of the page and of the list, and the calls that the last page made.
async fn measure(tokens: u32) -> Result<(Duration, Duration, Vec<String>), Box<dyn Error>> {
    let (workspace, pat) = start_workspace(tokens).await?;
    let served = serve_console(workspace.url(), |_, _| Router::new()).await?;
    let browser = browser()?;
    sign_in(&browser, &served.origin, &pat).await?;
    let client = Client::new(HttpClient::new()?, workspace.url().parse()?);
    let credential = Credential::new(SecretString::from(pat));
    workspace.fault(Fault::forever(None, "/api", Effect::None).after_ms(100));

    let (mut pages, mut lists, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let form = [("workspace", WORKSPACE), ("back", "/")];
        post(&browser, &served.origin, "/api/tokens/refresh", &form).await?;
        workspace.clear_log();
        pages.push(load_list(&browser, &served.origin).await?.0);
        calls = describe_calls(&workspace);

        let started = Instant::now();
        let list = client.with(&credential).tokens().await?;
        lists.push(started.elapsed());
        if list.tokens.len() != tokens as usize {
            return Err(format!("only {} of {tokens} tokens were listed", list.tokens.len()).into());
        }
    }
    Ok((median(pages), median(lists), calls))
}

/// One line for each call in the log, in the order of their start.
fn describe_calls(workspace: &demo_workspace::Running) -> Vec<String> {
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
