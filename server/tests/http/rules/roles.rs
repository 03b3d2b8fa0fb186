//! Who may do what: every address and every server function, for everybody there is. What has no row here fails the test.

use std::collections::BTreeSet;

use app::problem::Problem;

use crate::rules::server_functions::{functions, problem, with_workspace};
use crate::support::{ACME, Browser, Setup, Site};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Nobody,
    /// Signed in as an admin, and none any more.
    NonAdmin,
    Auditor,
    Admin,
    /// Of another workspace.
    OtherAdmin,
    /// On a console that is read-only.
    ReadOnly,
}

const EVERYBODY: [Who; 6] = [
    Who::Nobody,
    Who::NonAdmin,
    Who::Auditor,
    Who::Admin,
    Who::OtherAdmin,
    Who::ReadOnly,
];

/// A console, and somebody in front of it.
async fn meet(who: Who) -> (Site, Browser) {
    let site = Site::with(Setup {
        auditor: true,
        read_only: who == Who::ReadOnly,
        ..Setup::default()
    })
    .await;
    let browser = match who {
        Who::Nobody => site.browser(),
        Who::Auditor => site.auditor().await,
        Who::OtherAdmin => site.signed_in_elsewhere().await,
        // Whoever switches tokens off keeps access by OAuth alone.
        Who::Admin => site.by_oauth().await,
        Who::NonAdmin | Who::ReadOnly => site.signed_in().await,
    };
    if who == Who::NonAdmin {
        // A page that the admin looked at before must not be what the person without rights gets to see.
        assert_eq!(browser.get(&format!("/w/{ACME}/tokens")).await.status, 200);
        site.demote_admin();
        let refresh = [("workspace", ACME), ("back", "/")];
        browser.call("/api/tokens/refresh", &refresh).await;
        assert_eq!(browser.get(&format!("/w/{ACME}/tokens")).await.status, 403);
    }
    (site, browser)
}

/// What an address shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// Something of a workspace, to be read.
    State,
    /// The same, of something that is not there.
    Missing,
    /// The confirm of a change.
    Change,
    /// The same to everybody.
    Public,
    /// What concerns oneself: nobody is led to the sign-in.
    Own,
    /// Another path, the same for everyone.
    Moved,
}

/// Every address, with an example of it.
fn addresses(site: &Site) -> Vec<(&'static str, String, Shows)> {
    use Shows::{Change, Missing, Moved, Own, Public, State};
    let id = site.some_token();
    let advanced = format!("/w/{ACME}/settings/advanced");
    vec![
        ("/", "/".into(), Own),
        ("/sessions", "/sessions".into(), Own),
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
        ("/w/{workspace}/tokens/new", format!("/w/{ACME}/tokens/new"), Change),
        (
            "/w/{workspace}/tokens/new/review",
            format!("/w/{ACME}/tokens/new/review?sp={}&days=30", site.service_principal()),
            Change,
        ),
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

/// The status that `who` is to get.
fn expected(who: Who, shows: Shows) -> &'static [u16] {
    use Shows::{Change, Missing, Moved, Own, Public, State};
    match (who, shows) {
        (_, Public) => &[200, 302, 303],
        (_, Moved) => &[308],
        (Who::Nobody, Own) => &[302, 303],
        (_, Own) => &[200],
        (Who::Nobody | Who::OtherAdmin, _) => &[302, 303],
        (Who::NonAdmin, _) => &[403],
        (_, Missing) => &[404],
        (Who::Admin, _) | (Who::Auditor | Who::ReadOnly, State) => &[200],
        (Who::Auditor | Who::ReadOnly, Change) => &[403],
    }
}

#[tokio::test]
async fn every_address_has_its_row() {
    let site = Site::start().await;
    let rows: BTreeSet<_> = addresses(&site)
        .into_iter()
        .map(|(template, ..)| template.to_owned())
        .collect();
    let mut answered: BTreeSet<_> = server::route_templates()
        .into_iter()
        .map(|path| {
            path.replace(":workspace", "{workspace}")
                .replace(":token", "{token}")
                .replace(":id", "{id}")
        })
        .collect();
    // The table of server functions has its own test.
    answered.retain(|path| !path.starts_with("/api/"));
    assert_eq!(answered, rows);
}

#[tokio::test]
async fn every_address_answers_to_everybody_as_it_should() {
    for who in EVERYBODY {
        let (site, browser) = meet(who).await;
        for (template, address, shows) in addresses(&site) {
            let answer = browser.get(&address).await;
            let expected = expected(who, shows);
            assert!(
                expected.contains(&answer.status),
                "{who:?} {template}: {}, not {expected:?}\n{}",
                answer.status,
                answer.text()
            );
            let leads_away = matches!(answer.status, 302 | 303) && shows != Shows::Public;
            assert!(
                !leads_away || answer.location().starts_with("/sign-in"),
                "{who:?} {template}"
            );
            if answer.status == 403 {
                let name = &site.demo.credentials().other_admin.user_name;
                assert!(!answer.body.contains(name.as_str()), "{who:?} {template} shows tokens");
            }
        }
    }
}

#[tokio::test]
async fn every_server_function_refuses_whoever_may_not() {
    for who in EVERYBODY {
        let (site, browser) = meet(who).await;
        site.demo.clear_log();
        for (path, fields, changes) in functions(&site) {
            let answer = browser.call(path, &with_workspace(ACME, &fields)).await;
            let expected = match who {
                Who::Nobody | Who::OtherAdmin => Some((401, Problem::SignedOut)),
                Who::NonAdmin if changes || path == "/api/tokens/refresh" => Some((403, Problem::NotAdmin)),
                Who::Auditor if changes => Some((403, Problem::AuditorReadOnly)),
                Who::ReadOnly if changes => Some((403, Problem::ReadOnly)),
                _ => None,
            };
            match expected {
                Some(expected) => assert_eq!((answer.status, problem(&answer)), expected, "{who:?} {path}"),
                // Done, or refused for what was sent; never for who sent it.
                None => assert!(
                    !matches!(answer.status, 401 | 403 | 500..),
                    "{who:?} {path}: {}",
                    answer.status
                ),
            }
        }
        if who != Who::Admin {
            let log = site.demo.log();
            let changed = log.iter().find(|call| {
                call.path.starts_with("/api/")
                    && !matches!(call.method.as_str(), "GET")
                    && call.status.is_some_and(|status| status < 400)
            });
            assert!(changed.is_none(), "{who:?}: {changed:?}");
        }
    }
}

#[tokio::test]
async fn what_an_auditor_may_not_do_is_not_offered() {
    let (site, auditor) = meet(Who::Auditor).await;
    let admin = site.signed_in().await;
    let id = site.some_token();
    for (path, offer) in [
        (format!("/w/{ACME}/tokens"), "/revoke"),
        (format!("/w/{ACME}/tokens"), "/tokens/new"),
        (format!("/w/{ACME}/tokens/{id}"), "Review scopes"),
        (format!("/w/{ACME}/tokens/{id}"), "Save comment"),
        (format!("/w/{ACME}/settings/advanced"), "/api/settings/lifetime"),
        (format!("/w/{ACME}/settings/advanced/permissions"), "Review changes"),
    ] {
        assert!(admin.get(&path).await.body.contains(offer), "{path}");
        let page = auditor.get(&path).await;
        assert!(!page.body.contains(offer), "{path} offers {offer}");
        assert!(page.text().contains("Auditor (view only)"), "{path}");
    }
}

#[tokio::test]
async fn a_refused_try_of_an_auditor_is_written_down() {
    let (site, auditor) = meet(Who::Auditor).await;
    let id = site.some_token();
    let fields = [("workspace", ACME), ("id", &id), ("back", "/")];
    assert_eq!(auditor.call("/api/tokens/revoke", &fields).await.status, 403);
    let page = auditor.get(&format!("/w/{ACME}/activity")).await.text();
    assert!(page.contains("Revoke token"), "{page}");
    assert!(page.contains("Auditors can only view"), "{page}");
    assert!(site.has_token(&auditor, &id).await);
}
