//! Starts a server, writes its log to a file, reports an unexpected end, and stops the server together with this
//! program.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How many lines of the log's end are shown if a server ends unexpectedly.
const LOG_TAIL_LINES: usize = 15;

/// How long a server can take to become ready after its start.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a server can take to end after SIGTERM before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a server is checked while waiting for it.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// A running server. Dropping it stops it.
pub(crate) struct ServerProcess {
    name: &'static str,
    child: Child,
    /// The file with its standard error.
    pub(crate) log: PathBuf,
    first_line: Receiver<String>,
}

impl ServerProcess {
    /// Starts `command` and writes its standard error to the file `log`.
    ///
    /// # Errors
    /// If the log cannot be created or the program cannot be started.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: PathBuf) -> Result<Self> {
        let stderr = File::create(&log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .env("NO_COLOR", "1")
            .spawn()
            .with_context(|| format!("cannot start {name} ({})", command.get_program().display()))?;
        let (send, first_line) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            // Keeps reading after the first line, since a full pipe would block the server.
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let _ = send.send(line);
                }
            });
        }
        Ok(Self {
            name,
            child,
            log,
            first_line,
        })
    }

    /// Waits for the first line on its standard output.
    ///
    /// # Errors
    /// If it ends, or prints nothing within a minute.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        self.wait(|server| server.first_line.try_recv().ok())
    }

    /// Waits until `GET path` returns 200.
    ///
    /// # Errors
    /// If it ends, or does not return 200 within a minute.
    pub(crate) fn wait_until_ready(&mut self, listen: SocketAddr, path: &str) -> Result<()> {
        self.wait(|_| (http_status(listen, path) == Some(200)).then_some(()))
    }

    fn wait<T>(&mut self, ready: impl Fn(&Self) -> Option<T>) -> Result<T> {
        let started = Instant::now();
        while started.elapsed() < START_TIMEOUT {
            if let Some(value) = ready(self) {
                return Ok(value);
            }
            self.ensure_running()?;
            thread::sleep(POLL_INTERVAL);
        }
        bail!(
            "{} is not ready after {} s; its log: {}",
            self.name,
            START_TIMEOUT.as_secs(),
            self.log.display()
        )
    }

    /// # Errors
    /// If the server has ended. The message contains the last lines of its log.
    pub(crate) fn ensure_running(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!(
                "{} ended ({status}). Its last lines:\n{}",
                self.name,
                last_lines(&fs::read_to_string(&self.log)?)
            );
        }
        Ok(())
    }

    fn stop(&mut self) -> Result<()> {
        kill(Pid::from_raw(self.child.id().try_into()?), Signal::SIGTERM)?;
        let started = Instant::now();
        while self.child.try_wait()?.is_none() {
            if started.elapsed() > STOP_TIMEOUT {
                self.child.kill()?;
            }
            thread::sleep(POLL_INTERVAL);
        }
        Ok(())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None))
            && let Err(error) = self.stop()
        {
            eprintln!("cannot stop {}: {error}", self.name);
        }
    }
}

/// The status of `GET path`, `None` without a response. Written by hand, because one request to our own server
/// does not justify an HTTP client in the build.
fn http_status(listen: SocketAddr, path: &str) -> Option<u16> {
    let address = loopback_address(listen);
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut status_line = [0; 12];
    stream.read_exact(&mut status_line).ok()?;
    std::str::from_utf8(&status_line)
        .ok()?
        .strip_prefix("HTTP/1.1 ")?
        .parse()
        .ok()
}

/// The address at which this machine can reach a server that listens on `listen`: loopback if it listens on all
/// interfaces.
pub(crate) fn loopback_address(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..]
        .iter()
        .map(|line| format!("    {line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn start_shell(script: &str, folder: &tempfile::TempDir) -> ServerProcess {
        ServerProcess::start(
            "the test server",
            Command::new("/bin/sh").args(["-c", script]),
            folder.path().join("log"),
        )
        .unwrap()
    }

    #[test]
    fn a_server_that_ends_is_reported_with_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let error = start_shell("seq 100 >&2; exit 4", &folder)
            .first_line()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("the test server ended (exit status: 4)") && error.ends_with("    100\n"),
            "{error}"
        );
        assert!(!error.contains("    85\n") && error.contains("    86\n"), "{error}");
    }

    #[test]
    fn dropping_a_server_stops_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = start_shell("echo ready; exec sleep 600", &folder);
        assert_eq!(server.first_line().unwrap(), "ready");
        let pid = Pid::from_raw(server.child.id().try_into().unwrap());
        assert!(kill(pid, None).is_ok());
        drop(server);
        assert!(kill(pid, None).is_err());
    }

    #[test]
    fn a_server_is_ready_only_when_it_returns_200() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let responses = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&responses);
        // Not joined: a client that disconnects before it has read the response asks again.
        thread::spawn(move || {
            loop {
                let (mut stream, _) = listener.accept().unwrap();
                // Another test may still connect to this recently freed port without sending anything.
                stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let mut request = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
                if request.next().as_deref() != Some("GET /readyz HTTP/1.1") {
                    continue;
                }
                request.for_each(drop);
                let is_first = counter.fetch_add(1, Ordering::Relaxed) == 0;
                let status = if is_first { "503 Service Unavailable" } else { "200 OK" };
                // A client that has disconnected gets no response.
                let _ = write!(stream, "HTTP/1.1 {status}\r\n\r\n");
            }
        });
        let folder = tempfile::tempdir().unwrap();
        start_shell("exec sleep 600", &folder)
            .wait_until_ready(address, "/readyz")
            .unwrap();
        assert!(responses.load(Ordering::Relaxed) >= 2, "the first response was 503");
    }

    #[test]
    fn a_server_on_all_interfaces_is_reached_through_loopback() {
        assert_eq!(
            loopback_address("0.0.0.0:80".parse().unwrap()).to_string(),
            "127.0.0.1:80"
        );
        assert_eq!(loopback_address("[::]:80".parse().unwrap()).to_string(), "[::1]:80");
        assert_eq!(
            loopback_address("10.0.0.1:80".parse().unwrap()).to_string(),
            "10.0.0.1:80"
        );
    }
}
