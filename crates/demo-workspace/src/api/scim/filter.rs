//! SCIM filters, as far as the vendor supports them: `attribute op "value"`, joined by `and` and `or`, no parentheses.
//! RFC 7644, section 3.4.2.2.

use serde_json::Value;

use super::Resource;
use crate::api::error::ScimError;

/// Alternatives, each a list of conditions that must all hold: `and` binds more tightly than `or`.
#[derive(Debug)]
pub(super) struct Filter(Vec<Vec<Condition>>);

#[derive(Debug)]
struct Condition {
    path: Vec<String>,
    operator: Operator,
    value: String,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
}

impl Filter {
    pub(super) fn parse(text: &str) -> Result<Self, ScimError> {
        let mut rest = words(text)?.into_iter();
        let mut alternatives = vec![Vec::new()];
        loop {
            let condition = condition(&mut rest)?;
            if let Some(conditions) = alternatives.last_mut() {
                conditions.push(condition);
            }
            match rest.next().map(|word| word.to_ascii_lowercase()).as_deref() {
                None => return Ok(Self(alternatives)),
                Some("and") => {}
                Some("or") => alternatives.push(Vec::new()),
                Some(other) => {
                    return Err(ScimError::invalid_filter(format!("Unexpected '{other}' in filter")));
                }
            }
        }
    }

    pub(super) fn matches(&self, resource: &Resource) -> bool {
        self.0
            .iter()
            .any(|conditions| conditions.iter().all(|condition| condition.holds(resource)))
    }
}

fn condition(words: &mut impl Iterator<Item = String>) -> Result<Condition, ScimError> {
    let (Some(path), Some(operator)) = (words.next(), words.next()) else {
        return Err(ScimError::invalid_filter(
            "A filter needs an attribute, an operator and a value",
        ));
    };
    let operator = match operator.to_ascii_lowercase().as_str() {
        "eq" => Operator::Equal,
        "ne" => Operator::NotEqual,
        "co" => Operator::Contains,
        "sw" => Operator::StartsWith,
        _ => {
            return Err(ScimError::invalid_value("Given filter operator is not supported"));
        }
    };
    let value = words
        .next()
        .ok_or_else(|| ScimError::invalid_filter("The filter's value is missing"))?;
    Ok(Condition {
        path: path.split('.').map(str::to_owned).collect(),
        operator,
        value: value.to_lowercase(),
    })
}

impl Condition {
    fn holds(&self, resource: &Resource) -> bool {
        let texts = resource
            .iter()
            .filter(|(name, _)| name.eq_ignore_ascii_case(&self.path[0]));
        let mut texts = texts.flat_map(|(_, value)| texts_at(value, &self.path[1..]));
        match self.operator {
            Operator::Equal => texts.any(|text| text == self.value),
            Operator::NotEqual => !texts.any(|text| text == self.value),
            Operator::Contains => texts.any(|text| text.contains(&self.value)),
            Operator::StartsWith => texts.any(|text| text.starts_with(&self.value)),
        }
    }
}

/// All texts below `path` in lower case, since SCIM comparisons ignore case.
fn texts_at(value: &Value, path: &[String]) -> Vec<String> {
    match (value, path) {
        (Value::Array(items), path) => items.iter().flat_map(|item| texts_at(item, path)).collect(),
        (Value::Object(fields), [name, rest @ ..]) => fields
            .iter()
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| texts_at(value, rest))
            .collect(),
        (Value::String(text), []) => vec![text.to_lowercase()],
        (Value::Bool(flag), []) => vec![flag.to_string()],
        _ => Vec::new(),
    }
}

/// Splits at white space. A quoted value is one word; in it, a backslash escapes the next character.
fn words(text: &str) -> Result<Vec<String>, ScimError> {
    let mut words = Vec::new();
    let mut chars = text.trim().chars().peekable();
    while let Some(first) = chars.next() {
        let mut word = String::new();
        if first == '"' {
            loop {
                match chars.next() {
                    Some('"') => break,
                    Some('\\') => word.extend(chars.next()),
                    Some(letter) => word.push(letter),
                    None => return Err(ScimError::invalid_filter("A quoted value does not end")),
                }
            }
        } else if first.is_whitespace() {
            continue;
        } else {
            word.push(first);
            while let Some(letter) = chars.next_if(|c| !c.is_whitespace()) {
                word.push(letter);
            }
        }
        words.push(word);
    }
    Ok(words)
}
