//! `check-config`: what a configuration says and whether it works, before anybody depends on it. It shows no secret.

use std::fmt::Write as _;
use std::path::Path;

use console::WorkspaceSettings;
use store::SealingKey;
use workspace_client::{Client, ErrorKind, oidc};

use crate::cli::serve::{ServeError, configured_key, public_url};
use crate::config::{PublicUrl, ServeArgs};

/// Why a configuration cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// What keeps `serve` from starting.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The runtime.
    #[error("could not run the check: {0}")]
    Io(#[from] std::io::Error),
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// A line each, for people.
    pub text: String,
    /// How many things do not work.
    pub failed: usize,
}

/// Looks at everything that a configuration names.
///
/// # Errors
/// Why it would not even start.
pub fn run(arguments: &ServeArgs) -> Result<Report, CheckError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(check(arguments))
}

async fn check(arguments: &ServeArgs) -> Result<Report, CheckError> {
    let public_url = public_url(arguments)?;
    let workspaces = arguments.workspaces(&public_url).map_err(ServeError::from)?;
    let mut report = Report::default();
    report.fact("public URL", &public_url.origin());
    report.fact("listen", &arguments.listen.to_string());
    if arguments.read_only {
        report.fact("changes", "disabled (--read-only)");
    }
    report.fact("data", &describe_data_dir(&arguments.data_dir));
    report.outcome("sealing key", describe_key(arguments));
    let http = Client::http().map_err(|error| ServeError::Http(error.to_string()))?;
    for workspace in &workspaces {
        check_workspace(
            &mut report,
            workspace,
            &Client::new(http.clone(), workspace.url.clone()),
            &public_url,
        )
        .await;
    }
    Ok(report)
}

impl Report {
    fn line(&mut self, line: &str) {
        // Writing to a string does not fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.line(&format!("  {name:<22} {value}"));
    }

    fn outcome(&mut self, name: &str, outcome: Result<String, String>) {
        match outcome {
            Ok(value) => self.fact(name, &value),
            Err(why) => {
                self.failed += 1;
                self.fact(name, &format!("FAILED: {why}"));
            }
        }
    }
}

fn describe_data_dir(dir: &Path) -> String {
    let there = dir.join("console.db").exists();
    format!(
        "{} ({})",
        dir.display(),
        if there { "database found" } else { "no database yet" }
    )
}

/// Only looks: a key that is missing is made by `serve`.
fn describe_key(arguments: &ServeArgs) -> Result<String, String> {
    let configured = configured_key(arguments).map_err(|error| error.to_string())?;
    let dir = &arguments.data_dir;
    match configured {
        Some(key) => Ok(format!("configured, ID {}", key.id())),
        None if SealingKey::is_in(dir) => match SealingKey::load_or_create(dir) {
            Ok((key, _)) => Ok(format!("in the data directory, ID {}", key.id())),
            Err(error) => Err(error.to_string()),
        },
        None => Ok("none yet; serve creates one in the data directory".to_owned()),
    }
}

async fn check_workspace(report: &mut Report, workspace: &WorkspaceSettings, client: &Client, public_url: &PublicUrl) {
    report.line(&format!("workspace {}", workspace.name));
    report.fact("URL", &workspace.url.to_string());
    let label = workspace.environment.as_deref().unwrap_or("no environment");
    report.fact("shown as", &format!("{label}, {}", workspace.colour.name()));
    report.fact(
        "token sign-in",
        if workspace.token_sign_in { "allowed" } else { "disabled" },
    );
    match &workspace.oauth {
        None => report.fact("OAuth", "not set up"),
        Some(app) => {
            let secret = if app.client_secret.is_some() {
                "with a secret"
            } else {
                "without a secret"
            };
            report.fact("OAuth client", &format!("{}, {secret}", app.client_id));
            report.fact("redirect URL", public_url.callback().as_str());
            report.fact("scopes", &app.scopes.join(" "));
        }
    }
    let issuers = workspace
        .oauth
        .as_ref()
        .map(|app| app.issuer_hosts.clone())
        .unwrap_or_default();
    let found = oidc::discover(client, &issuers).await;
    report.outcome(
        "reachable",
        found
            .map(|found| format!("yes; sign-in at {}", found.authorize))
            .map_err(|error| unreachable_because(&error)),
    );
    if let Some(auditing) = &workspace.auditing {
        report.fact(
            "auditors",
            &format!(
                "{} and {}",
                count(auditing.users.len(), "user"),
                count(auditing.groups.len(), "group")
            ),
        );
        report.outcome("auditor connection", console::check_reader(client, auditing).await);
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// What happened, and what the operator can do about it.
fn unreachable_because(error: &workspace_client::Error) -> String {
    let advice = match error.kind {
        ErrorKind::Unreachable | ErrorKind::Timeout => "Check the network and the URL.",
        ErrorKind::IpBlocked => "An IP access list or network policy rejects this machine's IP address.",
        ErrorKind::UnexpectedHtml | ErrorKind::Redirect | ErrorKind::NotFound | ErrorKind::Undecodable { .. } => {
            "Check the URL. A proxy or login page may be in the way."
        }
        ErrorKind::ForeignEndpoint => "If you trust it, add it to oauth_issuer_hosts.",
        _ => "Try again.",
    };
    format!("{error}. {advice}")
}
