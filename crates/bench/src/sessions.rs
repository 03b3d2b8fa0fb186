//! Many users at once: an open loop at half the maximum rate, from a thousand sessions and from one. Also how much of a
//! page's processor time identifying the user takes.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use demo_workspace::{Change, ChangeOutcome, Config, NewToken, Running};
use tokio::task::JoinSet;
use tokio::time::sleep_until;
use workspace_client::{Client, Credential, HttpClient};

use crate::server_process::ServerProcess;
use crate::setup::{WORKSPACE, browser, client_with_cookie, median_f64, sign_in_session, stylesheet_cookie};

const SESSIONS: usize = 1000;

/// The maximum number of sessions of one user.
const SESSIONS_EACH: usize = store::MAX_SIGN_INS as usize;

/// How long each loop runs.
const LOAD_DURATION: Duration = Duration::from_secs(8);

/// Starts the server on the first core, sends requests from the second, and prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config {
        tokens: 10_000,
        ..Config::default()
    };
    let workspace = demo_workspace::start(config).await?;
    let pat = workspace.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    let mut server = ServerProcess::start(workspace.url(), &pat)?;
    let origin = server.origin()?;
    let styles = stylesheet_cookie(&origin).await?;
    let tokens = admin_tokens(&workspace, &pat).await?;
    let mut cookies = Vec::with_capacity(SESSIONS);
    for token in tokens
        .iter()
        .flat_map(|token| std::iter::repeat_n(token, SESSIONS_EACH))
    {
        let session = sign_in_session(&browser()?, &origin, token).await?;
        cookies.push(format!("{session}; {styles}"));
    }
    let page = format!("{origin}/w/{WORKSPACE}/tokens");

    let browser = client_with_cookie(&cookies[0])?;
    let (mut rates, mut pages, mut checked, mut empty) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        let page = server.load(&browser, &page, "identity").await?;
        rates.push(page.per_second);
        pages.push(page.processor_seconds);
        for (path, costs) in [("/checked", &mut checked), ("/empty", &mut empty)] {
            let load = server.load(&browser, &format!("{origin}{path}"), "identity").await?;
            costs.push(load.processor_seconds);
        }
    }
    let (max_rate, page_cost) = (median_f64(rates), median_f64(pages));
    let check_cost = median_f64(checked) - median_f64(empty);

    let (mut one, mut many) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        one.push(open_loop(&page, &cookies[..1], max_rate / 2.0).await?);
        many.push(open_loop(&page, &cookies, max_rate / 2.0).await?);
    }
    let (one, many) = (median_f64(one), median_f64(many));
    println!(
        "| {:.0} pages per second, half of the maximum, open loop | p99, ms | of one session | at most |",
        max_rate / 2.0
    );
    println!("|---|---|---|---|");
    println!("| one session | {one:.1} | 1 | |");
    println!("| {SESSIONS} sessions | {many:.1} | {:.2} | 3 |", many / one);
    println!(
        "\n| identity and permission | processor time of the server, \u{b5}s per request | of the page | at most |"
    );
    println!("|---|---|---|---|");
    println!("| the whole page | {:.0} | 1 | |", page_cost * 1e6);
    println!(
        "| of which session, sign-in and admin check | {:.0} | {:.3} | 0.1 |",
        check_cost * 1e6,
        check_cost / page_cost
    );
    Ok(())
}

/// Makes as many users admins as needed for all sessions, and returns a token of each.
async fn admin_tokens(workspace: &Running, pat: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let client = Client::new(HttpClient::new()?, workspace.url().parse()?);
    let users = client.with(&Credential::new(pat.to_owned().into())).users().await?;
    let mut tokens = Vec::new();
    for user in users
        .rows
        .into_iter()
        .filter(|user| user.active)
        .take(SESSIONS / SESSIONS_EACH)
    {
        workspace.change(Change::MakeAdmin {
            user_name: user.name.clone(),
        })?;
        let new = NewToken {
            owner: user.name,
            ..NewToken::default()
        };
        if let ChangeOutcome::Created { token_value, .. } = workspace.change(Change::CreateToken(new))? {
            tokens.push(token_value);
        }
    }
    Ok(tokens)
}

/// Sends requests at fixed times, each from the next session, without waiting for earlier responses. Returns the 99th
/// percentile of the time from the scheduled moment to the last byte, in milliseconds. A request that is sent late also
/// counts from its scheduled moment.
async fn open_loop(page: &str, cookies: &[String], rate: f64) -> Result<f64, Box<dyn Error>> {
    let http = reqwest::Client::builder().no_gzip().build()?;
    let page: Arc<str> = page.into();
    let start = Instant::now() + Duration::from_millis(50);
    let mut responses = JoinSet::new();
    let mut due_times = (0_u32..).map(|n| start + Duration::from_secs_f64(f64::from(n) / rate));
    for cookie in cookies.iter().cycle() {
        let Some(due) = due_times.next().filter(|due| *due < start + LOAD_DURATION) else {
            break;
        };
        sleep_until(due.into()).await;
        let request = http.get(&*page).header("Cookie", cookie);
        responses.spawn(async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok::<_, reqwest::Error>(due.elapsed())
        });
    }
    let mut times = Vec::new();
    while let Some(time) = responses.join_next().await {
        times.push(time??);
    }
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).ok_or("no requests were made")?;
    Ok(p99.as_secs_f64() * 1000.0)
}
