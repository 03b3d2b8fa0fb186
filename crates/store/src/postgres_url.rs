//! The URL of a PostgreSQL database: what it can say, and how it is shown without its password.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

use crate::private_files::{self, SecretFileError, changeable_by_others};

/// The schemes that PostgreSQL itself knows
/// (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>).
const SCHEMES: [&str; 2] = ["postgres", "postgresql"];

/// The parameters that have a meaning here. Any other is refused: ignoring one, such as `channel_binding`, would leave
/// out what the operator asked for.
const PARAMETERS: [&str; 10] = [
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "application_name",
];

/// The port of PostgreSQL unless the URL names another.
const DEFAULT_PORT: u16 = 5432;

/// The name in `pg_stat_activity`, unless the URL has another.
const APPLICATION_NAME: &str = "pat-console";

/// Where a PostgreSQL database is and how to connect to it. Its `Debug` and `Display` show host, port and database
/// only.
#[derive(Clone)]
pub struct PostgresUrl {
    options: Box<PgConnectOptions>,
    host: PostgresHost,
    port: u16,
    database: String,
}

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PostgresHost {
    Name(String),
    /// The directory of a Unix socket.
    Socket(PathBuf),
}

/// Why a file with the URL of a PostgreSQL database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PostgresUrlFileError {
    /// It contains something else.
    #[error("{}: {reason}", path.display())]
    Url {
        /// The file.
        path: PathBuf,
        /// What is wrong with the URL.
        reason: PostgresUrlError,
    },
    /// Others than its owner can change it.
    #[error("{}", changeable_by_others(path, *mode))]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// The permission bits of the file.
        mode: u32,
    },
    /// It cannot be read.
    #[error("Cannot read {} ({source}). Check the path and its permissions.", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why it cannot be read.
        source: io::Error,
    },
}

/// Why a text is not the URL of a PostgreSQL database. None of these repeats any of it, because it can contain a
/// password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    /// It is not a URL, or one of something else.
    #[error(
        "The database URL must begin with postgres:// or postgresql://, as in \
         postgres://user:password@host:5432/database. Without a database URL, the console uses SQLite."
    )]
    Scheme,
    /// Its parts cannot be told apart.
    #[error(
        "The database URL cannot be read. Write it as postgres://user:password@host:5432/database, and replace these \
         characters in user and password: % by %25, / by %2F, ? by %3F, # by %23, @ by %40, and : by %3A."
    )]
    Malformed,
    /// It has no host.
    #[error(
        "The database URL names no host. Write it as postgres://user:password@host:5432/database or, for a Unix \
         socket, as postgres:///database?host=/run/postgresql."
    )]
    NoHost,
    /// It has no database.
    #[error("The database URL names no database. Write it as postgres://user:password@host:5432/database.")]
    NoDatabase,
    /// It has a parameter without meaning.
    #[error(
        "The database URL has a parameter after the question mark that this console does not know. It knows {}.",
        PARAMETERS.join(", ")
    )]
    Parameter,
    /// Its port is not a number from 1 to 65535.
    #[error("The port in the database URL is not a number from 1 to 65535.")]
    Port,
    /// Its `sslmode` is not known.
    #[error(
        "The sslmode of the database URL must be verify-full, require, prefer or disable. Only verify-full, \
         which is the default, makes sure that the right server answers."
    )]
    SslMode,
    /// There is only one half of a client certificate.
    #[error("The database URL needs both sslcert and sslkey, the files of a client certificate, or neither.")]
    ClientCertificate,
}

impl PostgresUrl {
    /// The URL in a file that the operator made and named. Like the file of a sealing key, others can have it readable,
    /// and cannot change it.
    ///
    /// # Errors
    /// If the file contains no such URL, can be changed by others than its owner, or cannot be read.
    pub fn load(path: &Path) -> Result<Self, PostgresUrlFileError> {
        let text = private_files::read_secret(path, |file| !file.can_others_write());
        let path = path.to_owned();
        let text = match text {
            Ok(text) => text,
            Err(SecretFileError::TooOpen(mode)) => return Err(PostgresUrlFileError::TooOpen { path, mode }),
            Err(SecretFileError::Io(source)) => return Err(PostgresUrlFileError::File { path, source }),
            Err(SecretFileError::NotText) => {
                let reason = PostgresUrlError::Malformed;
                return Err(PostgresUrlFileError::Url { path, reason });
            }
        };
        let parsed = text.expose_secret().parse();
        parsed.map_err(|reason| PostgresUrlFileError::Url { path, reason })
    }

    /// How to connect. Unless the URL says otherwise, the connection is encrypted and the server proves that it is the
    /// named host. Through a Unix socket there is nothing to encrypt, so that TLS is never asked for.
    pub fn connect_options(&self) -> PgConnectOptions {
        PgConnectOptions::clone(&self.options)
    }

    /// What protects the connection, for the operator.
    pub fn describe_protection(&self) -> &'static str {
        if matches!(self.host, PostgresHost::Socket(_)) {
            return "a Unix socket, without TLS";
        }
        match self.options.get_ssl_mode() {
            PgSslMode::VerifyFull | PgSslMode::VerifyCa => "TLS, and the certificate is verified (sslmode=verify-full)",
            PgSslMode::Require => "TLS, but the certificate is NOT verified (sslmode=require)",
            PgSslMode::Prefer => "TLS only if the server offers it, and NOT verified (sslmode=prefer)",
            PgSslMode::Allow | PgSslMode::Disable => "NOT encrypted (sslmode=disable)",
        }
    }
}

/// The parts of a URL. A parameter wins over the part before the question mark, as in PostgreSQL's own tools.
#[derive(Default)]
struct Parts {
    host: Option<String>,
    port: Option<u16>,
    database: Option<String>,
    user: Option<String>,
    password: Option<SecretString>,
    ssl_mode: Option<PgSslMode>,
    root_certificate: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
    application_name: Option<String>,
}

impl FromStr for PostgresUrl {
    type Err = PostgresUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        if !scheme.is_some_and(|scheme| SCHEMES.contains(&scheme.as_str())) {
            return Err(PostgresUrlError::Scheme);
        }
        Self::of(Parts::read(text)?)
    }
}

/// Stands for a missing host after a user: for a Unix socket PostgreSQL allows that, and URLs of the web do not.
const NO_HOST: &str = "no-host.invalid";

impl Parts {
    fn read(text: &str) -> Result<Self, PostgresUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(PostgresUrlError::Scheme)?;
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let host = if authority.ends_with('@') { NO_HOST } else { "" };
        let url = Url::parse(&format!("{scheme}://{authority}{host}{rest}"));
        Self::of(&url.map_err(|_| PostgresUrlError::Malformed)?)
    }

    fn of(url: &Url) -> Result<Self, PostgresUrlError> {
        // A password with an unencoded `#` or `/` ends up here, and would be shown as the name of the database.
        let path = url.path().strip_prefix('/').unwrap_or(url.path());
        if url.fragment().is_some() || path.contains(['/', '@']) {
            return Err(PostgresUrlError::Malformed);
        }
        let mut parts = Self {
            host: url
                .host_str()
                .map(percent_decode)
                .transpose()?
                .filter(|host| host != NO_HOST),
            port: url.port(),
            database: Some(percent_decode(path)?).filter(|name| !name.is_empty()),
            user: Some(percent_decode(url.username())?).filter(|name| !name.is_empty()),
            password: url.password().map(percent_decode).transpose()?.map(SecretString::from),
            ..Self::default()
        };
        for (name, value) in url.query_pairs() {
            parts.set(&name, value.into_owned())?;
        }
        Ok(parts)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), PostgresUrlError> {
        match name {
            "host" => self.host = Some(value),
            "port" => self.port = Some(value.parse().map_err(|_| PostgresUrlError::Port)?),
            "dbname" => self.database = Some(value),
            "user" => self.user = Some(value),
            "password" => self.password = Some(value.into()),
            "sslmode" => self.ssl_mode = Some(ssl_mode(&value)?),
            "sslrootcert" => self.root_certificate = Some(value),
            "sslcert" => self.certificate = Some(value),
            "sslkey" => self.key = Some(value),
            "application_name" => self.application_name = Some(value),
            _ => return Err(PostgresUrlError::Parameter),
        }
        Ok(())
    }
}

/// Two modes are not offered. sqlx 0.8 takes `allow` for `disable`. With `verify-ca` it panics, because it asks rustls
/// for the only provider that is compiled in, and there are two.
fn ssl_mode(value: &str) -> Result<PgSslMode, PostgresUrlError> {
    Ok(match value {
        "verify-full" => PgSslMode::VerifyFull,
        "require" => PgSslMode::Require,
        "prefer" => PgSslMode::Prefer,
        "disable" => PgSslMode::Disable,
        _ => return Err(PostgresUrlError::SslMode),
    })
}

fn percent_decode(part: &str) -> Result<String, PostgresUrlError> {
    let text = percent_decode_str(part).decode_utf8();
    text.map(String::from).map_err(|_| PostgresUrlError::Malformed)
}

impl PostgresUrl {
    fn of(parts: Parts) -> Result<Self, PostgresUrlError> {
        let host = parts
            .host
            .filter(|host| !host.is_empty())
            .ok_or(PostgresUrlError::NoHost)?;
        let host = match host.starts_with('/') {
            true => PostgresHost::Socket(host.into()),
            // In a URL, an IPv6 address is in brackets; in a certificate, it is not.
            false => PostgresHost::Name(host.trim_matches(['[', ']']).to_owned()),
        };
        let database = parts.database.filter(|name| !name.is_empty());
        let database = database.ok_or(PostgresUrlError::NoDatabase)?;
        let port = parts.port.unwrap_or(DEFAULT_PORT);
        if port == 0 {
            return Err(PostgresUrlError::Port);
        }
        // sqlx also reads the environment, such as PGSSLMODE: everything that matters is set here.
        let mut options = PgConnectOptions::new_without_pgpass()
            .port(port)
            .database(&database)
            .application_name(parts.application_name.as_deref().unwrap_or(APPLICATION_NAME))
            // No column is a float, and PgBouncer refuses the parameter unless it is told to ignore it.
            .extra_float_digits(None);
        options = match &host {
            PostgresHost::Name(host) => options
                .host(host)
                .ssl_mode(parts.ssl_mode.unwrap_or(PgSslMode::VerifyFull)),
            PostgresHost::Socket(directory) => options.socket(directory).ssl_mode(PgSslMode::Disable),
        };
        if let Some(user) = &parts.user {
            options = options.username(user);
        }
        if let Some(password) = &parts.password {
            options = options.password(password.expose_secret());
        }
        if let Some(file) = &parts.root_certificate {
            options = options.ssl_root_cert(Path::new(file));
        }
        options = match (&parts.certificate, &parts.key) {
            (Some(certificate), Some(key)) => options.ssl_client_cert(certificate).ssl_client_key(key),
            (None, None) => options,
            _ => return Err(PostgresUrlError::ClientCertificate),
        };
        Ok(Self {
            options: Box::new(options),
            host,
            port,
            database,
        })
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (port, database) = (self.port, &self.database);
        match &self.host {
            PostgresHost::Name(host) if host.contains(':') => write!(f, "postgres://[{host}]:{port}/{database}"),
            PostgresHost::Name(host) => write!(f, "postgres://{host}:{port}/{database}"),
            PostgresHost::Socket(directory) => {
                let directory = directory.display();
                write!(f, "postgres:///{database}?host={directory}&port={port}")
            }
        }
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

#[cfg(test)]
mod tests;
