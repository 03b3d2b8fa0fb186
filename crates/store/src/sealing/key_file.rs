//! The sealing key of a console that was configured without one: made once and kept beside the database.

use crate::{KeyError, SealingKey, private_files};
use secrecy::{ExposeSecret, SecretString};
use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

/// Name of the key's file in the data directory.
const KEY_FILE: &str = "sealing.key";

/// Where a key came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyOrigin {
    /// The file was there.
    Loaded,
    /// It was made just now: worth a warning, because whoever copies the data directory now has key and database.
    Created,
}

impl SealingKey {
    /// Whether a key is kept in the data directory.
    pub fn is_in(data_dir: &Path) -> bool {
        data_dir.join(KEY_FILE).exists()
    }

    /// The key of `<data_dir>/sealing.key`; where that is missing, a new random one, written there with mode 0600
    /// (a missing directory is made with 0700). Two consoles that start at once end up with the same key.
    ///
    /// # Errors
    /// When the file holds no key, can be reached by other users of the machine, or cannot be read or made.
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
    let (too_open, text) = match read(&path) {
        Ok(read) => read,
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(KeyError::NotAKeyFile { path });
        }
        Err(source) => return Err(KeyError::File { path, source }),
    };
    match too_open {
        Some(mode) => Err(KeyError::TooOpen { path, mode }),
        None => SealingKey::parse(&text).map_err(|_| KeyError::NotAKeyFile { path }),
    }
}

fn read(path: &Path) -> io::Result<(Option<u32>, SecretString)> {
    let file = File::open(path)?;
    // A key fits many times, and growing the buffer would leave copies of the key behind.
    let mut text = String::with_capacity(4096);
    (&file).take(4096).read_to_string(&mut text)?;
    Ok((private_files::excess_mode(&file)?, text.into()))
}

/// Writes a new key under another name and moves it to its place in one step, which fails where a key has appeared
/// meanwhile: a reader never meets half a key, and a key in use is never replaced.
fn create(data_dir: &Path, path: &Path) -> io::Result<KeyOrigin> {
    // tempfile makes its files with mode 0600.
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
