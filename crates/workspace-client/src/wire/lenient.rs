//! Fields whose JSON type differs between workspaces.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A whole number of 64 bits, as a number or as text (cartography's fixtures have text); `None` for null.
pub(crate) fn int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_any(IntVisitor)
}

/// A whole number as [`int`] reads it, which must not be null.
pub(super) fn some_int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    int(deserializer)?.ok_or_else(|| D::Error::custom("a number is missing"))
}

/// Text, which may be sent as a number or a boolean; `None` for null.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

/// The default value for null.
pub(super) fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

struct IntVisitor;

impl Visitor<'_> for IntVisitor {
    type Value = Option<i64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number of 64 bits, or text that holds one")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        i64::try_from(number).map(Some).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        text.parse().map(Some).map_err(E::custom)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number or a boolean")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct Fields {
        #[serde(default, deserialize_with = "int")]
        n: Option<i64>,
        #[serde(default, deserialize_with = "text")]
        t: Option<String>,
        #[serde(default, deserialize_with = "or_default")]
        l: Vec<u8>,
    }

    fn fields(json: &str) -> Option<(Option<i64>, Option<String>, Vec<u8>)> {
        serde_json::from_str::<Fields>(json).ok().map(|f| (f.n, f.t, f.l))
    }

    #[test]
    fn null_and_numbers_as_text_are_read() {
        let nothing = Some((None, None, vec![]));
        assert_eq!(fields("{}"), nothing);
        assert_eq!(fields(r#"{"n":null,"t":null,"l":null}"#), nothing);
        assert_eq!(
            fields(r#"{"n":9007199254740993}"#),
            Some((Some((1 << 53) + 1), None, vec![]))
        );
        assert_eq!(
            fields(r#"{"n":"-1","t":true}"#),
            Some((Some(-1), Some("true".into()), vec![]))
        );
        assert_eq!(
            fields(r#"{"n":-1,"t":90}"#),
            Some((Some(-1), Some("90".into()), vec![]))
        );
    }

    #[test]
    fn values_of_other_types_are_not_read() {
        for json in [
            r#"{"n":1.5}"#,
            r#"{"n":"soon"}"#,
            r#"{"n":18446744073709551615}"#,
            r#"{"t":[]}"#,
            r#"{"l":{}}"#,
        ] {
            assert_eq!(fields(json), None, "{json}");
        }
    }
}
