//! A host that several workspaces share.

use demo_workspace::{HostProfile, NoSelector};
use serde_json::Value;

use crate::support::{Api, ApiResponse, SCIM};

async fn unified(no_selector: NoSelector) -> Api {
    Api::with(|config| {
        config.knobs.host_profile = HostProfile::Unified;
        config.knobs.no_selector = no_selector;
    })
    .await
}

/// The response to `Me` with this query and these headers.
async fn me(api: &Api, query: &str, headers: &[(&str, &str)]) -> ApiResponse {
    let url = api.url(&format!("{SCIM}/Me{query}"));
    let mut request = api.http.get(url).bearer_auth(api.admin().pat.as_ref().unwrap());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    ApiResponse::read(request.send().await.unwrap()).await
}

#[tokio::test]
async fn edge_95_a_call_that_names_no_workspace_is_refused() {
    let response = me(&unified(NoSelector::Text).await, "", &[]).await;
    assert_eq!(
        (response.status, response.text.as_str()),
        (400, "Unable to load OAuth Config")
    );
    let response = me(&unified(NoSelector::Redirect).await, "", &[]).await;
    assert_eq!(response.status / 100, 3);
    assert!(response.header("location").starts_with("/login?next_url="));
}

#[tokio::test]
async fn edge_96_a_workspace_is_named_in_four_ways() {
    let api = unified(NoSelector::Text).await;
    let id = api.workspace.workspace_id().to_string();
    let id = id.as_str();
    for name in ["x-databricks-workspace-id", "x-databricks-org-id"] {
        let response = me(&api, "", &[(name, id)]).await;
        assert_eq!((response.status, response.header("x-databricks-org-id")), (200, id));
    }
    for name in ["o", "w"] {
        assert_eq!(me(&api, &format!("?{name}={id}"), &[]).await.status, 200);
    }
    let both = [("x-databricks-workspace-id", id), ("x-databricks-org-id", id)];
    assert_eq!(me(&api, "", &both).await.status, 200);
    let differing = [("x-databricks-workspace-id", id), ("x-databricks-org-id", "1")];
    assert_eq!(me(&api, "", &differing).await.status, 400);
    let other = me(&api, "?o=1", &[]).await;
    assert_eq!(other.status, 403);
    assert!(other.text.contains("Invalid access to Org: 1"), "{}", other.text);
}

#[tokio::test]
async fn edge_97_discovery_needs_no_workspace_and_leads_to_the_account() {
    let api = unified(NoSelector::Text).await;
    let get = async |path: &str| {
        let response = api.http.get(api.url(path)).send().await.unwrap();
        serde_json::from_str::<Value>(&response.text().await.unwrap()).unwrap()
    };
    let config = get("/.well-known/databricks-config").await;
    assert_eq!(config["oidc_endpoint"], api.url("/oidc/accounts/{account_id}"));
    assert_eq!(
        (&config["host_type"], &config["workspace_id"]),
        (&"unified".into(), &Value::Null)
    );
    let base = format!("/oidc/accounts/{}", config["account_id"].as_str().unwrap());
    let metadata = get(&format!("{base}/.well-known/oauth-authorization-server")).await;
    assert_eq!(metadata["token_endpoint"], api.url(&format!("{base}/v1/token")));
}

#[tokio::test]
async fn edge_98_a_host_of_its_own_ignores_the_names_of_workspaces() {
    let api = Api::start().await;
    assert_eq!(
        me(&api, "?o=1", &[("x-databricks-workspace-id", "2")]).await.status,
        200
    );
}
