//! Descriptions of scopes.

/// What a token with this scope can do. `None` for a scope that this console does not know.
///
/// From <https://docs.databricks.com/api/workspace/scopes>; workspaces can have more scopes.
pub fn scope_meaning(name: &str) -> Option<&'static str> {
    Some(match name {
        "access-management" => "permissions, also those to use tokens",
        "all-apis" => "everything that the owner can do",
        "apps" => "Databricks apps",
        "authentication" => "can create tokens of any scope",
        "clusters" => "clusters and their policies",
        "command-execution" => "commands on clusters",
        "dashboards" => "dashboards",
        "files" => "volumes and workspace files",
        "genie" => "Genie",
        "jobs" => "jobs and their runs",
        "libraries" => "libraries on clusters",
        "mlflow" => "experiments and models",
        "model-serving" => "serving endpoints",
        "pipelines" => "pipelines",
        "scim" => "users, groups and service principals",
        "secrets" => "secrets",
        "settings" => "settings of the workspace",
        "sharing" => "Delta Sharing",
        "sql" => "queries and warehouses",
        "unity-catalog" => "catalogs, schemas and tables",
        "vector-search" => "vector search",
        "workspace" => "notebooks and folders",
        _ => return None,
    })
}
