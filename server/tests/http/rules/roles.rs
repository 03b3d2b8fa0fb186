//! Which roles can use what: every path and every server function, for every persona. A route without a row here fails
//! a test.

use std::collections::BTreeSet;

use app::problem::Problem;

use crate::rules::server_functions::{functions, with_workspace};
use crate::support::{ACME, Browser, Setup, Site};

/// Someone who opens a page or calls a server function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Persona {
    SignedOut,
    /// Signed in as an admin who has lost that role.
    FormerAdmin,
    Auditor,
    Admin,
    /// Signed in to another workspace only.
    OtherAdmin,
    /// An admin, on a console that is read-only.
    ReadOnlyAdmin,
}

const ALL_PERSONAS: [Persona; 6] = [
    Persona::SignedOut,
    Persona::FormerAdmin,
    Persona::Auditor,
    Persona::Admin,
    Persona::OtherAdmin,
    Persona::ReadOnlyAdmin,
];

/// A console, and the persona's browser.
async fn sign_in_as(persona: Persona) -> (Site, Browser) {
    let site = Site::start_with(Setup {
        has_auditor: true,
        read_only: persona == Persona::ReadOnlyAdmin,
        ..Setup::default()
    })
    .await;
    let browser = match persona {
        Persona::SignedOut => site.browser(),
        Persona::Auditor => site.sign_in_auditor().await,
        Persona::OtherAdmin => site.sign_in_to_other_workspace().await,
        // If the admin were signed in with a token, disabling tokens would end their access.
        Persona::Admin => site.sign_in_with_oauth().await,
        Persona::FormerAdmin | Persona::ReadOnlyAdmin => site.sign_in().await,
    };
    if persona == Persona::FormerAdmin {
        // A page that was cached for the admin must not be shown to the former admin.
        assert_eq!(browser.get(&format!("/w/{ACME}/tokens")).await.status, 200);
        site.demote_admin();
        let refresh = [("workspace", ACME), ("back", "/")];
        browser.call("/api/tokens/refresh", &refresh).await;
        assert_eq!(browser.get(&format!("/w/{ACME}/tokens")).await.status, 403);
    }
    (site, browser)
}

/// What a path shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PageContent {
    /// The state of a workspace.
    State,
    /// The state of something that does not exist.
    Missing,
    /// The form or confirmation page of a change.
    Change,
    /// The same content for everyone.
    Public,
    /// Content of the signed-in user: someone who is signed out is redirected to the sign-in page.
    Own,
    /// A redirect to the new path, the same for everyone.
    Moved,
}

/// The template of every path, an example, and what it shows.
fn paths(site: &Site) -> Vec<(&'static str, String, PageContent)> {
    use PageContent::{Change, Missing, Moved, Own, Public, State};
    let id = site.some_token_id();
    let advanced = format!("/w/{ACME}/settings/advanced");
    vec![
        ("/", "/".into(), Own),
        ("/sessions", "/sessions".into(), Own),
        ("/keyboard-shortcuts", "/keyboard-shortcuts".into(), Own),
        ("/sign-in", "/sign-in".into(), Public),
        ("/sign-in/oauth", format!("/sign-in/oauth?workspace={ACME}"), Public),
        ("/sign-in/callback", "/sign-in/callback?state=x&code=y".into(), Public),
        ("/healthz", "/healthz".into(), Public),
        ("/readyz", "/readyz".into(), Public),
        ("/w/{workspace}", format!("/w/{ACME}"), Public),
        ("/w/{workspace}/tokens", format!("/w/{ACME}/tokens"), State),
        ("/w/{workspace}/tokens/{token}", format!("/w/{ACME}/tokens/{id}"), State),
        (
            "/w/{workspace}/tokens/{token}/revoke",
            format!("/w/{ACME}/tokens/{id}/revoke"),
            Change,
        ),
        (
            "/w/{workspace}/tokens/{token}/scopes",
            format!("/w/{ACME}/tokens/{id}/scopes?scopes=sql"),
            Change,
        ),
        (
            "/w/{workspace}/tokens/export",
            format!("/w/{ACME}/tokens/export"),
            State,
        ),
        ("/w/{workspace}/tokens/new", format!("/w/{ACME}/tokens/new"), Change),
        (
            "/w/{workspace}/tokens/new/review",
            format!("/w/{ACME}/tokens/new/review?sp={}&days=30", site.application_id()),
            Change,
        ),
        (
            "/w/{workspace}/tokens/new/first",
            format!("/w/{ACME}/tokens/new/first"),
            Change,
        ),
        (
            "/w/{workspace}/principals/{id}",
            format!("/w/{ACME}/principals/{}", site.demo.credentials().non_admin.id),
            State,
        ),
        ("/w/{workspace}/findings", format!("/w/{ACME}/findings"), State),
        ("/w/{workspace}/scopes", format!("/w/{ACME}/scopes"), State),
        ("/w/{workspace}/find", format!("/w/{ACME}/find"), State),
        (
            "/w/{workspace}/bulk-revocations",
            format!("/w/{ACME}/bulk-revocations"),
            State,
        ),
        (
            "/w/{workspace}/bulk-revocations/{id}",
            format!("/w/{ACME}/bulk-revocations/{}", "0".repeat(32)),
            Missing,
        ),
        (
            "/w/{workspace}/bulk-revocations/{id}/events",
            format!("/w/{ACME}/bulk-revocations/{}/events", "0".repeat(32)),
            Missing,
        ),
        (
            "/w/{workspace}/bulk-revocations/{id}/report.csv",
            format!("/w/{ACME}/bulk-revocations/{}/report.csv", "0".repeat(32)),
            Missing,
        ),
        ("/w/{workspace}/parts/loaded", format!("/w/{ACME}/parts/loaded"), State),
        ("/w/{workspace}/jobs", format!("/w/{ACME}/jobs"), Moved),
        ("/w/{workspace}/jobs/", format!("/w/{ACME}/jobs/"), Moved),
        (
            "/w/{workspace}/jobs/{*rest}",
            format!("/w/{ACME}/jobs/{}/events", "0".repeat(32)),
            Moved,
        ),
        ("/w/{workspace}/activity", format!("/w/{ACME}/activity"), State),
        ("/w/{workspace}/activity.csv", format!("/w/{ACME}/activity.csv"), State),
        (
            "/w/{workspace}/activity.json",
            format!("/w/{ACME}/activity.json"),
            State,
        ),
        ("/w/{workspace}/findings.csv", format!("/w/{ACME}/findings.csv"), State),
        (
            "/w/{workspace}/findings.json",
            format!("/w/{ACME}/findings.json"),
            State,
        ),
        ("/w/{workspace}/tokens.csv", format!("/w/{ACME}/tokens.csv"), State),
        ("/w/{workspace}/tokens.json", format!("/w/{ACME}/tokens.json"), State),
        ("/w/{workspace}/settings/advanced", advanced.clone(), State),
        (
            "/w/{workspace}/settings/advanced/switch",
            format!("{advanced}/switch?to=off"),
            Change,
        ),
        (
            "/w/{workspace}/settings/advanced/permissions",
            format!("{advanced}/permissions"),
            State,
        ),
        (
            "/w/{workspace}/settings/advanced/permissions/find",
            format!("{advanced}/permissions/find?find=ka"),
            State,
        ),
        (
            "/w/{workspace}/settings/advanced/permissions/review",
            format!("{advanced}/permissions/review?opened=0&add=group%3Ausers"),
            Change,
        ),
    ]
}

/// The statuses that `persona` can get.
fn expected_statuses(persona: Persona, shows: PageContent) -> &'static [u16] {
    use PageContent::{Change, Missing, Moved, Own, Public, State};
    match (persona, shows) {
        (_, Public) => &[200, 302, 303],
        (_, Moved) => &[308],
        (Persona::SignedOut, Own) => &[302, 303],
        (_, Own) => &[200],
        (Persona::SignedOut | Persona::OtherAdmin, _) => &[302, 303],
        (Persona::FormerAdmin, _) => &[403],
        (_, Missing) => &[404],
        (Persona::Admin, _) | (Persona::Auditor | Persona::ReadOnlyAdmin, State) => &[200],
        (Persona::Auditor | Persona::ReadOnlyAdmin, Change) => &[403],
    }
}

#[tokio::test]
async fn every_path_is_in_this_table() {
    let site = Site::start().await;
    let rows: BTreeSet<_> = paths(&site)
        .into_iter()
        .map(|(template, ..)| template.to_owned())
        .collect();
    let mut routed: BTreeSet<_> = server::route_templates()
        .into_iter()
        .map(|path| {
            path.replace(":workspace", "{workspace}")
                .replace(":token", "{token}")
                .replace(":id", "{id}")
        })
        .collect();
    // The table of server functions has its own test.
    routed.retain(|path| !path.starts_with("/api/"));
    assert_eq!(routed, rows);
}

#[tokio::test]
async fn every_path_gives_each_persona_the_expected_status() {
    for persona in ALL_PERSONAS {
        let (site, browser) = sign_in_as(persona).await;
        for (template, path, shows) in paths(&site) {
            let response = browser.get(&path).await;
            let expected = expected_statuses(persona, shows);
            assert!(
                expected.contains(&response.status),
                "{persona:?} {template}: {}, not {expected:?}\n{}",
                response.status,
                response.text()
            );
            let is_redirect = matches!(response.status, 302 | 303) && shows != PageContent::Public;
            assert!(
                !is_redirect || response.location().starts_with("/sign-in"),
                "{persona:?} {template}"
            );
            if response.status == 403 {
                let name = &site.demo.credentials().other_admin.user_name;
                assert!(
                    !response.body.contains(name.as_str()),
                    "{persona:?} {template} shows tokens"
                );
            }
        }
    }
}

#[tokio::test]
async fn every_server_function_refuses_personas_without_permission() {
    for persona in ALL_PERSONAS {
        let (site, browser) = sign_in_as(persona).await;
        site.demo.clear_log();
        for (path, fields, changes) in functions(&site) {
            let response = browser.call(path, &with_workspace(ACME, &fields)).await;
            let expected = match persona {
                Persona::SignedOut | Persona::OtherAdmin => Some((401, Problem::SignedOut)),
                Persona::FormerAdmin if changes || path == "/api/tokens/refresh" => Some((403, Problem::NotAdmin)),
                Persona::Auditor if changes => Some((403, Problem::AuditorReadOnly)),
                Persona::ReadOnlyAdmin if changes => Some((403, Problem::ReadOnly)),
                _ => None,
            };
            match expected {
                Some(expected) => assert_eq!((response.status, response.problem()), expected, "{persona:?} {path}"),
                // Done, or refused because of its arguments, but not because of the persona.
                None => assert!(
                    !matches!(response.status, 401 | 403 | 500..),
                    "{persona:?} {path}: {}",
                    response.status
                ),
            }
        }
        if persona != Persona::Admin {
            let log = site.demo.log();
            let changed = log.iter().find(|call| {
                call.path.starts_with("/api/")
                    && !matches!(call.method.as_str(), "GET")
                    && call.status.is_some_and(|status| status < 400)
            });
            assert!(changed.is_none(), "{persona:?}: {changed:?}");
        }
    }
}

#[tokio::test]
async fn an_auditor_is_not_offered_any_change() {
    let (site, auditor) = sign_in_as(Persona::Auditor).await;
    let admin = site.sign_in().await;
    let id = site.some_token_id();
    for (path, control) in [
        (format!("/w/{ACME}/tokens"), "/revoke"),
        (format!("/w/{ACME}/tokens"), "/tokens/new"),
        (format!("/w/{ACME}/tokens/{id}"), "Review scopes"),
        (format!("/w/{ACME}/tokens/{id}"), "Save comment"),
        (format!("/w/{ACME}/tokens/{id}"), "Keep current scopes"),
        (
            format!("/w/{ACME}/principals/{}", site.demo.credentials().non_admin.id),
            "/api/bulk_revocations/draft",
        ),
        (format!("/w/{ACME}/findings"), "/api/findings/accept"),
        (format!("/w/{ACME}/settings/advanced"), "/api/settings/lifetime"),
        (format!("/w/{ACME}/settings/advanced/permissions"), "Review changes"),
    ] {
        admin.get(&path).await.assert_has(&[control]);
        let page = auditor.get(&path).await;
        page.assert_has_none(&[control]);
        page.assert_shows(&["Auditor (view only)"]);
    }
}

#[tokio::test]
async fn a_refused_attempt_of_an_auditor_is_recorded() {
    let (site, auditor) = sign_in_as(Persona::Auditor).await;
    let id = site.some_token_id();
    let fields = [("workspace", ACME), ("id", &id), ("back", "/")];
    assert_eq!(auditor.call("/api/tokens/revoke", &fields).await.status, 403);
    let page = auditor.get(&format!("/w/{ACME}/activity")).await;
    page.assert_shows(&["Revoke token", "Auditors can only view"]);
    assert!(site.has_token(&auditor, &id).await);
}
