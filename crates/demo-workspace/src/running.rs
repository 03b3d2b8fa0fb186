//! A running workspace, and how to control it from the same process.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::config::{Config, Knobs};
use crate::control::change::{self, Change, ChangeError, ChangeOutcome};
use crate::credentials::Credentials;
use crate::net::{ResetHandle, bind_localhost};
use crate::traffic::fault::Fault;
use crate::traffic::request_log::LogEntry;

/// Starts a workspace on localhost. It stops when the value is dropped.
///
/// # Errors
/// If a port is in use or cannot be bound.
pub async fn start(config: Config) -> io::Result<Running> {
    let (listeners, port) = bind_localhost(config.port).await?;
    let control = TcpListener::bind((Ipv4Addr::LOCALHOST, config.control_port)).await?;
    let control_url = format!("http://{}", control.local_addr()?);
    let (stop, stopping) = watch::channel(false);
    let app = Arc::new(App::new(config, format!("http://localhost:{port}"), stopping));

    let mut servers = Vec::new();
    for listener in listeners {
        let service = workspace_router(Arc::clone(&app)).into_make_service_with_connect_info::<ResetHandle>();
        let until_stopped = until_stopped(&app);
        servers.push(tokio::spawn(async move {
            axum::serve(listener, service)
                .with_graceful_shutdown(until_stopped)
                .await
        }));
    }
    let control_router = crate::control::http::router(Arc::clone(&app));
    let until_stopped = until_stopped(&app);
    servers.push(tokio::spawn(async move {
        axum::serve(control, control_router)
            .with_graceful_shutdown(until_stopped)
            .await
    }));
    Ok(Running {
        app,
        control_url,
        stop,
        servers,
    })
}

fn until_stopped(app: &Arc<App>) -> impl Future<Output = ()> + Send + 'static {
    let app = Arc::clone(app);
    async move { app.stopping().await }
}

fn workspace_router(app: Arc<App>) -> Router {
    Router::new()
        .merge(crate::api::router(&app))
        .merge(crate::oidc::router())
        .fallback(crate::api::no_such_api)
        .method_not_allowed_fallback(crate::api::no_such_api)
        .layer(from_fn_with_state(Arc::clone(&app), crate::traffic::observe))
        .layer(from_fn_with_state(Arc::clone(&app), crate::clock::add_date))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app)
}

/// A running workspace. Dropping it stops it soon after; [`Running::stop`] waits until its ports are free.
#[derive(Debug)]
pub struct Running {
    app: Arc<App>,
    control_url: String,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<io::Result<()>>>,
}

/// What the program prints at its start: the workspace's URLs and the credentials.
#[derive(Debug, Clone, Serialize)]
pub struct Announcement {
    /// `http://localhost:PORT`.
    pub url: String,
    /// `http://127.0.0.1:PORT`.
    pub control_url: String,
    /// The workspace's ID, as text.
    pub workspace_id: String,
    /// All known credentials.
    #[serde(flatten)]
    pub credentials: Credentials,
}

impl Running {
    /// The workspace's URL, `http://localhost:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// The control interface's URL, `http://127.0.0.1:PORT`.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// All known credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.app.credentials
    }

    /// The workspace's numeric ID.
    pub fn workspace_id(&self) -> u64 {
        self.app.workspace().id
    }

    /// The URLs and credentials, as the program prints them.
    pub fn announcement(&self) -> Announcement {
        Announcement {
            url: self.url().to_owned(),
            control_url: self.control_url.clone(),
            workspace_id: self.workspace_id().to_string(),
            credentials: self.credentials().clone(),
        }
    }

    /// Adds a fault after the existing ones.
    pub fn fault(&self, fault: Fault) {
        self.app.faults.add(fault);
    }

    /// The faults that still apply to future calls.
    pub fn waiting_faults(&self) -> Vec<Fault> {
        self.app.faults.all()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.app.faults.clear();
    }

    /// Releases the calls that [`Effect::Hold`](crate::Effect::Hold) holds, and waits until they have been processed.
    pub async fn release_held_calls(&self) {
        self.app.call_queue.release().await;
    }

    /// Changes the workspace as another admin or the platform would.
    ///
    /// # Errors
    /// If the change names a token, a principal or a knob that does not exist.
    pub fn change(&self, change: Change) -> Result<ChangeOutcome, ChangeError> {
        change::apply(&mut self.app.workspace_mut(), change, self.app.clock.now_ms())
    }

    /// Changes knobs.
    pub fn configure(&self, change: impl FnOnce(&mut Knobs)) {
        change(&mut self.app.workspace_mut().knobs);
    }

    /// Moves the workspace's clock forward by `ms` milliseconds.
    pub fn advance_clock(&self, ms: u64) {
        self.app.clock.advance(ms);
    }

    /// The workspace's time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.app.clock.now_ms()
    }

    /// The number of tokens in the list, which includes some expired ones.
    pub fn token_count(&self) -> usize {
        self.app.workspace().tokens.len()
    }

    /// The calls that have ended, in the order in which they ended.
    pub fn log(&self) -> Vec<LogEntry> {
        self.app.log.entries()
    }

    /// The highest number of concurrent SCIM calls since the log was cleared.
    pub fn most_scim_at_once(&self) -> u32 {
        self.app.log.most_scim_at_once()
    }

    /// Empties the log.
    pub fn clear_log(&self) {
        self.app.log.clear();
    }

    /// Restores the initial state: clock, tokens, people and knobs, no faults, an empty log, no one signed in.
    pub fn reset(&self) {
        self.app.reset();
    }

    /// Stops, and waits until running calls have ended and the ports are free.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        for server in std::mem::take(&mut self.servers) {
            let _ = server.await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.stop.send(true);
    }
}
