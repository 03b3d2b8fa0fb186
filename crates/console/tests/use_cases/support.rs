//! A console and its demo workspace, both in this process, and the calls that the workspace received.

mod instance;

use std::time::Duration;

use console::{Actor, Auditing, Console, Error, SignInLimits, Timing, Workspace, WorkspaceSettings};
use demo_workspace::{Config, Person, Running};
use domain::{PrincipalId, TokenId};
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection as _, PgConnection, SqliteConnection};
use store::{ActivityQuery, DatabaseLocation, Operation, SealingKey, SignInId, Store};
use tempfile::TempDir;
use test_postgres::TestDatabase;
use workspace_client::oidc::{DEFAULT_READER_SCOPES, DEFAULT_SCOPES, OAuthApp, ServicePrincipalLogin};
use workspace_client::{Budgets, Client, ErrorKind, HttpClient};

pub(crate) use instance::Instance;

/// The name of the workspace.
pub(crate) const ACME: &str = "acme-prod";

/// The path of the token list.
pub(crate) const TOKENS: &str = "/api/2.0/token-management/tokens";

/// The path of the permission list.
pub(crate) const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";

/// The path of the workspace's configuration.
pub(crate) const CONF: &str = "/api/2.0/workspace-conf";

/// The start of all SCIM paths.
pub(crate) const SCIM: &str = "/api/2.0/preview/scim/v2";

/// Budgets that no test uses up, and hardly a pause before a call is repeated.
pub(crate) const PATIENT: Budgets = Budgets {
    interactive: Duration::from_secs(20),
    list: Duration::from_secs(60),
    first_pause: Duration::from_millis(1),
};

/// Budgets that end a call after a second.
pub(crate) const IMPATIENT: Budgets = Budgets {
    interactive: Duration::from_secs(1),
    list: Duration::from_secs(1),
    first_pause: Duration::from_millis(1),
};

/// Looks that follow each other quickly and end soon.
pub(crate) const SHORT: Timing = Timing {
    verify_timeout: Duration::from_millis(400),
    first_pause: Duration::from_millis(10),
    max_pause: Duration::from_millis(50),
    list_verify_timeout: Duration::from_millis(400),
    scopes_verify_timeout: Duration::from_millis(400),
    scopes_max_pause: Duration::from_millis(50),
    item_backoff: Duration::from_millis(5),
    describe_timeout: Duration::from_millis(500),
    new_token_timeout: Duration::from_millis(500),
    snapshot_ttl: Duration::from_mins(1),
    stale_ttl: Duration::from_mins(15),
    stale_wait: Duration::from_millis(200),
    part_wait: Duration::from_secs(20),
    review_wait: Duration::from_secs(20),
    lookup_wait: Duration::from_secs(10),
    save_wait: Duration::from_secs(5),
    reconcile_after: Duration::from_mins(2),
    bulk_lease: Duration::from_secs(15),
};

/// A console, its database and its workspace.
pub(crate) struct Fixture {
    pub(crate) demo: Running,
    pub(crate) console: Console,
    store: Store,
    database: FixtureDatabase,
}

/// The database of a fixture: `PAT_CONSOLE_TEST_DATABASE` chooses.
enum FixtureDatabase {
    Sqlite(TempDir),
    Postgres(TestDatabase),
}

impl FixtureDatabase {
    fn create() -> Self {
        match test_postgres::chosen_database() {
            Some(database) => Self::Postgres(database),
            None => Self::Sqlite(tempfile::tempdir().unwrap()),
        }
    }

    fn location(&self) -> DatabaseLocation {
        match self {
            Self::Sqlite(dir) => dir.path().into(),
            Self::Postgres(database) => database.url().parse::<store::PostgresUrl>().unwrap().into(),
        }
    }
}

/// A lock that keeps the console from storing anything, held by another program.
pub(crate) enum Lock {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Lock {
    pub(crate) async fn release(self) {
        match self {
            Self::Sqlite(connection) => connection.close().await.unwrap(),
            Self::Postgres(connection) => connection.close().await.unwrap(),
        }
    }
}

/// How the console and the workspace are set up.
pub(crate) struct Setup {
    pub(crate) read_only: bool,
    pub(crate) limits: SignInLimits,
    pub(crate) budgets: Budgets,
    pub(crate) timing: Timing,
    /// Whether the non-admin is configured as an auditor.
    pub(crate) auditor: bool,
    /// How many tokens the workspace has.
    pub(crate) tokens: u32,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            read_only: false,
            limits: SignInLimits::default(),
            budgets: PATIENT,
            timing: SHORT,
            auditor: false,
            tokens: 120,
        }
    }
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let config = Config {
            tokens: setup.tokens,
            users: 40,
            ..Config::default()
        };
        let demo = demo_workspace::start(config).await.unwrap();
        let database = FixtureDatabase::create();
        let store = Store::open(database.location(), sealing_key()).await.unwrap();
        let console = console(&demo, &store, setup);
        Self {
            demo,
            console,
            store,
            database,
        }
    }

    /// Where the database is.
    pub(crate) fn location(&self) -> DatabaseLocation {
        self.database.location()
    }

    /// Takes a lock that every write of the console needs.
    pub(crate) async fn lock(&self) -> Lock {
        match &self.database {
            FixtureDatabase::Sqlite(_) => {
                let mut connection = self.sqlite().await;
                sqlx::raw_sql("begin immediate").execute(&mut connection).await.unwrap();
                Lock::Sqlite(connection)
            }
            FixtureDatabase::Postgres(database) => {
                let mut connection = PgConnection::connect(database.url()).await.unwrap();
                let lock = "begin; lock table sign_ins, leases, activity, write_checks, shown_lists, \
                            token_creations, rate_limits, events in exclusive mode";
                sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
                Lock::Postgres(connection)
            }
        }
    }

    async fn sqlite(&self) -> SqliteConnection {
        let url = format!("sqlite://{}", self.database.location());
        SqliteConnection::connect(&url).await.unwrap()
    }

    /// Changes the database behind the console's back.
    pub(crate) async fn change_database(&self, statement: &'static str) {
        match &self.database {
            FixtureDatabase::Sqlite(_) => {
                let mut connection = self.sqlite().await;
                sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
            }
            FixtureDatabase::Postgres(database) => drop(database.query(statement).unwrap()),
        }
    }

    /// Rows of the database, read behind the console's back.
    pub(crate) async fn select<T>(&self, statement: &'static str) -> Vec<T>
    where
        T: for<'r> sqlx::FromRow<'r, SqliteRow> + for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin,
    {
        let rows = match &self.database {
            FixtureDatabase::Sqlite(_) => sqlx::query_as(statement).fetch_all(&mut self.sqlite().await).await,
            FixtureDatabase::Postgres(database) => {
                let mut connection = PgConnection::connect(database.url()).await.unwrap();
                sqlx::query_as(statement).fetch_all(&mut connection).await
            }
        };
        rows.unwrap()
    }

    /// The console after a restart: with the same database, and nothing else remembered.
    pub(crate) fn restarted(&self, setup: Setup) -> Console {
        console(&self.demo, &self.store, setup)
    }

    /// Another instance of the console, with the same database. Start it before anything is leased: opening an
    /// SQLite database ends all leases.
    pub(crate) async fn other_instance(&self, setup: Setup) -> Console {
        let store = Store::open(self.database.location(), sealing_key()).await.unwrap();
        console(&self.demo, &store, setup)
    }

    /// Signs a person in with their personal access token.
    pub(crate) async fn sign_in(&self, person: &Person) -> SignInId {
        self.console
            .sign_in_with_token(ACME, person.pat.clone().unwrap().into(), "a test")
            .await
            .unwrap()
    }

    /// The admin, signed in.
    pub(crate) async fn admin(&self) -> Actor {
        self.admin_session().await.1
    }

    /// The admin, signed in, and the ID of the session, by which other instances know it.
    pub(crate) async fn admin_session(&self) -> (SignInId, Actor) {
        let id = self.sign_in(&self.demo.credentials().admin).await;
        (id, self.console.actor(ACME, &id, "request-1").await.unwrap())
    }

    /// The second admin, signed in.
    pub(crate) async fn other_admin(&self) -> Actor {
        let id = self.sign_in(&self.demo.credentials().other_admin).await;
        self.console.actor(ACME, &id, "request-2").await.unwrap()
    }

    /// An OAuth token of a service principal that is an admin.
    pub(crate) async fn service_principals_token(&self) -> String {
        let client = &self.demo.credentials().service_principal;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", &client.client_id),
            ("client_secret", &client.client_secret),
            ("scope", "all-apis"),
        ];
        let url = format!("{}/oidc/v1/token", self.demo.url());
        let response = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap()
            .post(url)
            .form(&form)
            .send()
            .await
            .unwrap();
        let response: serde_json::Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        response["access_token"].as_str().unwrap().to_owned()
    }

    /// A service principal that is an admin, signed in with a pasted OAuth token, which works while tokens are
    /// disabled.
    pub(crate) async fn service_principal_actor(&self) -> Actor {
        let access = self.service_principals_token().await;
        let id = self
            .console
            .sign_in_with_token(ACME, access.into(), "a test")
            .await
            .unwrap();
        self.console.actor(ACME, &id, "request-3").await.unwrap()
    }

    /// Waits until nothing but the tokens is being read.
    pub(crate) async fn wait_for_reads(&self, actor: &Actor) {
        while self.console.wait_for_next_part(actor).await.unwrap() {}
    }

    /// Whether a session ends within some seconds: if the database is slow, the change that ends it does not wait.
    pub(crate) async fn session_ends(&self, id: &SignInId) -> bool {
        for _ in 0..100 {
            if matches!(self.console.actor(ACME, id, "2").await, Err(Error::SignedOut)) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// A token that is not the own token of either admin's session.
    pub(crate) async fn some_token(&self, actor: &Actor) -> TokenId {
        let snapshot = self.console.snapshot(actor).await.unwrap();
        self.wait_for_reads(actor).await;
        let own = [actor.own_token(), self.other_admins_token()];
        let other = snapshot.inventory.tokens().find(|t| !own.contains(&Some(t.id.clone())));
        other.unwrap().id.clone()
    }

    fn other_admins_token(&self) -> Option<TokenId> {
        let value = self.demo.credentials().other_admin.pat.clone()?;
        Some(workspace_client::Credential::new(value.into()).token_id())
    }

    /// How many calls of `method` the workspace received on exactly `path`, with exactly `query`.
    pub(crate) fn calls(&self, method: &str, path: &str, query: &str) -> usize {
        let log = self.demo.log();
        let calls = log
            .iter()
            .filter(|c| c.method == method && c.path == path && c.query == query);
        calls.count()
    }

    /// How many calls of `method` the workspace received on paths that begin with `prefix`.
    pub(crate) fn calls_under(&self, method: &str, prefix: &str) -> usize {
        let log = self.demo.log();
        let calls = log.iter().filter(|c| c.method == method && c.path.starts_with(prefix));
        calls.count()
    }

    /// Waits until every fault has met its call.
    pub(crate) async fn wait_for_faults(&self) {
        while !self.demo.waiting_faults().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The database.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// How many rows the activity log has.
    pub(crate) async fn rows(&self) -> u64 {
        let checked = store::verify_activity(self.database.location(), None).await.unwrap();
        checked.unwrap().0
    }

    /// The operations in the activity log, latest first.
    pub(crate) async fn actions(&self) -> Vec<Operation> {
        let query = ActivityQuery {
            workspace: ACME.to_owned(),
            ..ActivityQuery::default()
        };
        self.store.activity(&query, 20).await.unwrap().operations
    }

    /// The operations in the activity log, once `decided` is true for them. Opening the log starts looks in the
    /// background.
    pub(crate) async fn activity_when(&self, actor: &Actor, decided: impl Fn(&[Operation]) -> bool) -> Vec<Operation> {
        let mut operations = Vec::new();
        for _ in 0..500 {
            let page = self
                .console
                .activity(actor, ActivityQuery::default(), 100)
                .await
                .unwrap();
            operations = page.operations;
            if decided(&operations) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        operations
    }

    /// Deletes all sign-ins, and returns how many there were, ended ones included.
    pub(crate) async fn purge_sign_ins(&self) -> u64 {
        self.store
            .purge_sign_ins(console::now().plus(domain::DAY * 10_000))
            .await
            .unwrap()
    }
}

fn sealing_key() -> SealingKey {
    SealingKey::parse(&"1f".repeat(32).into()).unwrap()
}

fn console(demo: &Running, store: &Store, setup: Setup) -> Console {
    let settings = WorkspaceSettings {
        oauth: Some(OAuthApp {
            client_id: demo.credentials().oauth_client_id.to_owned(),
            client_secret: None,
            redirect_uri: "http://127.0.0.1:3000/sign-in/callback".parse().unwrap(),
            scopes: DEFAULT_SCOPES.map(str::to_owned).to_vec(),
            issuer_hosts: Vec::new(),
        }),
        auditing: setup.auditor.then(|| auditing(demo)),
        ..WorkspaceSettings::new(ACME, demo.url().parse().unwrap())
    };
    let client = Client::with_budgets(HttpClient::new().unwrap(), settings.url.clone(), setup.budgets);
    let workspace = Workspace::new(settings, client);
    Console::new(store.clone(), [workspace], setup.limits, setup.read_only).with_timing(setup.timing)
}

/// The kind of a failed call to the workspace. Panics on anything else.
pub(crate) fn kind<T>(result: Result<T, Error>) -> ErrorKind {
    match result {
        Err(
            Error::Workspace(error) | Error::NotSent(error) | Error::Unconfirmed(error) | Error::TokenNotFound(error),
        ) => error.kind,
        Err(other) => panic!("not a failed call to the workspace: {other}"),
        Ok(_) => panic!("it succeeded"),
    }
}

/// The non-admin as an auditor, who reads through the service principal.
pub(crate) fn auditing(demo: &Running) -> Auditing {
    let credentials = demo.credentials();
    let reader = &credentials.service_principal;
    Auditing {
        users: vec![PrincipalId::new(credentials.non_admin.id.parse().unwrap())],
        groups: Vec::new(),
        reader: ServicePrincipalLogin {
            client_id: reader.client_id.clone(),
            client_secret: reader.client_secret.clone().into(),
            scopes: DEFAULT_READER_SCOPES.map(str::to_owned).to_vec(),
            issuer_hosts: Vec::new(),
        },
    }
}
