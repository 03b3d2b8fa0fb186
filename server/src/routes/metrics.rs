//! `/metrics`, on a separate address: how many requests the console and the workspaces get, how long they take, and
//! their results. Names of people, tokens and pages are never labels, but the configured name of a workspace is.

use std::net::SocketAddr;

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum_server::Server;
use axum_server::accept::NoDelayAcceptor;
use console::Console;
use http::header::HOST;
use http::{HeaderMap, HeaderValue, StatusCode};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use url::{Host, Url};
use workspace_client::call_log::{CALL_SECONDS, CALLS_TOTAL};

use crate::config::PublicUrl;

const UNKNOWN_HOST: &str = "Wrong host. Open the metrics by IP address, as localhost or under the console's host.\n";

/// Counter: requests to the console, by the route's template, method and status.
pub(crate) const REQUESTS_TOTAL: &str = "pat_console_requests_total";
/// Histogram: the duration of requests in seconds, by the route's template.
pub(crate) const REQUEST_SECONDS: &str = "pat_console_request_seconds";
/// Counter: transactions of the console's own database.
const COMMITS_TOTAL: &str = "pat_console_store_commits_total";
/// Gauge: the age of a workspace's snapshot, in seconds.
const SNAPSHOT_AGE: &str = "pat_console_snapshot_age_seconds";

/// Upper bounds of the histogram buckets, in seconds: from a cached page to the longest list.
const DURATION_BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 20.0, 60.0];

/// Starts collecting metrics for the whole process.
///
/// # Errors
///
/// If metrics are already collected.
pub(crate) fn install_recorder() -> Result<PrometheusHandle, BuildError> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(REQUEST_SECONDS.to_owned()), &DURATION_BUCKETS)?
        .set_buckets_for_metric(Matcher::Full(CALL_SECONDS.to_owned()), &DURATION_BUCKETS)?;
    let handle = builder.install_recorder()?;
    metrics::describe_counter!(REQUESTS_TOTAL, "Requests, by route, method and status");
    metrics::describe_histogram!(REQUEST_SECONDS, "Seconds until the response started, by route");
    metrics::describe_counter!(CALLS_TOTAL, "Calls to workspaces, by route, method and outcome");
    metrics::describe_histogram!(CALL_SECONDS, "Duration of calls to workspaces in seconds, by route");
    metrics::describe_counter!(
        console::sign_in::SIGN_INS_TOTAL,
        "Sign-in attempts, by workspace, kind of credential and outcome"
    );
    metrics::describe_counter!(
        COMMITS_TOTAL,
        "Transactions committed to the console's database; each is one sync"
    );
    metrics::describe_gauge!(
        SNAPSHOT_AGE,
        "Age of a workspace's snapshot in seconds; absent without a snapshot"
    );
    Ok(handle)
}

/// Serves the metrics until the process ends.
pub(crate) async fn serve(
    server: Server<SocketAddr, NoDelayAcceptor>,
    console: Console,
    public_url: PublicUrl,
    handle: PrometheusHandle,
) {
    let page = get(move |headers: HeaderMap| {
        let (console, handle) = (console.clone(), handle.clone());
        let is_known = headers.get(HOST).is_some_and(|host| is_known_host(host, &public_url));
        async move {
            match is_known {
                true => render(&console, &handle).into_response(),
                false => (StatusCode::MISDIRECTED_REQUEST, UNKNOWN_HOST).into_response(),
            }
        }
    });
    let service = Router::new().route("/metrics", page).into_make_service();
    if let Err(error) = server.serve(service).await {
        tracing::error!(%error, "metrics endpoint stopped");
    }
}

/// Whether a request for metrics names a known host: an IP address, `localhost`, or the console's own host. A web page
/// may have pointed any other name here (DNS rebinding).
fn is_known_host(host: &HeaderValue, public_url: &PublicUrl) -> bool {
    let Some(url) = host
        .to_str()
        .ok()
        .and_then(|host| Url::parse(&format!("http://{host}/")).ok())
    else {
        return false;
    };
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || public_url.host() == Some(name),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

fn render(console: &Console, handle: &PrometheusHandle) -> String {
    for workspace in console.workspaces() {
        if let Some(age) = workspace.snapshot_age() {
            metrics::gauge!(SNAPSHOT_AGE, "workspace" => workspace.name().to_owned()).set(age.as_secs_f64());
        }
    }
    metrics::counter!(COMMITS_TOTAL).absolute(console.commits());
    // Without regular upkeep, histograms grow forever.
    handle.run_upkeep();
    handle.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_host_names_that_cannot_be_rebound_are_known() {
        let public_url = "https://pats.example.com".parse().unwrap();
        let known = |host: &str| is_known_host(&HeaderValue::from_str(host).unwrap(), &public_url);
        for host in [
            "127.0.0.1:9300",
            "10.1.2.3",
            "[::1]:9300",
            "localhost:9300",
            "PATS.example.com:9300",
        ] {
            assert!(known(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:9300",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "a b",
            "/",
        ] {
            assert!(!known(host), "{host}");
        }
    }
}
