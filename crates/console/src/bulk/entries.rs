//! The rows of the activity log about a bulk change and its tokens.

use domain::format_scopes;
use store::{
    ActivityEntry, ActivityKind, BulkChange, BulkCounts, BulkItem, BulkItemState, BulkKind, Detail, Outcome, Phase,
    RequestedValue,
};

use crate::{Actor, now};

/// The kind of the operation that stands for the whole bulk change.
pub(super) fn run_kind(kind: BulkKind) -> ActivityKind {
    match kind.sets_scopes() {
        true => ActivityKind::EditScopesInBulk,
        false => ActivityKind::RevokeTokens,
    }
}

pub(super) fn resume_kind(kind: BulkKind) -> ActivityKind {
    match kind.sets_scopes() {
        true => ActivityKind::ResumeScopesInBulk,
        false => ActivityKind::ResumeBulk,
    }
}

pub(super) fn cancel_kind(kind: BulkKind) -> ActivityKind {
    match kind.sets_scopes() {
        true => ActivityKind::CancelScopesInBulk,
        false => ActivityKind::CancelBulk,
    }
}

/// The requested value of starting a bulk change of this many tokens.
pub(super) fn start_value(kind: BulkKind, tokens: usize) -> RequestedValue {
    match kind {
        BulkKind::Revoke => RequestedValue::Tokens(tokens),
        BulkKind::KeepScopes => RequestedValue::KeepScopes(tokens),
        BulkKind::NarrowScopes => RequestedValue::NarrowScopes(tokens),
        BulkKind::PutBackScopes => RequestedValue::PutBackScopes(tokens),
    }
}

/// The requested value of retrying the failed tokens.
pub(super) fn retry_value(kind: BulkKind) -> RequestedValue {
    match kind.sets_scopes() {
        true => RequestedValue::FailedScopes,
        false => RequestedValue::FailedTokens,
    }
}

/// How many tokens ended with which result.
pub(super) fn result_detail(kind: BulkKind, counts: &BulkCounts) -> Detail {
    let (failed, cancelled) = (counts.of(BulkItemState::Failed), counts.of(BulkItemState::Cancelled));
    let (gone, unknown) = (counts.of(BulkItemState::Gone), counts.of(BulkItemState::Unknown));
    match kind.sets_scopes() {
        true => Detail::ScopesResult {
            changed: counts.of(BulkItemState::Changed),
            gone,
            failed,
            cancelled,
            unknown,
        },
        false => Detail::BulkResult {
            revoked: counts.of(BulkItemState::Revoked),
            already_gone: gone,
            failed,
            cancelled,
            unknown,
        },
    }
}

/// A row about a bulk change, in the operation that it currently runs under.
pub(super) fn bulk_entry(
    bulk: &BulkChange,
    actor: &Actor,
    phase: Phase,
    outcome: Outcome,
    detail: Detail,
) -> ActivityEntry {
    ActivityEntry {
        at: now(),
        workspace: bulk.workspace.clone(),
        operation: bulk.operation.clone(),
        phase,
        actor: actor.user_name.clone(),
        kind: run_kind(bulk.kind),
        target: bulk.id.to_string(),
        before: String::new(),
        requested: RequestedValue::Empty,
        reason: String::new(),
        outcome,
        detail,
        request_id: actor.request_id.clone(),
        client: actor.client,
    }
}

/// A row about one token of a bulk change.
pub(super) fn item_entry(
    bulk: &BulkChange,
    actor: &str,
    item: &BulkItem,
    phase: Phase,
    outcome: Outcome,
    detail: Detail,
) -> ActivityEntry {
    let (kind, before, requested) = match bulk.kind.sets_scopes() {
        true => scopes_of(bulk, item),
        false => {
            let before = match item.comment.as_str() {
                "" => item.owner.clone(),
                comment => format!("{comment} ({})", item.owner),
            };
            let requested = RequestedValue::PartOfBulk(bulk.id.clone());
            (ActivityKind::RevokeToken, before, requested)
        }
    };
    ActivityEntry {
        at: now(),
        workspace: bulk.workspace.clone(),
        operation: item.operation.clone(),
        phase,
        actor: actor.to_owned(),
        kind,
        target: item.token.to_string(),
        before,
        requested,
        reason: bulk.reason.clone(),
        outcome,
        detail,
        request_id: bulk.request_id.clone(),
        client: bulk.client,
    }
}

/// The scopes before and after; empty if they are not stored completely.
fn scopes_of(bulk: &BulkChange, item: &BulkItem) -> (ActivityKind, String, RequestedValue) {
    let plan = item.scopes_plan();
    let after = plan.as_ref().map(|plan| format_scopes(Some(&plan.after)));
    let requested = RequestedValue::ScopesInBulk {
        bulk: bulk.id.clone(),
        scopes: after.unwrap_or_default(),
    };
    let before = plan.map(|plan| plan.before.text()).unwrap_or_default();
    (ActivityKind::EditScopes, before, requested)
}
