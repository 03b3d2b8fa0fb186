//! A token's scopes: declared and seen in use side by side, and a change by way of a confirm.

use demo_workspace::{Change, Effect, Fault, FaultBody, NewToken};

use crate::support::{ACME, Site, TOKENS};

fn token(site: &Site, scopes: &str) -> String {
    let new = NewToken {
        owner: site.demo.credentials().non_admin.user_name.clone(),
        comment: Some("scoped".to_owned()),
        scopes: Some(domain::parse_scopes(scopes).unwrap()),
        ..NewToken::default()
    };
    match site.demo.change(Change::CreateToken(new)).unwrap() {
        demo_workspace::ChangeOutcome::Created { token_id, .. } => token_id,
        demo_workspace::ChangeOutcome::Done {} => String::new(),
    }
}

#[tokio::test]
async fn scopes_are_changed_by_way_of_a_confirm() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = token(&site, "sql jobs");
    let page = format!("/w/{ACME}/tokens/{id}");
    assert_eq!(browser.get(&page).await.value("scopes").as_deref(), Some("sql, jobs"));
    let address = format!("{page}/scopes?scopes=jobs+clusters");
    let confirm = browser.get(&address).await;
    let told = confirm.text();
    for words in [
        "Added clusters",
        "Removed sql",
        "The token loses scopes.",
        "The token gains scopes.",
        "Acting as",
        "api patch",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(site.calls("PATCH", TOKENS), 0);
    let opened = confirm.value("opened").unwrap();
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("opened", &opened),
        ("scopes", "jobs clusters"),
    ];
    let saved = browser.submit_and_follow(&address, "/api/tokens/scopes", &fields).await;
    assert!(
        saved.said().contains("Scopes changed. Confirmed at"),
        "{}",
        saved.said()
    );
    assert_eq!(saved.value("scopes").as_deref(), Some("jobs, clusters"));
    assert!(saved.text().contains("Edit scopes"), "in its history");
    // From the same page once more: it has other scopes by now.
    let refused = browser.submit_and_follow(&address, "/api/tokens/scopes", &fields).await;
    assert!(
        refused.text().contains("Someone else changed the scopes."),
        "{}",
        refused.text()
    );
    assert_eq!(site.calls("PATCH", TOKENS), 1);
    let nothing = browser.get(&format!("{page}/scopes?scopes=clusters,jobs")).await;
    assert!(
        nothing.text().contains("The token already has these scopes."),
        "{}",
        nothing.text()
    );
}

#[tokio::test]
async fn what_is_typed_survives_a_refusal() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = token(&site, "sql");
    let page = format!("/w/{ACME}/tokens/{id}");
    let refused = browser.get(&format!("{page}/scopes?scopes=SQL!")).await;
    let refused = browser.follow(&refused).await;
    assert!(refused.failed().contains("Invalid scopes."), "{}", refused.failed());
    assert_eq!(refused.value("scopes").as_deref(), Some("SQL!"));
    let unknown = Effect::Answer {
        status: 400,
        body: FaultBody::JsonError {
            error_code: "INVALID_PARAMETER_VALUE".into(),
            message: "no such scope".into(),
        },
    };
    site.demo.fault(Fault::next("PATCH", TOKENS, unknown));
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("opened", "sql"),
        ("scopes", "sqll"),
        ("reason", "a test"),
    ];
    let from = format!("{page}/scopes?scopes=sqll");
    let refused = browser.submit_and_follow(&from, "/api/tokens/scopes", &fields).await;
    assert!(
        refused.text().contains("acme-prod rejected these scopes."),
        "{}",
        refused.text()
    );
    assert_eq!(refused.value("scopes").as_deref(), Some("sqll"));
    assert_eq!(refused.value("reason").as_deref(), Some("a test"));
}

#[tokio::test]
async fn declared_and_seen_in_use_stand_side_by_side() {
    let site = Site::start().await;
    let browser = site.signed_in().await;
    let id = token(&site, "sql jobs");
    let told = serde_json::json!({ "token_info": {
        "token_id": id, "comment": "scoped", "owner_id": 11, "created_by_id": 11, "expiry_time": -1,
        "scopes": ["sql", "jobs"], "inferred_scopes": ["sql", "clusters"], "backfill_scopes": ["unity-catalog"],
    } });
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: told.to_string(),
    };
    site.demo.fault(Fault::forever(
        "GET",
        &format!("{TOKENS}/"),
        Effect::Answer { status: 200, body },
    ));
    let page = browser.get(&format!("/w/{ACME}/tokens/{id}")).await.text();
    for row in [
        "sql granted used Granted and used",
        "jobs granted Granted, never used",
        "clusters used Used, not granted",
        "unity-catalog used in the past Used, not granted",
    ] {
        assert!(page.contains(row), "{row}: {page}");
    }
    let confirm = browser
        .get(&format!("/w/{ACME}/tokens/{id}/scopes?scopes=jobs"))
        .await
        .text();
    assert!(confirm.contains("You are removing a scope in use: sql."), "{confirm}");
}
