//! A console in front of a demo workspace, both in this process and on free ports.

mod browser;
mod captured_log;
mod database;
mod raw_http;
mod response;
mod setup;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use console::Console;
use demo_workspace::Running;
use secrecy::SecretString;
use server::{RouterSettings, router};
use store::{SealingKey, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, MutexGuard};
use url::Url;
use workspace_client::Credential;

pub(crate) use browser::Browser;
pub(crate) use captured_log::CapturedLog;
pub(crate) use database::Database;
pub(crate) use raw_http::{send_and_leave, send_raw};
pub(crate) use response::Response;
pub(crate) use setup::Setup;

/// The workspace of most tests. It is marked as production and offers OAuth.
pub(crate) const ACME: &str = "acme-prod";
/// The same workspace under another name. No one is signed in to it at first.
pub(crate) const OTHER: &str = "acme-dev";

/// The list of [`ACME`]'s tokens.
pub(crate) const TOKENS_PAGE: &str = "/w/acme-prod/tokens";

/// The path of the workspace's API for tokens.
pub(crate) const TOKENS_API: &str = "/api/2.0/token-management/tokens";

/// Held while a console exists in this process: generating the routes while a page renders can hang
/// (<https://github.com/leptos-rs/leptos/issues/4773>). Under nextest, each test has its own process.
static ONE_CONSOLE: Mutex<()> = Mutex::const_new(());

/// A running console and its workspace.
pub(crate) struct Site {
    pub(crate) demo: Running,
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
    origin: String,
    dir: TempDir,
    _one_console: MutexGuard<'static, ()>,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(Setup::default()).await
    }

    pub(crate) async fn start_with(setup: Setup) -> Self {
        let one_console = ONE_CONSOLE.lock().await;
        let demo = demo_workspace::start(setup.demo.clone()).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let origin = setup
            .public_url
            .map_or_else(|| format!("http://{address}"), str::to_owned);
        let dir = tempfile::tempdir().unwrap();
        let key = SealingKey::parse(&SecretString::from("1f".repeat(32))).unwrap();
        let store = Store::open(dir.path(), key).await.unwrap();
        let workspaces = [OTHER, ACME].map(|name| setup.workspace(name, &demo, &origin));
        let console = Console::new(store.clone(), workspaces, setup.limits, setup.read_only).with_timing(setup.timing);
        let settings = RouterSettings {
            public_url: origin.parse().unwrap(),
            trusted_proxies: setup.trusted_proxies(),
            sign_in_tries: setup.sign_in_attempts,
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
            _one_console: one_console,
        }
    }

    /// The console's public URL, without a path.
    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The directory of the database.
    pub(crate) fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// A browser without any cookie.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.address, &self.origin)
    }

    /// A browser that opens the console under another URL.
    pub(crate) fn browser_at(&self, origin: &str) -> Browser {
        Browser::new(self.address, origin)
    }

    /// The value of the admin's personal access token.
    pub(crate) fn token_value(&self) -> String {
        self.demo.credentials().admin.pat.clone().unwrap()
    }

    /// A browser in which the admin has signed in with [`Self::token_value`].
    pub(crate) async fn sign_in(&self) -> Browser {
        let browser = self.browser();
        let response = self.submit_token(&browser, &self.token_value()).await;
        assert_eq!(response.location(), format!("/w/{ACME}/tokens"));
        browser
    }

    /// A browser in which the non-admin has signed in, which requires [`Setup::has_auditor`].
    pub(crate) async fn sign_in_auditor(&self) -> Browser {
        let browser = self.browser();
        let pat = self.demo.credentials().non_admin.pat.clone().unwrap();
        let response = self.submit_token(&browser, &pat).await;
        assert_eq!(response.location(), format!("/w/{ACME}/tokens"));
        browser
    }

    /// A browser in which the admin has signed in to the other workspace only.
    pub(crate) async fn sign_in_to_other_workspace(&self) -> Browser {
        let browser = self.browser();
        let fields = [("workspace", OTHER), ("token", &self.token_value()), ("next", "")];
        let response = browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await;
        assert_eq!(response.location(), format!("/w/{OTHER}/tokens"));
        browser
    }

    /// A browser in which the admin has signed in with OAuth.
    pub(crate) async fn sign_in_with_oauth(&self) -> Browser {
        let browser = self.browser();
        let admin = self.demo.credentials().admin.id.clone();
        let callback = self
            .choose_at_workspace(&browser, &format!("/w/{ACME}/tokens"), &admin)
            .await;
        let response = browser.get(&callback).await;
        assert_eq!(response.location(), format!("/w/{ACME}/tokens"));
        browser
    }

    /// Starts OAuth in a browser and presses a button on the workspace's sign-in page: a user's ID, or `cancel`.
    /// Returns the path and query that the browser is redirected to.
    pub(crate) async fn choose_at_workspace(&self, browser: &Browser, next: &str, choice: &str) -> String {
        let redirect = browser
            .get(&format!("/sign-in/oauth?workspace={ACME}&next={next}"))
            .await;
        let authorize = Url::parse(&redirect.location()).unwrap();
        let mut form: Vec<(String, String)> = authorize.query_pairs().into_owned().collect();
        form.push(("decision".to_owned(), choice.to_owned()));
        let page = format!("{}{}", self.demo.url(), authorize.path());
        let response = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap()
            .post(page)
            .form(&form)
            .send()
            .await
            .unwrap();
        let callback = response.headers()["location"].to_str().unwrap();
        callback.strip_prefix(self.origin()).unwrap().to_owned()
    }

    /// Submits the sign-in form with an access token.
    pub(crate) async fn submit_token(&self, browser: &Browser, token: &str) -> Response {
        let fields = [("workspace", ACME), ("token", token), ("next", "")];
        browser.submit("/sign-in", "/api/sign_in/with_token", &fields).await
    }

    /// The ID of the token that the session of [`Self::sign_in`] uses.
    pub(crate) fn own_token_id(&self) -> String {
        Credential::new(self.token_value().into()).token_id().to_string()
    }

    /// The ID of a token of the non-admin, which no session uses.
    pub(crate) fn some_token_id(&self) -> String {
        let value = self.demo.credentials().non_admin.pat.clone().unwrap();
        Credential::new(value.into()).token_id().to_string()
    }

    /// Creates a token of the non-admin, and returns its ID.
    pub(crate) fn create_token(&self, comment: &str) -> String {
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

    /// The application ID of a service principal that can use tokens.
    pub(crate) fn application_id(&self) -> String {
        self.demo.credentials().service_principal.client_id.clone()
    }

    /// Turns the admin into someone who can use tokens but not manage them.
    pub(crate) fn demote_admin(&self) {
        let can_use = vec!["users".to_owned()];
        self.demo.change(demo_workspace::Change::SetGrants { can_use }).unwrap();
        let user_name = self.demo.credentials().admin.user_name.clone();
        self.demo
            .change(demo_workspace::Change::RemoveAdmin { user_name })
            .unwrap();
    }

    /// Every page of a workspace: a short name and its path.
    pub(crate) fn workspace_pages(&self) -> [(&'static str, String); 14] {
        let id = self.some_token_id();
        [
            ("tokens", format!("/w/{ACME}/tokens")),
            ("token", format!("/w/{ACME}/tokens/{id}")),
            ("revoke", format!("/w/{ACME}/tokens/{id}/revoke")),
            ("scopes", format!("/w/{ACME}/tokens/{id}/scopes?scopes=sql")),
            ("new", format!("/w/{ACME}/tokens/new?find=a")),
            (
                "review of a new one",
                format!("/w/{ACME}/tokens/new/review?sp={}&days=30", self.application_id()),
            ),
            ("export", format!("/w/{ACME}/tokens/export")),
            (
                "principal",
                format!("/w/{ACME}/principals/{}", self.demo.credentials().non_admin.id),
            ),
            ("scopes of all tokens", format!("/w/{ACME}/scopes")),
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

    /// How many calls with `method` the workspace received on paths that start with `prefix`.
    pub(crate) fn call_count(&self, method: &str, prefix: &str) -> usize {
        let log = self.demo.log();
        let calls = log.iter().filter(|c| c.method == method && c.path.starts_with(prefix));
        calls.count()
    }

    /// Whether the workspace has the token. Removes all faults first.
    pub(crate) async fn has_token(&self, browser: &Browser, id: &str) -> bool {
        self.demo.clear_faults();
        browser.get(&format!("/w/{ACME}/tokens/{id}")).await.status == 200
    }
}
