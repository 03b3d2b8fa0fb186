//! Where the database is: a file in the data directory, or a PostgreSQL server.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use store::{DatabaseLocation, PostgresUrl, is_exposed};

use super::ConfigError;

/// The variable with the URL itself. It has no flag, because every process on the machine can see the values of flags.
const URL_VARIABLE: &str = "CONSOLE_DATABASE_URL";

/// The flags for the database.
#[derive(Args)]
pub struct DatabaseArgs {
    /// The directory of the database and, unless it is configured, of the sealing key. With PostgreSQL it is not used.
    #[arg(long, env = "CONSOLE_DATA_DIR", value_name = "DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// A file with the URL of a PostgreSQL database, which several instances can share:
    /// postgres://user:password@host:5432/database. The certificate of the server is verified unless the URL has an
    /// sslmode that says otherwise. The URL can also be given as CONSOLE_DATABASE_URL. Without either, the database is
    /// a file in the data directory.
    #[arg(long, env = "CONSOLE_DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
}

impl DatabaseArgs {
    /// The location of the database.
    ///
    /// # Errors
    ///
    /// If the URL is given twice, cannot be read or is not valid, or if there is also a database in the data directory.
    pub(crate) fn location(&self) -> Result<DatabaseLocation, ConfigError> {
        self.location_with(std::env::var_os(URL_VARIABLE))
    }

    fn location_with(&self, url: Option<OsString>) -> Result<DatabaseLocation, ConfigError> {
        let url: PostgresUrl = match (&self.database_url_file, url) {
            (Some(_), Some(_)) => return Err(ConfigError::TwoDatabaseUrls),
            (Some(path), None) => PostgresUrl::load(path)?,
            (None, Some(url)) => url
                .to_string_lossy()
                .parse()
                .map_err(ConfigError::DatabaseUrlVariable)?,
            (None, None) => return Ok(DatabaseLocation::DataDir(self.data_dir.clone())),
        };
        match DatabaseLocation::file_in(&self.data_dir).exists() {
            true => Err(ConfigError::TwoDatabases {
                data_dir: self.data_dir.clone(),
                url,
            }),
            false => Ok(url.into()),
        }
    }

    /// A problem with the URL's file that does not prevent its use.
    pub(crate) fn warning(&self) -> Option<String> {
        let path = self.database_url_file.as_deref()?;
        let is_exposed = is_exposed(path).unwrap_or_default();
        is_exposed.then(|| format!("{} can be read by others; run: chmod 600 '{0}'", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use store::PostgresUrlFileError;
    use tempfile::TempDir;

    use super::*;

    const URL: &str = "postgres://mia:s3cret@db.example/console";

    fn in_dir(dir: &TempDir, url: Option<&str>) -> DatabaseArgs {
        let file = url.map(|url| {
            let path = dir.path().join("database-url");
            fs::write(&path, url).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            path
        });
        DatabaseArgs {
            data_dir: dir.path().join("data"),
            database_url_file: file,
        }
    }

    fn shown(arguments: &DatabaseArgs, variable: Option<&str>) -> Result<String, ConfigError> {
        let location = arguments.location_with(variable.map(OsString::from));
        location.map(|location| location.to_string())
    }

    #[test]
    fn the_database_is_a_file_in_the_data_directory_unless_there_is_a_url() {
        let dir = tempfile::tempdir().unwrap();
        let file = format!("{}/data/console.db", dir.path().display());
        assert_eq!(shown(&in_dir(&dir, None), None).unwrap(), file);
        let server = "postgres://db.example:5432/console";
        assert_eq!(shown(&in_dir(&dir, Some(&format!("{URL}\n"))), None).unwrap(), server);
        assert_eq!(shown(&in_dir(&dir, None), Some(URL)).unwrap(), server);
        assert!(!dir.path().join("data").exists());
    }

    #[test]
    fn a_url_can_be_given_once_only() {
        let dir = tempfile::tempdir().unwrap();
        let twice = shown(&in_dir(&dir, Some(URL)), Some(URL));
        assert!(matches!(twice, Err(ConfigError::TwoDatabaseUrls)), "{twice:?}");
    }

    #[test]
    fn a_url_that_is_not_valid_is_refused_and_not_repeated() {
        let dir = tempfile::tempdir().unwrap();
        for url in ["", "mysql://mia:s3cret@db.example/console", "s3cret"] {
            let errors = [
                shown(&in_dir(&dir, None), Some(url)),
                shown(&in_dir(&dir, Some(url)), None),
            ];
            let names = [URL_VARIABLE, "database-url"];
            for (result, name) in errors.into_iter().zip(names) {
                let error = result.unwrap_err();
                let text = format!("{error} {error:?}");
                assert!(text.contains("postgresql://") && text.contains(name), "{text}");
                assert!(!text.contains("s3cret"), "{text}");
            }
        }
    }

    #[test]
    fn a_database_in_the_data_directory_excludes_a_url() {
        let dir = tempfile::tempdir().unwrap();
        let arguments = in_dir(&dir, Some(URL));
        fs::create_dir(&arguments.data_dir).unwrap();
        assert!(shown(&arguments, None).is_ok());
        fs::write(arguments.data_dir.join("console.db"), "").unwrap();
        let error = shown(&arguments, None).unwrap_err().to_string();
        for part in [
            arguments.data_dir.to_str().unwrap(),
            "console.db",
            "--data-dir",
            "db.example",
        ] {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
        assert!(!error.contains("s3cret"), "{error}");
    }

    #[test]
    fn the_file_of_a_url_is_changed_by_its_owner_only_and_says_who_can_read_it() {
        let dir = tempfile::tempdir().unwrap();
        let arguments = in_dir(&dir, Some(URL));
        let set = |mode| {
            let path = arguments.database_url_file.as_ref().unwrap();
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        };
        for (mode, is_exposed) in [(0o400, false), (0o440, false), (0o600, false), (0o644, true)] {
            set(mode);
            assert!(arguments.location_with(None).is_ok(), "{mode:o}");
            assert_eq!(arguments.warning().is_some(), is_exposed, "{mode:o}");
        }
        for mode in [0o660, 0o646, 0o602] {
            set(mode);
            let refused = arguments.location_with(None);
            assert!(
                matches!(
                    refused,
                    Err(ConfigError::DatabaseUrlFile(PostgresUrlFileError::TooOpen { .. }))
                ),
                "{mode:o}: {refused:?}"
            );
        }
    }
}
