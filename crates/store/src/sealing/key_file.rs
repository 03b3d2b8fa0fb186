//! The sealing key of a console that was configured without one: it is created once and stored next to the database.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};

use crate::{KeyError, SealingKey, private_files};

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
    /// If the file contains no key, is accessible to other users of the machine, or cannot be read or created.
    pub fn load_or_create(data_dir: &Path) -> Result<(Self, KeyOrigin), KeyError> {
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
        Ok((load(&path)?, origin))
    }
}

fn load(path: &Path) -> Result<SealingKey, KeyError> {
    let path = path.to_owned();
    let (excess_mode, text) = match read(&path) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(KeyError::NotAKeyFile { path });
        }
        Err(source) => return Err(KeyError::File { path, source }),
    };
    match excess_mode {
        Some(mode) => Err(KeyError::TooOpen { path, mode }),
        None => SealingKey::parse(&text).map_err(|_| KeyError::NotAKeyFile { path }),
    }
}

fn read(path: &Path) -> io::Result<(Option<u32>, SecretString)> {
    let file = File::open(path)?;
    // Much longer than a key, because growing the buffer would leave copies of the key in freed memory.
    let mut text = String::with_capacity(4096);
    (&file).take(4096).read_to_string(&mut text)?;
    Ok((private_files::excess_mode(&file)?, text.into()))
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
