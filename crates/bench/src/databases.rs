//! SQLite and PostgreSQL: what identifying the user costs on PostgreSQL, and how fast the activity log grows on both,
//! compared with a loop that only syncs the disk. `BENCH_POSTGRES` is the URL of a server, `BENCH_POSTGRES_DATA` its
//! data directory.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::{ClientAddress, PrincipalId, Timestamp};
use store::{
    ActivityEntry, ActivityKind, CredentialKind, DatabaseLocation, Detail, NewSignIn, Outcome, Phase, PostgresUrl,
    RequestedValue, Role, SealingKey, SignInId, Store,
};
use tokio::task::JoinSet;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

use crate::disk_sync::sync_time;
use crate::setup::{fresh_postgres_database, median};

/// How many users are identified, one after the other.
const IDENTIFICATIONS: usize = 2000;

/// How many callers append at the same time.
const CALLERS: u32 = 64;

/// How long appending is measured.
const APPEND_DURATION: Duration = Duration::from_secs(4);

/// Prints the figures.
pub(crate) async fn run() -> Result<(), Box<dyn Error>> {
    let sqlite_dir = tempfile::tempdir()?;
    let postgres_dir = PathBuf::from(std::env::var("BENCH_POSTGRES_DATA")?);
    let url = fresh_postgres_database().await?.ok_or("BENCH_POSTGRES is not set")?;
    let postgres = Store::open(DatabaseLocation::Postgres(url.clone()), key()?).await?;
    let sqlite = Store::open(sqlite_dir.path(), key()?).await?;

    identification(&postgres, &url).await?;

    println!("\n| rows added to the activity log | per second | syncs per second | ratio | at least |");
    println!("|---|---|---|---|---|");
    for (name, store, folder) in [
        ("SQLite", &sqlite, sqlite_dir.path()),
        ("PostgreSQL", &postgres, postgres_dir.as_path()),
    ] {
        for (callers, at_least) in [(1, 0.7), (CALLERS, 4.0)] {
            let (rate, syncs) = append_rate(store, folder, callers).await?;
            let plural = if callers == 1 { "" } else { "s" };
            println!(
                "| {name}, {callers} caller{plural} | {rate:.0} | {syncs:.0} | {:.2} | {at_least} |",
                rate / syncs
            );
        }
    }
    Ok(())
}

fn key() -> Result<SealingKey, store::KeyError> {
    SealingKey::parse(&"1f".repeat(32).into())
}

/// What finding the session and the sign-in of a request costs. The proof of an admin is in memory.
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

/// How many rows `callers` add a second, each waiting for its own, and how often the disk of `folder` can be synced a
/// second. Both are measured in turns.
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
    Ok((crate::setup::median_f64(rates), crate::setup::median_f64(syncs)))
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
