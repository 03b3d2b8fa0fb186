//! Starts a console for a workspace on a free port, and signs in to it as a browser would.

use std::error::Error;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use app::http::cookies::CookieScope;
use axum::Router;
use console::{Console, SignInLimits, Workspace, WorkspaceSettings};
use server::config::{PublicUrl, TrustedProxies};
use server::{RouterSettings, router};
use store::{DatabaseLocation, PostgresUrl, SealingKey, Store};
use tempfile::TempDir;
use tokio::net::TcpListener;
use workspace_client::{Client, HttpClient};

/// The name of the only workspace.
pub(crate) const WORKSPACE: &str = "acme";

/// A console that this process serves.
pub(crate) struct ServedConsole {
    pub(crate) origin: String,
    pub(crate) console: Console,
    /// The database's directory, deleted when this is dropped.
    data: TempDir,
}

impl ServedConsole {
    /// The directory of the database.
    pub(crate) fn data_dir(&self) -> &Path {
        self.data.path()
    }
}

/// Serves a console for the workspace at the URL `workspace`, with `extra` routes in addition to its own.
pub(crate) async fn serve_console(
    workspace: &str,
    extra: impl FnOnce(&Console, CookieScope) -> Router,
) -> Result<ServedConsole, Box<dyn Error>> {
    serve_console_on(None, workspace, extra).await
}

/// Like [`serve_console`], on a PostgreSQL database if one is given.
pub(crate) async fn serve_console_on(
    database: Option<&PostgresUrl>,
    workspace: &str,
    extra: impl FnOnce(&Console, CookieScope) -> Router,
) -> Result<ServedConsole, Box<dyn Error>> {
    let data = tempfile::tempdir()?;
    let key = SealingKey::parse(&"1f".repeat(32).into())?;
    let location = match database {
        Some(url) => DatabaseLocation::from(url.clone()),
        None => data.path().into(),
    };
    let store = Store::open(location, key).await?;
    let url: workspace_client::WorkspaceUrl = workspace.parse()?;
    let client = Client::new(HttpClient::new()?, url.clone());
    let settings = WorkspaceSettings::new(WORKSPACE, url);
    let console = Console::new(
        store,
        [Workspace::new(settings, client)],
        SignInLimits::default(),
        false,
    );

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let public_url: PublicUrl = origin.parse()?;
    let extra = extra(&console, public_url.cookies());
    let settings = RouterSettings {
        public_url,
        trusted_proxies: TrustedProxies::default(),
        sign_in_tries: 100_000,
        session: Duration::from_secs(3600),
    };
    let service = router(console.clone(), settings).merge(extra);
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok(ServedConsole { origin, console, data })
}

/// A client that stores cookies and follows no redirects.
pub(crate) fn browser() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .cookie_store(true)
        .redirect(reqwest::redirect::Policy::none())
        .no_gzip()
        .build()
}

/// Posts a form as a page of the console would.
///
/// # Errors
/// If the request fails, or the console responds with an error status or redirects to a page that shows an error.
pub(crate) async fn post(
    browser: &reqwest::Client,
    origin: &str,
    path: &str,
    form: &[(&str, &str)],
) -> Result<(), Box<dyn Error>> {
    let request = browser
        .post(format!("{origin}{path}"))
        .header("Sec-Fetch-Site", "same-origin");
    let response = request.header("Accept", "text/html").form(form).send().await?;
    let location = response
        .headers()
        .get("location")
        .and_then(|l| l.to_str().ok())
        .unwrap_or_default();
    if response.status().as_u16() >= 400 || location.contains("__err") {
        return Err(format!("{path} returned {} {location}", response.status()).into());
    }
    Ok(())
}

/// Signs in with a personal access token.
pub(crate) async fn sign_in(browser: &reqwest::Client, origin: &str, token: &str) -> Result<(), Box<dyn Error>> {
    let form = [("workspace", WORKSPACE), ("token", token), ("next", "/")];
    post(browser, origin, "/api/sign_in/with_token", &form).await
}

/// Signs in with a personal access token and returns the session's cookie, as `name=value`.
pub(crate) async fn sign_in_session(
    browser: &reqwest::Client,
    origin: &str,
    token: &str,
) -> Result<String, Box<dyn Error>> {
    let form = [("workspace", WORKSPACE), ("token", token), ("next", "/")];
    let request = browser
        .post(format!("{origin}/api/sign_in/with_token"))
        .header("Sec-Fetch-Site", "same-origin")
        .header("Accept", "text/html");
    let response = request.form(&form).send().await?.error_for_status()?;
    let cookie = response
        .headers()
        .get("set-cookie")
        .ok_or("no session cookie")?
        .to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// The cookie of a browser that has cached the style sheet, as `name=value`.
pub(crate) async fn stylesheet_cookie(origin: &str) -> Result<String, Box<dyn Error>> {
    let page = reqwest::get(format!("{origin}/sign-in")).await?.text().await?;
    let attribute = |name: &str| {
        let (_, rest) = page.split_once(&format!("{name}=\""))?;
        Some(rest.split_once('"')?.0)
    };
    let cookie = attribute("data-cookie").zip(attribute("data-styles"));
    let (name, href) = cookie.ok_or("the page contains no style sheet; build with PAT_CONSOLE_SITE")?;
    Ok(format!("{name}={href}"))
}

/// A client that sends these cookies with each request.
pub(crate) fn client_with_cookie(cookie: &str) -> Result<reqwest::Client, Box<dyn Error>> {
    let headers = [(reqwest::header::COOKIE, cookie.parse()?)].into_iter().collect();
    Ok(reqwest::Client::builder().default_headers(headers).no_gzip().build()?)
}

/// The middle value; zero without any value.
pub(crate) fn median(mut values: Vec<Duration>) -> Duration {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The middle value; zero without any value.
pub(crate) fn median_f64(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
