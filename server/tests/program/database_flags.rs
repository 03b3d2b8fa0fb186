//! The location of the database, and its sealing keys.

use std::path::Path;

use crate::support::{LIST, RunningConsole, demo, free_port, program, run_to_end, write_private};

/// Runs a command with the URL of a database that does not exist, given in a file.
fn with_url(dir: &Path, url: &str, flags: &[&str]) -> (bool, String) {
    let file = dir.join("database-url");
    write_private(&file, url);
    let (data, file) = (dir.join("data"), file.to_str().unwrap().to_owned());
    let mut command = program(flags);
    command.args(["--data-dir", data.to_str().unwrap(), "--database-url-file", &file]);
    run_to_end(command)
}

const SERVE: [&str; 3] = ["serve", "--workspace", "acme=https://acme.example"];

/// A URL at which no server responds.
fn unreachable() -> String {
    format!("postgres://mia:s3cret@{}/console?sslmode=disable", free_port())
}

#[test]
fn a_postgresql_database_takes_a_key_that_is_given_and_creates_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (succeeded, text) = with_url(dir.path(), &unreachable(), &SERVE);
    assert!(!succeeded && text.contains("--sealing-key-file"), "{text}");
    assert!(
        text.contains("openssl rand -hex 32") && !text.contains("s3cret"),
        "{text}"
    );
    assert!(!dir.path().join("data").exists());
}

#[test]
fn a_database_that_does_not_respond_is_named_without_its_password() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    write_private(&key, &"2e".repeat(32));
    let url = unreachable();
    let shown = url.replace("mia:s3cret@", "").replace("?sslmode=disable", "");
    let key = ["--sealing-key-file", key.to_str().unwrap()];
    for command in [
        [&SERVE[..], &key].concat(),
        [&["check-config"][..], &SERVE[1..], &key].concat(),
        vec!["verify-activity"],
        vec!["end-sessions"],
        vec!["migrate"],
    ] {
        let (succeeded, text) = with_url(dir.path(), &url, &command);
        assert!(!succeeded && text.contains(&shown), "{command:?}: {text}");
        assert!(
            !text.contains("s3cret") && !text.contains("panicked"),
            "{command:?}: {text}"
        );
        assert!(!text.contains("mia"), "{command:?}: {text}");
    }
    assert!(!dir.path().join("data").exists());
}

#[test]
fn a_url_in_the_environment_is_used_and_refused_beside_a_file_or_another_database() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let url = unreachable();
    let verify = |flags: &[&str], url: &str| {
        let mut command = program(&[&["verify-activity", "--data-dir", data.to_str().unwrap()], flags].concat());
        run_to_end({
            command.env("CONSOLE_DATABASE_URL", url);
            command
        })
        .1
    };
    assert!(verify(&[], &url).contains("Cannot connect to the PostgreSQL database"));
    assert!(verify(&[], "mysql://mia:s3cret@db.example/x").contains("postgres:// or postgresql://"));
    assert!(verify(&["--database-url-file", "/nowhere"], &url).contains("given twice"));
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("console.db"), "").unwrap();
    let text = verify(&[], &url);
    assert!(text.contains("console.db") && text.contains("--data-dir"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
}

#[tokio::test]
async fn a_key_that_is_announced_opens_what_is_sealed_with_it_later() {
    let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
    let paths = ["old", "new"].map(|name| data.path().join(name).display().to_string());
    let [old, new] = paths.each_ref().map(String::as_str);
    write_private(Path::new(old), &"1d".repeat(32));
    write_private(Path::new(new), &"2e".repeat(32));
    let announced = ["--sealing-key-file", old, "--next-sealing-key-file", new];
    let replaced = ["--sealing-key-file", new, "--previous-sealing-key-file", old];
    let first = RunningConsole::with(&demo, data.path(), &announced).await;
    let token = demo.credentials().admin.pat.as_ref().unwrap();
    let before = first.sign_in(token).await;
    first.stop();
    let second = RunningConsole::with(&demo, data.path(), &replaced).await;
    let after = second.sign_in(token).await;
    assert_eq!(second.status(LIST, &before).await, 200);
    second.stop();
    let back = RunningConsole::with(&demo, data.path(), &announced).await;
    assert_eq!(back.status(LIST, &before).await, 200);
    assert_eq!(back.status(LIST, &after).await, 200);
    back.stop();
    let serve = [&SERVE[..], &["--data-dir", data.path().to_str().unwrap()]].concat();
    let (succeeded, text) = run_to_end(program(&[&serve[..], &announced[..2]].concat()));
    assert!(!succeeded && text.contains("sealed with the key"), "{text}");
    let (_, text) = run_to_end(program(&[&serve[..], &announced, &["--reseal"]].concat()));
    assert!(text.contains("--reseal needs --previous-sealing-key-file"), "{text}");
}
