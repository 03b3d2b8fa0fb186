//! `serve`: starts the console from its flags, and shuts it down gracefully.

use std::io::IsTerminal as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use axum_server::accept::NoDelayAcceptor;
use axum_server::{Handle, Server};
use console::{Console, Timing, Workspace};
use hyper_util::rt::TokioTimer;
use store::{DataDirLock, DatabaseLocation, KeyError, KeyOrigin, SealingKey, SealingKeys, Store, StoreError};
use tokio::task::JoinHandle;
use tracing_subscriber::EnvFilter;
use workspace_client::{Client, HttpClient, HttpClientError};

use crate::config::{ConfigError, LogFormat, PublicUrl, ServeArgs};
use crate::router::{RouterSettings, router};
use crate::routes::metrics;

/// How long a client can take to send the head of a request. Without a limit, a client that sends byte by byte could
/// hold a connection open forever.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How long running requests have to finish after the server is told to stop: longer than any call to a workspace that
/// someone waits for.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(25);

/// How often ended sessions are deleted from the database.
const PURGE_INTERVAL: Duration = Duration::from_secs(3600);

/// Why the console does not run, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration is not valid.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The sealing key in the data directory cannot be used or created.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Metrics cannot be collected.
    #[error("cannot collect metrics: {0}")]
    Metrics(String),
    /// The HTTP client for calls to workspaces cannot be created.
    #[error(transparent)]
    Http(#[from] HttpClientError),
    /// The port is in use or not allowed.
    #[error("Cannot listen on {address} ({source}). Stop the program that uses it, or choose another with --listen.")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// Why the console cannot listen on it.
        source: std::io::Error,
    },
    /// The bulk revocations that were running when the console was stopped cannot be read.
    #[error(transparent)]
    Console(#[from] console::Error),
    /// The server or the async runtime failed.
    #[error("the server failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves until the process is told to stop.
///
/// # Errors
///
/// Why it cannot start, as a sentence for the operator.
pub fn run(arguments: ServeArgs) -> Result<(), ServeError> {
    start_log(arguments.log_format);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

async fn serve(arguments: ServeArgs) -> Result<(), ServeError> {
    let public_url = arguments.listen.public_url()?;
    let workspaces = arguments.workspaces.settings(&public_url)?;
    let location = arguments.database.location()?;
    let reseals = arguments.sealing.reseals(&location)?;
    // Locked before anything in the directory is read or created, and held until the end. Instances with a database
    // server need no lock.
    let _lock = match &location {
        DatabaseLocation::DataDir(data_dir) => Some(DataDirLock::acquire(data_dir)?),
        DatabaseLocation::Postgres(_) => None,
    };
    // Created first, because it reports an unusable SSL_CERT_FILE, which connections to a database server use too.
    let http = HttpClient::new()?;
    let store = open_store(&arguments, &location, reseals).await?;
    let workspaces = workspaces.into_iter().map(|settings| {
        if let Some(proxy) = http.proxy_for(&settings.url) {
            tracing::info!(workspace = settings.name, %proxy, "reached through an outgoing proxy");
        }
        let client = Client::new(http.clone(), settings.url.clone());
        Workspace::new(settings, client)
    });
    let limits = arguments.limits.sign_in_limits();
    let timing = Timing {
        part_wait: Duration::from_millis(arguments.part_wait_ms),
        ..Timing::default()
    };
    let console = Console::new(store.clone(), workspaces, limits, arguments.read_only).with_timing(timing);
    let metrics = match arguments.metrics.metrics_listen {
        Some(address) => Some(serve_metrics(address, &console, &public_url)?),
        None => None,
    };
    let listener = listen(arguments.listen.listen)?;
    console.resume_running_bulks().await?;
    let instance = console.start_instance_task();
    tracing::info!(listen = %arguments.listen.listen, open = public_url.origin(), "listening");
    let purge = tokio::spawn(purge_regularly(store.clone()));
    let settings = RouterSettings {
        public_url,
        trusted_proxies: arguments.proxies.trusted(),
        sign_in_tries: arguments.limits.sign_in_tries,
        session: limits.absolute,
    };
    serve_until_shutdown(listener, &console, settings).await?;
    purge.abort();
    if let Some(metrics) = metrics {
        metrics.abort();
    }
    // Calls that were sent still get their outcome recorded. Those that do not finish in time are looked up at the next
    // start.
    let ending = async {
        console.wait_until_idle().await;
        let _ = instance.await;
    };
    let _ = tokio::time::timeout(SHUTDOWN_GRACE, ending).await;
    store.close().await?;
    tracing::info!("stopped");
    Ok(())
}

async fn open_store(arguments: &ServeArgs, location: &DatabaseLocation, reseals: bool) -> Result<Store, ServeError> {
    let keys = sealing_keys(arguments, location)?;
    if let Some(warning) = arguments.sealing.warning() {
        tracing::warn!("the sealing key in {warning}");
    }
    if let Some(warning) = arguments.database.warning() {
        tracing::warn!("the URL of the database in {warning}");
    }
    tracing::info!(database = %location, "opening the database");
    if !reseals {
        return Ok(Store::open(location, keys).await?);
    }
    let (store, resealed) = Store::open_resealed(location, keys).await?;
    tracing::info!(
        resealed,
        "the previous sealing key is no longer needed; start without it next time"
    );
    Ok(store)
}

fn sealing_keys(arguments: &ServeArgs, location: &DatabaseLocation) -> Result<SealingKeys, ServeError> {
    let key = match arguments.sealing.key_for(location)? {
        Some(key) => key,
        None => {
            let data_dir = &arguments.database.data_dir;
            let (key, origin) = SealingKey::load_or_create(data_dir, arguments.sealing.access())?;
            if origin == KeyOrigin::Created {
                warn_of_new_key(data_dir);
            }
            key
        }
    };
    Ok(arguments.sealing.with_others(key)?)
}

fn warn_of_new_key(data_dir: &Path) {
    tracing::warn!(
        "created a sealing key in {}/sealing.key; anyone with this key and the database can read all credentials. \
         Keep it elsewhere with --sealing-key-file or CONSOLE_SEALING_KEY",
        data_dir.display()
    );
}

/// Starts collecting metrics, and serves them on a separate address.
fn serve_metrics(address: SocketAddr, console: &Console, public_url: &PublicUrl) -> Result<JoinHandle<()>, ServeError> {
    let server = http_server(listen(address)?)?;
    let handle = metrics::install_recorder().map_err(|error| ServeError::Metrics(error.to_string()))?;
    tracing::info!(%address, "serving /metrics");
    let serving = metrics::serve(server, console.clone(), public_url.clone(), handle);
    Ok(tokio::spawn(serving))
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listener = TcpListener::bind(address).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    listener.map_err(|source| ServeError::Listen { address, source })
}

/// A server for this listener, with the timeouts that all ports of the console share.
fn http_server(listener: TcpListener) -> std::io::Result<Server<SocketAddr, NoDelayAcceptor>> {
    // With Nagle's algorithm, small responses would wait for an acknowledgement, up to 40 ms each.
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(NoDelayAcceptor::new())
        // The timeouts of an HTTP version apply only after the first bytes have shown which version it is.
        .first_request_timeout(HEADER_READ_TIMEOUT);
    let http = server.http_builder();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEADER_READ_TIMEOUT);
    Ok(server)
}

async fn serve_until_shutdown(
    listener: TcpListener,
    console: &Console,
    settings: RouterSettings,
) -> Result<(), ServeError> {
    let server = http_server(listener)?;
    let handle = Handle::new();
    let shutdown = tokio::spawn(shut_down_gracefully(handle.clone(), console.clone()));
    let service = router(console.clone(), settings).into_make_service_with_connect_info::<SocketAddr>();
    server.handle(handle).serve(service).await?;
    shutdown.abort();
    Ok(())
}

async fn purge_regularly(store: Store) {
    let mut interval = tokio::time::interval(PURGE_INTERVAL);
    loop {
        interval.tick().await;
        if let Err(error) = store.purge(console::now()).await {
            tracing::error!(%error, "could not purge ended sessions");
        }
    }
}

/// Waits for the signal to stop, then accepts no new connections and lets running requests finish.
async fn shut_down_gracefully(handle: Handle<SocketAddr>, console: Console) {
    shutdown_signal().await;
    console.shut_down();
    handle.graceful_shutdown(Some(SHUTDOWN_GRACE));
}

async fn shutdown_signal() {
    let interrupt = tokio::signal::ctrl_c();
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = interrupt => {}
        () = terminate => {}
    }
}
