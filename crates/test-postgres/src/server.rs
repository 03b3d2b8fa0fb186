//! A PostgreSQL server in a temporary folder.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::PostgresPrograms;

/// Where the folder is: the path of a Unix socket cannot be longer than 107 bytes, and those of temporary folders can
/// be.
const TEMPORARY: &str = "/tmp";

/// The superuser of the server.
const SUPERUSER: &str = "postgres";

/// How many connections the server accepts: those of all tests that run at the same time.
const MAX_CONNECTIONS: usize = 300;

/// How often another port is tried if someone else has taken the one that was free.
const MAX_TRIES: usize = 5;

/// How long the server can take to start or stop, in seconds.
const TIMEOUT: &str = "60";

/// Waits until its standard input ends, as it does when this process ends, even by `kill -9`. Then stops the server
/// and deletes its folder. Signals of the terminal are for the tests.
const JANITOR: &str = "trap '' INT TERM HUP; cat > /dev/null; \
                       \"$1\" stop --silent --wait --mode immediate --pgdata \"$2/data\"; rm -rf \"$2\"";

/// A running server. It is stopped and deleted when dropped, and also if this process is killed.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PostgresPrograms,
    folder: TempDir,
    port: u16,
    janitor: Child,
    /// As long as it is open, the janitor waits.
    alive: Option<ChildStdin>,
}

/// How the server ends its connections when it stops.
#[derive(Clone, Copy, Debug)]
pub enum Shutdown {
    /// Rolls back open transactions.
    Fast,
    /// Ends at once, as after a power failure. The next start recovers from the log.
    Immediate,
}

impl PostgresServer {
    /// Starts a server that syncs nothing: fast, and as safe as any other unless the machine stops. Commits reach the
    /// system before they return, so that [`Shutdown::Immediate`] loses none.
    ///
    /// # Errors
    /// If PostgreSQL is missing or cannot be started. The message has its log.
    pub fn start() -> Result<Self> {
        Self::start_with(&["fsync = off", "full_page_writes = off"])
    }

    /// Starts a server with these lines in its configuration, and waits until it accepts connections.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(settings: &[&str]) -> Result<Self> {
        let programs = PostgresPrograms::find()?;
        let folder = tempfile::Builder::new().prefix("pat-postgres-").tempdir_in(TEMPORARY)?;
        programs.give(folder.path())?;
        let (janitor, alive) = start_janitor(&programs, folder.path())?;
        let mut server = Self {
            programs,
            folder,
            port: 0,
            janitor,
            alive,
        };
        server.create(settings)?;
        let mut tries = 1;
        loop {
            server.choose_port()?;
            match server.start_again() {
                Err(error) if tries == MAX_TRIES => return Err(error),
                Err(_) => tries += 1,
                Ok(()) => return Ok(server),
            }
        }
    }

    /// The URL of the database that every server has.
    pub fn url(&self) -> String {
        self.url_of(SUPERUSER)
    }

    /// The URL of another database, which the superuser connects to.
    pub fn url_of(&self, database: &str) -> String {
        format!(
            "postgres://{SUPERUSER}@127.0.0.1:{}/{database}?sslmode=disable",
            self.port
        )
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs statements in a database, as [`PostgresPrograms::query`] does.
    ///
    /// # Errors
    /// If the server does not run, or a statement failed.
    pub fn query(&self, database: &str, statements: &str) -> Result<String> {
        self.programs.query(&self.url_of(database), statements)
    }

    /// Stops the server. Returns when it has stopped.
    ///
    /// # Errors
    /// If it does not run, or does not stop.
    pub fn stop(&self, shutdown: Shutdown) -> Result<()> {
        let mode = match shutdown {
            Shutdown::Fast => "fast",
            Shutdown::Immediate => "immediate",
        };
        run(self.pg_ctl("stop").args(["--mode", mode]))
    }

    /// Starts the server after [`Self::stop`], at the same port, and waits until it accepts connections.
    ///
    /// # Errors
    /// If it does not start. The message has its log.
    pub fn start_again(&self) -> Result<()> {
        let log = self.folder.path().join("log");
        run(self.pg_ctl("start").arg("--log").arg(&log)).with_context(|| fs::read_to_string(&log).unwrap_or_default())
    }

    fn pg_ctl(&self, action: &str) -> Command {
        let mut pg_ctl = self.programs.command("pg_ctl", self.folder.path());
        pg_ctl
            .args([action, "--silent", "--wait", "--timeout", TIMEOUT, "--pgdata"])
            .arg(self.folder.path().join("data"));
        pg_ctl
    }

    fn create(&self, settings: &[&str]) -> Result<()> {
        let data = self.folder.path().join("data");
        let mut initdb = self.programs.command("initdb", self.folder.path());
        let options = [
            "--auth",
            "trust",
            "--encoding",
            "UTF8",
            "--no-locale",
            "--no-sync",
            "--username",
            SUPERUSER,
        ];
        run(initdb.args(options).arg(&data))?;
        let folder = self.folder.path().display();
        let mut file = OpenOptions::new().append(true).open(data.join("postgresql.conf"))?;
        writeln!(
            file,
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\n\
             max_connections = {MAX_CONNECTIONS}\n{}",
            settings.join("\n")
        )?;
        Ok(())
    }

    fn choose_port(&mut self) -> Result<()> {
        // Free until now.
        self.port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let file = self.folder.path().join("data/postgresql.conf");
        let mut file = OpenOptions::new().append(true).open(file)?;
        // The last line counts.
        writeln!(file, "port = {}", self.port)?;
        Ok(())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        drop(self.alive.take());
        let _ = self.janitor.wait();
    }
}

fn start_janitor(programs: &PostgresPrograms, folder: &Path) -> Result<(Child, Option<ChildStdin>)> {
    let mut janitor = programs.as_user(Command::new("/bin/sh"), folder);
    let pg_ctl = programs.command("pg_ctl", folder);
    janitor
        .args(["-c", JANITOR, "sh"])
        .arg(pg_ctl.get_program())
        .arg(folder);
    janitor
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut janitor = janitor.spawn().context("cannot start /bin/sh")?;
    let alive = janitor.stdin.take();
    Ok((janitor, alive))
}

/// Runs a program to its end.
fn run(command: &mut Command) -> Result<()> {
    let Output { status, stderr, .. } = command.output().context("cannot start a program of PostgreSQL")?;
    if !status.success() {
        let program = command.get_program().display();
        bail!(
            "{program} failed ({status}): {}",
            String::from_utf8_lossy(&stderr).trim()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_keeps_what_was_committed_and_is_deleted_at_its_end() {
        if PostgresPrograms::find().is_err() && std::env::var_os("CI").is_none() {
            eprintln!("not run: PostgreSQL is not installed");
            return;
        }
        let server = PostgresServer::start().unwrap();
        let create = "create table numbers (number bigint); insert into numbers values (7)";
        server.query("postgres", create).unwrap();
        server.stop(Shutdown::Immediate).unwrap();
        assert!(server.query("postgres", "select 1").is_err());
        server.start_again().unwrap();
        assert_eq!(server.query("postgres", "select number from numbers").unwrap(), "7");
        let folder = server.folder.path().to_owned();
        drop(server);
        assert!(!folder.exists());
    }
}
