//! The program: what it prints, and that it stops on SIGTERM.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Kills the program when the test ends, even if it fails.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

#[tokio::test]
async fn the_program_prints_its_urls_and_stops_on_sigterm() {
    let child = Command::new(env!("CARGO_BIN_EXE_demo-workspace"))
        .args(["--tokens", "5", "--users", "12", "--seed", "7", "--cloud", "azure"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut program = Program(child);
    let mut first_line = String::new();
    BufReader::new(program.0.stdout.take().unwrap())
        .read_line(&mut first_line)
        .unwrap();
    let announcement: Value = serde_json::from_str(&first_line).unwrap();
    let text = |pointer: &str| {
        announcement
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap()
            .to_owned()
    };

    let pat = text("/admin/pat");
    assert!(pat.starts_with("dapi") && pat.ends_with("-2"));
    assert!(text("/control_url").starts_with("http://127.0.0.1:"));
    let me = format!("{}/api/2.0/preview/scim/v2/Me", text("/url"));
    let response = reqwest::Client::new().get(me).bearer_auth(pat).send().await.unwrap();
    assert_eq!(response.headers()["x-databricks-org-id"], text("/workspace_id"));
    let me: Value = response.json().await.unwrap();
    assert_eq!(me["userName"], text("/admin/user_name"));
    for field in [
        "/non_admin/pat",
        "/other_admin/pat",
        "/oauth_client_id",
        "/service_principal/client_secret",
    ] {
        assert!(!text(field).is_empty());
    }

    let pid = program.0.id().to_string();
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
    assert!(program.0.wait().unwrap().success());
}
