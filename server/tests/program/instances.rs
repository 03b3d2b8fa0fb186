//! Two instances of the console with one PostgreSQL database, as processes. `crates/test-postgres` provides the
//! database; without PostgreSQL, these tests are listed as not run.

/// A bulk revocation whose instances are killed.
mod bulk;
/// Changes that involve both instances.
mod changes;
/// A database that restarts or is unavailable.
mod outage;
/// Sessions on both instances.
mod sessions;

use std::fs;
use std::path::Path;

use demo_workspace::Running;
use tempfile::TempDir;
use test_postgres::TestDatabase;
use tokio::join;

use crate::nginx::{Nginx, documented};
use crate::support::{LIST, RunningConsole, demo, free_port, write_private};
use crate::visitor::Visitor;

/// How long one instance may take to notice what another one did.
const KNOWN_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

/// The same workspace under a second name.
const TWIN: &str = "twin";

/// Two instances, and what they have in common.
struct Instances {
    demo: Running,
    /// The public URL. Nothing listens there unless a test starts a proxy.
    origin: String,
    database_urls: [String; 2],
    /// `None` while the instance is stopped.
    consoles: [Option<RunningConsole>; 2],
    dir: TempDir,
}

/// What an instance needs to start.
struct Launch<'a> {
    demo: &'a Running,
    origin: &'a str,
    dir: &'a Path,
}

impl Launch<'_> {
    /// Starts an instance that logs only warnings, since tests send many requests.
    async fn instance(&self, name: &str, database_url: &str) -> RunningConsole {
        let key = self.dir.join("sealing.key");
        let config = self.dir.join(format!("{name}.toml"));
        let client = self.demo.credentials().oauth_client_id;
        let workspaces = ["acme", TWIN].map(|workspace| {
            let url = self.demo.url();
            format!("[[workspace]]\nname = \"{workspace}\"\nurl = \"{url}\"\noauth_client_id = \"{client}\"\n")
        });
        fs::write(&config, workspaces.concat()).unwrap();
        let flags = [
            "--config",
            config.to_str().unwrap(),
            "--public-url",
            self.origin,
            "--sealing-key-file",
            key.to_str().unwrap(),
            "--sign-in-tries",
            "1000",
        ];
        let variables = [("CONSOLE_DATABASE_URL", database_url), ("RUST_LOG", "warn")];
        RunningConsole::launch(self.demo.url(), &self.dir.join(name), &flags, &variables).await
    }
}

impl Instances {
    /// Starts both instances at the same time, each with a URL of the same database.
    async fn start(demo: Running, database_urls: [&str; 2]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        write_private(&dir.path().join("sealing.key"), &"2e".repeat(32));
        let origin = format!("http://{}", free_port());
        let launch = Launch {
            demo: &demo,
            origin: &origin,
            dir: dir.path(),
        };
        let (first, second) = join!(
            launch.instance("first", database_urls[0]),
            launch.instance("second", database_urls[1])
        );
        Self {
            demo,
            database_urls: database_urls.map(str::to_owned),
            consoles: [Some(first), Some(second)],
            dir,
            origin,
        }
    }

    /// Starts both instances with a new database. `None` without a PostgreSQL server.
    async fn on_test_database() -> Option<(Self, TestDatabase)> {
        let database = test_postgres::fresh_database()?;
        let urls = [database.url(); 2];
        Some((Self::start(demo().await, urls).await, database))
    }

    /// Kills an instance with SIGKILL.
    fn kill(&mut self, number: usize) {
        self.consoles[number].take().unwrap().kill();
    }

    /// Restarts an instance that was killed.
    async fn start_again(&mut self, number: usize) {
        let launch = Launch {
            demo: &self.demo,
            origin: &self.origin,
            dir: self.dir.path(),
        };
        let console = launch
            .instance(["first", "second"][number], &self.database_urls[number])
            .await;
        self.consoles[number] = Some(console);
    }

    /// The address of an instance.
    fn address(&self, number: usize) -> &str {
        &self.consoles[number].as_ref().unwrap().origin
    }

    fn addresses(&self) -> [&str; 2] {
        [self.address(0), self.address(1)]
    }

    fn visitor(&self) -> Visitor {
        Visitor::new(&self.origin)
    }

    /// The admin, signed in at the first instance.
    async fn admin(&self) -> Visitor {
        let visitor = self.visitor();
        let token = self.demo.credentials().admin.pat.clone().unwrap();
        visitor.sign_in(self.address(0), &token).await;
        visitor
    }

    /// Stops both instances, and verifies the activity log, which must have at least this many rows.
    async fn stop(self, rows: u64) {
        for console in self.consoles.into_iter().flatten() {
            let (succeeded, log) = console.stop();
            assert!(succeeded && !log.contains("panicked"), "{log}");
        }
        let url: store::PostgresUrl = self.database_urls[0].parse().unwrap();
        let verified = store::verify_activity(url, None).await.unwrap();
        assert!(verified.unwrap().0 >= rows);
    }
}

/// How many times a test repeats a race: `usual` times, or ten times as often in `cargo xtask prove`.
fn rounds(usual: usize) -> usize {
    let is_full = std::env::var("INSTANCES").is_ok_and(|value| value == "full");
    if is_full { usual * 10 } else { usual }
}

/// Creates a token for a user who is not signed in, and returns its ID.
fn create_token(demo: &Running, comment: &str) -> String {
    let new = demo_workspace::NewToken {
        owner: demo.credentials().non_admin.user_name.clone(),
        comment: Some(comment.to_owned()),
        ..demo_workspace::NewToken::default()
    };
    match demo.change(demo_workspace::Change::CreateToken(new)).unwrap() {
        demo_workspace::ChangeOutcome::Created { token_id, .. } => token_id,
        demo_workspace::ChangeOutcome::Done {} => String::new(),
    }
}

/// How many calls of `method` the workspace received on paths that start with `prefix`.
fn call_count(demo: &Running, method: &str, prefix: &str) -> usize {
    let log = demo.log();
    let calls = log.iter().filter(|c| c.method == method && c.path.starts_with(prefix));
    calls.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_at_the_same_moment_on_an_empty_database_both_come_up() {
    for _ in 0..rounds(2) {
        let Some((instances, database)) = Instances::on_test_database().await else {
            return;
        };
        let visitor = instances.admin().await;
        for at in instances.addresses() {
            assert_eq!(visitor.get(at, "/readyz").await.status, 200);
            assert_eq!(visitor.get(at, LIST).await.status, 200);
        }
        let twice = "select count(*) - count(distinct version) from _sqlx_migrations";
        assert_eq!(database.query(twice).unwrap(), "0");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_nginx_two_instances_are_one_console() {
    let (Some(nginx), Some((instances, _database))) = (Nginx::find(), Instances::on_test_database().await) else {
        return;
    };
    let address = instances.origin.strip_prefix("http://").unwrap();
    let upstream = instances
        .addresses()
        .map(|at| format!("server {};", at.strip_prefix("http://").unwrap()))
        .concat();
    let server = documented(address, "http://consoles");
    let _nginx = Nginx::start(nginx, &format!("upstream consoles {{ {upstream} }}\n{server}"), address);
    let id = create_token(&instances.demo, "nightly export");
    let (visitor, at) = (instances.visitor(), instances.origin.as_str());
    let token = instances.demo.credentials().admin.pat.clone().unwrap();
    visitor.sign_in(at, &token).await;
    // Requests alternate between the instances.
    for _ in 0..4 {
        let list = visitor.get(at, &format!("{LIST}?q=nightly+export")).await;
        assert_eq!(list.status, 200);
        assert!(list.body.contains(&id[..16]), "{}", list.body);
    }
    let revoke = [("workspace", "acme"), ("id", id.as_str()), ("back", LIST)];
    let revoked = visitor.post(at, "/api/tokens/revoke", &revoke).await;
    assert!(revoked.location.contains("done=revoked"), "{revoked:?}");
    let list = visitor.get(at, &revoked.location).await.text();
    assert!(list.contains("was revoked. Confirmed"), "{list}");
    let page = changes::create(&visitor, [at, at], &instances.demo).await.text();
    assert!(page.contains("Token created and confirmed."), "{page}");
    let activity = visitor.get(at, "/w/acme/activity").await.body;
    assert!(activity.contains("Create service principal token") && activity.contains("Revoke token"));
    assert_eq!(
        call_count(&instances.demo, "DELETE", "/api/2.0/token-management/tokens"),
        1
    );
    // An intent and an outcome for each change.
    instances.stop(4).await;
}
