//! SQLite and PostgreSQL: the cost of identifying the user on PostgreSQL, and the growth rate of the activity log on
//! both, compared with a loop that only syncs the disk. Also how many pages two instances serve compared with one.

use std::error::Error;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use demo_workspace::Config;
use domain::{ClientAddress, PrincipalId, Timestamp};
use store::{
    ActivityEntry, ActivityKind, CredentialKind, Detail, NewSignIn, Outcome, Phase, PostgresUrl, RequestedValue, Role,
    SealingKey, SignInId, Store,
};
use test_postgres::PostgresServer;
use tokio::task::JoinSet;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

use crate::disk_sync::{sync_time, with_delayed_syncs};
use crate::setup::{WORKSPACE, browser, client_with_cookie, median, median_f64, serve_console_on, sign_in_session};

/// How many users are identified, one after the other.
const IDENTIFICATIONS: usize = 2000;

/// How many callers append at the same time.
const CALLERS: u32 = 64;

/// How many clients request pages at the same time.
const CLIENTS: usize = 16;

/// How long each append rate is measured.
const APPEND_DURATION: Duration = Duration::from_secs(4);

/// An additional delay of each disk sync in a second run: about what a sync costs on the network disks of cloud
/// servers. On a disk that syncs faster than a row can be processed, the processor limits the rate.
const SYNC_DELAY: Duration = Duration::from_millis(2);

/// A PostgreSQL server that syncs the disk before a commit returns, as in production.
pub(crate) struct DurableServer {
    server: PostgresServer,
    databases: AtomicU32,
}

impl DurableServer {
    pub(crate) fn start() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            server: PostgresServer::start_with(&[])?,
            databases: AtomicU32::new(0),
        })
    }

    /// The URL of a new, empty database.
    pub(crate) fn fresh_database(&self) -> Result<PostgresUrl, Box<dyn Error>> {
        let name = format!("bench_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.server.query("postgres", &format!("create database {name}"))?;
        Ok(self.server.url_of(&name).parse()?)
    }
}

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let server = DurableServer::start()?;
    let url = server.fresh_database()?;
    identification(&Store::open(url.clone(), key()?).await?, &url).await?;

    println!("\n| rows added to the activity log | per second | syncs per second | ratio | at least |");
    println!("|---|---|---|---|---|");
    print_append_rates(&server).await?;
    let (mut delayed, _folder) = with_delayed_syncs("append-rates", SYNC_DELAY)?;
    let output = delayed.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("the rates with delayed syncs could not be measured".into());
    }
    print!("{}", String::from_utf8(output.stdout)?);
    pages(&server).await
}

/// Prints how fast rows are added, as lines of a table. With delayed syncs, this runs in a separate process.
pub(crate) async fn run_append_rates() -> Result<(), Box<dyn Error>> {
    print_append_rates(&DurableServer::start()?).await
}

async fn print_append_rates(server: &DurableServer) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let sqlite = Store::open(folder.path(), key()?).await?;
    let postgres = Store::open(server.fresh_database()?, key()?).await?;
    for (name, store) in [("SQLite", &sqlite), ("PostgreSQL", &postgres)] {
        for (callers, at_least) in [(1, 0.7), (CALLERS, 4.0)] {
            let (rate, syncs) = append_rate(store, folder.path(), callers).await?;
            let plural = if callers == 1 { "" } else { "s" };
            let (sync, ratio) = (1000.0 / syncs, rate / syncs);
            println!(
                "| {name}, {callers} caller{plural}, a sync takes {sync:.1} ms \
                 | {rate:.0} | {syncs:.0} | {ratio:.2} | {at_least} |"
            );
        }
    }
    Ok(())
}

/// Compares how many pages two instances serve with one instance, on the same machine and database.
async fn pages(server: &DurableServer) -> Result<(), Box<dyn Error>> {
    let config = Config {
        tokens: 1000,
        ..Config::default()
    };
    let workspace = demo_workspace::start(config).await?;
    let pat = workspace.credentials().admin.pat.clone();
    let pat = pat.ok_or("the demo workspace has no token for its admin")?;
    let url = server.fresh_database()?;
    let mut origins = Vec::new();
    for _ in 0..2 {
        let served = serve_console_on(Some(&url), workspace.url(), |_, _| Router::new()).await?;
        let cookie = sign_in_session(&browser()?, &served.origin, &pat).await?;
        origins.push((
            format!("{}/w/{WORKSPACE}/tokens", served.origin),
            client_with_cookie(&cookie)?,
        ));
    }
    let (mut one, mut two) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        one.push(page_rate(&origins[..1]).await?);
        two.push(page_rate(&origins).await?);
    }
    let (one, two) = (median_f64(one), median_f64(two));
    println!("\n| warm token pages per second, {CLIENTS} clients, one machine, PostgreSQL | | of one |");
    println!("|---|---|---|");
    println!("| one instance | {one:.0} | 1 |");
    println!("| two instances, in turns | {two:.0} | {:.2} |", two / one);
    Ok(())
}

/// Pages per second from these instances. Each client alternates between them.
async fn page_rate(pages: &[(String, reqwest::Client)]) -> Result<f64, Box<dyn Error>> {
    let (started, end) = (Instant::now(), Instant::now() + Duration::from_secs(3));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let pages = pages.to_vec();
        clients.spawn(async move {
            let mut served = 0_u32;
            for (url, http) in pages.iter().cycle().take_while(|_| Instant::now() < end) {
                http.get(url).send().await?.error_for_status()?.bytes().await?;
                served += 1;
            }
            Ok::<_, reqwest::Error>(served)
        });
    }
    let mut total = 0;
    while let Some(served) = clients.join_next().await {
        total += served??;
    }
    Ok(f64::from(total) / started.elapsed().as_secs_f64())
}

fn key() -> Result<SealingKey, store::KeyError> {
    SealingKey::parse(&"1f".repeat(32).into())
}

/// The cost of finding the session and the sign-in of a request. The proof of being an admin is in memory.
async fn identification(store: &Store, url: &PostgresUrl) -> Result<(), Box<dyn Error>> {
    let (session, sign_in) = signed_in(store).await?;
    let sessions = store.sessions();
    let bare = sqlx::postgres::PgPoolOptions::new()
        .min_connections(1)
        .max_connections(1)
        .test_before_acquire(false)
        .connect_with(url.connect_options())
        .await?;
    let (mut asked, mut compared) = (Vec::new(), Vec::new());
    let now = console::now();
    for _ in 0..IDENTIFICATIONS {
        let started = Instant::now();
        sessions.load(&session).await?.ok_or("the session is gone")?;
        store.sign_in(&sign_in, now).await?.ok_or("the sign-in is gone")?;
        asked.push(started.elapsed());
        let started = Instant::now();
        sqlx::query("select 1").execute(&bare).await?;
        compared.push(started.elapsed());
    }
    let (asked, compared) = (median(asked), median(compared));
    println!("| who makes a request, with PostgreSQL | µs | of a `select 1` | at most |");
    println!("|---|---|---|---|");
    println!("| a bare `select 1` | {:.0} | 1 | |", microseconds(compared));
    println!(
        "| session, sign-in and proof | {:.0} | {:.2} | 3 |",
        microseconds(asked),
        asked.as_secs_f64() / compared.as_secs_f64()
    );
    Ok(())
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// A browser session and a sign-in.
async fn signed_in(store: &Store) -> Result<(Id, SignInId), Box<dyn Error>> {
    let mut record = Record {
        id: Id::default(),
        data: [("acme".to_owned(), "0123456789abcdef".into())].into(),
        expiry_date: time::OffsetDateTime::now_utc() + Duration::from_hours(1),
    };
    store.sessions().create(&mut record).await?;
    let now = console::now();
    let sign_in = store.add_sign_in(NewSignIn {
        workspace: "acme http://localhost".into(),
        principal: PrincipalId::new(7),
        user_name: "mia@acme.example".into(),
        display_name: "Mia".into(),
        kind: CredentialKind::OAuth,
        role: Role::Admin,
        device: "Firefox on Linux".into(),
        client: ClientAddress::UNKNOWN,
        secret: "dapi0123456789abcdef0123456789abcdef".into(),
        created: now,
        ends: now.plus(Duration::from_hours(8)),
        idle: Duration::from_hours(1),
    });
    Ok((record.id, sign_in.await?))
}

/// How many rows per second `callers` add, each waiting for its own row, and how many times per second the disk of
/// `folder` can be synced. Both are measured in turns.
async fn append_rate(store: &Store, folder: &Path, callers: u32) -> Result<(f64, f64), Box<dyn Error>> {
    let (mut rates, mut syncs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        syncs.push(1.0 / sync_time(folder)?.as_secs_f64());
        let deadline = Instant::now() + APPEND_DURATION / 3;
        let started = Instant::now();
        let mut running = JoinSet::new();
        for _ in 0..callers {
            let store = store.clone();
            running.spawn(async move {
                let mut rows = 0_u32;
                while Instant::now() < deadline {
                    store.append(&entry()).await?;
                    rows += 1;
                }
                Ok::<_, store::StoreError>(rows)
            });
        }
        let mut rows = 0;
        while let Some(added) = running.join_next().await {
            rows += added??;
        }
        rates.push(f64::from(rows) / started.elapsed().as_secs_f64());
    }
    Ok((median_f64(rates), median_f64(syncs)))
}

fn entry() -> ActivityEntry {
    ActivityEntry {
        at: Timestamp::from_ms(1_795_442_400_000),
        workspace: "acme".into(),
        operation: store::operation_id(),
        phase: Phase::Refused,
        actor: "mia@acme.example".into(),
        kind: ActivityKind::RevokeToken,
        target: "4a1d".into(),
        before: String::new(),
        requested: RequestedValue::Empty,
        reason: "leaked".into(),
        outcome: Outcome::Refused,
        detail: Detail::Empty,
        request_id: "request-1".into(),
        client: ClientAddress::UNKNOWN,
    }
}
