//! Many people at once: an open loop at half the greatest rate, from a thousand sessions and from one; and what it costs a page to
//! know who asks.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use demo_workspace::{Change, ChangeOutcome, Config, NewToken, Running};
use tokio::task::JoinSet;
use tokio::time::sleep_until;
use workspace_client::{Client, Credential};

use crate::server_process::{Server, middle, rate};
use crate::setup::{WORKSPACE, browser, keeps_styles, session, with_cookie};

const SESSIONS: usize = 1000;

/// As many as one person may have.
const SESSIONS_EACH: usize = store::MAX_SIGN_INS as usize;

/// How long each loop runs.
const LOAD_DURATION: Duration = Duration::from_secs(8);

/// Starts the server on one core and asks from the other; prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let config = Config {
        tokens: 10_000,
        ..Config::default()
    };
    let workspace = demo_workspace::start(config).await?;
    let pat = workspace.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    let mut server = Server::start(workspace.url(), &pat)?;
    let origin = server.origin()?;
    let styles = keeps_styles(&origin).await?;
    let tokens = admin_tokens(&workspace, &pat).await?;
    let mut cookies = Vec::with_capacity(SESSIONS);
    for token in tokens
        .iter()
        .flat_map(|token| std::iter::repeat_n(token, SESSIONS_EACH))
    {
        let session = session(&browser()?, &origin, token).await?;
        cookies.push(format!("{session}; {styles}"));
    }
    let page = format!("{origin}/w/{WORKSPACE}/tokens");

    let asking = with_cookie(&cookies[0])?;
    let (mut rates, mut pages, mut checked, mut empty) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        let (rate, page_cost) = cost(&server, &asking, &page).await?;
        rates.push(rate);
        pages.push(page_cost);
        checked.push(cost(&server, &asking, &format!("{origin}/checked")).await?.1);
        empty.push(cost(&server, &asking, &format!("{origin}/empty")).await?.1);
    }
    let (greatest, pages, check) = (middle(rates), middle(pages), middle(checked) - middle(empty));

    let (mut one, mut many) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        one.push(open_loop(&page, &cookies[..1], greatest / 2.0).await?);
        many.push(open_loop(&page, &cookies, greatest / 2.0).await?);
    }
    let (one, many) = (middle(one), middle(many));
    println!(
        "| {:.0} pages per second, half of the maximum, open loop | p99, ms | of one session | at most |",
        greatest / 2.0
    );
    println!("|---|---|---|---|");
    println!("| one session | {one:.1} | 1 | |");
    println!("| {SESSIONS} sessions | {many:.1} | {:.2} | 3 |", many / one);
    println!(
        "\n| identity and permission | processor time of the server, \u{b5}s per request | of the page | at most |"
    );
    println!("|---|---|---|---|");
    println!("| the whole page | {:.0} | 1 | |", pages * 1e6);
    println!(
        "| of which session, sign-in and admin check | {:.0} | {:.3} | 0.1 |",
        check * 1e6,
        check / pages
    );
    Ok(())
}

/// A token of each of as many admins as it takes for all sessions.
async fn admin_tokens(workspace: &Running, pat: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let client = Client::new(Client::http()?, workspace.url().parse()?);
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

/// How often a second an address is answered, and the processor time of an answer, in seconds: what the server is not busy with, as
/// when it waits for the asking side, is not counted.
async fn cost(server: &Server, asking: &reqwest::Client, address: &str) -> Result<(f64, f64), Box<dyn Error>> {
    let (used, began) = (server.processor_seconds()?, Instant::now());
    let rate = rate(asking, address, "identity").await?;
    let answers = rate * began.elapsed().as_secs_f64();
    Ok((rate, (server.processor_seconds()? - used) / answers))
}

/// Asks at fixed moments, whatever has been answered until then, each time from the next session. Answers the 99th percentile of
/// the time from such a moment to the last byte, in milliseconds: who is kept waiting to be asked counts as waiting.
async fn open_loop(page: &str, cookies: &[String], rate: f64) -> Result<f64, Box<dyn Error>> {
    let http = reqwest::Client::builder().no_gzip().build()?;
    let page: Arc<str> = page.into();
    let begin = Instant::now() + Duration::from_millis(50);
    let mut answers = JoinSet::new();
    let mut moments = (0_u32..).map(|n| begin + Duration::from_secs_f64(f64::from(n) / rate));
    for cookie in cookies.iter().cycle() {
        let Some(moment) = moments.next().filter(|moment| *moment < begin + LOAD_DURATION) else {
            break;
        };
        sleep_until(moment.into()).await;
        let request = http.get(&*page).header("Cookie", cookie);
        answers.spawn(async move {
            request.send().await?.error_for_status()?.bytes().await?;
            Ok::<_, reqwest::Error>(moment.elapsed())
        });
    }
    let mut times = Vec::new();
    while let Some(time) = answers.join_next().await {
        times.push(time??);
    }
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).ok_or("no requests were made")?;
    Ok(p99.as_secs_f64() * 1000.0)
}
