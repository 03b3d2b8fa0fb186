//! Which URLs are accepted, what they mean, and that no text of theirs leaks.

use super::*;

fn url(text: &str) -> PostgresUrl {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn options(text: &str) -> PgConnectOptions {
    url(text).connect_options()
}

#[test]
fn a_url_is_shown_with_host_port_and_database_only() {
    for (text, shown) in [
        (
            "postgres://mia:s3cret@db.example:6432/console",
            "postgres://db.example:6432/console",
        ),
        (
            "  postgresql://mia:s3cret@db.example/console?sslmode=require\n",
            "postgres://db.example:5432/console",
        ),
        (
            "postgres://db.example/console?user=mia&password=s3cret",
            "postgres://db.example:5432/console",
        ),
        (
            "postgres://mia:s3cret@[fd00::1]:5433/console",
            "postgres://[fd00::1]:5433/console",
        ),
        (
            "postgres://mia:s3cret@/console?host=/run/postgresql",
            "postgres:///console?host=/run/postgresql&port=5432",
        ),
    ] {
        let url = url(text);
        assert_eq!(url.to_string(), shown, "{text}");
        assert_eq!(format!("{url:?}"), format!("PostgresUrl({shown})"), "{text}");
    }
}

#[test]
fn any_other_scheme_is_refused_and_the_accepted_ones_are_named() {
    for text in [
        "",
        "s3cret",
        "mysql://mia:s3cret@db.example/console",
        "postgres:mia:s3cret@db.example",
        "sqlite://s3cret.db",
        "https://db.example/s3cret",
    ] {
        let error = text.parse::<PostgresUrl>().unwrap_err();
        assert_eq!(error, PostgresUrlError::Scheme, "{text}");
        let sentence = error.to_string();
        assert!(sentence.contains("postgres://") && sentence.contains("postgresql://"));
        assert!(!sentence.contains("s3cret") && !sentence.contains("mysql"));
    }
}

#[test]
fn a_password_that_is_not_encoded_is_refused_and_never_taken_for_something_that_is_shown() {
    for text in [
        "postgres://mia:12#s3cret@db.example/console",
        "postgres://mia:12/s3cret@db.example/console",
        "postgres://mia:12/s3cret@db.example",
        "postgres://mia:12?s3cret@db.example/console",
        "postgres://mia:s3cret#x@db.example/console",
        "postgres://mia:s3cret/x@db.example/console",
        "postgres://mia:s3cret%ff@db.example/console",
    ] {
        let error = text.parse::<PostgresUrl>().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("12"), "{text}: {shown}");
    }
}

#[test]
fn an_encoded_password_and_user_are_decoded() {
    let options = options("postgres://m%40a:p%2F%3F%23%40%3Aw@db.example/con%20sole");
    assert_eq!(options.get_username(), "m@a");
    assert_eq!(options.get_database(), Some("con sole"));
    // The password can be read in no other way.
    assert!(format!("{options:?}").contains("\"p/?#@:w\""));
}

#[test]
fn the_server_is_verified_unless_the_url_says_otherwise() {
    let mode = |text: &str| format!("{:?}", options(text).get_ssl_mode());
    assert_eq!(mode("postgres://mia@db.example/console"), "VerifyFull");
    for (sslmode, expected) in [
        ("verify-full", "VerifyFull"),
        ("require", "Require"),
        ("prefer", "Prefer"),
        ("disable", "Disable"),
    ] {
        let text = format!("postgres://mia@db.example/console?sslmode={sslmode}");
        assert_eq!(mode(&text), expected);
    }
    for unknown in ["allow", "verify-ca", "on", ""] {
        let text = format!("postgres://mia@db.example/console?sslmode={unknown}");
        assert_eq!(text.parse::<PostgresUrl>().unwrap_err(), PostgresUrlError::SslMode);
    }
}

#[test]
fn a_unix_socket_is_used_without_tls() {
    for text in [
        "postgres:///console?host=/run/postgresql",
        "postgres://%2Frun%2Fpostgresql/console",
        "postgres://db.example/console?host=/run/postgresql&sslmode=verify-full",
    ] {
        let options = options(text);
        assert_eq!(options.get_socket().unwrap(), Path::new("/run/postgresql"), "{text}");
        assert!(matches!(options.get_ssl_mode(), PgSslMode::Disable), "{text}");
        assert!(url(text).describe_protection().contains("Unix socket"));
    }
}

#[test]
fn certificates_can_be_named_and_the_half_of_a_client_certificate_cannot() {
    let all = "sslrootcert=/etc/ca.pem&sslcert=/etc/client.pem&sslkey=/etc/client.key";
    let shown = format!("{:?}", options(&format!("postgres://db.example/console?{all}")));
    for file in ["/etc/ca.pem", "/etc/client.pem", "/etc/client.key"] {
        assert!(shown.contains(file), "{shown}");
    }
    for half in ["sslcert=/etc/client.pem", "sslkey=/etc/client.key"] {
        let text = format!("postgres://db.example/console?{half}");
        assert_eq!(
            text.parse::<PostgresUrl>().unwrap_err(),
            PostgresUrlError::ClientCertificate
        );
    }
}

#[test]
fn the_connections_are_named_after_the_console() {
    let name = |text: &str| options(text).get_application_name().map(str::to_owned);
    assert_eq!(name("postgres://db.example/console").unwrap(), "pat-console");
    assert_eq!(name("postgres://db.example/console?application_name=a").unwrap(), "a");
}

#[test]
fn the_error_says_what_is_missing_or_unknown() {
    for (text, expected) in [
        ("postgres:///console", PostgresUrlError::NoHost),
        ("postgres://db.example", PostgresUrlError::NoDatabase),
        ("postgres://db.example/", PostgresUrlError::NoDatabase),
        (
            "postgres://db.example/console?channel_binding=require",
            PostgresUrlError::Parameter,
        ),
        ("postgres://db.example:0/console", PostgresUrlError::Port),
        ("postgres://db.example/console?port=x", PostgresUrlError::Port),
        ("postgres://db.example:x/console", PostgresUrlError::Malformed),
    ] {
        assert_eq!(text.parse::<PostgresUrl>().unwrap_err(), expected, "{text}");
    }
    let error = PostgresUrlError::Parameter.to_string();
    assert!(error.contains("sslrootcert, sslcert"), "{error}");
}
