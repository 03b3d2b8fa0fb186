//! A database that restarts under load, or is unavailable for a while.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use demo_workspace::Running;
use serde_json::Value;
use test_postgres::{PostgresPrograms, PostgresServer, Shutdown};
use tokio::time::{Duration, Instant, sleep};

use super::{Instances, call_count, create_token, rounds};
use crate::support::{LIST, demo};
use crate::visitor::{Visitor, VisitorResponse};
use crate::wire::Wire;

/// How long a verified session can be used without the database.
const SESSION_TRUST: Duration = Duration::from_secs(30);

/// How long an instance may take to notice that the database is available again.
const RECOVERY: Duration = Duration::from_secs(20);

/// How many people revoke tokens at the same time.
const WORKERS: usize = 6;

/// How long the database is down during a restart.
const DOWN_TIME: Duration = Duration::from_secs(2);

/// How long a page may wait for an unresponsive database before it is rendered without it.
const PAGE_TIMEOUT: Duration = Duration::from_secs(12);

/// How long it may take until a refused change is reported.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(6);

/// Additional time that a request may take.
const TOLERANCE: Duration = Duration::from_secs(3);

const DELETE: &str = "/api/2.0/token-management/tokens";

/// A separate server with a database. `None` without PostgreSQL; `cargo xtask test` lists tests that were not run.
fn own_server() -> Option<PostgresServer> {
    if PostgresPrograms::find().is_err() && std::env::var_os("CI").is_none() {
        eprintln!("not run: PostgreSQL is not installed");
        return None;
    }
    let server = PostgresServer::start().unwrap();
    server.query("postgres", "create database console").unwrap();
    Some(server)
}

async fn revoke(visitor: &Visitor, at: &str, id: &str) -> VisitorResponse {
    let form = [("workspace", "acme"), ("id", id), ("back", LIST)];
    visitor.post(at, "/api/tokens/revoke", &form).await
}

/// The IDs of the tokens in the workspace.
async fn existing(demo: &Running) -> BTreeSet<String> {
    let url = format!("{}{DELETE}", demo.url());
    let token = demo.credentials().admin.pat.clone().unwrap();
    let response = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
    let list: Value = response.json().await.unwrap();
    let tokens = list["token_infos"].as_array().unwrap().iter();
    tokens
        .map(|token| token["token_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until an instance is ready.
async fn ready(visitor: &Visitor, at: &str) {
    let began = Instant::now();
    while visitor.get(at, "/readyz").await.status != 200 {
        assert!(began.elapsed() < RECOVERY, "it does not recover");
        sleep(Duration::from_millis(100)).await;
    }
}

/// The outcome of a revocation, as reported to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ReportedOutcome {
    /// It is confirmed.
    Revoked,
    /// It says that nothing was changed.
    Nothing,
    /// The result is unknown.
    Unsure,
}

/// Creates and revokes one token after the other on one instance, until `stop`. Returns the reported outcomes.
async fn revoke_until(
    stop: &AtomicBool,
    visitor: &Visitor,
    at: &str,
    demo: &Running,
) -> Vec<(String, ReportedOutcome)> {
    let mut told = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let id = create_token(demo, "under load");
        let mut answer = revoke(visitor, at, &id).await;
        let is_done = answer.location.contains("done=revoked");
        if !is_done && answer.status == 303 {
            // This page gives the reason.
            answer = visitor.get(at, &answer.location).await;
        }
        let says_nothing = answer.body.contains("Nothing was changed.");
        told.push((
            id,
            match (is_done, says_nothing) {
                (true, _) => ReportedOutcome::Revoked,
                (false, true) => ReportedOutcome::Nothing,
                (false, false) => ReportedOutcome::Unsure,
            },
        ));
        sleep(Duration::from_millis(50)).await;
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_during_a_database_restart_are_true_and_both_instances_recover() {
    let Some(server) = own_server().map(Arc::new) else {
        return;
    };
    let url = server.url_of("console");
    let instances = Instances::start(demo().await, [&url; 2]).await;
    let visitor = instances.admin().await;
    let addresses = instances.addresses();
    let stop = AtomicBool::new(false);
    let load = (0..WORKERS).map(|n| revoke_until(&stop, &visitor, addresses[n % 2], &instances.demo));
    let load = futures_util::future::join_all(load);
    let restarts = async {
        for round in 0..rounds(2) {
            let shutdown = [Shutdown::Fast, Shutdown::Immediate][round % 2];
            sleep(Duration::from_secs(1)).await;
            let server = Arc::clone(&server);
            let restart = tokio::task::spawn_blocking(move || {
                server.stop(shutdown).unwrap();
                std::thread::sleep(DOWN_TIME);
                server.start_again().unwrap();
            });
            restart.await.unwrap();
        }
        sleep(Duration::from_secs(2)).await;
        stop.store(true, Ordering::Relaxed);
    };
    let (told, ()) = tokio::join!(load, restarts);
    let told: Vec<_> = told.into_iter().flatten().collect();
    for at in addresses {
        ready(&visitor, at).await;
        let id = create_token(&instances.demo, "after the restarts");
        assert!(revoke(&visitor, at, &id).await.location.contains("done=revoked"));
    }
    let existing = existing(&instances.demo).await;
    for (id, told) in &told {
        let exists = existing.contains(id);
        assert!(
            *told != ReportedOutcome::Revoked || !exists,
            "{id} was confirmed, and exists"
        );
        assert!(
            *told != ReportedOutcome::Nothing || exists,
            "{id} was left alone, they said, and is gone"
        );
    }
    let count = |expected| told.iter().filter(|(_, told)| *told == expected).count();
    let counts = [
        ReportedOutcome::Revoked,
        ReportedOutcome::Nothing,
        ReportedOutcome::Unsure,
    ]
    .map(count);
    eprintln!("revoked, nothing changed, unsure: {counts:?}");
    assert!(counts[0] > 20 && counts[1] > 0, "{counts:?}");
    // Every confirmed revocation is in the activity log. An outcome that could not be recorded at first is recorded
    // later.
    let recorded = |phase: &str| {
        let rows = format!("select distinct target from activity where kind = 'revoke_token' and phase = '{phase}'");
        server.query("console", &rows).unwrap()
    };
    let missing = |phase: &str| {
        let rows = recorded(phase);
        let confirmed = told.iter().filter(|(_, told)| *told == ReportedOutcome::Revoked);
        confirmed.filter(|(id, _)| !rows.contains(id.as_str())).count()
    };
    assert_eq!(missing("intent"), 0, "tokens were revoked without a record");
    let up = Instant::now();
    while missing("outcome") > 0 {
        assert!(up.elapsed() < RECOVERY, "{} outcomes were lost", missing("outcome"));
        sleep(Duration::from_millis(200)).await;
    }
    instances.stop(4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_sessions_of_the_last_30_s_read_on_and_nothing_is_changed() {
    let Some(server) = own_server() else { return };
    let wires = [Wire::to(server.port()).await, Wire::to(server.port()).await];
    let urls = wires.each_ref().map(|wire| {
        server
            .url_of("console")
            .replace(&format!(":{}/", server.port()), &format!(":{}/", wire.port()))
    });
    let instances = Instances::start(demo().await, urls.each_ref().map(String::as_str)).await;
    let visitor = instances.admin().await;
    let leaver = instances.visitor();
    let [first, second] = instances.addresses();
    let other_admin = instances.demo.credentials().other_admin.pat.clone().unwrap();
    leaver.sign_in(first, &other_admin).await;
    let (leaver_on_first, leaver_on_second) = (leaver.copy(), leaver.copy());
    for at in [first, second] {
        assert_eq!(visitor.get(at, LIST).await.status, 200);
        assert_eq!(leaver.get(at, LIST).await.status, 200);
    }

    // Only the second instance loses the database. A user signs out on the first one.
    let id = create_token(&instances.demo, "kept");
    instances.demo.clear_log();
    wires[1].cut();
    let cut = Instant::now();
    // The second instance has not noticed yet.
    let refused = revoke(&visitor, second, &id).await;
    assert!(!refused.location.contains("done="), "{refused:?}");
    assert!(cut.elapsed() < REFUSAL_TIMEOUT, "a refusal took {:?}", cut.elapsed());
    assert_eq!(leaver.post(first, "/api/sign_in/sign_out", &[]).await.status, 303);
    assert_ne!(leaver_on_first.get(first, LIST).await.status, 200);
    let reads = async {
        let mut reads = 0;
        while cut.elapsed() < SESSION_TRUST - TOLERANCE {
            let asked = Instant::now();
            let page = visitor.get(second, LIST).await;
            assert_eq!(page.status, 200, "after {:?}: {}", cut.elapsed(), page.text());
            assert!(asked.elapsed() < PAGE_TIMEOUT, "a page took {:?}", asked.elapsed());
            reads += 1;
            sleep(Duration::from_secs(1)).await;
        }
        assert!(reads > 5, "{reads} pages");
    };
    let refusals = async {
        // Readiness reports the last write for some seconds.
        while visitor.get(second, "/readyz").await.status != 503 {
            assert!(cut.elapsed() < RECOVERY, "it says that it is ready");
            sleep(Duration::from_millis(200)).await;
        }
        let export = visitor.get(second, "/w/acme/tokens.csv").await;
        assert_ne!(export.status, 200, "{export:?}");
        let asked = Instant::now();
        let refused = revoke(&visitor, second, &id).await;
        assert!(!refused.location.contains("done="), "{refused:?}");
        assert!(
            asked.elapsed() < REFUSAL_TIMEOUT,
            "a refusal took {:?}",
            asked.elapsed()
        );
    };
    tokio::join!(reads, refusals);
    assert_eq!(call_count(&instances.demo, "DELETE", DELETE), 0);
    // The first instance is not affected.
    assert_eq!(visitor.get(first, LIST).await.status, 200);
    assert_eq!(visitor.get(first, "/readyz").await.status, 200);

    // Later, no one can view anything there, whether signed out or not.
    while cut.elapsed() < SESSION_TRUST + TOLERANCE {
        sleep(Duration::from_millis(100)).await;
    }
    for person in [&leaver_on_second, &visitor] {
        let answer = person.get(second, LIST).await;
        assert_eq!(answer.status, 503, "{}", answer.text());
    }
    wires[1].mend();
    ready(&visitor, second).await;
    let mended = Instant::now();
    while visitor.get(second, LIST).await.status != 200 {
        assert!(mended.elapsed() < RECOVERY, "pages do not come back");
        sleep(Duration::from_millis(100)).await;
    }
    assert_ne!(leaver_on_second.get(second, LIST).await.status, 200);
    assert!(revoke(&visitor, second, &id).await.location.contains("done=revoked"));
    instances.stop(2).await;
}
