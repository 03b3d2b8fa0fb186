//! The keys that seal stored credentials.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::BoolishValueParser;
use secrecy::SecretString;
use store::{DatabaseLocation, KeyAccess, KeyError, SealingKey, SealingKeys, is_exposed};

use super::ConfigError;

/// The flags for the sealing key.
#[derive(Args)]
#[command(next_help_heading = "Sealing key")]
pub struct SealingArgs {
    /// A file with the key that credentials are sealed with: 32 bytes as 64 hexadecimal digits or base64. Only its
    /// owner can have access to it, and a group of this process can read it. The key can also be given as
    /// CONSOLE_SEALING_KEY. Without either, one is created in the data directory, or, with PostgreSQL, nothing is
    /// started.
    #[arg(long, env = "CONSOLE_SEALING_KEY_FILE", value_name = "FILE")]
    pub sealing_key_file: Option<PathBuf>,
    /// A file with the key that credentials were sealed with before. Without PostgreSQL, they are sealed with the new
    /// one at the start, and no one is signed out. With PostgreSQL, they can still be opened: see --reseal.
    #[arg(long, env = "CONSOLE_PREVIOUS_SEALING_KEY_FILE", value_name = "FILE")]
    pub previous_sealing_key_file: Option<PathBuf>,
    /// A file with the key that other instances will seal credentials with: this one can open them. Give it to every
    /// instance before any seals with it.
    #[arg(long, env = "CONSOLE_NEXT_SEALING_KEY_FILE", value_name = "FILE")]
    pub next_sealing_key_file: Option<PathBuf>,
    /// Seal what is still sealed with the previous key again, at the start. With PostgreSQL this does not happen by
    /// itself: first, every instance has to know the new key.
    #[arg(long, env = "CONSOLE_RESEAL", value_parser = BoolishValueParser::new())]
    pub reseal: bool,
    /// Accept a key in the data directory that its group can access, as on Kubernetes with fsGroup.
    #[arg(long, env = "CONSOLE_ALLOW_GROUP_KEY", value_parser = BoolishValueParser::new())]
    pub allow_group_key: bool,
}

impl SealingArgs {
    /// The configured sealing key; `None` if the data directory provides it.
    ///
    /// # Errors
    ///
    /// If the key is not valid, or if it is missing and the data directory is not used.
    pub(crate) fn key_for(&self, location: &DatabaseLocation) -> Result<Option<SealingKey>, ConfigError> {
        match (self.key()?, location) {
            (None, DatabaseLocation::Postgres(_)) => Err(ConfigError::SealingKeyNeeded),
            (key, _) => Ok(key),
        }
    }

    fn key(&self) -> Result<Option<SealingKey>, ConfigError> {
        if let Some(path) = &self.sealing_key_file {
            return read_key(path).map(Some);
        }
        // Not a flag: every process on the machine can see the values of flags.
        match std::env::var("CONSOLE_SEALING_KEY") {
            Ok(text) => Ok(Some(SealingKey::parse(&SecretString::from(text))?)),
            Err(_) => Ok(None),
        }
    }

    /// Who is allowed to access the key in the data directory.
    pub(crate) fn access(&self) -> KeyAccess {
        match self.allow_group_key {
            true => KeyAccess::Group,
            false => KeyAccess::Owner,
        }
    }

    /// A problem with the key's file that does not prevent its use.
    pub(crate) fn warning(&self) -> Option<String> {
        let path = self.sealing_key_file.as_deref()?;
        let is_exposed = is_exposed(path).unwrap_or_default();
        is_exposed.then(|| format!("{} can be read by others; run: chmod 600 '{0}'", path.display()))
    }

    /// This key with the other configured keys.
    pub(crate) fn with_others(&self, current: SealingKey) -> Result<SealingKeys, ConfigError> {
        let read = |path: &Option<PathBuf>| path.as_deref().map(read_key).transpose();
        let keys = SealingKeys::new(current)
            .with_next(read(&self.next_sealing_key_file)?)
            .with_previous(read(&self.previous_sealing_key_file)?);
        Ok(keys)
    }

    /// Whether credentials that are sealed with the previous key are sealed again. With SQLite, no other instance needs
    /// that key.
    pub(crate) fn reseals(&self, location: &DatabaseLocation) -> Result<bool, ConfigError> {
        let has_previous = self.previous_sealing_key_file.is_some();
        match location {
            _ if self.reseal && !has_previous => Err(ConfigError::NothingToReseal),
            DatabaseLocation::DataDir(_) => Ok(has_previous),
            DatabaseLocation::Postgres(_) => Ok(self.reseal),
        }
    }
}

fn read_key(path: &Path) -> Result<SealingKey, ConfigError> {
    SealingKey::load(path).map_err(|error| match error {
        KeyError::File { path, source } => ConfigError::File { path, source },
        error => error.into(),
    })
}
