//! A console on a free port over a workspace, and a browser's worth of signing in.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use console::{Console, SignInLimits, Workspace, WorkspaceSettings};
use server::{RouterSettings, router};
use store::{SealingKey, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use workspace_client::Client;

/// The one workspace's name.
pub(crate) const WORKSPACE: &str = "acme";

/// A console that listens.
pub(crate) struct Served {
    pub(crate) origin: String,
    pub(crate) console: Console,
    /// Holds the database for as long as it is served.
    data: TempDir,
}

impl Served {
    /// Where the database is.
    pub(crate) fn data_dir(&self) -> &Path {
        self.data.path()
    }
}

/// Serves a console over the workspace at `workspace`, with `more` routes beside its own.
pub(crate) async fn serve(workspace: &str, more: impl FnOnce(&Console) -> Router) -> Result<Served, Box<dyn Error>> {
    let data = tempfile::tempdir()?;
    let (key, _) = SealingKey::load_or_create(data.path())?;
    let store = Store::open(data.path(), key).await?;
    let url: workspace_client::WorkspaceUrl = workspace.parse()?;
    let client = Client::new(Client::http()?, url.clone());
    let settings = WorkspaceSettings::new(WORKSPACE, url);
    let console = Console::new(
        store,
        [Workspace::new(settings, client)],
        SignInLimits::default(),
        false,
    );

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let settings = RouterSettings {
        public_url: origin.parse()?,
        sign_in_tries: 100_000,
        session: Duration::from_secs(3600),
    };
    let service = router(console.clone(), settings).merge(more(&console));
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok(Served { origin, console, data })
}

/// A client that keeps cookies and follows no redirect.
pub(crate) fn browser() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .cookie_store(true)
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .build()
}

/// Posts a form as a page of the console would.
pub(crate) async fn post(
    browser: &reqwest::Client,
    origin: &str,
    path: &str,
    form: &[(&str, &str)],
) -> Result<(), Box<dyn Error>> {
    let request = browser
        .post(format!("{origin}{path}"))
        .header("Sec-Fetch-Site", "same-origin");
    let answer = request.header("Accept", "text/html").form(form).send().await?;
    let location = answer
        .headers()
        .get("location")
        .and_then(|l| l.to_str().ok())
        .unwrap_or_default();
    if answer.status().as_u16() >= 400 || location.contains("__err") {
        return Err(format!("{path} answered {} {location}", answer.status()).into());
    }
    Ok(())
}

/// Signs in with a personal access token.
pub(crate) async fn sign_in(browser: &reqwest::Client, origin: &str, token: &str) -> Result<(), Box<dyn Error>> {
    let form = [("workspace", WORKSPACE), ("token", token), ("next", "/")];
    post(browser, origin, "/api/sign_in/with_token", &form).await
}

/// Signs in, and answers the session's cookie.
pub(crate) async fn session(browser: &reqwest::Client, origin: &str, token: &str) -> Result<String, Box<dyn Error>> {
    let form = [("workspace", WORKSPACE), ("token", token), ("next", "/")];
    let request = browser
        .post(format!("{origin}/api/sign_in/with_token"))
        .header("Sec-Fetch-Site", "same-origin")
        .header("Accept", "text/html");
    let answer = request.form(&form).send().await?.error_for_status()?;
    let cookie = answer.headers().get("set-cookie").ok_or("no session")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// What a browser says that has been here before: it keeps the style sheet.
pub(crate) async fn keeps_styles(origin: &str) -> Result<String, Box<dyn Error>> {
    let page = reqwest::get(format!("{origin}/sign-in")).await?.text().await?;
    let href = page
        .split_once("data-styles=\"")
        .and_then(|(_, rest)| rest.split_once('"'));
    Ok(format!(
        "styles={}",
        href.ok_or("no style sheet; build with PAT_CONSOLE_SITE")?.0
    ))
}

/// A client that sends these cookies.
pub(crate) fn with_cookie(cookie: &str) -> Result<reqwest::Client, Box<dyn Error>> {
    let headers = [(reqwest::header::COOKIE, cookie.parse()?)].into_iter().collect();
    Ok(reqwest::Client::builder().default_headers(headers).no_gzip().build()?)
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<Duration>) -> Duration {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
