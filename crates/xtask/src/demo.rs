//! `cargo xtask demo`: starts the demo workspace and the console, and prints what to try.

use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use serde::Deserialize;

use crate::checkout::Checkout;
use crate::release::{self, CONSOLE, DEMO_WORKSPACE};
use crate::report::step;
use crate::server_process::{self, ServerProcess};
use crate::site;

/// The name under which the console knows the demo workspace.
const NAME: &str = "acme-prod";

#[derive(Args)]
pub(crate) struct DemoOptions {
    /// The console's IP address and port
    #[arg(long, default_value = "127.0.0.1:3000", value_name = "IP:PORT")]
    listen: SocketAddr,
    /// The demo workspace's port; 0 picks a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// How many tokens the demo workspace has
    #[arg(long)]
    tokens: Option<u32>,
    /// How many users the demo workspace has
    #[arg(long)]
    users: Option<u32>,
    /// Lifetime of the demo workspace's OAuth access tokens
    #[arg(long, value_name = "SECONDS")]
    access_token_seconds: Option<u32>,
    /// Start two workspaces instead of one, and set up an auditor
    #[arg(long)]
    several: bool,
}

/// The first line that the demo workspace prints.
#[derive(Deserialize)]
struct Announcement {
    url: String,
    control_url: String,
    admin: Person,
    non_admin: Person,
    oauth_client_id: String,
    service_principal: Login,
}

#[derive(Deserialize)]
struct Login {
    client_id: String,
    client_secret: String,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    display_name: String,
    /// Missing if the workspace was started with too few tokens.
    pat: Option<String>,
}

impl Person {
    fn pat(&self) -> &str {
        self.pat.as_deref().unwrap_or("none, since there are too few tokens")
    }
}

/// Builds what is needed, starts the servers, prints what to try and waits for Ctrl-C.
///
/// # Errors
/// If something does not build or start, or a server ends before Ctrl-C.
pub(crate) fn run(checkout: &Checkout, options: &DemoOptions) -> Result<()> {
    check_free(options.listen)?;
    let site = site::build(checkout)?;
    step("the server and the demo workspace", || {
        release::compile_with_demo_workspace(checkout, &site)
    })?;
    // Every demo starts from the same state.
    let data = checkout.target.join("demo-data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("cannot remove {}", data.display()))?;
    }
    fs::create_dir_all(&data).with_context(|| format!("cannot create {}", data.display()))?;

    let stop = interrupts()?;
    let (mut demo, announcement) = step("starting the demo workspace", || {
        start_demo_workspace(checkout, options, &data)
    })?;
    let mut staging = match options.several {
        true => Some(step("starting the second demo workspace", || {
            start_staging(checkout, &data)
        })?),
        false => None,
    };
    let workspace_flags = match &staging {
        None => flags_of_one(&announcement),
        Some((_, staging)) => flags_of_two(&announcement, staging, &data)?,
    };
    let mut console = step("starting the console", || {
        start_console(checkout, options, &workspace_flags, &data)
    })?;
    println!("{}", instructions(options.listen, &announcement, options.several));
    println!(
        "Logs: {} and {}\nPress Ctrl-C to stop.",
        checkout.display_path(&console.log),
        checkout.display_path(&demo.log)
    );
    loop {
        match stop.recv_timeout(Duration::from_millis(200)) {
            Err(RecvTimeoutError::Timeout) => {
                demo.ensure_running()?;
                if let Some((staging, _)) = &mut staging {
                    staging.ensure_running()?;
                }
                console.ensure_running()?;
            }
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {
                println!("\nStopping.");
                return Ok(());
            }
        }
    }
}

/// Fails if the port is in use. Checked before the build, which takes minutes.
fn check_free(listen: SocketAddr) -> Result<()> {
    match TcpListener::bind(listen) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            let other = SocketAddr::new(listen.ip(), listen.port().wrapping_add(1));
            Err(anyhow!(
                "{listen} is in use by another program. Type: cargo xtask demo --listen {other}"
            ))
        }
        other => other.map(drop).with_context(|| format!("cannot listen on {listen}")),
    }
}

/// Receives a message for each SIGINT, SIGTERM or SIGHUP.
fn interrupts() -> Result<Receiver<()>> {
    let (send, receive) = mpsc::channel();
    ctrlc::set_handler(move || {
        // The channel is closed if the servers are being stopped already.
        let _ = send.send(());
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(receive)
}

fn start_demo_workspace(
    checkout: &Checkout,
    options: &DemoOptions,
    data: &Path,
) -> Result<(ServerProcess, Announcement)> {
    let mut command = Command::new(checkout.program("debug", DEMO_WORKSPACE));
    command.args(["--port", &options.port.to_string(), "--control-port", "0"]);
    for (flag, value) in [
        ("--tokens", options.tokens),
        ("--users", options.users),
        ("--access-token-seconds", options.access_token_seconds),
    ] {
        if let Some(value) = value {
            command.args([flag, &value.to_string()]);
        }
    }
    let mut server = ServerProcess::start("the demo workspace", &mut command, data.join("demo-workspace.log"))?;
    let announcement = read_announcement(&mut server)?;
    Ok((server, announcement))
}

/// A second, smaller workspace, with other users and tokens.
fn start_staging(checkout: &Checkout, data: &Path) -> Result<(ServerProcess, Announcement)> {
    let mut command = Command::new(checkout.program("debug", DEMO_WORKSPACE));
    command.args([
        "--port",
        "0",
        "--control-port",
        "0",
        "--seed",
        "2",
        "--tokens",
        "90",
        "--users",
        "40",
    ]);
    let mut server = ServerProcess::start("another demo workspace", &mut command, data.join("acme-staging.log"))?;
    let announcement = read_announcement(&mut server)?;
    Ok((server, announcement))
}

fn read_announcement(server: &mut ServerProcess) -> Result<Announcement> {
    let line = server.first_line()?;
    serde_json::from_str(&line).with_context(|| format!("cannot parse the demo workspace's first line: {line}"))
}

/// The console's flags for one workspace.
fn flags_of_one(announcement: &Announcement) -> Vec<String> {
    vec![
        "--workspace".to_owned(),
        format!("{NAME}={}", announcement.url),
        "--oauth-client-id".to_owned(),
        announcement.oauth_client_id.clone(),
    ]
}

/// The console's flags for two workspaces. Writes the configuration file that they name.
fn flags_of_two(prod: &Announcement, staging: &Announcement, data: &Path) -> Result<Vec<String>> {
    let (secret, file) = (data.join("reader.secret"), data.join("console.toml"));
    fs::write(&secret, &prod.service_principal.client_secret)
        .context("cannot write the secret of the auditor connection")?;
    let text = format!(
        r#"[[workspace]]
name = "{NAME}"
url = "{}"
environment = "production"
oauth_client_id = "{}"
auditor_users = ["{}"]
reader_client_id = "{}"
reader_client_secret_file = '{}'

[[workspace]]
name = "acme-staging"
url = "{}"
environment = "staging"
colour = "amber"
oauth_client_id = "{}"
"#,
        prod.url,
        prod.oauth_client_id,
        prod.non_admin.id,
        prod.service_principal.client_id,
        secret.display(),
        staging.url,
        staging.oauth_client_id,
    );
    fs::write(&file, text).context("cannot write the configuration")?;
    Ok(vec!["--config".to_owned(), file.display().to_string()])
}

fn start_console(
    checkout: &Checkout,
    options: &DemoOptions,
    workspace_flags: &[String],
    data: &Path,
) -> Result<ServerProcess> {
    let mut command = Command::new(checkout.program("debug", CONSOLE));
    command
        .args([
            "serve",
            "--listen",
            &options.listen.to_string(),
            "--public-url",
            &public_url(options.listen),
        ])
        .arg("--data-dir")
        .arg(data)
        .args(workspace_flags);
    let mut server = ServerProcess::start("the console", &mut command, data.join("pat-console.log"))?;
    server.wait_until_ready(options.listen, "/readyz")?;
    Ok(server)
}

fn public_url(listen: SocketAddr) -> String {
    format!("http://{}", server_process::loopback_address(listen))
}

/// The instructions. The access tokens in them belong to people who do not exist.
fn instructions(listen: SocketAddr, announcement: &Announcement, several: bool) -> String {
    let url = public_url(listen);
    let Announcement {
        url: workspace_url,
        control_url,
        ..
    } = announcement;
    let (admin, non_admin) = (&announcement.admin, &announcement.non_admin);
    let other = match several {
        false => "Non-admin   sign in as",
        true => "Auditor     sign in to acme-prod (acme-staging has its own sign-in) as",
    };
    format!(
        "
The console is ready: open {url}

  Sign in     \"Sign in with Databricks\", then {}, an admin of the demo workspace
              or with this access token: {}
  Tokens      search, open and revoke them; or select several and review
  Switch      Settings, tab Advanced: enable or disable personal access tokens, and limit the lifetime of new ones
              {url}/w/{NAME}/settings/advanced
  Permissions next to the switch: who can create and use tokens, and what a removal would stop
  {other} {} to see what others see
              or with this access token: {}

The demo workspace is at {workspace_url}.
To inject faults or change it directly: {control_url}, see crates/demo-workspace/README.md.",
        admin.display_name,
        admin.pat(),
        non_admin.display_name,
        non_admin.pat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_for_a_taken_port_suggests_another_one() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let _holder = TcpListener::bind(taken).unwrap();
        let error = check_free(taken).unwrap_err().to_string();
        assert!(
            error.contains(&format!(
                "cargo xtask demo --listen 127.0.0.1:{}",
                taken.port().wrapping_add(1)
            )),
            "{error}"
        );
    }

    #[test]
    fn the_instructions_contain_the_url_the_people_and_the_control_interface() {
        let announcement: Announcement = serde_json::from_str(
            r#"{"url": "http://localhost:4000", "control_url": "http://127.0.0.1:4001", "workspace_id": 1,
                "oauth_client_id": "c", "service_principal": {"client_id": "s", "client_secret": "x"},
                "admin": {"id": "1", "user_name": "a@acme.example", "display_name": "Ada", "pat": "dapi1"},
                "non_admin": {"id": "2", "user_name": "b@acme.example", "display_name": "Ben", "pat": "dapi2"}}"#,
        )
        .unwrap();
        let text = instructions("0.0.0.0:3000".parse().unwrap(), &announcement, false);
        for part in [
            "open http://127.0.0.1:3000\n",
            "Ada",
            "dapi1",
            "Ben",
            "http://127.0.0.1:4001",
            "/w/acme-prod/settings/advanced",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
