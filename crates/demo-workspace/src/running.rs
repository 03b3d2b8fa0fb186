//! A workspace that runs, and what one may do to it from the same process.

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
/// When a port is taken or cannot be bound.
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
        .merge(crate::api::router())
        .merge(crate::oidc::router())
        .fallback(crate::api::no_such_api)
        .method_not_allowed_fallback(crate::api::no_such_api)
        .layer(from_fn_with_state(Arc::clone(&app), crate::traffic::observe))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .with_state(app)
}

/// A running workspace. Dropping it stops it soon; [`Running::stop`] waits until its ports are free.
#[derive(Debug)]
pub struct Running {
    app: Arc<App>,
    control_url: String,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<io::Result<()>>>,
}

/// What the binary prints first: where the workspace is and how one gets in.
#[derive(Debug, Clone, Serialize)]
pub struct Announcement {
    /// `http://localhost:PORT`.
    pub url: String,
    /// `http://127.0.0.1:PORT`.
    pub control_url: String,
    /// The workspace's id, as text.
    pub workspace_id: String,
    /// Who can sign in.
    #[serde(flatten)]
    pub credentials: Credentials,
}

impl Running {
    /// The workspace's address, `http://localhost:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// The control interface's address, `http://127.0.0.1:PORT`.
    pub fn control_url(&self) -> &str {
        &self.control_url
    }

    /// Who can sign in, and by what.
    pub fn credentials(&self) -> &Credentials {
        &self.app.credentials
    }

    /// The workspace's numeric id.
    pub fn workspace_id(&self) -> u64 {
        self.app.workspace().id
    }

    /// Everything that a newcomer needs, as the binary prints it.
    pub fn announcement(&self) -> Announcement {
        Announcement {
            url: self.url().to_owned(),
            control_url: self.control_url.clone(),
            workspace_id: self.workspace_id().to_string(),
            credentials: self.credentials().clone(),
        }
    }

    /// Adds a fault behind those that are there.
    pub fn fault(&self, fault: Fault) {
        self.app.faults.add(fault);
    }

    /// The faults that wait for calls.
    pub fn waiting_faults(&self) -> Vec<Fault> {
        self.app.faults.all()
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.app.faults.clear();
    }

    /// Changes the workspace behind the back of whoever uses it.
    ///
    /// # Errors
    /// When the change names a token, a principal or a knob that does not exist.
    pub fn change(&self, change: Change) -> Result<ChangeOutcome, ChangeError> {
        change::apply(&mut self.app.workspace_mut(), change, self.app.clock.now_ms())
    }

    /// Turns knobs.
    pub fn configure(&self, turn: impl FnOnce(&mut Knobs)) {
        turn(&mut self.app.workspace_mut().knobs);
    }

    /// Moves the workspace's clock forward by `ms` milliseconds.
    pub fn advance_clock(&self, ms: u64) {
        self.app.clock.advance(ms);
    }

    /// The workspace's time in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.app.clock.now_ms()
    }

    /// How many tokens there are, expired ones that are still listed included.
    pub fn token_count(&self) -> usize {
        self.app.workspace().tokens.len()
    }

    /// The calls that have ended, in the order in which they did.
    pub fn log(&self) -> Vec<LogEntry> {
        self.app.log.entries()
    }

    /// Most SCIM calls that ran side by side since the log was cleared.
    pub fn most_scim_at_once(&self) -> u32 {
        self.app.log.most_scim_at_once()
    }

    /// Empties the log.
    pub fn clear_log(&self) {
        self.app.log.clear();
    }

    /// Everything is as it was at the start: clock, tokens, people, knobs; no faults, an empty log, nobody signed in.
    pub fn reset(&self) {
        self.app.reset();
    }

    /// Stops, and waits until calls under way have ended and the ports are free.
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
