//! Verifying a bulk change of scopes: only tokens that the workspace shows with their new scopes count as changed.

use std::collections::HashMap;

use domain::{Token, TokenId};
use store::{BulkItem, BulkItemState, Detail, Outcome};
use workspace_client::TokenList;

use super::verify::Verdict;
use crate::Actor;
use crate::token_presence::{ListedIds, TokenPresence, look_for};

/// The scopes of a token, as the workspace shows them.
enum ObservedScopes {
    Token(Box<Token>),
    Gone,
    /// Nothing conclusive.
    Unreadable,
}

/// A list of tokens, to look for some of them.
pub(super) struct ListedTokens<'a> {
    ids: ListedIds,
    tokens: HashMap<&'a TokenId, &'a Token>,
}

impl<'a> ListedTokens<'a> {
    pub(super) fn of(list: &'a TokenList) -> Self {
        Self {
            ids: ListedIds::of(list),
            tokens: list.tokens.iter().map(|token| (&token.id, token)).collect(),
        }
    }

    /// The verdict on a token of the change, according to the list.
    pub(super) async fn verdict(&self, actor: &Actor, item: &BulkItem, is_last: bool) -> Verdict {
        verdict(item, &self.observe(actor, &item.token).await, is_last)
    }

    /// The token as it is listed. If its row could not be read, this token is read, within the limiter's pace.
    async fn observe(&self, actor: &Actor, id: &TokenId) -> ObservedScopes {
        if let Some(token) = self.tokens.get(id) {
            return ObservedScopes::Token(Box::new((*token).clone()));
        }
        if matches!(self.ids.presence(id), Some(TokenPresence::Gone)) {
            return ObservedScopes::Gone;
        }
        let _permit = actor.workspace.limiter.acquire().await;
        if let Ok(token) = actor.api().token(id).await {
            return ObservedScopes::Token(Box::new(token));
        }
        match look_for(actor, id).await {
            TokenPresence::Gone => ObservedScopes::Gone,
            TokenPresence::Exists | TokenPresence::Unreadable(_) => ObservedScopes::Unreadable,
        }
    }
}

/// The verdict on a token that looks like this. A token that the workspace has reported as gone counts as gone only if
/// the list confirms it.
fn verdict(item: &BulkItem, seen: &ObservedScopes, is_last: bool) -> Verdict {
    let unknown = |detail| Verdict::unconfirmed(detail, is_last);
    match (item.state, seen) {
        (_, ObservedScopes::Unreadable) => Verdict::Open,
        (BulkItemState::Gone, ObservedScopes::Gone) => Verdict::Stays,
        (BulkItemState::Gone, ObservedScopes::Token(_)) => unknown(Detail::GoneButListed),
        (_, ObservedScopes::Gone) => Verdict::Ends(BulkItemState::Gone, Outcome::Unknown, Detail::GoneSince),
        (state, ObservedScopes::Token(token)) => {
            let plan = item.scopes_plan();
            if plan.as_ref().is_some_and(|plan| plan.is_confirmed(token)) {
                return Verdict::Ends(BulkItemState::Changed, Outcome::Done, Detail::Changed);
            }
            let is_set = plan.as_ref().is_some_and(|plan| plan.is_set(token));
            let has_old = plan.as_ref().is_some_and(|plan| plan.has_old_scopes(token));
            unknown(match (is_set, has_old) {
                // The old and the new scopes are the same, so they prove nothing.
                (true, _) => Detail::NotShownAsSet,
                (false, true) if state == BulkItemState::Accepted => Detail::AcceptedButOldScopes,
                (false, true) => Detail::NoResponseButOldScopes,
                (false, false) => Detail::OtherScopes,
            })
        }
    }
}
