//! Verifying a bulk change of scopes: only tokens that the workspace shows with their new scopes count as changed.

use std::collections::HashMap;

use domain::{Token, TokenId};
use store::{BulkChange, BulkItem, BulkItemState, Detail, Outcome};
use workspace_client::TokenList;

use super::send::final_result;
use super::verify::BATCH_SIZE;
use crate::token_presence::{ListedIds, TokenPresence, look_for};
use crate::{Actor, Console, Error};

/// What the workspace shows of a token.
enum Seen {
    Token(Box<Token>),
    Gone,
    /// Nothing that proves anything.
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

    /// The token as it is listed. If its row could not be read, this token is read, within the limiter's pace.
    async fn see(&self, actor: &Actor, id: &TokenId) -> Seen {
        if let Some(token) = self.tokens.get(id) {
            return Seen::Token(Box::new((*token).clone()));
        }
        if matches!(self.ids.presence(id), Some(TokenPresence::Gone)) {
            return Seen::Gone;
        }
        let _permit = actor.workspace.limiter.acquire().await;
        if let Ok(token) = actor.api().token(id).await {
            return Seen::Token(Box::new(token));
        }
        match look_for(actor, id).await {
            TokenPresence::Gone => Seen::Gone,
            TokenPresence::Exists | TokenPresence::Unreadable(_) => Seen::Unreadable,
        }
    }
}

impl Console {
    /// Settles the tokens whose new scopes were accepted, and those that were sent without a response. Tokens that do
    /// not show them yet stay open, or end as not confirmed if this is the last look. Tokens that could not be looked
    /// at stay open. Returns the number of open tokens.
    pub(super) async fn settle_scopes(
        &self,
        bulk: &BulkChange,
        actor: &Actor,
        listed: &ListedTokens<'_>,
        is_last: bool,
    ) -> Result<usize, Error> {
        let mut open = 0;
        for state in [BulkItemState::Accepted, BulkItemState::Sent, BulkItemState::Gone] {
            let mut from = 0;
            loop {
                let items = self.0.store.bulk_items(&bulk.id, Some(state), from, BATCH_SIZE).await?;
                let Some(last) = items.last() else {
                    break;
                };
                from = last.position + 1;
                let mut settled = Vec::new();
                for item in &items {
                    if self.is_stopping() {
                        return Ok(open);
                    }
                    match verdict(item, &listed.see(actor, &item.token).await, is_last) {
                        Verdict::Stays => {}
                        Verdict::Open => open += 1,
                        Verdict::Ends(state, outcome, detail) => {
                            settled.push(final_result(bulk, &actor.user_name, item, state, outcome, detail));
                        }
                    }
                }
                self.0.store.settle_items(&bulk.id, settled).await?;
            }
        }
        Ok(open)
    }
}

/// What a look at a token says about its change.
enum Verdict {
    /// It has ended as it is stored.
    Stays,
    /// It has to be looked at again.
    Open,
    /// It ends like this.
    Ends(BulkItemState, Outcome, Detail),
}

/// What follows for a token that looks like this. A token that the workspace has called gone is gone only if the list
/// says so too.
fn verdict(item: &BulkItem, seen: &Seen, is_last: bool) -> Verdict {
    let unknown = |detail| match is_last {
        true => Verdict::Ends(BulkItemState::Unknown, Outcome::Unknown, detail),
        false => Verdict::Open,
    };
    match (item.state, seen) {
        (_, Seen::Unreadable) => Verdict::Open,
        (BulkItemState::Gone, Seen::Gone) => Verdict::Stays,
        (BulkItemState::Gone, Seen::Token(_)) => unknown(Detail::GoneButListed),
        (_, Seen::Gone) => Verdict::Ends(BulkItemState::Gone, Outcome::Unknown, Detail::GoneSince),
        (state, Seen::Token(token)) => {
            let plan = item.scopes_plan();
            if plan.as_ref().is_some_and(|plan| plan.is_confirmed(token)) {
                return Verdict::Ends(BulkItemState::Changed, Outcome::Done, Detail::Changed);
            }
            let is_set = plan.as_ref().is_some_and(|plan| plan.is_set(token));
            let has_old = plan.as_ref().is_some_and(|plan| plan.has_old_scopes(token));
            unknown(match (is_set, has_old) {
                // It can do the same as before, so that its scopes prove nothing.
                (true, _) => Detail::NotShownAsSet,
                (false, true) if state == BulkItemState::Accepted => Detail::AcceptedButOldScopes,
                (false, true) => Detail::NoResponseButOldScopes,
                (false, false) => Detail::OtherScopes,
            })
        }
    }
}
