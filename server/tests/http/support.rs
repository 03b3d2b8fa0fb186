//! A console over a demo workspace, both in this process and on free ports.

mod browser;
mod database;
mod raw_http;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use console::{Auditing, Colour, Console, SignInLimits, Workspace, WorkspaceSettings};
use demo_workspace::{Config, Running};
use secrecy::SecretString;
use server::{RouterSettings, router};
use store::{SealingKey, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, MutexGuard};
use url::Url;
use workspace_client::oidc::{DEFAULT_SCOPES, OAuthApp, ServicePrincipalLogin};
use workspace_client::{Budgets, Client, Credential};

pub(crate) use browser::{Answer, Browser};
pub(crate) use database::Database;
pub(crate) use raw_http::{abandon, raw};

/// The workspace of most tests, marked as production.
pub(crate) const ACME: &str = "acme-prod";
/// The same workspace under another name, to which nobody is signed in.
pub(crate) const OTHER: &str = "acme-dev";

/// The route of the list of tokens.
pub(crate) const TOKENS: &str = "/api/2.0/token-management/tokens";

/// Generating the routes while a page renders can hang (<https://github.com/leptos-rs/leptos/issues/4773>), so that one
/// console at a time lives in a process. Under nextest each test has a process of its own.
static ALONE: Mutex<()> = Mutex::const_new(());

/// How the console is started.
pub(crate) struct Setup {
    pub(crate) demo: Config,
    pub(crate) budgets: Budgets,
    pub(crate) limits: SignInLimits,
    pub(crate) read_only: bool,
    pub(crate) tries: u32,
    /// Whether the non-admin is named an auditor.
    pub(crate) auditor: bool,
    /// Whether people may sign in by pasting a token.
    pub(crate) token_sign_in: bool,
    /// Another public address than the one listened on.
    pub(crate) public_url: Option<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            demo: Config {
                tokens: 130,
                users: 40,
                ..Config::default()
            },
            budgets: Budgets {
                first_pause: Duration::from_millis(1),
                ..Budgets::default()
            },
            limits: SignInLimits::default(),
            read_only: false,
            tries: 1000,
            auditor: false,
            token_sign_in: true,
            public_url: None,
        }
    }
}

impl Setup {
    /// Calls to the workspace end after a second.
    pub(crate) fn impatient() -> Self {
        Self {
            budgets: Budgets {
                interactive: Duration::from_secs(1),
                list: Duration::from_secs(1),
                first_pause: Duration::from_millis(1),
            },
            ..Self::default()
        }
    }
}

/// A running console and its workspace.
pub(crate) struct Site {
    pub(crate) demo: Running,
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    origin: String,
    dir: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let alone = ALONE.lock().await;
        let demo = demo_workspace::start(setup.demo.clone()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let origin = setup
            .public_url
            .map_or_else(|| format!("http://{address}"), str::to_owned);
        let dir = tempfile::tempdir().unwrap();
        let key = SealingKey::parse(&SecretString::from("1f".repeat(32))).unwrap();
        let store = Store::open(dir.path(), key).await.unwrap();
        let workspaces = [ACME, OTHER].map(|name| workspace(name, &demo, &origin, &setup));
        let console = Console::new(store.clone(), workspaces, setup.limits, setup.read_only);
        let settings = RouterSettings {
            public_url: origin.parse().unwrap(),
            sign_in_tries: setup.tries,
            session: Duration::from_secs(3600),
        };
        let service = router(console, settings).into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self {
            demo,
            address,
            store,
            origin,
            dir,
            _alone: alone,
        }
    }

    /// What the console calls itself.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// Where the database is.
    pub(crate) fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// A browser without any cookie.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address, &self.origin)
    }

    /// A browser that knows the console by another address.
    pub(crate) fn browser_at(&self, origin: &str) -> Browser {
        Browser::new(self.address, origin)
    }

    /// The admin's personal access token.
    pub(crate) fn pat(&self) -> String {
        self.demo.credentials().admin.pat.clone().unwrap()
    }

    /// A browser in which the admin has signed in with it.
    pub(crate) async fn signed_in(&self) -> Browser {
        let browser = self.browser();
        let answer = self.try_token(&browser, &self.pat()).await;
        assert_eq!(answer.location(), format!("/w/{ACME}/tokens"));
        browser
    }

    /// A browser in which the non-admin has signed in, who must be an auditor for it.
    pub(crate) async fn auditor(&self) -> Browser {
        let browser = self.browser();
        let pat = self.demo.credentials().non_admin.pat.clone().unwrap();
        let answer = self.try_token(&browser, &pat).await;
        assert_eq!(answer.location(), format!("/w/{ACME}/tokens"));
        browser
    }

    /// A browser in which the admin has signed in to the other workspace only.
    pub(crate) async fn signed_in_elsewhere(&self) -> Browser {
        let browser = self.browser();
        let fields = [("workspace", OTHER), ("token", &self.pat()), ("next", "")];
        let answer = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
        assert_eq!(answer.location(), format!("/w/{OTHER}/tokens"));
        browser
    }

    /// A browser in which the admin has signed in by OAuth.
    pub(crate) async fn by_oauth(&self) -> Browser {
        let browser = self.browser();
        let admin = self.demo.credentials().admin.id.clone();
        let callback = self.decide(&browser, &format!("/w/{ACME}/tokens"), &admin).await;
        let answer = browser.get(&callback).await;
        assert_eq!(answer.location(), format!("/w/{ACME}/tokens"));
        browser
    }

    /// Starts OAuth in a browser and presses a button of the workspace's sign-in page: the id of a person, or `cancel`.
    /// Answers the path and query that the browser is sent back to.
    pub(crate) async fn decide(&self, browser: &Browser, next: &str, decision: &str) -> String {
        let left = browser
            .get(&format!("/sign-in/oauth?workspace={ACME}&next={next}"))
            .await;
        let authorize = Url::parse(&left.location()).unwrap();
        let mut form: Vec<(String, String)> = authorize.query_pairs().into_owned().collect();
        form.push(("decision".to_owned(), decision.to_owned()));
        let page = format!("{}{}", self.demo.url(), authorize.path());
        let sent_back = Client::http().unwrap().post(page).form(&form).send().await.unwrap();
        let callback = sent_back.headers()["location"].to_str().unwrap();
        callback.strip_prefix(self.origin()).unwrap().to_owned()
    }

    /// Submits the sign-in form.
    pub(crate) async fn try_token(&self, browser: &Browser, token: &str) -> Answer {
        let fields = [("workspace", ACME), ("token", token), ("next", "")];
        browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await
    }

    /// The id of the token that the session of [`Self::signed_in`] rides on.
    pub(crate) fn own_token(&self) -> String {
        Credential::new(self.pat().into()).token_id().to_string()
    }

    /// A token of the non-admin, on which no session rides.
    pub(crate) fn some_token(&self) -> String {
        let value = self.demo.credentials().non_admin.pat.clone().unwrap();
        Credential::new(value.into()).token_id().to_string()
    }

    /// A new token of the non-admin with this comment.
    pub(crate) fn token_with(&self, comment: &str) -> String {
        let new = demo_workspace::NewToken {
            owner: self.demo.credentials().non_admin.user_name.clone(),
            comment: Some(comment.to_owned()),
            ..demo_workspace::NewToken::default()
        };
        match self.demo.change(demo_workspace::Change::CreateToken(new)).unwrap() {
            demo_workspace::ChangeOutcome::Created { token_id, .. } => token_id,
            demo_workspace::ChangeOutcome::Done {} => String::new(),
        }
    }

    /// The application id of a service principal that may use tokens.
    pub(crate) fn service_principal(&self) -> String {
        self.demo.credentials().service_principal.client_id.clone()
    }

    /// The admin becomes somebody who may use tokens, and no more.
    pub(crate) fn demote_admin(&self) {
        let can_use = vec!["users".to_owned()];
        self.demo.change(demo_workspace::Change::SetGrants { can_use }).unwrap();
        let user_name = self.demo.credentials().admin.user_name.clone();
        self.demo
            .change(demo_workspace::Change::RemoveAdmin { user_name })
            .unwrap();
    }

    /// Every page of a workspace, by what it is.
    pub(crate) fn workspace_pages(&self) -> [(&'static str, String); 11] {
        let id = self.some_token();
        [
            ("tokens", format!("/w/{ACME}/tokens")),
            ("token", format!("/w/{ACME}/tokens/{id}")),
            ("revoke", format!("/w/{ACME}/tokens/{id}/revoke")),
            ("scopes", format!("/w/{ACME}/tokens/{id}/scopes?scopes=sql")),
            ("new", format!("/w/{ACME}/tokens/new?find=a")),
            (
                "review of a new one",
                format!("/w/{ACME}/tokens/new/review?sp={}&days=30", self.service_principal()),
            ),
            ("find", format!("/w/{ACME}/find")),
            ("settings", format!("/w/{ACME}/settings/advanced")),
            ("switch", format!("/w/{ACME}/settings/advanced/switch?to=off")),
            ("permissions", format!("/w/{ACME}/settings/advanced/permissions")),
            (
                "review",
                format!("/w/{ACME}/settings/advanced/permissions/review?opened=0&add=group%3Ausers"),
            ),
        ]
    }

    /// How many calls of `method` the workspace answered on paths that begin with `prefix`.
    pub(crate) fn calls(&self, method: &str, prefix: &str) -> usize {
        let log = self.demo.log();
        let calls = log.iter().filter(|c| c.method == method && c.path.starts_with(prefix));
        calls.count()
    }

    /// Whether the workspace has the token.
    pub(crate) async fn has_token(&self, browser: &Browser, id: &str) -> bool {
        self.demo.clear_faults();
        browser.get(&format!("/w/{ACME}/tokens/{id}")).await.status == 200
    }
}

fn workspace(name: &str, demo: &Running, origin: &str, setup: &Setup) -> Workspace {
    let settings = WorkspaceSettings {
        name: name.to_owned(),
        url: demo.url().parse().unwrap(),
        environment: (name == ACME).then(|| "production".to_owned()),
        colour: if name == ACME { Colour::Red } else { Colour::Green },
        token_sign_in: setup.token_sign_in || name != ACME,
        auditing: setup.auditor.then(|| auditing(demo)),
        oauth: (name == ACME).then(|| OAuthApp {
            client_id: demo.credentials().oauth_client_id.to_owned(),
            client_secret: None,
            redirect_uri: format!("{origin}/sign-in/callback").parse().unwrap(),
            scopes: DEFAULT_SCOPES.map(str::to_owned).to_vec(),
            issuer_hosts: Vec::new(),
        }),
    };
    let client = Client::with_budgets(Client::http().unwrap(), settings.url.clone(), setup.budgets);
    Workspace::new(settings, client)
}

/// The non-admin as an auditor, who reads through the service principal.
fn auditing(demo: &Running) -> Auditing {
    let credentials = demo.credentials();
    let reader = &credentials.service_principal;
    Auditing {
        users: vec![domain::PrincipalId::new(credentials.non_admin.id.parse().unwrap())],
        groups: Vec::new(),
        reader: ServicePrincipalLogin {
            client_id: reader.client_id.clone(),
            client_secret: SecretString::from(reader.client_secret.clone()),
            issuer_hosts: Vec::new(),
        },
    }
}
