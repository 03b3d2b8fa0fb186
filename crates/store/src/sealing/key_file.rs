//! The sealing key of a console that was configured without one: it is created once and stored next to the database.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use crate::private_files::{self, FileAccess, SecretFileError};
use crate::{KeyError, SealingKey};

/// The name of the file in the data directory.
const KEY_FILE: &str = "sealing.key";

/// Where a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The file existed.
    Loaded,
    /// The file was created just now. That is worth a warning: anyone who copies the data directory has both the key
    /// and the database.
    Created,
}

impl SealingKey {
    /// Whether there is a key in the data directory.
    pub fn is_in(data_dir: &Path) -> bool {
        data_dir.join(KEY_FILE).exists()
    }

    /// The key in `<data_dir>/sealing.key`. If that is missing, creates a new random key there with mode 0600; a
    /// missing directory is created with mode 0700. Two consoles that start at the same time get the same key.
    ///
    /// # Errors
    /// If the file contains no key, is accessible to others than `access` says, or cannot be read or created.
    pub fn load_or_create(data_dir: &Path, access: KeyAccess) -> Result<(Self, KeyOrigin), KeyError> {
        let path = data_dir.join(KEY_FILE);
        let file_error = |source| KeyError::File {
            path: path.clone(),
            source,
        };
        private_files::create_dir(data_dir).map_err(file_error)?;
        let origin = if path.try_exists().map_err(file_error)? {
            KeyOrigin::Loaded
        } else {
            create(data_dir, &path).map_err(file_error)?
        };
        let text = read(&path, access)?;
        let key = Self::parse(&text).map_err(|_| KeyError::NotAKeyFile { path })?;
        Ok((key, origin))
    }

    /// The key in a file that the operator made and named.
    ///
    /// # Errors
    /// If the file contains no key, can be changed by others than its owner, or cannot be read.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        match read(path, KeyAccess::ReadOnly) {
            Ok(text) => Self::parse(&text),
            Err(KeyError::NotAKeyFile { .. }) => Err(KeyError::NotAKey),
            Err(error) => Err(error),
        }
    }
}

/// Who can access the file of a key besides its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyAccess {
    /// No one.
    Owner,
    /// Its group: Kubernetes gives a volume's files to the group of the pod (`fsGroup`), with mode 0660
    /// (<https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>).
    Group,
    /// Anyone, to read it. Whether that is more than it should be is up to the operator, who made the file and named
    /// it; a Secret's files have the group of the pod.
    ReadOnly,
}

impl KeyAccess {
    fn allows(self, file: FileAccess) -> bool {
        match self {
            Self::ReadOnly => !file.can_others_write(),
            _ if file.has_others() => false,
            _ if !file.has_group() => true,
            Self::Owner => false,
            Self::Group => true,
        }
    }
}

/// The text of a key's file, if no one else can access it.
fn read(path: &Path, access: KeyAccess) -> Result<SecretString, KeyError> {
    private_files::read_secret(path, |file| access.allows(file)).map_err(|error| {
        let path = path.to_owned();
        match (error, access) {
            (SecretFileError::TooOpen(mode), KeyAccess::ReadOnly) => KeyError::NamedTooOpen { path, mode },
            (SecretFileError::TooOpen(mode), KeyAccess::Owner | KeyAccess::Group) => KeyError::TooOpen { path, mode },
            (SecretFileError::NotText, _) => KeyError::NotAKeyFile { path },
            (SecretFileError::Io(source), _) => KeyError::File { path, source },
        }
    })
}

/// Writes a new key to a temporary file and moves that into place in one step, which fails if a key has appeared in the
/// meantime. So no one ever reads half a key, and a key in use is never replaced.
fn create(data_dir: &Path, path: &Path) -> io::Result<KeyOrigin> {
    // tempfile creates its files with mode 0600.
    let mut file = tempfile::Builder::new().prefix(".sealing.key.").tempfile_in(data_dir)?;
    file.write_all(SealingKey::generate().expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {
            File::open(data_dir)?.sync_all()?;
            Ok(KeyOrigin::Created)
        }
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(KeyOrigin::Loaded),
        Err(error) => Err(error.error),
    }
}
