//! `check-config`: reports what a configuration contains and whether it works, before anyone depends on it. Its output
//! contains no secrets.

mod database;

use std::fmt::Write as _;

use console::{ProductionReason, WorkspaceSettings};
use workspace_client::{Client, ErrorKind, HttpClient, oidc};

use crate::cli::serve::ServeError;
use crate::config::{PublicUrl, ServeArgs};

/// Why a configuration cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// `serve` would not start with it.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The async runtime does not start.
    #[error("could not run the check: {0}")]
    Io(#[from] std::io::Error),
}

/// The result of all checks.
#[derive(Debug, Default)]
pub struct Report {
    /// Human-readable, one line for each fact or check.
    pub text: String,
    /// How many checks failed.
    pub failed: usize,
}

/// Checks everything that a configuration refers to.
///
/// # Errors
///
/// Why `serve` would not even start with it. Failed checks are part of the report instead.
pub fn run(arguments: &ServeArgs) -> Result<Report, CheckError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(check(arguments))
}

async fn check(arguments: &ServeArgs) -> Result<Report, CheckError> {
    let public_url = arguments.listen.public_url().map_err(ServeError::from)?;
    let workspaces = arguments.workspaces.settings(&public_url).map_err(ServeError::from)?;
    let mut report = Report::default();
    report.fact("public URL", &public_url.origin());
    report.fact("listen", &arguments.listen.listen.to_string());
    report.fact("trusted proxies", &arguments.proxies.trusted().describe());
    if arguments.read_only {
        report.fact("changes", "disabled (--read-only)");
    }
    database::check(&mut report, arguments)
        .await
        .map_err(ServeError::from)?;
    let http = HttpClient::new().map_err(ServeError::from)?;
    let certificates = match http.ca_file() {
        Some(path) => format!("{} (SSL_CERT_FILE)", path.display()),
        None => "the system's".to_owned(),
    };
    report.fact("CA certificates", &certificates);
    for workspace in &workspaces {
        let client = Client::new(http.clone(), workspace.url.clone());
        report.line(&format!("workspace {}", workspace.name));
        report.fact("URL", &workspace.url.to_string());
        if let Some(id) = workspace.url.workspace_id() {
            report.fact("workspace ID", &id.to_string());
        }
        let proxy = http.proxy_for(&workspace.url).map(ToString::to_string);
        report.fact("outgoing proxy", proxy.as_deref().unwrap_or("none"));
        check_workspace(&mut report, workspace, &client, &public_url).await;
    }
    Ok(report)
}

impl Report {
    fn line(&mut self, line: &str) {
        // Writing to a string never fails.
        let _ = writeln!(self.text, "{line}");
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name:<22} {value}"));
    }

    fn outcome(&mut self, name: &str, outcome: Result<String, String>) {
        match outcome {
            Ok(value) => self.fact(name, &value),
            Err(reason) => {
                self.failed += 1;
                self.fact(name, &format!("FAILED: {reason}"));
            }
        }
    }
}

/// Whether disabling tokens requires typing the workspace's name, and why.
fn describe_production(workspace: &WorkspaceSettings) -> &'static str {
    match workspace.counts_as_production() {
        Some(ProductionReason::Environment) => "yes, by its environment: disabling tokens takes the workspace's name",
        Some(ProductionReason::Configured) => "yes, as configured: disabling tokens takes the workspace's name",
        None => "no",
    }
}

async fn check_workspace(report: &mut Report, workspace: &WorkspaceSettings, client: &Client, public_url: &PublicUrl) {
    let environment = workspace.environment.as_deref().unwrap_or("no environment");
    report.fact("shown as", &format!("{environment}, {}", workspace.colour.name()));
    report.fact("production", describe_production(workspace));
    let token_sign_in = match workspace.token_sign_in {
        true => "allowed",
        false => "disabled",
    };
    report.fact("token sign-in", token_sign_in);
    let issuers = match &workspace.oauth {
        None => {
            report.fact("OAuth", "not set up");
            &[][..]
        }
        Some(app) => {
            let secret = match app.client_secret {
                Some(_) => "with a secret",
                None => "without a secret",
            };
            report.fact("OAuth client", &format!("{}, {secret}", app.client_id));
            report.fact("redirect URL", public_url.callback().as_str());
            report.fact("scopes", &app.scopes.join(" "));
            &app.issuer_hosts
        }
    };
    let discovery = oidc::discover(client, issuers).await;
    report.outcome(
        "reachable",
        match discovery {
            Ok(endpoints) if endpoints.is_shared_host && workspace.url.workspace_id().is_none() => {
                Err(NO_WORKSPACE_ID.to_owned())
            }
            Ok(endpoints) => Ok(format!("yes; sign-in at {}", endpoints.authorize)),
            Err(error) => Err(error_with_advice(&error)),
        },
    );
    match client.clock_skew() {
        None => report.fact("clock", "unknown"),
        Some(skew) if skew.is_notable() => {
            let why = format!("this machine's clock is {skew} the workspace's. Set it right.");
            report.outcome("clock", Err(why));
        }
        Some(_) => report.outcome("clock", Ok("agrees with the workspace's".to_owned())),
    }
    if let Some(auditing) = &workspace.auditing {
        let users = count(auditing.users.len(), "user");
        let groups = count(auditing.groups.len(), "group");
        report.fact("auditors", &format!("{users} and {groups}"));
        report.fact("reader scopes", &auditing.reader.scopes.join(" "));
        report.outcome("auditor connection", console::check_reader(client, auditing).await);
    }
}

/// Why a workspace on a host shared by several workspaces cannot be used.
const NO_WORKSPACE_ID: &str = "several workspaces share this host. Set workspace_id to the number after ?o= in the \
                               URLs of the workspace's pages, or configure the workspace's own URL.";

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// What went wrong, and what the operator can do about it.
fn error_with_advice(error: &workspace_client::Error) -> String {
    let advice = match error.kind {
        ErrorKind::Unreachable(fault) => fault.advice(),
        ErrorKind::Timeout => "Check the network and the URL.",
        ErrorKind::IpBlocked => "An IP access list or network policy rejects this machine's IP address.",
        ErrorKind::OtherWorkspace => "Correct workspace_id, or configure the workspace's own URL.",
        ErrorKind::UnexpectedHtml | ErrorKind::Redirect | ErrorKind::NotFound | ErrorKind::Undecodable { .. } => {
            "Check the URL. A proxy or login page may be in the way."
        }
        ErrorKind::WorkspaceIdMissing => NO_WORKSPACE_ID,
        ErrorKind::SignInServiceRefused => "Check the URL, and whether the network allows it.",
        ErrorKind::ForeignEndpoint => "If you trust it, add it to oauth_issuer_hosts.",
        _ => "Try again.",
    };
    format!("{error}. {advice}")
}
