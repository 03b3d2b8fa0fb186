//! A token's scopes: granted and used next to each other, and editing them through a confirmation page.

use demo_workspace::{Change, Effect, Fault, FaultBody, NewToken};

use crate::support::{ACME, Site, TOKENS_API, TOKENS_PAGE};

fn create_token(site: &Site, scopes: &str) -> String {
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
async fn scopes_are_edited_through_a_confirmation_page() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = create_token(&site, "sql jobs");
    let page = format!("{TOKENS_PAGE}/{id}");
    assert_eq!(browser.get(&page).await.field("scopes").as_deref(), Some("sql, jobs"));
    let review_url = format!("{page}/scopes?scopes=jobs+clusters");
    let confirmation = browser.get(&review_url).await;
    confirmation.assert_shows(&[
        "Added clusters",
        "Removed sql",
        "The token loses scopes.",
        "The token gains scopes.",
        "Acting as",
        "api patch",
    ]);
    assert_eq!(site.call_count("PATCH", TOKENS_API), 0);
    let opened = confirmation.field("opened").unwrap();
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("opened", &opened),
        ("scopes", "jobs clusters"),
    ];
    let saved = browser
        .submit_and_follow(&review_url, "/api/tokens/scopes", &fields)
        .await;
    saved.assert_success("Scopes changed for ");
    assert_eq!(saved.field("scopes").as_deref(), Some("jobs, clusters"));
    // In the token's history.
    saved.assert_shows(&["Edit scopes"]);
    // Submitting the same form again changes nothing. Another form from before is refused, because the token has other
    // scopes now.
    let again = browser
        .submit_and_follow(&review_url, "/api/tokens/scopes", &fields)
        .await;
    again.assert_success("Scopes changed for ");
    let other = [fields[0], fields[1], fields[2], ("scopes", "files")];
    let refused = browser
        .submit_and_follow(&review_url, "/api/tokens/scopes", &other)
        .await;
    refused.assert_shows(&["Someone else changed the scopes."]);
    assert_eq!(site.call_count("PATCH", TOKENS_API), 1);
    let nothing = browser.get(&format!("{page}/scopes?scopes=clusters,jobs")).await;
    nothing.assert_shows(&["The token already has these scopes."]);
}

#[tokio::test]
async fn refused_scopes_stay_in_their_field() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = create_token(&site, "sql");
    let page = format!("{TOKENS_PAGE}/{id}");
    let refused = browser.get(&format!("{page}/scopes?scopes=SQL!")).await;
    let refused = browser.follow(&refused).await;
    refused.assert_error("Invalid scopes.");
    assert_eq!(refused.field("scopes").as_deref(), Some("SQL!"));
    let unknown = Effect::Answer {
        status: 400,
        body: FaultBody::JsonError {
            error_code: "INVALID_PARAMETER_VALUE".into(),
            message: "no such scope".into(),
        },
    };
    site.demo.fault(Fault::next("PATCH", TOKENS_API, unknown));
    let fields = [
        ("workspace", ACME),
        ("id", &id),
        ("opened", "sql"),
        ("scopes", "sqll"),
        ("reason", "a test"),
    ];
    let from = format!("{page}/scopes?scopes=sqll");
    let refused = browser.submit_and_follow(&from, "/api/tokens/scopes", &fields).await;
    refused.assert_shows(&["acme-prod rejected these scopes."]);
    assert_eq!(refused.field("scopes").as_deref(), Some("sqll"));
    assert_eq!(refused.field("reason").as_deref(), Some("a test"));
}

#[tokio::test]
async fn granted_and_used_scopes_are_shown_next_to_each_other() {
    let site = Site::start().await;
    let browser = site.sign_in().await;
    let id = create_token(&site, "sql jobs");
    let token = serde_json::json!({ "token_info": {
        "token_id": id, "comment": "scoped", "owner_id": 11, "created_by_id": 11, "expiry_time": -1,
        "scopes": ["sql", "jobs"], "inferred_scopes": ["sql", "clusters"], "backfill_scopes": ["unity-catalog"],
    } });
    let body = FaultBody::Raw {
        content_type: "application/json".into(),
        text: token.to_string(),
    };
    site.demo.fault(Fault::forever(
        "GET",
        &format!("{TOKENS_API}/"),
        Effect::Answer { status: 200, body },
    ));
    let page = browser.get(&format!("{TOKENS_PAGE}/{id}")).await;
    page.assert_shows(&[
        "If narrowed to sql",
        "sql · queries and warehouses yes keeps",
        "jobs · jobs and their runs not seen loses",
        "clusters · clusters and their policies yes not granted",
        "unity-catalog · catalogs, schemas and tables in the past not granted",
        "More scopes than used",
    ]);
    let confirmation = browser.get(&format!("{TOKENS_PAGE}/{id}/scopes?scopes=jobs")).await;
    confirmation.assert_shows(&["You are removing a scope in use: sql."]);
}
