//! The input for a new token, in the URL and in the form that is sent.

use console::changes::create_token::TokenSpec;
use domain::{parse_scopes, parse_token_lifetime};

use crate::http::paths;
use crate::http::request::Request;
pub(super) use crate::pages::tokens::edit_comment::MAX_COMMENT_CHARS;
use crate::problem::Problem;

/// Characters of the other fields; the rest is cut off, since no valid input is that long.
const MAX_FIELD_CHARS: usize = 2000;

/// The names of the fields.
pub(super) mod field {
    /// The service principal's application ID.
    pub(in super::super) const SERVICE_PRINCIPAL: &str = "sp";
    /// The same, just chosen from the results of a search.
    pub(in super::super) const CHOSEN: &str = "choose";
    /// The lifetime in days.
    pub(in super::super) const DAYS: &str = "days";
    /// The comment.
    pub(in super::super) const COMMENT: &str = "comment";
    /// The scopes.
    pub(in super::super) const SCOPES: &str = "scopes";
    /// Whether to create another token like one that was just created.
    pub(in super::super) const AGAIN: &str = "again";
}

/// The fields as typed.
#[derive(Clone, Debug, Default)]
pub(super) struct FormInput {
    /// The application ID; empty if none is chosen yet.
    pub(super) service_principal: String,
    /// The lifetime; `None` on a first visit.
    pub(super) days: Option<String>,
    pub(super) comment: String,
    pub(super) scopes: String,
}

impl FormInput {
    /// Reads the input from the request's URL.
    pub(super) fn of(request: &Request) -> Self {
        Self::from(|name| request.query(name))
    }

    /// Reads the input from `field`, which returns the value of a field by its name.
    pub(super) fn from(field: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str, max: usize| -> Option<String> { Some(field(name)?.trim().chars().take(max).collect()) };
        let service_principal =
            text(field::CHOSEN, MAX_FIELD_CHARS).or_else(|| text(field::SERVICE_PRINCIPAL, MAX_FIELD_CHARS));
        Self {
            service_principal: service_principal.unwrap_or_default(),
            days: text(field::DAYS, 20),
            // One character more than allowed, so that `spec` can tell that a comment is too long.
            comment: text(field::COMMENT, MAX_COMMENT_CHARS + 1).unwrap_or_default(),
            scopes: text(field::SCOPES, MAX_FIELD_CHARS).unwrap_or_default(),
        }
    }

    /// The URL of the form with this input.
    pub(super) fn form_url(&self, workspace: &str) -> String {
        self.add_to(paths::new_token(workspace))
    }

    /// The URL of the review of this input.
    pub(super) fn review_url(&self, workspace: &str) -> String {
        self.add_to(paths::review_new_token(workspace))
    }

    fn add_to(&self, path: String) -> String {
        let pairs = [
            (field::SERVICE_PRINCIPAL, self.service_principal.as_str()),
            (field::DAYS, self.days.as_deref().unwrap_or_default()),
            (field::COMMENT, &self.comment),
            (field::SCOPES, &self.scopes),
        ];
        let set = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        set.fold(path, |url, (name, value)| paths::with_param(&url, name, value))
    }

    /// The specification of the token, which can last up to `max_days`.
    ///
    /// # Errors
    /// The first field that is missing or not valid.
    pub(super) fn spec(&self, max_days: u32) -> Result<TokenSpec, Problem> {
        if self.service_principal.is_empty() {
            return Err(Problem::NoServicePrincipal);
        }
        if self.comment.chars().count() > MAX_COMMENT_CHARS {
            return Err(Problem::CommentTooLong);
        }
        let days = self.days.as_deref().unwrap_or_default();
        Ok(TokenSpec {
            application_id: self.service_principal.clone(),
            days: parse_token_lifetime(days, max_days).ok_or(Problem::BadTokenLifetime { most: max_days })?,
            comment: self.comment.clone(),
            scopes: parse_scopes(&self.scopes).map_err(Problem::BadScopes)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(pairs: &[(&str, &str)]) -> FormInput {
        FormInput::from(|name| {
            let pair = pairs.iter().find(|(n, _)| *n == name);
            pair.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_url_of_the_form_contains_the_input() {
        let input = input(&[
            ("sp", "a&b"),
            ("days", " 30 "),
            ("comment", "x=y ü"),
            ("scopes", "sql, jobs"),
        ]);
        assert_eq!(
            input.form_url("acme"),
            "/w/acme/tokens/new?sp=a%26b&days=30&comment=x%3Dy%20%C3%BC&scopes=sql%2C%20jobs"
        );
    }

    #[test]
    fn a_choice_from_the_search_replaces_the_earlier_one() {
        assert_eq!(input(&[("sp", "old"), ("choose", "new")]).service_principal, "new");
    }

    #[test]
    fn input_that_is_not_valid_is_rejected_with_its_reason() {
        let valid = input(&[("sp", "a"), ("days", "30"), ("scopes", "sql")]);
        assert_eq!(valid.spec(90).unwrap().days, 30);
        assert_eq!(valid.spec(29), Err(Problem::BadTokenLifetime { most: 29 }));
        assert_eq!(input(&[("days", "30")]).spec(90), Err(Problem::NoServicePrincipal));
        let too_long = "x".repeat(2000);
        assert_eq!(
            input(&[("sp", "a"), ("days", "30"), ("comment", &too_long)]).spec(90),
            Err(Problem::CommentTooLong)
        );
        let bad_scopes = input(&[("sp", "a"), ("days", "30"), ("scopes", "SQL!")]);
        assert!(matches!(bad_scopes.spec(90), Err(Problem::BadScopes(_))));
    }
}
