//! The program as a process, in front of a demo workspace in this one.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use demo_workspace::{Config, Running};

/// The list of tokens.
pub(crate) const LIST: &str = "/w/acme/tokens";

pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pat-console"));
    // What the machine is set up for is no part of a test.
    command
        .env_clear()
        .args(arguments)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

pub(crate) fn run(arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } = program(arguments).output().unwrap();
    let text = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.success(), text)
}

/// A console that serves. It is killed when dropped.
pub(crate) struct Serving {
    child: Child,
    pub(crate) origin: String,
    pub(crate) http: reqwest::Client,
}

impl Serving {
    pub(crate) async fn start(demo: &Running, data: &Path) -> Self {
        Self::with(demo, data, &[]).await
    }

    /// With more flags.
    pub(crate) async fn with(demo: &Running, data: &Path, more: &[&str]) -> Self {
        // Free a moment ago; the program has to know its port to know its address.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let workspace = format!("acme={}", demo.url());
        let arguments = [
            "serve",
            "--listen",
            &listen,
            "--workspace",
            &workspace,
            "--data-dir",
            data.to_str().unwrap(),
        ];
        let child = program(&[&arguments, more].concat()).spawn().unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let serving = Self {
            child,
            origin: format!("http://{listen}"),
            http,
        };
        while serving
            .http
            .get(format!("{}/readyz", serving.origin))
            .send()
            .await
            .is_err()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving
    }

    pub(crate) async fn status(&self, path: &str, cookie: &str) -> u16 {
        let request = self.http.get(format!("{}{path}", self.origin)).header("cookie", cookie);
        request.send().await.unwrap().status().as_u16()
    }

    /// Signs in, and answers the cookie.
    pub(crate) async fn sign_in(&self, token: &str) -> String {
        let request = self
            .http
            .post(format!("{}/api/sign_in/with_token", self.origin))
            .header("accept", "text/html")
            .header("origin", &self.origin)
            .form(&[("workspace", "acme"), ("token", token), ("next", "")]);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.headers()["location"], LIST);
        let cookie = answer.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// Posts a form, and answers where it leads.
    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> String {
        let request = self
            .http
            .post(format!("{}{path}", self.origin))
            .header("accept", "text/html")
            .header("origin", &self.origin)
            .header("cookie", cookie)
            .form(form);
        let answer = request.send().await.unwrap();
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    /// The HTML of a page.
    pub(crate) async fn page(&self, path: &str, cookie: &str) -> String {
        let request = self.http.get(format!("{}{path}", self.origin)).header("cookie", cookie);
        request.send().await.unwrap().text().await.unwrap()
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop, and answers whether it ended well and what it had logged.
    pub(crate) fn stop(mut self) -> (bool, String) {
        let told = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(told.success());
        let status = self.child.wait().unwrap();
        let mut log = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take().unwrap(), &mut log).unwrap();
        (status.success(), log)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) async fn demo() -> Running {
    let config = Config {
        tokens: 20,
        users: 12,
        ..Config::default()
    };
    demo_workspace::start(config).await.unwrap()
}
