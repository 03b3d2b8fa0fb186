//! The initial company of every demo workspace.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use crate::support::{Api, SCIM};

const DAY_MS: i64 = 86_400_000;

#[tokio::test]
async fn the_same_seed_creates_the_same_company() {
    let (one, two) = (Api::start().await, Api::start().await);
    let facts = async |api: &Api| {
        let names: BTreeSet<String> = api
            .resources("Users")
            .await
            .iter()
            .map(|user| user["userName"].to_string())
            .collect();
        let ids: BTreeSet<String> = api
            .tokens(&api.pat())
            .await
            .iter()
            .map(|token| token["token_id"].to_string())
            .collect();
        (api.pat(), api.workspace.workspace_id(), names, ids)
    };
    assert_eq!(facts(&one).await, facts(&two).await);
    let other = Api::with(|config| config.seed = 2).await;
    assert_ne!(facts(&one).await, facts(&other).await);
}

#[tokio::test]
async fn the_workspace_has_exactly_the_configured_number_of_tokens() {
    for tokens in [0, 1, 2, 3, 30, 300] {
        let api = Api::with(|config| config.tokens = tokens).await;
        assert_eq!(api.workspace.token_count(), tokens as usize);
        let pats = [
            &api.admin().pat,
            &api.non_admin().pat,
            &api.workspace.credentials().other_admin.pat,
        ];
        assert_eq!(pats.map(Option::is_some), [tokens > 0, tokens > 1, tokens > 2]);
    }
}

#[tokio::test]
async fn the_seed_contains_every_kind_of_token() {
    let api = Api::with(|config| (config.tokens, config.users) = (1284, 320)).await;
    let tokens = api.tokens(&api.pat()).await;
    let now = api.workspace.now_ms();
    let users = api.resources("Users").await;
    let services = api.resources("ServicePrincipals").await;
    let id = |principal: &Value| principal["id"].as_str().unwrap().to_owned();
    let known: HashSet<String> = users.iter().chain(&services).map(id).collect();
    let inactive: HashSet<String> = users.iter().filter(|user| user["active"] == false).map(id).collect();
    let services: HashSet<String> = services.iter().map(id).collect();
    let owner = |token: &Value| token["owner_id"].to_string();
    let comment = |token: &Value| token["comment"].as_str().map(str::to_owned);
    let days_idle = |token: &Value| token["last_used_day"].as_i64().map(|day| (now - day) / DAY_MS);
    let count = |matches: &dyn Fn(&Value) -> bool| tokens.iter().filter(|token| matches(token)).count();
    for (kind, at_least, matches) in [
        (
            "never expires",
            60,
            &(|token: &Value| token["expiry_time"] == -1) as &dyn Fn(&Value) -> bool,
        ),
        ("expired", 40, &|token| {
            token["expiry_time"].as_i64().is_some_and(|at| at > 0 && at < now)
        }),
        ("expiry not recorded", 2, &|token| token["expiry_time"].is_null()),
        ("never used", 40, &|token| token["last_used_day"].is_null()),
        ("unused for 80 to 90 days", 20, &|token| {
            days_idle(token).is_some_and(|days| (80..90).contains(&days))
        }),
        ("on behalf of a service principal", 40, &|token| {
            services.contains(&owner(token)) && token["owner_id"] != token["created_by_id"]
        }),
        ("owner unknown", 20, &|token| !known.contains(&owner(token))),
        ("owner deactivated", 20, &|token| inactive.contains(&owner(token))),
        ("owner ID above 2^53", 50, &|token| {
            token["owner_id"].as_u64().unwrap() > 1 << 53
        }),
        ("short ID", 3, &|token| token["token_id"].as_str().unwrap().len() < 64),
        ("no comment", 10, &|token| token["comment"].is_null()),
        ("empty comment", 5, &|token| token["comment"] == ""),
        ("long comment", 1, &|token| {
            comment(token).is_some_and(|text| text.chars().count() > 300)
        }),
        ("right to left", 2, &|token| {
            comment(token).is_some_and(|text| text.contains(['ت', 'ח']))
        }),
        ("emoji", 1, &|token| {
            comment(token).is_some_and(|text| text.contains('🚀'))
        }),
        ("script", 1, &|token| {
            comment(token).is_some_and(|text| text.contains("<script>"))
        }),
        ("only a proposal for its scopes", 20, &|token| {
            token["scopes"].is_null() && token["autoscope_state"].is_null() && token["backfill_scopes"].is_array()
        }),
        ("observed, nothing seen in use", 3, &|token| {
            token["autoscope_state"] == "AUTOSCOPE_STATE_RUNNING" && token["inferred_scopes"].is_null()
        }),
        ("formula", 1, &|token| {
            comment(token).is_some_and(|text| text.starts_with("=HYPERLINK("))
        }),
    ] {
        assert!(count(matches) >= at_least, "{kind}: {}", count(matches));
    }
    let states: BTreeSet<&str> = tokens
        .iter()
        .filter_map(|token| token["autoscope_state"].as_str())
        .collect();
    assert_eq!(states.len(), 7, "{states:?}");
    for token in &tokens {
        assert!(token["creation_time"].as_i64().unwrap() < now);
        assert!(days_idle(token).is_none_or(|days| (0..90).contains(&days)));
    }
}

#[tokio::test]
async fn the_newest_tokens_have_ordinary_comments() {
    let api = Api::with(|config| (config.tokens, config.users) = (1284, 320)).await;
    let mut tokens = api.tokens(&api.pat()).await;
    tokens.sort_by_key(|token| -token["creation_time"].as_i64().unwrap());
    for token in &tokens[..50] {
        let comment = token["comment"].as_str().unwrap_or_default();
        assert!(
            comment.len() < 80 && !comment.contains(['<', '=', '`', '\u{202e}']),
            "{comment}"
        );
    }
}

#[tokio::test]
async fn the_people_form_a_realistic_company() {
    let api = Api::with(|config| config.users = 320).await;
    let users = api.resources("Users").await;
    assert_eq!(users.len(), 320);
    let names: HashSet<&str> = users.iter().map(|user| user["userName"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 320);
    assert!(
        names
            .iter()
            .all(|name| name.is_ascii() && name.ends_with("@acme.example"))
    );
    let groups = api.resources("Groups").await;
    let nested = groups.iter().filter(|group| group["groups"].is_array()).count();
    assert!(groups.len() > 15 && nested > 5);
    let admins = groups.iter().find(|group| group["displayName"] == "admins").unwrap();
    assert_eq!(admins["meta"]["resourceType"], "WorkspaceGroup");
    let all_users = api
        .get(
            &format!("{SCIM}/Groups?filter=displayName%20eq%20%22users%22"),
            &api.pat(),
        )
        .await
        .ok();
    assert!(all_users["Resources"][0]["members"].as_array().unwrap().len() > 320);
}
