//! The program itself: what it prints, and that it stops when it is told to.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// Ends the program when the test ends, however it does.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

#[tokio::test]
async fn prints_where_it_is_and_stops_on_request() {
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
    let announced: Value = serde_json::from_str(&first_line).unwrap();
    let text = |pointer: &str| announced.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();

    let pat = text("/admin/pat");
    assert!(pat.starts_with("dapi") && pat.ends_with("-2"));
    assert!(text("/control_url").starts_with("http://127.0.0.1:"));
    let me = format!("{}/api/2.0/preview/scim/v2/Me", text("/url"));
    let answer = reqwest::Client::new().get(me).bearer_auth(pat).send().await.unwrap();
    assert_eq!(answer.headers()["x-databricks-org-id"], text("/workspace_id"));
    let me: Value = answer.json().await.unwrap();
    assert_eq!(me["userName"], text("/admin/user_name"));
    for present in [
        "/non_admin/pat",
        "/other_admin/pat",
        "/oauth_client_id",
        "/service_principal/client_secret",
    ] {
        assert!(!text(present).is_empty());
    }

    let pid = program.0.id().to_string();
    assert!(Command::new("kill").arg(pid).status().unwrap().success());
    assert!(program.0.wait().unwrap().success());
}
