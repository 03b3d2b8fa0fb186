//! The activity log with a million rows: its pages compared with those of a log with ten thousand rows, and a change
//! while eight searches run.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use demo_workspace::Config;
use sqlx::{Connection as _, SqliteConnection};
use tokio::task::JoinSet;

use crate::setup::{ServedConsole, WORKSPACE, browser, median, post, serve_console, sign_in};

/// Each operation has two rows.
const OPERATIONS: u32 = 500_000;
const FEW_OPERATIONS: u32 = 5_000;

/// Additional tokens, revoked in bulk on the last day of 2025.
const BULK_TOKENS: u32 = 2_500;

const BULK_REVOCATION: &str = "
    with recursive n (i) as (select 1 union all select i + 1 from n where i < $1),
         phases (phase) as (values ('intent'), ('outcome'))
    insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                          detail, request_id, hash)
    select 1767139200000 + i * 1000, $2, 'token ' || i, phase, 'user-of-bulk', 'revoke_token',
           printf('%064x', i * 7919), 'nightly export ' || i, 'job 00000000000000000000000000000001', 'INC-42',
           iif(phase = 'intent', 'open', 'done'), iif(phase = 'intent', '', 'revoked'), 'request', ''
    from n cross join phases";

const RUNS: usize = 21;
const SEARCHES: usize = 8;

/// The longest time for a page.
const MAX_PAGE_TIME: &str = "50ms";

/// A search that scans as many operations as a search can, and finds nothing.
const LONGEST_SEARCH: &str = "?q=no+such+text";

/// A console whose activity log has many operations, and a signed-in browser.
struct FilledConsole {
    served: ServedConsole,
    browser: reqwest::Client,
}

impl FilledConsole {
    async fn start(workspace: &demo_workspace::Running, operations: u32) -> Result<Self, Box<dyn Error>> {
        let served = serve_console(workspace.url(), |_, _| Router::new()).await?;
        fill(served.data_dir(), operations).await?;
        let browser = browser()?;
        let pat = workspace.credentials().admin.pat.clone();
        let pat = pat.ok_or("the demo workspace has no token for its admin")?;
        sign_in(&browser, &served.origin, &pat).await?;
        Ok(Self { served, browser })
    }

    /// Opens the page with this query, which has to contain `text`. Returns how long that takes.
    async fn page(&self, query: &str, text: &str) -> Result<Duration, Box<dyn Error>> {
        let url = format!("{}/w/{WORKSPACE}/activity{query}", self.served.origin);
        let started = Instant::now();
        let html = self.browser.get(&url).send().await?.error_for_status()?.text().await?;
        let time = started.elapsed();
        match html.contains(text) {
            true => Ok(time),
            false => Err(format!("{url} has no {text:?}").into()),
        }
    }

    /// How long a change takes, from the form to the redirect.
    async fn change(&self, days: usize) -> Result<Duration, Box<dyn Error>> {
        let days = days.to_string();
        let form = [("workspace", WORKSPACE), ("days", days.as_str())];
        let started = Instant::now();
        post(&self.browser, &self.served.origin, "/api/settings/lifetime", &form).await?;
        Ok(started.elapsed())
    }
}

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let workspace = demo_workspace::start(Config::default()).await?;
    let many = FilledConsole::start(&workspace, OPERATIONS).await?;
    let few = FilledConsole::start(&workspace, FEW_OPERATIONS).await?;
    compare_pages(&many, &few).await?;
    time_searches(&many).await?;
    compare_changes(&many).await
}

async fn compare_pages(many: &FilledConsole, few: &FilledConsole) -> Result<(), Box<dyn Error>> {
    println!(
        "| a page of the activity log with 1 000 000 rows | median | at most | of one with 10 000 rows | at most |"
    );
    println!("|---|---|---|---|---|");
    for (name, query, query_of_few) in [
        ("the newest", "", ""),
        ("from the middle on", "?before=500001", "?before=5001"),
        ("back from the middle", "?after=500001", "?after=5001"),
        ("the oldest", "?before=101", "?before=101"),
        ("one user", "?actor=user-3", "?actor=user-3"),
        ("one action", "?kind=edit_comment", "?kind=edit_comment"),
        ("one outcome", "?outcome=failed", "?outcome=failed"),
        (
            "all three, from the middle on",
            "?actor=user-3&kind=edit_comment&outcome=done&before=500001",
            "?actor=user-3&kind=edit_comment&outcome=done",
        ),
        (
            "all three, and nothing matches",
            "?actor=user-3&kind=edit_comment&outcome=refused",
            "?actor=user-3&kind=edit_comment&outcome=refused",
        ),
        (
            "one day",
            "?from=2026-01-02&to=2026-01-02",
            "?from=2026-01-01&to=2026-01-01",
        ),
        ("2,000 tokens of a bulk revocation", "?to=2025-12-31", "?to=2025-12-31"),
        ("a search that fills a page", "?q=operation", "?q=operation"),
    ] {
        let (mut of_many, mut of_few) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            of_many.push(many.page(query, "</html>").await?);
            of_few.push(few.page(query_of_few, "</html>").await?);
        }
        let (of_many, of_few) = (median(of_many), median(of_few));
        let ratio = of_many.as_secs_f64() / of_few.as_secs_f64();
        println!("| {name} | {of_many:.1?} | {MAX_PAGE_TIME} | {ratio:.2} | 2 |");
    }
    Ok(())
}

async fn time_searches(console: &FilledConsole) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..5 {
        times.push(console.page(LONGEST_SEARCH, "Searched back to").await?);
    }
    println!(
        "\nA search that looks through 200 000 operations and finds nothing takes {:.0?}.\n",
        median(times)
    );
    Ok(())
}

/// Compares changes alone with changes while eight browsers search continuously.
async fn compare_changes(console: &FilledConsole) -> Result<(), Box<dyn Error>> {
    let (mut alone, mut busy, mut pages) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..RUNS {
        alone.push(console.change(run % 2 + 30).await?);
        let mut searches = JoinSet::new();
        let url = format!("{}/w/{WORKSPACE}/activity{LONGEST_SEARCH}", console.served.origin);
        for _ in 0..SEARCHES {
            let request = console.browser.get(&url);
            searches.spawn(async move { request.send().await?.error_for_status()?.text().await });
        }
        // Wait until the searches have started.
        tokio::time::sleep(Duration::from_millis(50)).await;
        busy.push(console.change(run % 2 + 60).await?);
        pages.push(console.page("", "newest first").await?);
        if searches.try_join_next().is_some() {
            return Err("a search ended before the change".into());
        }
        while let Some(search) = searches.join_next().await {
            search??;
        }
    }
    let (alone, busy) = (median(alone), median(busy));
    println!("| a change of a setting, confirmed | median | of one without searches | at most |");
    println!("|---|---|---|---|");
    println!("| while nothing else runs | {alone:.1?} | 1 | |");
    println!(
        "| while {SEARCHES} searches run | {busy:.1?} | {:.2} | 2 |",
        busy.as_secs_f64() / alone.as_secs_f64()
    );
    println!("\nThe newest page takes {:.1?} while they run.", median(pages));
    Ok(())
}

/// Adds operations with their outcomes in one transaction, one for each second of 2026. Their hashes form no chain.
async fn fill(data_dir: &Path, operations: u32) -> Result<(), Box<dyn Error>> {
    let url = format!("sqlite://{}", data_dir.join("console.db").display());
    let mut connection = SqliteConnection::connect(&url).await?;
    sqlx::query("pragma synchronous = off").execute(&mut connection).await?;
    sqlx::query(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < $1),
              phases (phase) as (values ('intent'), ('outcome'))
         insert into activity (at, workspace, operation, phase, actor, kind, target, was, wanted, reason, outcome,
                               detail, request_id, hash)
         select 1767225600000 + i * 1000, $2, printf('%032x', i), phase, 'user-' || (i % 17),
                iif(i % 4, 'revoke_token', 'edit_comment'), printf('%064x', i * 7919), 'nightly export ' || i, '',
                'an operation for the benchmark',
                case when phase = 'intent' then 'open' when i % 10 then 'done' else 'failed' end, '',
                printf('request-%026d', i), printf('%064x', i)
         from n cross join phases",
    )
    .bind(operations)
    .bind(WORKSPACE)
    .execute(&mut connection)
    .await?;
    sqlx::query(BULK_REVOCATION)
        .bind(BULK_TOKENS)
        .bind(WORKSPACE)
        .execute(&mut connection)
        .await?;
    sqlx::query("pragma wal_checkpoint(truncate)")
        .execute(&mut connection)
        .await?;
    Ok(connection.close().await?)
}
