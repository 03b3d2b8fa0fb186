//! The console behind nginx, with the configuration that `docs/OPERATIONS.md` shows.

use std::fs;
use std::net::{IpAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use demo_workspace::{Effect, Fault, Running};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::bulk::draft_all;
use crate::support::{LIST, RunningConsole, demo, free_port};

/// The path on Debian is not in every user's `PATH`.
const PROGRAMS: [&str; 2] = ["nginx", "/usr/sbin/nginx"];

/// The address that the test's browser connects from. nginx connects from 127.0.0.1.
const CLIENT: &str = "127.0.0.2";

/// nginx's default limit for request headers, with room for those of the test.
const USUAL_LIMIT: usize = 4 * 8 * 1024;

/// A running nginx. It is killed when dropped.
pub(crate) struct Nginx {
    child: Child,
    _dir: TempDir,
}

impl Nginx {
    /// `None` if it is not installed. With `CI=1` that is a failure, otherwise `cargo xtask test` lists it as not run.
    pub(crate) fn find() -> Option<&'static str> {
        let found = PROGRAMS
            .into_iter()
            .find(|program| Command::new(program).arg("-v").output().is_ok());
        assert!(
            found.is_some() || std::env::var_os("CI").is_none(),
            "nginx is missing; on Debian, install the package nginx"
        );
        if found.is_none() {
            eprintln!("not run: nginx is not installed");
        }
        found
    }

    /// Starts nginx with this server block, and waits until it accepts connections at `address`.
    pub(crate) fn start(program: &str, server: &str, address: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).display().to_string();
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|name| format!("{name}_temp_path {};\n", path(name)))
            .concat();
        // A single process, so that killing it leaves no other behind.
        let configuration = format!(
            "daemon off;\nmaster_process off;\npid {};\nevents {{}}\n\
             http {{\naccess_log off;\n{temporary}{server}\n}}\n",
            path("pid")
        );
        let file = path("nginx.conf");
        fs::write(&file, configuration).unwrap();
        let log = path("error.log");
        let mut child = Command::new(program)
            .args(["-c", &file, "-e", &log])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while TcpStream::connect(address).is_err() {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", fs::read_to_string(&log).unwrap());
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, _dir: dir }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A console that is used through nginx.
struct ProxiedConsole {
    demo: Running,
    console: RunningConsole,
    _nginx: Nginx,
    _data: TempDir,
}

impl ProxiedConsole {
    /// `None` without nginx.
    async fn start() -> Option<Self> {
        Self::start_with(None, |server| server).await
    }

    /// `change` modifies the documented server block. Without a public URL, nginx's URL is used.
    async fn start_with(public_url: Option<&str>, change: impl FnOnce(String) -> String) -> Option<Self> {
        let program = Nginx::find()?;
        let (demo, data) = (demo().await, tempfile::tempdir().unwrap());
        let address = free_port();
        let origin = format!("http://{address}");
        let flags = [
            "--public-url",
            public_url.unwrap_or(&origin),
            "--trusted-proxy",
            "127.0.0.1",
        ];
        let console = RunningConsole::with(&demo, data.path(), &flags).await;
        let server = change(documented(&address, &console.origin));
        let nginx = Nginx::start(program, &server, &address);
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .local_address(CLIENT.parse::<IpAddr>().unwrap())
            .build()
            .unwrap();
        Some(Self {
            demo,
            console: console.through(origin, http),
            _nginx: nginx,
            _data: data,
        })
    }

    async fn sign_in(&self) -> String {
        self.console
            .sign_in(self.demo.credentials().admin.pat.as_ref().unwrap())
            .await
    }
}

/// The documented server block, without https, on a free port.
pub(crate) fn documented(address: &str, console: &str) -> String {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/OPERATIONS.md");
    let document = fs::read_to_string(document).unwrap();
    let (_, block) = document.split_once("```nginx\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let lines = block.lines().filter(|line| !line.contains("ssl_certificate"));
    let block = lines.collect::<Vec<_>>().join("\n");
    let changes = [
        ("listen 443 ssl;", format!("listen {address};")),
        ("http://127.0.0.1:3000;", format!("{console};")),
        // As documented for an unusual port.
        ("Host $host;", "Host $host:$server_port;".to_owned()),
    ];
    changes.iter().fold(block, |block, (documented, here)| {
        assert!(block.contains(documented), "{documented}");
        block.replace(documented, here)
    })
}

fn without(line: &str) -> impl FnOnce(String) -> String {
    move |server| {
        let kept: Vec<_> = server.lines().filter(|kept| !kept.contains(line)).collect();
        assert!(kept.len() < server.lines().count(), "{server}");
        kept.join("\n")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_forms_work_behind_nginx_and_the_log_has_the_client() {
    let Some(proxied) = ProxiedConsole::start().await else {
        return;
    };
    let session = proxied.sign_in().await;
    let console = &proxied.console;
    assert_eq!(console.status(LIST, &session).await, 200);
    let sessions = console.page("/sessions", &session).await;
    assert!(sessions.contains(&format!("Signed in from {CLIENT}")), "{sessions}");
    // A page with a long URL. nginx also passes on its compression.
    let long = format!("{LIST}?q={}", "x".repeat(USUAL_LIMIT));
    assert_eq!(console.status(&long, &session).await, 200);
    let request = console.http.get(format!("{}/sign-in", console.origin));
    let compressed = request.header("accept-encoding", "br").send().await.unwrap();
    assert_eq!(compressed.headers()["content-encoding"], "br");
    let (_, log) = proxied.console.stop();
    let mut lines = log
        .lines()
        .filter(|line| line.contains("route=\"/w/{workspace}/tokens\""));
    let client = format!("client={CLIENT} ");
    assert!(lines.next().is_some_and(|line| line.contains(&client)), "{log}");
    assert!(lines.all(|line| line.contains(&client)), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_a_bulk_revocation_are_not_held_back() {
    let Some(proxied) = ProxiedConsole::start().await else {
        return;
    };
    let session = proxied.sign_in().await;
    let console = &proxied.console;
    let bulk = draft_all(console, &session).await;
    // One call hangs for twenty seconds, so that the stream does not end earlier. The others take a while.
    let tokens = "/api/2.0/token-management/tokens";
    proxied.demo.fault(Fault::next("DELETE", tokens, Effect::Hang));
    proxied
        .demo
        .fault(Fault::forever("DELETE", tokens, Effect::None).after_ms(1500));
    let id = bulk.rsplit('/').next().unwrap();
    let count = (proxied.demo.token_count() - 1).to_string();
    let start = [("workspace", "acme"), ("job", id), ("typed", &count)];
    assert_eq!(
        console.post("/api/bulk_revocations/start", &session, &start).await,
        bulk
    );
    let mut events = console.get(&format!("{bulk}/events"), &session).await;
    // The first event comes with the head of the response.
    let later_event = async {
        let mut text = String::new();
        while text.matches("event: progress").count() < 2 {
            text += &String::from_utf8_lossy(&events.chunk().await.unwrap().unwrap());
        }
        text
    };
    let text = timeout(Duration::from_secs(15), later_event).await.unwrap();
    assert!(!text.contains("event: state"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_host_header_the_response_says_which_host_arrived() {
    let public_url = "https://pats.example.com";
    let Some(proxied) = ProxiedConsole::start_with(Some(public_url), without("proxy_set_header Host")).await else {
        return;
    };
    let response = proxied.console.get("/sign-in", "").await;
    assert_eq!(response.status().as_u16(), 421);
    let text = response.text().await.unwrap();
    // nginx then sends the host of `proxy_pass`.
    for part in [
        "the host \u{201c}127.0.0.1:",
        "proxy_set_header Host $host;",
        public_url,
    ] {
        assert!(text.contains(part), "lacks {part}: {text}");
    }
}

/// This is why the documented configuration sets it.
#[tokio::test(flavor = "multi_thread")]
async fn without_larger_buffers_nginx_refuses_a_long_url() {
    let Some(proxied) = ProxiedConsole::start_with(None, without("large_client_header_buffers")).await else {
        return;
    };
    let long = format!("/sign-in?next={}", "x".repeat(USUAL_LIMIT));
    assert_eq!(proxied.console.status(&long, "").await, 414);
}
