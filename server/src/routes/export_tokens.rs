//! The list of tokens as a file: `/w/{workspace}/tokens.csv` and `.json`, with all tokens that match the filters, in
//! the order of the list.

use std::sync::Arc;

use app::http::paths;
use app::http::request::Services;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use console::{Error, RequestSource, Snapshot};
use domain::{
    ALL_APIS, AutoscopeState, Day, Expiry, Finding, ForeseenScopes, Narrowing, Owner, ParsedQuery, PrincipalId,
    Timestamp, Token,
};
use futures_util::stream;
use serde::Serialize;
use tower_sessions::Session;

use crate::routes::export::{BATCH_SIZE, ExportRow, Format, NOT_AVAILABLE, download_partial, file_name};
use crate::routes::signed_in;

/// One token. IDs are text, because most programs cannot represent such large integers exactly in JSON numbers.
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
    /// Separated by spaces, like the scopes. A finding that could not be determined starts with `not-available:`.
    findings: String,
    scopes: String,
    autoscope: &'a str,
    /// About when the platform limits the scopes of a token that it observes.
    narrows_about: String,
    /// The scopes that the token then keeps and loses, or would by the workspace's proposal. Separated by spaces.
    keeps: String,
    loses: String,
}

impl<'a> TokenExportRow<'a> {
    fn new(snapshot: &'a Snapshot, token: &'a Token) -> Self {
        let inventory = &snapshot.inventory;
        let (owner_name, owner_kind) = match inventory.owner(token) {
            Owner::Known(principal) => (principal.label(), principal.kind.slug()),
            Owner::Gone(_) => ("", "gone"),
            Owner::Unknown(_) => ("", "unknown"),
            Owner::NotLoaded(_) => (NOT_AVAILABLE, NOT_AVAILABLE),
            Owner::NotReported => ("", "not-given"),
        };
        let text = |id: Option<PrincipalId>| id.map(|id| id.to_string()).unwrap_or_default();
        let findings = inventory.findings(token);
        let found = findings.found().map(|finding| Finding::kind(finding).slug().to_owned());
        let undetermined = findings.undetermined();
        let undetermined = undetermined.map(|(kind, _)| format!("{NOT_AVAILABLE}:{}", kind.slug()));
        let findings: Vec<_> = found.chain(undetermined).collect();
        let foreseen = ForeseenScopes::of(token, inventory.as_of());
        let (keeps, loses) = foreseen.map(|foreseen| scopes_text(&foreseen)).unwrap_or_default();
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
            scopes: match token.scopes.as_deref() {
                None => ALL_APIS.to_owned(),
                // What an empty list allows is not documented.
                Some([]) => format!("possibly:{ALL_APIS}"),
                Some(all) => all.join(" "),
            },
            autoscope: token.autoscope.as_ref().map_or("", AutoscopeState::slug),
            narrows_about: match Narrowing::of(token, inventory.as_of()) {
                Some(Narrowing::About(end)) => end.day().to_iso(),
                Some(Narrowing::Due) => "any-time".to_owned(),
                Some(Narrowing::ExpiresBefore) => "expires-before".to_owned(),
                Some(Narrowing::Unknown) => "unknown".to_owned(),
                None => String::new(),
            },
            keeps,
            loses,
        }
    }
}

impl ExportRow for TokenExportRow<'_> {
    const HEADINGS: &'static str = "id,comment,owner_id,owner_name,owner_kind,creator_id,creator_name,created,expires,\
                                    last_used,status,findings,scopes,autoscope,narrows_about,keeps,loses";

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
            &self.narrows_about,
            &self.keeps,
            &self.loses,
        ]
    }
}

/// The scopes that a token keeps and loses. A word stands for an unknown list, so that an empty cell always means that
/// no change is expected.
fn scopes_text(foreseen: &ForeseenScopes) -> (String, String) {
    let text = |scopes: &[String]| match scopes {
        [] => "nothing".to_owned(),
        scopes => scopes.join(" "),
    };
    match &foreseen.loses {
        Some(loses) => (text(&foreseen.keeps), text(loses)),
        None if foreseen.keeps.is_empty() => ("nothing-seen".to_owned(), "unknown".to_owned()),
        None => (text(&foreseen.keeps), "unknown".to_owned()),
    }
}

/// The tokens of a workspace, for someone who can view them. Refused if a filter cannot be applied. An incomplete file
/// is sent only if the request allows it.
pub(crate) async fn export(
    format: Format,
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Path(workspace): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let parsed = ParsedQuery::from_pairs(pairs());
    let format = format.asked_for(pairs());
    let accepts_partial = pairs().any(|pair| pair == (paths::PARTIAL, "1"));
    let opened = async {
        let actor = signed_in::actor(&services.console, session, source, &workspace).await?;
        services.console.ensure_fresh_proof(&actor).await?;
        let query = parsed.strict().map_err(|_| Error::InvalidFilter)?;
        let snapshot = services.console.snapshot(&actor).await?;
        let positions = snapshot.inventory.matching(query).ok();
        let positions = positions.map_err(Error::FilterNotAvailable)?;
        let unread = snapshot.inventory.unread();
        match unread.is_empty() || accepts_partial {
            true => Ok((snapshot, positions, unread)),
            false => Err(Error::PartialData(unread)),
        }
    };
    match opened.await {
        Ok((snapshot, positions, unread)) => {
            let filters = parsed.query.unordered().to_query_string();
            let name = file_name(&workspace, "tokens", snapshot.inventory.as_of(), &filters);
            // The whole file comes from one snapshot, so it shows a single moment.
            let batches = stream::unfold(
                (snapshot, positions, 0),
                move |(snapshot, positions, sent)| async move {
                    let batch = next_batch(format, &snapshot, &positions, sent)?;
                    Some((Ok(batch), (snapshot, positions, sent + BATCH_SIZE as usize)))
                },
            );
            download_partial::<TokenExportRow<'_>>(format, &name, unread, batches)
        }
        Err(error) => signed_in::reject(&error, &paths::tokens(&workspace)),
    }
}

/// The batch after the first `sent` rows. `None` at the end.
fn next_batch(format: Format, snapshot: &Arc<Snapshot>, positions: &[u32], sent: usize) -> Option<String> {
    let rest = positions.get(sent..).filter(|rest| !rest.is_empty())?;
    let tokens = rest
        .iter()
        .take(BATCH_SIZE as usize)
        .filter_map(|i| snapshot.inventory.at(*i));
    Some(format.rows(tokens.map(|token| TokenExportRow::new(snapshot, token))))
}
