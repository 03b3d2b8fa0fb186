//! The tasks of an operator: checking a configuration, ending sessions, changing the sealing key, reading metrics.

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use demo_workspace::Running;

use crate::support::{LIST, RunningConsole, demo, free_port, program, run, run_to_end, write_private};

/// Writes a configuration with one workspace and its auditors, who read through its service principal. Returns its
/// path.
fn configuration(dir: &Path, demo: &Running, address: &str) -> String {
    let credentials = demo.credentials();
    let secret = dir.join("reader.secret");
    std::fs::write(&secret, format!("{}\n", credentials.service_principal.client_secret)).unwrap();
    let file = dir.join("console.toml");
    let text = format!(
        "[[workspace]]\nname='acme'\nurl='{address}'\nenvironment='production'\noauth_client_id='{}'\n\
         auditor_users=['{}']\nauditor_groups=[7]\nreader_client_id='{}'\nreader_client_secret_file='{}'\n",
        credentials.oauth_client_id,
        credentials.non_admin.id,
        credentials.service_principal.client_id,
        secret.display()
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn check_config_reports_each_check_and_shows_no_secret() {
    let (demo, dir) = (demo().await, tempfile::tempdir().unwrap());
    let file = configuration(dir.path(), &demo, demo.url());
    let data = dir.path().join("data");
    let check = |file: &str| {
        let data = data.to_str().unwrap();
        run(&[
            "check-config",
            "--config",
            file,
            "--data-dir",
            data,
            "--trusted-proxy",
            "10.0.0.0/8",
        ])
    };
    let (succeeded, text) = check(&file);
    for expected in [
        "acme",
        "production, red",
        "production             yes, by its environment: disabling tokens takes the workspace's name",
        "http://127.0.0.1:3000/sign-in/callback",
        "10.0.0.0/8; they name the client in x-forwarded-for",
        "yes; sign-in at",
        "1 user and 1 group",
        "signs in and is an admin",
        "All checks passed.",
    ] {
        assert!(text.contains(expected), "lacks {expected}: {text}");
    }
    assert!(
        succeeded && !text.contains(&demo.credentials().service_principal.client_secret),
        "{text}"
    );
    assert!(!data.exists(), "it creates nothing");

    let unreachable = format!("http://localhost:{}", free_port().rsplit(':').next().unwrap());
    let (succeeded, text) = check(&configuration(dir.path(), &demo, &unreachable));
    assert!(
        !succeeded && text.contains("FAILED") && text.contains("2 checks failed; see FAILED above."),
        "{text}"
    );
    std::fs::write(dir.path().join("reader.secret"), "wrong").unwrap();
    let (succeeded, text) = check(&file);
    assert!(!succeeded && !text.contains("panicked"), "{text}");
}

#[tokio::test]
async fn end_sessions_ends_sessions_of_a_running_console() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let console = RunningConsole::start(&demo, data.path()).await;
    let admin = console.sign_in(demo.credentials().admin.pat.as_ref().unwrap()).await;
    let other = console
        .sign_in(demo.credentials().other_admin.pat.as_ref().unwrap())
        .await;
    let end = |flags: &[&str]| run(&[&["end-sessions", "--data-dir", data.path().to_str().unwrap()], flags].concat());
    let (_, text) = end(&["--user", "no-one@acme.example"]);
    assert!(text.contains("No sessions to end."), "{text}");
    let (_, text) = end(&["--user", &demo.credentials().admin.user_name, "--workspace", "acme"]);
    assert!(text.contains("1 session ended."), "{text}");
    while console.status(LIST, &admin).await == 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(console.status(LIST, &other).await, 200);
    assert!(end(&[]).1.contains("1 session ended."));
    let (succeeded, text) = run(&["end-sessions", "--data-dir", "/nowhere"]);
    assert!(
        !succeeded && text.contains("/nowhere") && !text.contains("panicked"),
        "{text}"
    );
}

#[tokio::test]
async fn a_new_sealing_key_ends_no_session() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let first = RunningConsole::start(&demo, data.path()).await;
    let session = first.sign_in(demo.credentials().admin.pat.as_ref().unwrap()).await;
    first.stop();
    let (old, new) = (data.path().join("sealing.key"), data.path().join("new.key"));
    write_private(&new, &"2e".repeat(32));
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let flags = ["--sealing-key-file", new, "--previous-sealing-key-file", old];
    let second = RunningConsole::with(&demo, data.path(), &flags).await;
    assert_eq!(second.status(LIST, &session).await, 200);
    let (_, log) = second.stop();
    assert!(log.contains("resealed=1"), "{log}");
    let third = RunningConsole::with(&demo, data.path(), &flags[..2]).await;
    assert_eq!(third.status(LIST, &session).await, 200);
}

/// A data directory on Kubernetes with `fsGroup`, and a key that anyone can read.
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_others_can_access_are_refused_with_advice() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    RunningConsole::start(&demo, data.path()).await.stop();
    let key = data.path().join("sealing.key");
    std::fs::set_permissions(&key, Permissions::from_mode(0o660)).unwrap();
    let workspace = format!("acme={}", demo.url());
    let directory = data.path().to_str().unwrap();
    let check = ["check-config", "--workspace", &workspace, "--data-dir", directory];
    let (succeeded, text) = run(&check);
    assert!(
        !succeeded && text.contains("--sealing-key-file") && text.contains("Secret"),
        "{text}"
    );
    let allowed = program(&check).env("CONSOLE_ALLOW_GROUP_KEY", "1").output().unwrap();
    assert!(allowed.status.success(), "{allowed:?}");

    let named = [&check[..], &["--sealing-key-file", key.to_str().unwrap()]].concat();
    for (mode, accepted, warned) in [(0o640, true, false), (0o644, true, true), (0o662, false, false)] {
        std::fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
        let (succeeded, text) = run(&named);
        assert_eq!(succeeded, accepted, "{text}");
        assert_eq!(text.contains("defaultMode: 0440"), !accepted, "{text}");
        assert_eq!(text.contains("can be read by others"), warned, "{text}");
    }
}

#[tokio::test]
async fn metrics_have_a_port_of_their_own_and_the_log_can_be_json() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let metrics = free_port();
    let flags = ["--metrics-listen", metrics.as_str(), "--log-format", "json"];
    let console = RunningConsole::with(&demo, data.path(), &flags).await;
    let pat = demo.credentials().admin.pat.clone().unwrap();
    let session = console.sign_in(&pat).await;
    assert_eq!(console.status(LIST, &session).await, 200);
    let response = console
        .http
        .get(format!("http://{metrics}/metrics"))
        .send()
        .await
        .unwrap();
    let metrics_text = response.text().await.unwrap();
    for line in [
        "pat_console_requests_total{route=\"/w/{workspace}/tokens\",method=\"GET\",status=\"200\"} 1",
        "pat_console_upstream_calls_total{route=\"/api/2.0/token-management/tokens\",method=\"GET\",outcome=\"ok\"}",
        "pat_console_sign_ins_total{workspace=\"acme\",kind=\"personal_access_token\",outcome=\"ok\"} 1",
        "pat_console_snapshot_age_seconds{workspace=\"acme\"}",
        "pat_console_request_seconds_bucket",
        "pat_console_store_commits_total",
    ] {
        assert!(metrics_text.contains(line), "lacks {line}: {metrics_text}");
    }
    // A web page that has pointed its own host name here (DNS rebinding) gets nothing.
    let rebound = console
        .http
        .get(format!("http://{metrics}/metrics"))
        .header("host", "evil.example");
    assert_eq!(rebound.send().await.unwrap().status().as_u16(), 421);
    assert!(!metrics_text.contains(&demo.credentials().admin.user_name));
    // The public port does not serve metrics.
    assert_eq!(console.status("/metrics", "").await, 404);
    let (_, log) = console.stop();
    for line in log.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    assert!(log.contains("\"route\":\"/w/{workspace}/tokens\""), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_without_a_whole_request_head_are_cut_off_and_hinder_no_one() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let metrics = free_port();
    let console = RunningConsole::with(&demo, data.path(), &["--metrics-listen", metrics.as_str()]).await;
    let address = console.origin.strip_prefix("http://").unwrap().to_owned();
    let mut slow: Vec<_> = (0..50).map(|_| TcpStream::connect(&address).unwrap()).collect();
    slow.extend((0..4).map(|_| TcpStream::connect(&metrics).unwrap()));
    let beginnings: [&[u8]; 4] = [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Drip: ",
        b"",
        // Half of the first bytes of HTTP/2, and all of them.
        b"PRI * HTTP/2",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ];
    for (connection, beginning) in slow.iter_mut().zip(beginnings.iter().cycle()) {
        connection.write_all(beginning).unwrap();
    }
    assert_eq!(console.status("/healthz", "").await, 200);
    // The server closes each connection after a while.
    for mut connection in slow {
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut rest = Vec::new();
        connection.read_to_end(&mut rest).unwrap();
    }
    // On a new connection, because the server closes the old one, which has been idle for as long.
    let response = reqwest::get(format!("{}/healthz", console.origin)).await.unwrap();
    assert_eq!(response.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flag_in_the_environment_can_be_written_in_any_usual_way() {
    let (demo, dir) = (demo().await, tempfile::tempdir().unwrap());
    let file = configuration(dir.path(), &demo, demo.url());
    let check = |value: &str| {
        let mut program = program(&["check-config", "--config", &file, "--data-dir", "/nowhere"]);
        program.env("CONSOLE_READ_ONLY", value);
        run_to_end(program).1
    };
    for (value, is_read_only) in [("1", true), ("true", true), ("yes", true), ("0", false), ("off", false)] {
        let text = check(value);
        assert_eq!(text.contains("disabled (--read-only)"), is_read_only, "{value}: {text}");
    }
    let refused = check("maybe");
    assert!(
        refused.contains("invalid value 'maybe'") && refused.contains("--read-only"),
        "{refused}"
    );
}
