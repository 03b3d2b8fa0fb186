//! Asks a workspace about owners of tokens that its lists of principals do not contain. They are gone only if the
//! workspace does not have their IDs either.

use std::collections::BTreeSet;

use domain::PrincipalId;
use futures_util::{StreamExt as _, stream};

use super::part::ReadResult;
use crate::Actor;

/// How many owners the workspace is asked about. Each takes two calls.
const MAX_ASKED: usize = 200;

/// How many owners the workspace is asked about at the same time.
const ASKED_AT_A_TIME: usize = 4;

/// The owners that were not in the lists, and those of them that are gone.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct GoneOwners {
    pub(crate) asked: BTreeSet<PrincipalId>,
    pub(crate) gone: BTreeSet<PrincipalId>,
}

/// Asks about these owners. If the caller is refused or the workspace fails, the remaining ones stay unknown.
pub(crate) async fn read(actor: &Actor, unknown: BTreeSet<PrincipalId>) -> ReadResult<GoneOwners> {
    let api = actor.api();
    let ids: Vec<_> = unknown.iter().copied().take(MAX_ASKED).collect();
    let asks = ids.into_iter().map(|id| async move {
        let is_gone = api.is_principal_gone(id).await;
        is_gone.map(|is_gone| (id, is_gone))
    });
    let mut answers = stream::iter(asks).buffer_unordered(ASKED_AT_A_TIME);
    let (mut gone, mut gap) = (BTreeSet::new(), None);
    while let (Some(answer), None) = (answers.next().await, &gap) {
        match answer {
            Ok((id, true)) => drop(gone.insert(id)),
            Ok((_, false)) => {}
            Err(error) if error.kind.is_about_caller() || error.kind.is_outage() => gap = Some(error),
            // The error is about this owner alone.
            Err(_) => {}
        }
    }
    drop(answers);
    let asked = unknown;
    Ok((GoneOwners { asked, gone }, gap))
}
