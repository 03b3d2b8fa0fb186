//! Which configurations are accepted, and the errors for the others.

use clap::CommandFactory as _;
use console::{Colour, ProductionReason, WorkspaceSettings};

use super::*;

fn arguments(words: &[&str]) -> Result<ServeArgs, clap::Error> {
    let all = ["pat-console", "serve"].iter().chain(words);
    Cli::try_parse_from(all).map(|cli| {
        let Command::Serve(arguments) = cli.command else {
            panic!("a different command was parsed")
        };
        *arguments
    })
}

fn workspaces(words: &[&str]) -> Result<Vec<WorkspaceSettings>, ConfigError> {
    let public_url = "http://127.0.0.1:3000".parse().unwrap();
    arguments(words).unwrap().workspaces.settings(&public_url)
}

#[test]
fn the_help_parses() {
    Cli::command().debug_assert();
}

#[test]
fn one_workspace_is_configured_by_flags() {
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
fn names_and_urls_that_are_not_valid_are_refused() {
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
fn either_one_workspace_or_a_file_is_required() {
    assert!(arguments(&[]).is_err());
    assert!(arguments(&["--workspace", "a=https://x", "--config", "f"]).is_err());
}

#[test]
fn several_workspaces_are_configured_by_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("console.toml");
    let write = |text: &str| std::fs::write(&path, text).unwrap();
    let read = || workspaces(&["--config", path.to_str().unwrap()]);
    write(
        "[[workspace]]\nname='a'\nurl='https://a.example'\n\
         [[workspace]]\nname='b'\nurl='https://b.example'\nenvironment='production'\n",
    );
    assert_eq!(read().unwrap()[1].environment.as_deref(), Some("production"));
    write("[[workspace]]\nname='a'\nurl='https://a.example'\n[[workspace]]\nname='a'\nurl='https://b.example'\n");
    assert!(matches!(read(), Err(ConfigError::DuplicateName(_))));
    write("[[workspace]]\nname='a'\nurl='https://a.example'\ntoken='dapi…'\n");
    assert!(matches!(read(), Err(ConfigError::Toml { .. })));
    write("");
    assert!(matches!(read(), Err(ConfigError::NoWorkspace(_))));
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(read(), Err(ConfigError::File { .. })));
}

#[test]
fn the_public_url_is_https_or_on_this_machine() {
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

/// The settings from a file with one workspace and these additional lines. SECRET stands for the path of a file.
fn with_lines(lines: &str) -> Result<WorkspaceSettings, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    let secret = dir.path().join("secret");
    std::fs::write(&secret, "s3cret\n").unwrap();
    let path = dir.path().join("console.toml");
    let lines = lines.replace("SECRET", secret.to_str().unwrap());
    std::fs::write(
        &path,
        format!("[[workspace]]\nname='a'\nurl='https://a.example'\n{lines}"),
    )
    .unwrap();
    workspaces(&["--config", path.to_str().unwrap()]).map(|mut all| all.remove(0))
}

#[test]
fn production_is_red_unless_another_colour_is_configured() {
    assert_eq!(with_lines("environment='production'").unwrap().colour, Colour::Red);
    assert_eq!(with_lines("environment='staging'").unwrap().colour, Colour::Grey);
    assert_eq!(
        with_lines("environment='production'\ncolour='violet'").unwrap().colour,
        Colour::Violet
    );
    assert!(matches!(with_lines("colour='pink'"), Err(ConfigError::Toml { .. })));
    let one = workspaces(&["--workspace", "a=https://a.example", "--colour", "amber"]).unwrap();
    assert_eq!(one[0].colour, Colour::Amber);
    assert!(arguments(&["--workspace", "a=https://a.example", "--colour", "pink"]).is_err());
}

#[test]
fn a_workspace_counts_as_production_by_its_environment_or_as_configured() {
    let reason = |lines: &str| with_lines(lines).unwrap().counts_as_production();
    assert_eq!(reason("environment=' Prod '"), Some(ProductionReason::Environment));
    assert_eq!(
        reason("environment='Production (EU)'"),
        Some(ProductionReason::Environment)
    );
    assert_eq!(
        reason("environment='live'\nproduction=true"),
        Some(ProductionReason::Configured)
    );
    assert_eq!(reason("environment='live'"), None);
    let live = with_lines("environment='live'\nproduction=true").unwrap();
    assert_eq!(live.colour, Colour::Red);
    // An environment with a production name always counts as production.
    let called_so = reason("environment='prod'\nproduction=false");
    assert_eq!(called_so, Some(ProductionReason::Environment));
    assert!(matches!(with_lines("production='yes'"), Err(ConfigError::Toml { .. })));
}

#[test]
fn token_sign_in_can_be_disabled_only_if_people_can_sign_in_by_oauth() {
    assert!(with_lines("").unwrap().token_sign_in);
    assert!(
        !with_lines("token_sign_in=false\noauth_client_id='x'")
            .unwrap()
            .token_sign_in
    );
    assert!(matches!(
        with_lines("token_sign_in=false"),
        Err(ConfigError::NoSignInMethod(_))
    ));
    let one = ["--workspace", "a=https://a.example", "--no-token-sign-in"];
    assert!(matches!(workspaces(&one), Err(ConfigError::NoSignInMethod(_))));
    let all = workspaces(&[&one[..], &["--oauth-client-id", "x"]].concat()).unwrap();
    assert!(!all[0].token_sign_in);
}

#[test]
fn auditors_and_their_connection_are_configured_together() {
    let reader = "reader_client_id='r'\nreader_client_secret_file='SECRET'\n";
    let all = with_lines(&format!(
        "auditor_users=['9007199254740993']\nauditor_groups=[310]\n{reader}"
    ));
    let auditing = all.unwrap().auditing.unwrap();
    assert_eq!(auditing.users[0].to_string(), "9007199254740993");
    assert_eq!(auditing.groups[0].to_string(), "310");
    for incomplete in [
        reader.to_owned(),
        "auditor_users=['1']".to_owned(),
        "auditor_groups=[1]\nreader_client_id='r'".to_owned(),
        "reader_scopes=['scim']".to_owned(),
    ] {
        assert!(
            matches!(with_lines(&incomplete), Err(ConfigError::IncompleteAuditing(_))),
            "{incomplete}"
        );
    }
    assert_eq!(auditing.reader.scopes, ["all-apis"]);
    let scopes = |list: &str| with_lines(&format!("auditor_users=['1']\nreader_scopes={list}\n{reader}"));
    let auditing = scopes("['settings', 'scim']").unwrap().auditing.unwrap();
    assert_eq!(auditing.reader.scopes, ["settings", "scim"]);
    assert!(matches!(scopes("[]"), Err(ConfigError::NoReaderScope(_))));
    let name = format!("auditor_users=['mia@acme.example']\n{reader}");
    assert!(matches!(with_lines(&name), Err(ConfigError::AuditorId(..))));
    let missing = "auditor_users=['1']\nreader_client_id='r'\nreader_client_secret_file='/nowhere'";
    assert!(matches!(with_lines(missing), Err(ConfigError::File { .. })));
}

#[test]
fn a_workspace_on_a_shared_host_is_named_by_its_id() {
    let id = |lines: &str| with_lines(lines).map(|workspace| workspace.url.workspace_id().map(ToString::to_string));
    assert_eq!(id("").unwrap(), None);
    for lines in ["workspace_id=7001002003004005", "workspace_id='7001002003004005'"] {
        assert_eq!(id(lines).unwrap().unwrap(), "7001002003004005");
    }
    for lines in ["workspace_id=''", "workspace_id='a b'", "workspace_id=\"7\\r\\nX: y\""] {
        assert!(matches!(id(lines), Err(ConfigError::WorkspaceId(_))), "{lines}");
    }
    let by_flag = workspaces(&["--workspace", "a=https://acme.example/?o=7"]).unwrap();
    assert_eq!(by_flag[0].url.workspace_id().unwrap().to_string(), "7");
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("console.toml");
    for (in_key, is_same) in [("7", true), ("8", false)] {
        let text = format!("[[workspace]]\nname='a'\nurl='https://a.example/?o=7'\nworkspace_id={in_key}");
        std::fs::write(&path, text).unwrap();
        assert_eq!(workspaces(&["--config", path.to_str().unwrap()]).is_ok(), is_same);
    }
}

#[test]
fn trusted_proxies_are_networks_or_addresses_and_name_their_client_in_one_header() {
    let trusted = |words: &[&str]| {
        let all = [&["--workspace", "a=https://a.example"], words].concat();
        arguments(&all).map(|arguments| arguments.proxies.trusted().describe())
    };
    assert_eq!(trusted(&[]).unwrap(), "none; the connecting address is the client");
    assert_eq!(
        trusted(&["--trusted-proxy", "10.0.0.5", "--trusted-proxy", "fd00::/8,10.1.0.0/16"]).unwrap(),
        "10.0.0.5/32, fd00::/8, 10.1.0.0/16; they name the client in x-forwarded-for"
    );
    let forwarded = ["--trusted-proxy", "::1", "--client-address-header", "forwarded"];
    assert_eq!(
        trusted(&forwarded).unwrap(),
        "::1/128; they name the client in forwarded"
    );
    for wrong in [
        ["--trusted-proxy", "proxy.example"],
        ["--trusted-proxy", "10.0.0.0/33"],
        ["--client-address-header", "x-real-ip"],
    ] {
        assert!(trusted(&wrong).is_err(), "{wrong:?}");
    }
}
