//! Where the database is.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::PostgresUrl;

/// Where the database of a console is.
#[derive(Clone, Debug)]
pub enum DatabaseLocation {
    /// `console.db` in this data directory: SQLite, which one console uses.
    DataDir(PathBuf),
    /// A PostgreSQL database, which several consoles share.
    Postgres(PostgresUrl),
}

impl DatabaseLocation {
    /// The path of SQLite's file in this data directory.
    pub fn file_in(data_dir: &Path) -> PathBuf {
        data_dir.join("console.db")
    }
}

impl From<&Path> for DatabaseLocation {
    fn from(data_dir: &Path) -> Self {
        Self::DataDir(data_dir.to_owned())
    }
}

impl From<&PathBuf> for DatabaseLocation {
    fn from(data_dir: &PathBuf) -> Self {
        Self::DataDir(data_dir.clone())
    }
}

impl From<PathBuf> for DatabaseLocation {
    fn from(data_dir: PathBuf) -> Self {
        Self::DataDir(data_dir)
    }
}

impl From<PostgresUrl> for DatabaseLocation {
    fn from(url: PostgresUrl) -> Self {
        Self::Postgres(url)
    }
}

impl From<&DatabaseLocation> for DatabaseLocation {
    fn from(location: &DatabaseLocation) -> Self {
        location.clone()
    }
}

/// The file, or the URL without its user and password.
impl fmt::Display for DatabaseLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataDir(data_dir) => Self::file_in(data_dir).display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}
