//! What a look at the workspace proves about an operation long after it was sent. A token that is gone proves its
//! revocation, and a token that can only be the requested one proves its creation. A token that is still listed proves
//! nothing, since the workspace can process a call late. Neither does a value, since someone else can have set it.
//! Scopes that the workspace accepted are an exception: it can take many minutes to show them.

use std::time::Duration;

use domain::{DAY, Expiry, Policy, Principal, Token, TokenId};
use store::{ActivityKind, ActivityQuery, Detail, Operation, Outcome, RequestedValue, before_label};
use workspace_client::TokenList;

use crate::changes::create_token::{FIRST_TOKEN_COMMENT, has_application_id, requested_first_token, requested_text};
use crate::changes::edit_access::grants_text;
use crate::token_presence::{ListedIds, TokenPresence, look_for};
use crate::{Actor, Console, Error, now};

/// If more tokens than this are looked for, the list is read once instead.
const MAX_SINGLE_LOOKS: usize = 20;

/// How far the clocks of the console and the workspace may differ.
const CLOCK_TOLERANCE: Duration = Duration::from_mins(10);

/// How long after it was sent the workspace may still create a token.
const LATEST_CREATION: Duration = Duration::from_hours(1);

/// How many creations for one owner are compared.
const MAX_CREATIONS: u32 = 1000;

/// The kinds of operations that create a token.
const CREATIONS: [ActivityKind; 2] = [ActivityKind::CreateToken, ActivityKind::CreateFirstToken];

/// One look at the workspace on behalf of several operations.
pub(super) struct LaterLook<'a> {
    console: &'a Console,
    actor: &'a Actor,
    /// The list of tokens, if it is needed and could be read.
    list: Option<TokenList>,
    listed_ids: Option<ListedIds>,
    /// The policy, if it is needed and could be read.
    policy: Option<Policy>,
}

impl<'a> LaterLook<'a> {
    /// Reads what several of these operations need.
    pub(super) async fn new(console: &'a Console, actor: &'a Actor, operations: &[Operation]) -> Self {
        let count = |kinds: &[ActivityKind]| operations.iter().filter(|o| kinds.contains(&o.kind)).count();
        let needs_list = count(&CREATIONS) > 0 || count(&[ActivityKind::RevokeToken]) > MAX_SINGLE_LOOKS;
        let needs_policy = count(&[ActivityKind::SwitchTokens, ActivityKind::SetMaxLifetime]) > 0;
        let list = match needs_list {
            true => actor.api().tokens().await.ok(),
            false => None,
        };
        Self {
            console,
            actor,
            listed_ids: list.as_ref().map(ListedIds::of),
            list,
            policy: match needs_policy {
                true => actor.api().policy().await.ok(),
                false => None,
            },
        }
    }

    /// The outcome of an operation as the workspace shows it now; `None` if that adds nothing.
    pub(super) async fn outcome_of(&self, operation: &Operation) -> Option<(Outcome, Detail)> {
        let id = TokenId::new(operation.target.as_str());
        let token = async || self.actor.api().token(&id).await.ok();
        let seen = match &operation.kind {
            ActivityKind::RevokeToken => return self.revocation(&id).await,
            ActivityKind::CreateToken | ActivityKind::CreateFirstToken => {
                return match self.created_token(operation).await {
                    Some(id) => Some((Outcome::Done, Detail::CreatedValueLost(id))),
                    None => not_recorded(operation),
                };
            }
            ActivityKind::EditComment => token().await?.comment,
            ActivityKind::EditScopes => return self.scopes(operation, &token().await?),
            ActivityKind::SwitchTokens => {
                let state = RequestedValue::switch(self.policy.as_ref()?.enabled);
                before_label(&operation.kind, &state.to_stored()).into_owned()
            }
            ActivityKind::SetMaxLifetime => {
                let limit = self.policy.as_ref()?.max_lifetime.to_wire();
                before_label(&operation.kind, &limit).into_owned()
            }
            ActivityKind::EditAccess => {
                let list = self.actor.api().token_permissions().await.ok()?;
                before_label(&operation.kind, &grants_text(&list)).into_owned()
            }
            ActivityKind::RevokeTokens
            | ActivityKind::ResumeBulk
            | ActivityKind::CancelBulk
            | ActivityKind::AcceptFinding
            | ActivityKind::WithdrawAcceptance
            | ActivityKind::EditScopesInBulk
            | ActivityKind::ResumeScopesInBulk
            | ActivityKind::CancelScopesInBulk
            | ActivityKind::Other(_) => return None,
        };
        Some((Outcome::Unknown, Detail::SeenLater(seen)))
    }

    /// A workspace that accepted new scopes can take many minutes to show them, so old scopes prove nothing. New ones
    /// that it shows after accepting them are confirmed, as they would have been right after the change.
    fn scopes(&self, operation: &Operation, token: &Token) -> Option<(Outcome, Detail)> {
        let seen = domain::format_scopes(token.scopes.as_deref());
        let is_accepted = operation.detail.to_stored() == Detail::from(&Error::NotConfirmed).to_stored();
        let is_requested = matches!(&operation.requested, RequestedValue::Scopes(scopes) if *scopes == seen);
        let is_due = now().duration_since(operation.at) > self.console.0.timing.scopes_verify_timeout;
        match (is_accepted, is_requested) {
            (true, true) => Some((Outcome::Done, Detail::FoundDone)),
            (true, false) if !is_due => None,
            _ => Some((Outcome::Unknown, Detail::SeenLater(seen))),
        }
    }

    async fn revocation(&self, id: &TokenId) -> Option<(Outcome, Detail)> {
        let presence = match self.listed_ids.as_ref().and_then(|listed| listed.presence(id)) {
            Some(presence) => presence,
            None => look_for(self.actor, id).await,
        };
        match presence {
            TokenPresence::Gone => Some((Outcome::Done, Detail::FoundDone)),
            TokenPresence::Exists => Some((Outcome::Unknown, Detail::StillListed(now()))),
            TokenPresence::Unreadable(_) => None,
        }
    }

    /// The only token that this creation, and no other, can have made.
    async fn created_token(&self, operation: &Operation) -> Option<TokenId> {
        let list = self.list.as_ref().filter(|list| list.unreadable.is_empty())?;
        let parts = &self.actor.workspace.parts;
        parts.begin(self.actor, self.console.0.timing);
        parts.names.settled().await;
        let directory = parts.names.last()?;
        let is_owner = |principal: &&Principal| match operation.kind {
            ActivityKind::CreateFirstToken => principal.name.eq_ignore_ascii_case(&operation.target),
            _ => has_application_id(principal, &operation.target),
        };
        let owner = directory.principals().find(is_owner)?.id;
        let others = self.other_creations(operation).await?;
        let is_known = |token: &Token| {
            others.iter().any(|other| match &other.detail {
                Detail::CreatedToken(id) | Detail::CreatedValueLost(id) => *id == token.id,
                _ => false,
            })
        };
        let mut candidates = list
            .tokens
            .iter()
            .filter(|token| token.owner == Some(owner) && can_have_created(operation, token) && !is_known(token));
        let (Some(token), None) = (candidates.next(), candidates.next()) else {
            return None;
        };
        let is_unsettled = |other: &&Operation| matches!(other.outcome, Outcome::Open | Outcome::Unknown);
        let mut rivals = others.iter().filter(is_unsettled);
        match rivals.any(|other| can_have_created(other, token)) {
            true => None,
            false => Some(token.id.clone()),
        }
    }

    /// The other creations of the same kind for the same owner; `None` if they could not all be read.
    async fn other_creations(&self, operation: &Operation) -> Option<Vec<Operation>> {
        let query = ActivityQuery {
            workspace: self.actor.workspace.name().to_owned(),
            kind: Some(operation.kind.clone()),
            targets: vec![operation.target.clone()],
            ..ActivityQuery::default()
        };
        let page = self.console.0.store.activity(&query, MAX_CREATIONS).await.ok()?;
        let others = page.operations.into_iter();
        // Any of the older ones may have created it too.
        page.older
            .is_none()
            .then(|| others.filter(|other| other.operation != operation.operation).collect())
    }
}

/// Whether the token is as this creation requested it.
fn can_have_created(operation: &Operation, token: &Token) -> bool {
    let is_by_actor = token
        .creator_name
        .as_ref()
        .is_some_and(|name| name.eq_ignore_ascii_case(&operation.actor));
    is_by_actor && is_in_time(token, operation) && is_as_requested(token, operation)
}

/// The outcome "not recorded", for an operation that has none.
fn not_recorded(operation: &Operation) -> Option<(Outcome, Detail)> {
    (operation.outcome == Outcome::Open).then_some((Outcome::Unknown, Detail::NotRecorded))
}

fn is_in_time(token: &Token, operation: &Operation) -> bool {
    let earliest = operation.at.minus(CLOCK_TOLERANCE);
    let latest = operation.at.plus(LATEST_CREATION);
    token.created.is_some_and(|at| (earliest..=latest).contains(&at))
}

/// Whether the token has the comment, the lifetime and the scopes that were requested.
fn is_as_requested(token: &Token, operation: &Operation) -> bool {
    let (Expiry::At(end), Some(created)) = (token.expiry, token.created) else {
        return false;
    };
    let lifetime = end.duration_since(created) + DAY / 2;
    let Ok(days) = u32::try_from(lifetime.as_secs() / DAY.as_secs()) else {
        return false;
    };
    let requested = operation.requested.to_stored();
    if operation.kind == ActivityKind::CreateFirstToken {
        return requested == requested_first_token() && token.comment == FIRST_TOKEN_COMMENT && days == 0;
    }
    // While the platform observes a token, it can list all scopes instead of the requested ones.
    if requested.ends_with("; auto-scoping)") {
        let start = requested_text(&token.comment, days, Some(&[]), false);
        return requested.starts_with(start.trim_end_matches(')'));
    }
    // Without requested scopes, the workspace may list any.
    [None, token.scopes.as_deref()]
        .into_iter()
        .any(|scopes| requested == requested_text(&token.comment, days, scopes, false))
}
