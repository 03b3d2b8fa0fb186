//! The program as a process: starting, restarting, stopping, and what it reports if it cannot start.

#![expect(
    clippy::unwrap_used,
    reason = "clippy counts only test functions as tests, not their helpers"
)]

/// A bulk revocation through faults and crashes.
mod bulk;
/// A bulk change of scopes through faults and crashes.
mod bulk_scopes;
/// The cookies of a browser.
#[path = "../shared/cookies.rs"]
mod cookies;
/// The location of the database.
mod database_flags;
/// A disk that is full for a while.
mod full_disk;
/// Several instances on one PostgreSQL database.
mod instances;
/// Certificates and outgoing proxies.
mod network;
/// Behind a real proxy.
mod nginx;
/// The tasks of an operator.
mod operations;
/// A host that several workspaces share, and the scopes of a service principal.
mod shared_host;
/// The program as a process.
mod support;
/// A browser without JavaScript.
mod visitor;
/// A connection that can be cut.
mod wire;

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use support::{LIST, RunningConsole, demo, run, write_private};

#[tokio::test]
async fn a_session_survives_an_orderly_restart_and_no_credential_is_logged() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let pat = demo.credentials().admin.pat.clone().unwrap();
    let first = RunningConsole::start(&demo, data.path()).await;
    let session = first.sign_in(&pat).await;
    assert_eq!(first.status(LIST, &session).await, 200);
    let (succeeded, log) = first.stop();
    assert!(succeeded && log.contains("stopped"), "{log}");
    assert!(log.contains("created a sealing key in"), "{log}");
    assert!(!log.contains(&pat) && !log.contains(session.as_str()), "{log}");
    let mode = std::fs::metadata(data.path().join("sealing.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let second = RunningConsole::start(&demo, data.path()).await;
    assert_eq!(second.status(LIST, &session).await, 200);
    let (_, log) = second.stop();
    assert!(!log.contains("created a sealing key"), "{log}");

    // With another key no session would work, so the program refuses to start.
    let key = data.path().join("other.key");
    write_private(&key, &"2e".repeat(32));
    let workspace = format!("acme={}", demo.url());
    let (started, text) = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--workspace",
        &workspace,
        "--data-dir",
        data.path().to_str().unwrap(),
        "--sealing-key-file",
        key.to_str().unwrap(),
    ]);
    assert!(!started && text.to_lowercase().contains("key"), "{text}");
    assert!(!text.contains("panicked") && !text.contains(&"2e".repeat(32)), "{text}");
}

#[test]
fn the_help_lists_the_main_flags() {
    let (succeeded, text) = run(&["serve", "--help"]);
    assert!(succeeded);
    for expected in [
        "--listen",
        "--public-url",
        "--data-dir",
        "--workspace",
        "--oauth-client-id",
        "--config",
        "--read-only",
        "CONSOLE_",
    ] {
        assert!(text.contains(expected), "lacks {expected}: {text}");
    }
}

#[test]
fn a_program_that_cannot_start_says_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let data = data.path().to_str().unwrap();
    let serve = |rest: &[&str]| run(&[&["serve", "--data-dir", data], rest].concat());
    let https = "acme=https://acme.example";
    for (arguments, advice) in [
        (vec!["--workspace", https, "--listen", "0.0.0.0:0"], "--public-url"),
        (
            vec!["--workspace", https, "--public-url", "http://console.example"],
            "https://",
        ),
        (
            vec!["--workspace", https, "--public-url", "https://console.example/path"],
            "must not have a path",
        ),
        (vec!["--workspace", "acme=http://acme.example"], "https://"),
        (vec!["--workspace", "ACME=https://acme.example"], "a-z, 0-9 and -"),
        (vec!["--workspace", "https://acme.example"], "acme=https://"),
        (vec!["--config", "/nowhere/console.toml"], "/nowhere/console.toml"),
        (vec![], "--workspace"),
    ] {
        let (started, text) = serve(&arguments);
        assert!(
            !started && text.contains(advice),
            "{arguments:?} lacks {advice}: {text}"
        );
        assert!(!text.contains("panicked"), "{arguments:?}: {text}");
    }
}

#[tokio::test]
async fn a_second_console_on_a_directory_is_refused_before_it_touches_anything() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let first = RunningConsole::start(&demo, data.path()).await;
    let session = first.sign_in(demo.credentials().admin.pat.as_ref().unwrap()).await;
    let other_key = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&other_key, "2e".repeat(32)).unwrap();
    let own_key = data.path().join("sealing.key");
    let before = listing(data.path());
    let workspace = format!("acme={}", demo.url());
    let serve = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--workspace",
        &workspace,
        "--data-dir",
        data.path().to_str().unwrap(),
    ];
    // The first would seal every credential with another key.
    let rotating = [
        "--sealing-key-file",
        other_key.path().to_str().unwrap(),
        "--previous-sealing-key-file",
        own_key.to_str().unwrap(),
    ];
    for flags in [&rotating[..], &[]] {
        let (started, text) = run(&[&serve[..], flags].concat());
        assert!(!started && text.contains("Another console uses"), "{text}");
        assert_eq!(listing(data.path()), before);
        assert_eq!(first.status(LIST, &session).await, 200, "people stay signed in");
    }
    first.kill();
    // The lock ends with the process.
    RunningConsole::start(&demo, data.path()).await;
}

/// The files of a directory with their sizes.
fn listing(dir: &Path) -> Vec<(String, u64)> {
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap());
    let mut files: Vec<_> = files
        .map(|file| (file.file_name().into_string().unwrap(), file.metadata().unwrap().len()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_port_in_use_is_reported() {
    let in_use = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = in_use.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let (started, text) = run(&[
        "serve",
        "--listen",
        &listen,
        "--workspace",
        "acme=https://acme.example",
        "--data-dir",
        data.path().to_str().unwrap(),
    ]);
    assert!(
        !started && text.contains(&listen) && text.contains("--listen"),
        "{text}"
    );
}
