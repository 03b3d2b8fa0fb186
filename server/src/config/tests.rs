//! What may be configured, and what is refused with which words.

use super::*;
use clap::CommandFactory;

fn arguments(words: &[&str]) -> Result<ServeArgs, clap::Error> {
    let all = ["pat-console", "serve"].iter().chain(words);
    Cli::try_parse_from(all).map(|cli| {
        let Command::Serve(arguments) = cli.command else {
            panic!("another command")
        };
        *arguments
    })
}

fn workspaces(words: &[&str]) -> Result<Vec<WorkspaceSettings>, ConfigError> {
    let public_url = "http://127.0.0.1:3000".parse().unwrap();
    arguments(words).unwrap().workspaces(&public_url)
}

#[test]
fn the_help_stands() {
    Cli::command().debug_assert();
}

#[test]
fn one_workspace_by_flags() {
    let all = workspaces(&[
        "--workspace",
        "acme=https://x.cloud.databricks.com",
        "--oauth-client-id",
        "abc",
    ])
    .unwrap();
    assert_eq!(all[0].name, "acme");
    let oauth = all[0].oauth.as_ref().unwrap();
    assert_eq!(oauth.redirect_uri.as_str(), "http://127.0.0.1:3000/sign-in/callback");
    assert!(oauth.scopes.contains(&"offline_access".to_owned()));
}

#[test]
fn names_and_addresses_are_held_to_their_rules() {
    for name in ["", "Acme", "a_b", "a/b", &"a".repeat(41)] {
        let flag = format!("{name}=https://x.example");
        assert!(
            matches!(workspaces(&["--workspace", &flag]), Err(ConfigError::Name(_))),
            "{name}"
        );
    }
    assert!(matches!(
        workspaces(&["--workspace", "a=http://x.example"]),
        Err(ConfigError::Url(..))
    ));
    assert!(workspaces(&["--workspace", "a=http://localhost:4000"]).is_ok());
}

#[test]
fn something_to_serve_is_needed_and_only_once() {
    assert!(arguments(&[]).is_err());
    assert!(arguments(&["--workspace", "a=https://x", "--config", "f"]).is_err());
}

#[test]
fn several_workspaces_by_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("console.toml");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    let read = || workspaces(&["--config", path.to_str().unwrap()]);
    write(
        "[[workspace]]\nname='a'\nurl='https://a.example'\n[[workspace]]\nname='b'\nurl='https://b.example'\nenvironment='production'\n",
    );
    assert_eq!(read().unwrap()[1].environment.as_deref(), Some("production"));
    write("[[workspace]]\nname='a'\nurl='https://a.example'\n[[workspace]]\nname='a'\nurl='https://b.example'\n");
    assert!(matches!(read(), Err(ConfigError::SameName(_))));
    write("[[workspace]]\nname='a'\nurl='https://a.example'\ntoken='dapi…'\n");
    assert!(matches!(read(), Err(ConfigError::Toml { .. })));
    write("");
    assert!(matches!(read(), Err(ConfigError::NoWorkspace(_))));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(read(), Err(ConfigError::File { .. })));
}

#[test]
fn the_public_address_is_https_or_this_machine() {
    for good in [
        "https://pat.example",
        "http://127.0.0.1:3000",
        "http://localhost",
        "http://[::1]:8080",
    ] {
        assert!(good.parse::<PublicUrl>().is_ok(), "{good}");
    }
    for bad in [
        "http://pat.example",
        "https://pat.example/x",
        "pat.example",
        "https://a@pat.example",
        "ftp://localhost",
    ] {
        assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
    }
}
