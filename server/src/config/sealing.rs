//! The keys that stored credentials are sealed with.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::BoolishValueParser;
use secrecy::SecretString;
use store::{KeyAccess, KeyError, SealingKey};

use super::ConfigError;

/// The flags for the sealing key.
#[derive(Args)]
#[command(next_help_heading = "Sealing key")]
pub struct SealingArgs {
    /// A file with the key that credentials are sealed with: 32 bytes as 64 hexadecimal digits or base64. Only its
    /// owner can have access to it, and a group of this process can read it. The key can also be given as
    /// CONSOLE_SEALING_KEY. Without either, one is created in the data directory.
    #[arg(long, env = "CONSOLE_SEALING_KEY_FILE", value_name = "FILE")]
    pub sealing_key_file: Option<PathBuf>,
    /// A file with the key that credentials were sealed with before: at the start they are sealed with the new one, and
    /// no one is signed out.
    #[arg(long, env = "CONSOLE_PREVIOUS_SEALING_KEY_FILE", value_name = "FILE")]
    pub previous_sealing_key_file: Option<PathBuf>,
    /// Accept a key in the data directory that its group can access, as on Kubernetes with fsGroup.
    #[arg(long, env = "CONSOLE_ALLOW_GROUP_KEY", value_parser = BoolishValueParser::new())]
    pub allow_group_key: bool,
}

impl SealingArgs {
    /// The configured sealing key; `None` if it is left to the data directory.
    pub(crate) fn key(&self) -> Result<Option<SealingKey>, ConfigError> {
        if let Some(path) = &self.sealing_key_file {
            return read_key(path).map(Some);
        }
        // Not a flag: every process on the machine can see the values of flags.
        match std::env::var("CONSOLE_SEALING_KEY") {
            Ok(text) => Ok(Some(SealingKey::parse(&SecretString::from(text))?)),
            Err(_) => Ok(None),
        }
    }

    /// Who can access the key in the data directory.
    pub(crate) fn access(&self) -> KeyAccess {
        match self.allow_group_key {
            true => KeyAccess::Group,
            false => KeyAccess::Owner,
        }
    }

    /// What is wrong with the file of the key, although it is used.
    pub(crate) fn warning(&self) -> Option<String> {
        let path = self.sealing_key_file.as_deref()?;
        let is_exposed = SealingKey::is_exposed(path).unwrap_or_default();
        is_exposed.then(|| format!("{} can be read by others; run: chmod 600 '{0}'", path.display()))
    }

    /// The key that credentials were sealed with before, if it is to be replaced.
    pub(crate) fn previous_key(&self) -> Result<Option<SealingKey>, ConfigError> {
        self.previous_sealing_key_file.as_deref().map(read_key).transpose()
    }
}

fn read_key(path: &Path) -> Result<SealingKey, ConfigError> {
    SealingKey::load(path).map_err(|error| match error {
        KeyError::File { path, source } => ConfigError::File { path, source },
        error => error.into(),
    })
}
