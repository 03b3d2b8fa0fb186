//! `serve`: from the flags to a listening console, and its orderly end.

use std::io::IsTerminal as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use console::{Console, Workspace};
use hyper_util::rt::TokioTimer;
use secrecy::SecretString;
use store::{DataDirLock, KeyError, KeyOrigin, SealingKey, Store, StoreError};
use tracing_subscriber::EnvFilter;
use workspace_client::Client;

use crate::config::{ConfigError, LogFormat, PublicUrl, ServeArgs, read};
use crate::router::{RouterSettings, router};
use crate::routes::metrics;

/// How long a client may take to send a request's head: who holds connections open by dripping is cut off.
const HEADER_READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How long requests that are under way have to end, once the server is told to stop: longer than any call to a workspace
/// that somebody waits for.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(25);

/// Why the console does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// No public address follows from the one listened on.
    #[error("--listen {0} is reachable from other machines and needs --public-url, the URL that people open.")]
    PublicUrlNeeded(SocketAddr),
    /// The sealing key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The metrics.
    #[error("cannot collect metrics: {0}")]
    Metrics(String),
    /// TLS.
    #[error("Cannot set up HTTPS ({0}). On Debian, install ca-certificates.")]
    Http(String),
    /// The port.
    #[error("Cannot listen on {address} ({source}). Stop the program that uses it, or choose another with --listen.")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// What was under way when the console was stopped cannot be read.
    #[error(transparent)]
    Console(#[from] console::Error),
    /// The runtime.
    #[error("the server failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves until it is told to stop.
///
/// # Errors
/// What keeps it from starting, as a sentence for whoever started it.
pub fn run(arguments: ServeArgs) -> Result<(), ServeError> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match arguments.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: ServeArgs) -> Result<(), ServeError> {
    let listen = arguments.listen;
    let public_url = public_url(&arguments)?;
    let workspaces = arguments.workspaces(&public_url)?;
    // Held to the end, and taken before anything in the directory is read or made.
    let _lock = DataDirLock::acquire(&arguments.data_dir)?;
    let store = open_store(&arguments).await?;
    let http = Client::http().map_err(|error| ServeError::Http(error.to_string()))?;
    let workspaces = workspaces.into_iter().map(|settings| {
        let client = Client::new(http.clone(), settings.url.clone());
        Workspace::new(settings, client)
    });
    let console = Console::new(store.clone(), workspaces, arguments.limits(), arguments.read_only);
    let settings = RouterSettings {
        public_url: public_url.clone(),
        sign_in_tries: arguments.sign_in_tries,
        session: arguments.limits().absolute,
    };
    let measuring = match arguments.metrics_listen {
        Some(address) => {
            let listener = metrics::listen(address).await;
            let listener = listener.map_err(|source| ServeError::Listen { address, source })?;
            let handle = metrics::collect().map_err(|error| ServeError::Metrics(error.to_string()))?;
            tracing::info!(%address, "serving /metrics");
            Some(tokio::spawn(metrics::serve(
                listener,
                console.clone(),
                public_url.clone(),
                handle,
            )))
        }
        None => None,
    };
    let service = router(console.clone(), settings).into_make_service_with_connect_info::<SocketAddr>();
    let listener = TcpListener::bind(listen).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    let listener = listener.map_err(|source| ServeError::Listen {
        address: listen,
        source,
    })?;
    console.resume_running_bulks().await?;
    tracing::info!(%listen, open = public_url.origin(), "listening");
    let purging = tokio::spawn(purge_hourly(store.clone()));
    // Without it small answers wait for an acknowledgement, 40 ms at a time.
    let mut server = axum_server::from_tcp(listener)?.acceptor(NoDelayAcceptor::new());
    let http = server.http_builder();
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_READ_TIMEOUT);
    http.http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(HEADER_READ_TIMEOUT);
    let handle = Handle::new();
    let stopping = tokio::spawn(shut_down_gracefully(handle.clone(), console.clone()));
    server.handle(handle).serve(service).await?;
    stopping.abort();
    purging.abort();
    if let Some(measuring) = measuring {
        measuring.abort();
    }
    // What they have sent is to be written down; what is not is looked up at the next start.
    let _ = tokio::time::timeout(SHUTDOWN_GRACE, console.wait_until_idle()).await;
    store.close().await?;
    tracing::info!("stopped");
    Ok(())
}

/// The address that people open.
pub(crate) fn public_url(arguments: &ServeArgs) -> Result<PublicUrl, ServeError> {
    let configured = arguments.public_url.clone();
    let public_url = configured.or_else(|| PublicUrl::of_listener(arguments.listen));
    public_url.ok_or(ServeError::PublicUrlNeeded(arguments.listen))
}

async fn open_store(arguments: &ServeArgs) -> Result<Store, ServeError> {
    let key = match configured_key(arguments)? {
        Some(key) => key,
        None => {
            let (key, origin) = SealingKey::load_or_create(&arguments.data_dir)?;
            if origin == KeyOrigin::Created {
                warn_of_new_key(arguments);
            }
            key
        }
    };
    let previous = arguments
        .previous_sealing_key_file
        .as_deref()
        .map(read_key)
        .transpose()?;
    let rotates = previous.is_some();
    let (store, resealed) = Store::open_after(&arguments.data_dir, key, previous).await?;
    if rotates {
        tracing::info!(
            resealed,
            "the previous sealing key is no longer needed; start without it next time"
        );
    }
    Ok(store)
}

/// The sealing key, where it is not left to the data directory.
pub(crate) fn configured_key(arguments: &ServeArgs) -> Result<Option<SealingKey>, ServeError> {
    if let Some(path) = &arguments.sealing_key_file {
        return read_key(path).map(Some);
    }
    // Not a flag: a flag's value can be seen by every process of the machine.
    match std::env::var("CONSOLE_SEALING_KEY") {
        Ok(text) => Ok(Some(SealingKey::parse(&SecretString::from(text))?)),
        Err(_) => Ok(None),
    }
}

fn read_key(path: &Path) -> Result<SealingKey, ServeError> {
    Ok(SealingKey::parse(&SecretString::from(read(path)?))?)
}

fn warn_of_new_key(arguments: &ServeArgs) {
    tracing::warn!(
        "created a sealing key in {}/sealing.key; anyone with this key and the database can read all credentials. \
         Keep it elsewhere with --sealing-key-file or CONSOLE_SEALING_KEY",
        arguments.data_dir.display()
    );
}

async fn purge_hourly(store: Store) {
    let mut hours = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hours.tick().await;
        if let Err(error) = store.purge(console::now()).await {
            tracing::error!(%error, "could not purge ended sessions");
        }
    }
}

/// Lets what is under way end.
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
