//! A server that runs beside us: its log in a file, its end noticed and explained, stopped when we stop.

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

/// How many of a dead server's last lines are shown.
const LOG_TAIL_LINES: usize = 15;
/// How long a server may take to answer after its start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a server may take to end on SIGTERM before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(50);

/// A running server; dropping it stops it.
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    /// Where its standard error goes.
    pub(crate) log: PathBuf,
    first_line: Receiver<String>,
}

impl Server {
    /// Starts `command`, whose standard error goes to `log`.
    ///
    /// # Errors
    /// When the log cannot be made or the program not started.
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
            // Reads on after the first line: a full pipe would stop the server.
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
    /// When it ends, or prints nothing within a minute.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        self.wait(|server| server.first_line.try_recv().ok())
    }

    /// Waits until `GET path` answers 200.
    ///
    /// # Errors
    /// When it ends, or does not answer so within a minute.
    pub(crate) fn answers(&mut self, listen: SocketAddr, path: &str) -> Result<()> {
        self.wait(|_| (status(listen, path) == Some(200)).then_some(()))
    }

    fn wait<T>(&mut self, ready: impl Fn(&Self) -> Option<T>) -> Result<T> {
        let began = Instant::now();
        while began.elapsed() < START_TIMEOUT {
            if let Some(value) = ready(self) {
                return Ok(value);
            }
            self.check()?;
            thread::sleep(POLL);
        }
        bail!(
            "{} is not ready after {} s; its log: {}",
            self.name,
            START_TIMEOUT.as_secs(),
            self.log.display()
        )
    }

    /// # Errors
    /// When the server has ended; the message has its last words.
    pub(crate) fn check(&mut self) -> Result<()> {
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
        let began = Instant::now();
        while self.child.try_wait()?.is_none() {
            if began.elapsed() > STOP_TIMEOUT {
                self.child.kill()?;
            }
            thread::sleep(POLL);
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None))
            && let Err(error) = self.stop()
        {
            eprintln!("cannot stop {}: {error}", self.name);
        }
    }
}

/// The status that `GET path` is answered with. Written out, because one request to a server of our own is no reason for an HTTP client in the build.
fn status(listen: SocketAddr, path: &str) -> Option<u16> {
    let address = reachable(listen);
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).ok()?;
    std::str::from_utf8(&answer)
        .ok()?
        .strip_prefix("HTTP/1.1 ")?
        .parse()
        .ok()
}

/// The address at which this machine reaches a server that listens on `listen`, which may be "all interfaces".
pub(crate) fn reachable(listen: SocketAddr) -> SocketAddr {
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

    use super::*;

    fn shell(script: &str, folder: &tempfile::TempDir) -> Server {
        Server::start(
            "the test server",
            Command::new("/bin/sh").args(["-c", script]),
            folder.path().join("log"),
        )
        .unwrap()
    }

    #[test]
    fn a_server_that_dies_is_reported_with_its_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let error = shell("seq 100 >&2; exit 4", &folder)
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
    fn dropping_a_server_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut server = shell("echo ready; exec sleep 600", &folder);
        assert_eq!(server.first_line().unwrap(), "ready");
        let pid = Pid::from_raw(server.child.id().try_into().unwrap());
        assert!(kill(pid, None).is_ok());
        drop(server);
        assert!(kill(pid, None).is_err());
    }

    #[test]
    fn only_200_is_ready() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answering = thread::spawn(move || {
            for words in ["503 Service Unavailable", "200 OK"] {
                // A stranger may come by on a port that was free a moment before, and go again.
                loop {
                    let (mut stream, _) = listener.accept().unwrap();
                    let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                    let mut request = lines.map_while(Result::ok).take_while(|line| !line.is_empty());
                    if request.next().as_deref() == Some("GET /readyz HTTP/1.1") {
                        request.for_each(drop);
                        write!(stream, "HTTP/1.1 {words}\r\n\r\n").unwrap();
                        break;
                    }
                }
            }
        });
        let folder = tempfile::tempdir().unwrap();
        shell("exec sleep 600", &folder).answers(address, "/readyz").unwrap();
        answering.join().unwrap();
    }

    #[test]
    fn all_interfaces_are_reached_through_loopback() {
        assert_eq!(reachable("0.0.0.0:80".parse().unwrap()).to_string(), "127.0.0.1:80");
        assert_eq!(reachable("[::]:80".parse().unwrap()).to_string(), "[::1]:80");
        assert_eq!(reachable("10.0.0.1:80".parse().unwrap()).to_string(), "10.0.0.1:80");
    }
}
