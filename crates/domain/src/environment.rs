//! The environment of a workspace, as its operator named it.

/// Whether an environment of this name is production: `prod`, or a name that begins with `production` or `prod-`, in
/// any case and without the spaces around it.
pub fn is_production(environment: &str) -> bool {
    let name = environment.trim().to_lowercase();
    name == "prod" || ["production", "prod-"].iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_recognised_by_its_name() {
        for name in ["production", "Production EU", " PROD ", "prod-eu", "prod"] {
            assert!(is_production(name), "{name:?}");
        }
        for name in ["", "staging", "products", "preprod", "pre-production", "prod eu"] {
            assert!(!is_production(name), "{name:?}");
        }
    }
}
