//! The program as a separate process, in front of a demo workspace in the test's process.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use demo_workspace::{Config, Running};

/// The list of tokens.
pub(crate) const LIST: &str = "/w/acme/tokens";

/// The program with these arguments and an empty environment, so that the machine's settings do not matter.
pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pat-console"));
    command
        .env_clear()
        .args(arguments)
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// Runs the program to its end. Returns whether it succeeded, and its output.
pub(crate) fn run(arguments: &[&str]) -> (bool, String) {
    run_to_end(program(arguments))
}

/// Like [`run`], for a prepared command.
pub(crate) fn run_to_end(mut program: Command) -> (bool, String) {
    let Output { status, stdout, stderr } = program.output().unwrap();
    let text = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.success(), text)
}

/// A running console. It is killed when dropped.
pub(crate) struct RunningConsole {
    child: Child,
    /// Its log. It is a file, because a full pipe that no one reads would block the console.
    log: File,
    pub(crate) origin: String,
    pub(crate) http: reqwest::Client,
}

impl RunningConsole {
    pub(crate) async fn start(demo: &Running, data: &Path) -> Self {
        Self::with(demo, data, &[]).await
    }

    /// Starts with additional flags, and waits until the console responds.
    pub(crate) async fn with(demo: &Running, data: &Path, flags: &[&str]) -> Self {
        Self::launch(demo.url(), data, flags, &[]).await
    }

    /// Starts with a workspace at this URL and these variables in the environment.
    pub(crate) async fn in_environment(url: &str, data: &Path, variables: &[(&str, &str)]) -> Self {
        Self::launch(url, data, &[], variables).await
    }

    /// Starts with flags and variables, and waits until the console responds.
    pub(crate) async fn launch(url: &str, data: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Self {
        // The program needs the port in advance, since it is part of the public URL.
        let listen = free_port();
        let workspace = format!("acme={url}");
        let mut arguments = vec!["serve", "--listen", &listen, "--data-dir", data.to_str().unwrap()];
        // A file names the workspaces instead.
        if !flags.contains(&"--config") {
            arguments.extend(["--workspace", &workspace]);
        }
        let log = tempfile::tempfile().unwrap();
        let child = program(&[&arguments, flags].concat())
            .envs(variables.iter().copied())
            .stderr(log.try_clone().unwrap())
            .spawn()
            .unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let mut serving = Self {
            child,
            log,
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
            let ended = serving.child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", serving.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        serving
    }

    pub(crate) async fn get(&self, path: &str, session: &str) -> reqwest::Response {
        let request = self.http.get(format!("{}{path}", self.origin));
        request.header("cookie", self.cookie(session)).send().await.unwrap()
    }

    pub(crate) async fn status(&self, path: &str, session: &str) -> u16 {
        self.get(path, session).await.status().as_u16()
    }

    /// The session's cookie. Its name contains the port, which changes with a restart.
    fn cookie(&self, session: &str) -> String {
        let (_, port) = self.origin.rsplit_once(':').unwrap();
        format!("pat_console_dev_{port}={session}")
    }

    /// This console through a proxy at `origin`, which `http` connects to.
    pub(crate) fn through(mut self, origin: String, http: reqwest::Client) -> Self {
        self.origin = origin;
        self.http = http;
        self
    }

    /// Signs in. Returns the value of the session's cookie.
    pub(crate) async fn sign_in(&self, token: &str) -> String {
        let request = self
            .http
            .post(format!("{}/api/sign_in/with_token", self.origin))
            .header("accept", "text/html")
            .header("origin", &self.origin)
            .form(&[("workspace", "acme"), ("token", token), ("next", "")]);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["location"], LIST);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        let session = cookie.split_once('=').unwrap().1.split(';').next().unwrap();
        assert!(cookie.starts_with(&self.cookie(session)), "{cookie}");
        session.to_owned()
    }

    /// Posts a form. Returns the URL that it redirects to.
    pub(crate) async fn post(&self, path: &str, session: &str, form: &[(&str, &str)]) -> String {
        let request = self
            .http
            .post(format!("{}{path}", self.origin))
            .header("accept", "text/html")
            .header("origin", &self.origin)
            .header("cookie", self.cookie(session))
            .form(form);
        let response = request.send().await.unwrap();
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    /// The HTML of a page.
    pub(crate) async fn page(&self, path: &str, session: &str) -> String {
        self.get(path, session).await.text().await.unwrap()
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it with SIGTERM. Returns whether it exited successfully, and its log.
    pub(crate) fn stop(mut self) -> (bool, String) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        (status.success(), self.log())
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        let mut log = vec![0; self.log.metadata().unwrap().len().try_into().unwrap()];
        // Reading at a position keeps the position that the process writes at.
        self.log.read_exact_at(&mut log, 0).unwrap();
        String::from_utf8(log).unwrap()
    }
}

impl Drop for RunningConsole {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address whose port was free a moment ago.
pub(crate) fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

/// A demo workspace with few tokens.
pub(crate) async fn demo() -> Running {
    let config = Config {
        tokens: 20,
        users: 12,
        ..Config::default()
    };
    demo_workspace::start(config).await.unwrap()
}

/// Writes a file that only its owner can access.
pub(crate) fn write_private(path: &Path, text: &str) {
    let mut file = OpenOptions::new();
    let mut file = file.write(true).create(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
