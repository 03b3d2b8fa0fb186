//! What is typed for a new token, in the address and in the form that is sent.

use console::changes::create_token::TokenSpec;
use domain::{parse_scopes, parse_token_lifetime};

use crate::http::paths;
use crate::http::request::Request;
use crate::problem::Problem;

/// Characters of a comment, as for one that is changed later.
pub(super) const MAX_COMMENT_CHARS: usize = 1000;

/// Characters of the other fields: beyond them nothing is meant.
const MAX_FIELD_CHARS: usize = 2000;

/// The names of the fields.
pub(super) mod field {
    /// The service principal's application id.
    pub(in super::super) const SERVICE_PRINCIPAL: &str = "sp";
    /// The same, just chosen from a search.
    pub(in super::super) const CHOSEN_ANNOUNCEMENT: &str = "choose";
    /// The lifetime.
    pub(in super::super) const DAYS: &str = "days";
    /// The comment.
    pub(in super::super) const COMMENT: &str = "comment";
    /// The scopes.
    pub(in super::super) const SCOPES: &str = "scopes";
}

/// The fields as typed.
#[derive(Clone, Debug, Default)]
pub(super) struct FormInput {
    pub(super) service: String,
    /// `None` where nothing was asked yet.
    pub(super) days: Option<String>,
    pub(super) comment: String,
    pub(super) scopes: String,
}

impl FormInput {
    /// As the address says.
    pub(super) fn of(request: &Request) -> Self {
        Self::from(|name| request.query(name))
    }

    /// As `field` answers by name.
    pub(super) fn from(field: impl Fn(&str) -> Option<String>) -> Self {
        let text =
            |name: &str, most: usize| -> Option<String> { Some(field(name)?.trim().chars().take(most).collect()) };
        let service = text(field::CHOSEN_ANNOUNCEMENT, MAX_FIELD_CHARS)
            .or_else(|| text(field::SERVICE_PRINCIPAL, MAX_FIELD_CHARS));
        Self {
            service: service.unwrap_or_default(),
            days: text(field::DAYS, 20),
            // One more than is allowed, so that a longer one is still told from a good one.
            comment: text(field::COMMENT, MAX_COMMENT_CHARS + 1).unwrap_or_default(),
            scopes: text(field::SCOPES, MAX_FIELD_CHARS).unwrap_or_default(),
        }
    }

    /// The form, filled so.
    pub(super) fn form(&self, workspace: &str) -> String {
        self.at(paths::new_token(workspace))
    }

    /// The review of it.
    pub(super) fn review(&self, workspace: &str) -> String {
        self.at(paths::review_new_token(workspace))
    }

    fn at(&self, page: String) -> String {
        let pairs = [
            (field::SERVICE_PRINCIPAL, self.service.as_str()),
            (field::DAYS, self.days.as_deref().unwrap_or_default()),
            (field::COMMENT, &self.comment),
            (field::SCOPES, &self.scopes),
        ];
        let typed = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        typed.fold(page, |page, (name, value)| paths::with_param(&page, name, value))
    }

    /// The token that is asked for, where its lifetime may be up to `most` days.
    pub(super) fn wanted(&self, most: u32) -> Result<TokenSpec, Problem> {
        if self.service.is_empty() {
            return Err(Problem::NoServicePrincipal);
        }
        if self.comment.chars().count() > MAX_COMMENT_CHARS {
            return Err(Problem::CommentTooLong);
        }
        let days = self.days.as_deref().unwrap_or_default();
        Ok(TokenSpec {
            application_id: self.service.clone(),
            days: parse_token_lifetime(days, most).ok_or(Problem::BadTokenLifetime { most })?,
            comment: self.comment.clone(),
            scopes: parse_scopes(&self.scopes).map_err(Problem::BadScopes)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> FormInput {
        FormInput::from(|name| {
            let pair = pairs.iter().find(|(n, _)| *n == name);
            pair.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_typed_survives_the_address() {
        let typed = typed(&[
            ("sp", "a&b"),
            ("days", " 30 "),
            ("comment", "x=y ü"),
            ("scopes", "sql, jobs"),
        ]);
        let address = typed.form("acme");
        assert_eq!(
            address,
            "/w/acme/tokens/new?sp=a%26b&days=30&comment=x%3Dy%20%C3%BC&scopes=sql%2C%20jobs"
        );
    }

    #[test]
    fn the_latest_choice_counts() {
        assert_eq!(typed(&[("sp", "old"), ("choose", "new")]).service, "new");
    }

    #[test]
    fn what_is_wanted() {
        let good = typed(&[("sp", "a"), ("days", "30"), ("scopes", "sql")]);
        assert_eq!(good.wanted(90).unwrap().days, 30);
        assert_eq!(good.wanted(29), Err(Problem::BadTokenLifetime { most: 29 }));
        assert_eq!(typed(&[("days", "30")]).wanted(90), Err(Problem::NoServicePrincipal));
        let long = "x".repeat(2000);
        assert_eq!(
            typed(&[("sp", "a"), ("days", "30"), ("comment", &long)]).wanted(90),
            Err(Problem::CommentTooLong)
        );
        let wrong = typed(&[("sp", "a"), ("days", "30"), ("scopes", "SQL!")]);
        assert!(matches!(wrong.wanted(90), Err(Problem::BadScopes(_))));
    }
}
