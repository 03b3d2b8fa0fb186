//! Where the system has PostgreSQL's programs, and as whom they run.

use std::env;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use nix::unistd::{Gid, Uid, User, geteuid};

/// Where Debian has the programs, in one folder for each version. They are not on the `PATH`.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Who runs the server if the tests run as root, which PostgreSQL refuses. Debian's package creates this user.
const USER: &str = "postgres";

/// The programs of one version.
#[derive(Clone, Debug)]
pub struct PostgresPrograms {
    folder: PathBuf,
    /// Who runs them, if that is someone else.
    user: Option<(Uid, Gid)>,
}

impl PostgresPrograms {
    /// The newest version that Debian has installed, otherwise the one on the `PATH`.
    ///
    /// # Errors
    /// If PostgreSQL is missing, or if this is root and the user `postgres` is missing.
    pub fn find() -> Result<Self> {
        let mut versions: Vec<_> = fs::read_dir(VERSIONS)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        versions.sort_by_key(|path| version(path));
        let newest_first = versions.into_iter().rev().map(|path| path.join("bin"));
        let path = env::var_os("PATH").unwrap_or_default();
        let folder = newest_first
            .chain(env::split_paths(&path))
            .find(|folder| folder.join("initdb").is_file())
            .context("PostgreSQL is missing")?;
        // Programs on the `PATH` can be links.
        let initdb = fs::canonicalize(folder.join("initdb"))?;
        let folder = initdb.parent().map_or(folder, Path::to_owned);
        let user = geteuid().is_root().then(|| {
            let user = User::from_name(USER)?;
            user.with_context(|| format!("PostgreSQL does not run as root, and the user {USER} does not exist"))
        });
        let user = user.transpose()?.map(|user| (user.uid, user.gid));
        Ok(Self { folder, user })
    }

    /// The path of the client.
    pub fn psql(&self) -> PathBuf {
        self.folder.join("psql")
    }

    /// A program, run as the user of the server in `folder`, without input.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        self.as_user(Command::new(self.folder.join(program)), folder)
    }

    /// The same for a program of the system.
    pub(crate) fn as_user(&self, mut command: Command, folder: &Path) -> Command {
        if let Some((user, group)) = self.user {
            command.uid(user.as_raw()).gid(group.as_raw());
        }
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    /// Gives a folder to the user of the server.
    pub(crate) fn give(&self, folder: &Path) -> Result<()> {
        let (user, group) = self.user.unzip();
        chown(folder, user.map(Uid::as_raw), group.map(Gid::as_raw))
            .with_context(|| format!("cannot change the owner of {}", folder.display()))
    }

    /// Runs statements in the database at `url`, each in a transaction of its own, and returns the rows of the last one
    /// without a header, columns separated by `|`.
    ///
    /// # Errors
    /// If the server cannot be reached, or a statement failed. The message has the server's error.
    pub fn query(&self, url: &str, statements: &str) -> Result<String> {
        let mut psql = Command::new(self.psql());
        let options = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"];
        psql.args(options).args(["--set", "ON_ERROR_STOP=1", "--dbname", url]);
        psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut psql = psql.spawn().context("cannot start psql")?;
        if let Some(mut stdin) = psql.stdin.take() {
            stdin.write_all(statements.as_bytes())?;
        }
        let output = psql.wait_with_output()?;
        if !output.status.success() {
            bail!("psql failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

/// The version that the name of a folder is: `[9, 6]` for `9.6`, which is older than `[15]`.
fn version(path: &Path) -> Vec<u32> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split('.').map_while(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let [old, fifteen, nine] = ["/a/9.6", "/a/15", "/a/9"].map(|path| version(Path::new(path)));
        assert!(nine < old && old < fifteen);
        assert!(version(Path::new("/a/common")).is_empty());
    }
}
