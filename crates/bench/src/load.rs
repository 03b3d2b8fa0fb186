//! Many people at once: an open loop at half the greatest rate, from a thousand sessions and from one; and what it costs a page to
//! know who asks.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use demo_workspace::Config;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::served::{Server, middle, rate};
use crate::setup::{WORKSPACE, browser, keeps_styles, session, with_cookie};

const SESSIONS: usize = 1000;

/// How long each loop runs.
const LOOP: Duration = Duration::from_secs(8);

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
    let mut cookies = Vec::with_capacity(SESSIONS);
    for _ in 0..SESSIONS {
        let session = session(&browser()?, &origin, &pat).await?;
        cookies.push(format!("{session}; {styles}"));
    }
    let page = format!("{origin}/w/{WORKSPACE}/tokens");

    let asking = with_cookie(&cookies[0])?;
    let (mut pages, mut checked, mut empty) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        pages.push(rate(&asking, &page, "identity").await?);
        checked.push(rate(&asking, &format!("{origin}/checked"), "identity").await?);
        empty.push(rate(&asking, &format!("{origin}/empty"), "identity").await?);
    }
    let (pages, checked, empty) = (middle(pages), middle(checked), middle(empty));
    let share = (1.0 / checked - 1.0 / empty) * pages;

    let (mut one, mut many) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        one.push(open_loop(&page, &cookies[..1], pages / 2.0).await?);
        many.push(open_loop(&page, &cookies, pages / 2.0).await?);
    }
    let (one, many) = (middle(one), middle(many));
    println!(
        "| {:.0} pages a second, half of the most there can be, open loop | p99, ms | of one session | at most |",
        pages / 2.0
    );
    println!("|---|---|---|---|");
    println!("| one session | {one:.1} | 1 | |");
    println!("| {SESSIONS} sessions | {many:.1} | {:.2} | 3 |", many / one);
    println!("\n| who asks, and whether they may | \u{b5}s a request | of the page | at most |");
    println!("|---|---|---|---|");
    println!("| the page, all in all | {:.0} | 1 | |", 1e6 / pages);
    println!(
        "| of which session, sign-in and proof | {:.0} | {share:.2} | 0.1 |",
        1e6 / checked - 1e6 / empty
    );
    Ok(())
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
        let Some(moment) = moments.next().filter(|moment| *moment < begin + LOOP) else {
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
    let p99 = times.get(times.len() * 99 / 100).ok_or("nothing was asked")?;
    Ok(p99.as_secs_f64() * 1000.0)
}
