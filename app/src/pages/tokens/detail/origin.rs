//! The token list that someone came from, as a list query in the URL of a token's page. The way back and the links to
//! the previous and next token refer to that list.

use domain::{ParsedQuery, PrincipalId, TokenQuery};
use leptos::prelude::*;

use crate::http::paths;
use crate::http::request::Request;
use crate::islands::token_drawer::{DRAWER_PARAM, LIST_PARAM};

/// The parameter's value after a search for a leaked token.
const LEAK_SEARCH: &str = "leak";

/// Where a token's page was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origin {
    list: Option<TokenQuery>,
    /// Whether the page is shown in the drawer next to the list.
    pub(super) is_drawer: bool,
}

impl Origin {
    /// Reads it from the URL of a page about one token; without the parameter, from the referring page.
    pub(crate) fn of(request: &Request, workspace: &str) -> Self {
        let param = request.query(LIST_PARAM);
        let referring_list = || list_of_page(workspace, &request.referring_page()?);
        let list = match param.as_deref() {
            Some(LEAK_SEARCH) => None,
            Some(list) => Some(list.to_owned()),
            None => referring_list(),
        };
        let drawer = request.query(DRAWER_PARAM);
        Self::from_fields(list.as_deref(), drawer.as_deref())
    }

    /// Reads it from a form's fields.
    pub(crate) fn from_fields(list: Option<&str>, drawer: Option<&str>) -> Self {
        Self {
            list: list.map(parse_list),
            is_drawer: drawer.is_some(),
        }
    }

    /// The same origin, with this list instead.
    pub(super) fn with_list(list: TokenQuery) -> Self {
        Self {
            list: Some(list),
            is_drawer: false,
        }
    }

    /// The filters, order and page of the list. `None` if the person came from elsewhere.
    pub(super) fn list(&self) -> Option<&TokenQuery> {
        self.list.as_ref()
    }

    /// The URL of the list.
    pub(super) fn list_url(&self, workspace: &str) -> String {
        match &self.list {
            Some(list) => paths::tokens_with(workspace, list),
            None => paths::tokens(workspace),
        }
    }

    /// `page` with the list as a parameter.
    pub(crate) fn add_to(&self, page: &str) -> String {
        match &self.list {
            Some(list) => paths::with_param(page, LIST_PARAM, &list.to_query_string()),
            None => page.to_owned(),
        }
    }

    /// `page`, which leads back to where this page is shown: next to the list, or as a page.
    pub(crate) fn return_to(&self, page: &str) -> String {
        let page = self.add_to(page);
        match self.is_drawer {
            true => paths::with_param(&page, DRAWER_PARAM, "1"),
            false => page,
        }
    }

    /// The origin as hidden fields of a form.
    pub(crate) fn fields(&self) -> AnyView {
        let list = self.list.as_ref().map(TokenQuery::to_query_string);
        view! {
            {list.map(|list| view! { <input type="hidden" name=LIST_PARAM value=list /> })}
            {self.is_drawer.then(|| view! { <input type="hidden" name=DRAWER_PARAM value="1" /> })}
        }
        .into_any()
    }
}

/// The query of the list on a page: the token list, or the tokens of a user or service principal.
fn list_of_page(workspace: &str, page: &str) -> Option<String> {
    let (path, query) = page.split_once('?').unwrap_or((page, ""));
    if path == paths::tokens(workspace) {
        return Some(query.to_owned());
    }
    let id: PrincipalId = path.rsplit('/').next()?.parse().ok()?;
    (path == paths::principal(workspace, id)).then(|| format!("owner={id}"))
}

/// Parses the list's query. Drops everything that is not a filter, order or page of the list, and everything that can
/// contain a token value.
fn parse_list(query: &str) -> TokenQuery {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    ParsedQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))).query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_list_and_the_tokens_of_a_principal_are_lists_to_go_back_to() {
        let list = |page| list_of_page("acme", page);
        assert_eq!(list("/w/acme/tokens?q=a").as_deref(), Some("q=a"));
        assert_eq!(list("/w/acme/tokens").as_deref(), Some(""));
        assert_eq!(list("/w/acme/principals/42?x=1").as_deref(), Some("owner=42"));
        for other in ["/w/acme/principals/a", "/w/other/tokens", "/w/acme/findings/42", "/"] {
            assert_eq!(list(other), None, "{other}");
        }
    }

    fn url_of(list: &str) -> String {
        Origin::from_fields(Some(list), None).list_url("acme")
    }

    #[test]
    fn a_list_is_only_its_filters_order_and_page() {
        assert_eq!(url_of("owner=5&page=2"), "/w/acme/tokens?owner=5&page=2");
        assert_eq!(url_of("sel=ab&of=1&done=revoked"), "/w/acme/tokens");
        assert_eq!(url_of("q=dapi0123"), "/w/acme/tokens", "no part of a token value");
        for foreign in [
            "//evil.example",
            "https://evil.example",
            "/../../x",
            "javascript:alert(1)",
        ] {
            assert_eq!(url_of(foreign), "/w/acme/tokens", "{foreign}");
        }
        assert_eq!(url_of("q=//evil.example"), "/w/acme/tokens?q=%2F%2Fevil.example");
    }

    #[test]
    fn a_page_keeps_the_list() {
        let origin = Origin::from_fields(Some("status=active&q=a b"), None);
        assert_eq!(origin.add_to("/t"), "/t?from=q%3Da%2520b%26status%3Dactive");
        assert_eq!(Origin::from_fields(None, None).add_to("/t"), "/t");
        assert_eq!(
            Origin::from_fields(Some(""), Some("1")).return_to("/t"),
            "/t?from=&drawer=1"
        );
    }
}
