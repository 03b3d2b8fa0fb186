//! The list of tokens as a file: `/w/{workspace}/tokens.csv` and `.json`, all that match the filters, in the order of
//! the list.

use std::sync::Arc;

use app::http::paths;
use app::http::request::{RequestId, Services};
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use console::Snapshot;
use domain::{ALL_APIS, AutoscopeState, Day, Expiry, Finding, Owner, PrincipalId, Timestamp, Token, TokenQuery};
use futures_util::stream;
use serde::Serialize;
use tower_sessions::Session;

use crate::routes::export::{BATCH_SIZE, ExportRow, Format, download};
use crate::routes::signed_in;

/// One token. IDs are text, since they exceed the integers that a JSON number holds exactly in most programs.
#[derive(Serialize)]
struct TokenExportRow<'a> {
    id: &'a str,
    comment: &'a str,
    owner_id: String,
    owner_name: &'a str,
    owner_kind: &'static str,
    creator_id: String,
    creator_name: &'a str,
    created: String,
    expires: String,
    last_used: String,
    status: &'static str,
    /// Separated by spaces, like the scopes.
    findings: String,
    scopes: String,
    autoscope: &'a str,
}

impl<'a> TokenExportRow<'a> {
    fn new(snapshot: &'a Snapshot, token: &'a Token) -> Self {
        let inventory = &snapshot.inventory;
        let (owner_name, owner_kind) = match inventory.owner(token) {
            Owner::Known(principal) => (principal.label(), principal.kind.slug()),
            Owner::Unknown(_) => ("", "unknown"),
            Owner::NotLoaded(_) | Owner::NotReported => ("", ""),
        };
        let text = |id: Option<PrincipalId>| id.map(|id| id.to_string()).unwrap_or_default();
        let findings: Vec<_> = inventory
            .findings(token)
            .map(|finding| Finding::kind(finding).slug())
            .collect();
        Self {
            id: token.id.as_str(),
            comment: &token.comment,
            owner_id: text(token.owner),
            owner_name,
            owner_kind,
            creator_id: text(token.creator),
            creator_name: token.creator_name.as_deref().unwrap_or_default(),
            created: token.created.map_or_else(|| "unknown".to_owned(), Timestamp::to_iso),
            expires: match token.expiry {
                Expiry::At(end) => end.to_iso(),
                Expiry::Never => "never".to_owned(),
                Expiry::Unknown => "unknown".to_owned(),
            },
            last_used: token.last_used.map_or_else(|| "never".to_owned(), Day::to_iso),
            status: token.status(inventory.as_of()).slug(),
            findings: findings.join(" "),
            scopes: token
                .scopes
                .as_ref()
                .map_or_else(|| ALL_APIS.to_owned(), |all| all.join(" ")),
            autoscope: token.autoscope.as_ref().map_or("", AutoscopeState::slug),
        }
    }
}

impl ExportRow for TokenExportRow<'_> {
    const HEADINGS: &'static str = "id,comment,owner_id,owner_name,owner_kind,creator_id,creator_name,created,expires,\
                                    last_used,status,findings,scopes,autoscope";

    fn columns(&self) -> Vec<&str> {
        vec![
            self.id,
            self.comment,
            &self.owner_id,
            self.owner_name,
            self.owner_kind,
            &self.creator_id,
            self.creator_name,
            &self.created,
            &self.expires,
            &self.last_used,
            self.status,
            &self.findings,
            &self.scopes,
            self.autoscope,
        ]
    }
}

/// The tokens of a workspace, for someone who can view them.
pub(crate) async fn export(
    format: Format,
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(id): Extension<RequestId>,
    Path(workspace): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let query = TokenQuery::from_pairs(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let opened = async {
        let actor = signed_in::actor(&services.console, session, &id, &workspace).await?;
        services.console.ensure_fresh_proof(&actor).await?;
        services.console.snapshot(&actor).await
    };
    match opened.await {
        Ok(snapshot) => {
            let positions = snapshot.inventory.matching(&query);
            // The whole file comes from one snapshot, so that it shows one moment.
            let batches = stream::unfold(
                (snapshot, positions, 0),
                move |(snapshot, positions, sent)| async move {
                    let batch = next_batch(format, &snapshot, &positions, sent)?;
                    Some((Ok(batch), (snapshot, positions, sent + BATCH_SIZE as usize)))
                },
            );
            download::<TokenExportRow<'_>>(format, &format!("tokens-{workspace}"), batches)
        }
        Err(error) => signed_in::reject(&error, &paths::tokens(&workspace)),
    }
}

/// The batch after the `sent` rows that were sent before. `None` at the end.
fn next_batch(format: Format, snapshot: &Arc<Snapshot>, positions: &[u32], sent: usize) -> Option<String> {
    let rest = positions.get(sent..).filter(|rest| !rest.is_empty())?;
    let tokens = rest
        .iter()
        .take(BATCH_SIZE as usize)
        .filter_map(|i| snapshot.inventory.at(*i));
    Some(format.rows(tokens.map(|token| TokenExportRow::new(snapshot, token))))
}
