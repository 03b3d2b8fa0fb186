//! The tokens of a selection.

use super::Inventory;
use crate::{Known, Selection, Token, TokenQuery};

impl Inventory {
    /// The selected tokens that pass the filters, in the workspace's order.
    pub fn selected(&self, query: &TokenQuery, selection: &Selection) -> Known<Vec<&Token>> {
        self.readable(query).map(|()| {
            if selection.is_empty() {
                return Vec::new();
            }
            let passing = self.matches(query);
            let passes = |i: usize| passing.as_ref().is_none_or(|p| p[i]);
            let all = self.tokens.iter().enumerate();
            let selected = all.filter(|(i, token)| passes(*i) && selection.contains(&token.id));
            selected.map(|(_, token)| token).collect()
        })
    }

    /// Whether all individually selected tokens are listed, regardless of filters.
    pub fn has_all(&self, selection: &Selection) -> bool {
        let Selection::Tokens(handles) = selection else {
            return true;
        };
        let listed = self.tokens().filter(|token| selection.contains(&token.id));
        listed.count() >= handles.len()
    }
}
