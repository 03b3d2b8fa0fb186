//! The input for a new token, in the URL and in the submitted form.

use console::changes::create_token::TokenSpec;
use domain::{SCOPE_SETS, ScopeSet, parse_scopes, parse_token_lifetime};

use crate::http::paths;
use crate::http::request::Request;
pub(super) use crate::pages::tokens::edit_comment::MAX_COMMENT_CHARS;
use crate::problem::Problem;

/// The longest name or ID of a service principal, in characters.
const MAX_NAME_CHARS: usize = 2000;

/// The names of the fields.
pub(super) mod field {
    /// The service principal's application ID.
    pub(in super::super) const SERVICE_PRINCIPAL: &str = "sp";
    /// The application ID that was just chosen in the search results.
    pub(in super::super) const CHOSEN: &str = "choose";
    /// The lifetime in days.
    pub(in super::super) const DAYS: &str = "days";
    /// The comment.
    pub(in super::super) const COMMENT: &str = "comment";
    /// The scopes by name, in addition to those of the sets.
    pub(in super::super) const SCOPES: &str = "scopes";
    /// Whether Databricks later limits the token to the scopes that it uses.
    pub(in super::super) const AUTOSCOPE: &str = "autoscope";
    /// Whether the form shows errors.
    pub(in super::super) const CHECK: &str = "check";
    /// Whether to create another token like the one just created.
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
    /// The ticked sets of scopes.
    pub(super) sets: Vec<ScopeSet>,
    pub(super) autoscope: bool,
}

/// The errors, by field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FormErrors {
    pub(super) service_principal: Option<Problem>,
    pub(super) days: Option<Problem>,
    pub(super) comment: Option<Problem>,
    pub(super) scopes: Option<Problem>,
}

impl FormErrors {
    /// The first error, in the order of the form.
    pub(super) fn first(&self) -> Option<Problem> {
        self.service_principal.or(self.days).or(self.comment).or(self.scopes)
    }
}

/// The field name of a set of scopes.
pub(super) fn set_field(set: &ScopeSet) -> String {
    format!("set-{}", set.slug)
}

impl FormInput {
    /// Reads the input from the request's URL.
    pub(super) fn of(request: &Request) -> Self {
        Self::from(|name| request.query(name))
    }

    /// Reads the input with `field`, which returns the value of the field with a name.
    pub(super) fn from(field: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| Some(field(name)?.trim().to_owned());
        let service_principal = text(field::CHOSEN).or_else(|| text(field::SERVICE_PRINCIPAL));
        // No name or ID is longer, and the value becomes part of a URL of the workspace.
        let service_principal = service_principal.map(|name| name.chars().take(MAX_NAME_CHARS).collect());
        Self {
            service_principal: service_principal.unwrap_or_default(),
            days: text(field::DAYS),
            comment: text(field::COMMENT).unwrap_or_default(),
            scopes: text(field::SCOPES).unwrap_or_default(),
            sets: SCOPE_SETS
                .into_iter()
                .filter(|set| field(&set_field(set)).is_some())
                .collect(),
            autoscope: field(field::AUTOSCOPE).is_some(),
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
        let fields = self.fields().into_iter();
        fields.fold(path, |url, (name, value)| paths::with_param(&url, &name, &value))
    }

    /// The names and values of the fields that are not empty.
    pub(super) fn fields(&self) -> Vec<(String, String)> {
        let texts = [
            (field::SERVICE_PRINCIPAL, self.service_principal.as_str()),
            (field::DAYS, self.days.as_deref().unwrap_or_default()),
            (field::COMMENT, &self.comment),
            (field::SCOPES, &self.scopes),
            (field::AUTOSCOPE, if self.autoscope { "1" } else { "" }),
        ];
        let texts = texts.into_iter().filter(|(_, value)| !value.is_empty());
        let texts = texts.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let sets = self.sets.iter().map(|set| (set_field(set), "1".to_owned()));
        texts.chain(sets).collect()
    }

    /// The specification of the token, which can last up to `max_days` days.
    ///
    /// # Errors
    ///
    /// Returns everything that is missing or not valid.
    pub(super) fn spec(&self, max_days: u32) -> Result<TokenSpec, FormErrors> {
        let days = parse_token_lifetime(self.days.as_deref().unwrap_or_default(), max_days);
        let sets = self.sets.iter().flat_map(|set| set.scopes).copied();
        let named = sets.chain([self.scopes.as_str()]).collect::<Vec<_>>().join(" ");
        let scopes = parse_scopes(&named);
        let is_too_long = self.comment.chars().count() > MAX_COMMENT_CHARS;
        let errors = FormErrors {
            service_principal: self.service_principal.is_empty().then_some(Problem::NoServicePrincipal),
            days: days.is_none().then_some(Problem::BadTokenLifetime { most: max_days }),
            comment: is_too_long.then_some(Problem::CommentTooLong),
            scopes: scopes.as_ref().err().map(|error| Problem::BadScopes(*error)),
        };
        match (days, scopes) {
            (Some(days), Ok(scopes)) if errors == FormErrors::default() => Ok(TokenSpec {
                application_id: self.service_principal.clone(),
                days,
                comment: self.comment.clone(),
                scopes,
                autoscope: self.autoscope,
            }),
            _ => Err(errors),
        }
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
        let too_short = valid.spec(29).unwrap_err();
        assert_eq!(too_short.first(), Some(Problem::BadTokenLifetime { most: 29 }));
        // Several errors at once.
        let too_long = "x".repeat(2000);
        let errors = input(&[("comment", &too_long), ("scopes", "SQL!")])
            .spec(90)
            .unwrap_err();
        assert_eq!(errors.service_principal, Some(Problem::NoServicePrincipal));
        assert_eq!(errors.days, Some(Problem::BadTokenLifetime { most: 90 }));
        assert_eq!(errors.comment, Some(Problem::CommentTooLong));
        assert!(matches!(errors.scopes, Some(Problem::BadScopes(_))));
    }

    #[test]
    fn the_scopes_of_ticked_sets_and_of_the_field_are_combined() {
        let input = input(&[
            ("sp", "a"),
            ("days", "30"),
            ("scopes", "files, sql"),
            ("set-jobs", "1"),
            ("set-sql", "1"),
            ("autoscope", "1"),
        ]);
        let spec = input.spec(90).unwrap();
        assert_eq!(spec.scopes, ["sql", "jobs", "clusters", "files"]);
        assert!(spec.autoscope);
        assert_eq!(
            input.review_url("acme"),
            "/w/acme/tokens/new/review?sp=a&days=30&scopes=files%2C%20sql&autoscope=1&set-sql=1&set-jobs=1"
        );
    }
}
