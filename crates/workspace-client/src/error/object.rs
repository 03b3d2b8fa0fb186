//! Recognises an error that comes with a success status. The vendor's documentation has errors with an error status
//! only; but an error that is read as an empty list would say "no tokens".

use serde_json::{Map, Value};

/// The fields by which an error is recognised and classified.
const FIELDS: [&str; 9] = [
    "error_code",
    "errorCode",
    "error",
    "schemas",
    "message",
    "detail",
    "status",
    "scimType",
    "details",
];

/// Whether an error may have a field with this name.
pub(crate) fn is_error_field(name: &str) -> bool {
    FIELDS.contains(&name)
}

/// Whether an object is an error: it has an error code, an `error`, the schema of SCIM errors (RFC 7644 §3.12), or a
/// message without what was asked for.
pub(crate) fn is_error_object(fields: &Map<String, Value>, has_expected_key: bool) -> bool {
    let has = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    let schemas = fields.get("schemas").and_then(Value::as_array).into_iter().flatten();
    let mut schemas = schemas.filter_map(Value::as_str);
    has("error_code")
        || has("errorCode")
        || has("error")
        || schemas.any(|schema| schema.ends_with(":Error"))
        || (has("message") && !has_expected_key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_are_distinguished_from_other_objects() {
        for (object, has_expected_key, expected) in [
            (json!({}), false, false),
            (json!({ "error_code": "INTERNAL_ERROR" }), true, true),
            (json!({ "error_code": 403, "message": "x" }), false, true),
            (
                json!({ "error_code": null, "errorCode": null, "error": null, "message": null }),
                false,
                false,
            ),
            (json!({ "errorCode": "invalid_client" }), false, true),
            (json!({ "error": "of API 1.2" }), false, true),
            (
                json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"] }),
                false,
                true,
            ),
            (
                json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"] }),
                false,
                false,
            ),
            (json!({ "message": "x" }), false, true),
            (json!({ "message": "x" }), true, false),
        ] {
            assert_eq!(
                is_error_object(object.as_object().unwrap(), has_expected_key),
                expected,
                "{object}"
            );
        }
    }
}
