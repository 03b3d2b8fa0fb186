//! The findings of a workspace as a file: `/w/{workspace}/findings.csv` and `.json`, with one row for each token, grant
//! or setting with a finding, in the order of the page, including accepted findings.

use std::collections::{HashMap, HashSet};

use app::http::paths;
use app::http::request::Services;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use console::findings::{AcceptedFinding, FindingsReport};
use console::{Error, RequestSource};
use domain::{FindingSubject, Known, Owner, PrincipalId, Rule, Severity, Token, TokenId};
use futures_util::stream;
use serde::Serialize;
use tower_sessions::Session;

use crate::routes::export::{BATCH_SIZE, ExportRow, Format, NOT_AVAILABLE, download_partial, file_name};
use crate::routes::signed_in;

/// The parameter that limits the findings to one severity.
const SEVERITY_PARAM: &str = "severity";

/// One finding of one token, grant or setting. IDs are text, as in the export of tokens.
#[derive(Serialize)]
struct FindingExportRow {
    severity: &'static str,
    finding: &'static str,
    title: &'static str,
    /// `open`, `accepted`, or `not-available:` followed by the data that could not be read.
    state: String,
    token_id: String,
    comment: String,
    owner_id: String,
    owner_name: String,
    /// The subject of a finding about the workspace.
    subject: String,
    accepted_by: String,
    accepted_until: String,
    accepted_reason: String,
    why: &'static str,
    fix: &'static str,
    source: &'static str,
}

impl FindingExportRow {
    fn new(rule: Rule, state: impl Into<String>) -> Self {
        Self {
            severity: paths::severity_slug(rule.severity()),
            finding: rule.slug(),
            title: rule.title(),
            state: state.into(),
            token_id: String::new(),
            comment: String::new(),
            owner_id: String::new(),
            owner_name: String::new(),
            subject: String::new(),
            accepted_by: String::new(),
            accepted_until: String::new(),
            accepted_reason: String::new(),
            why: rule.reason(),
            fix: rule.fix(),
            source: rule.source(),
        }
    }

    fn accepted(rule: Rule, accepted: Option<&AcceptedFinding>) -> Self {
        let row = Self::new(rule, "accepted");
        let Some(accepted) = accepted else { return row };
        Self {
            accepted_by: accepted.accepted_by.clone(),
            accepted_until: accepted.until.to_iso(),
            accepted_reason: accepted.reason.clone(),
            ..row
        }
    }
}

impl ExportRow for FindingExportRow {
    const HEADINGS: &'static str = "severity,finding,title,state,token_id,comment,owner_id,owner_name,subject,\
                                    accepted_by,accepted_until,accepted_reason,why,fix,source";

    fn columns(&self) -> Vec<&str> {
        vec![
            self.severity,
            self.finding,
            self.title,
            &self.state,
            &self.token_id,
            &self.comment,
            &self.owner_id,
            &self.owner_name,
            &self.subject,
            &self.accepted_by,
            &self.accepted_until,
            &self.accepted_reason,
            self.why,
            self.fix,
            self.source,
        ]
    }
}

/// Produces the rows of a report in batches.
struct Rows {
    report: FindingsReport,
    accepted: HashMap<(Rule, Option<TokenId>), AcceptedFinding>,
    /// The rules that have not been exported yet, in reverse order.
    rules: Vec<Rule>,
    tokens: Option<TokensOfRule>,
}

/// The tokens with a finding that have not been exported yet.
struct TokensOfRule {
    rule: Rule,
    /// In reverse order.
    positions: Vec<u32>,
    /// Tokens for which the finding is not accepted, which are those that the page counts.
    open: HashSet<u32>,
}

impl Rows {
    fn new(report: FindingsReport, severity: Option<Severity>) -> Self {
        let rules = Rule::ALL.into_iter().rev();
        let is_exported = |rule: &Rule| severity.is_none_or(|severity| severity == rule.severity());
        let accepted = report.accepted.iter();
        Self {
            accepted: accepted
                .map(|one| ((one.rule, one.token.clone()), one.clone()))
                .collect(),
            rules: rules.filter(is_exported).collect(),
            tokens: None,
            report,
        }
    }

    /// The next rows; `None` after the last.
    fn next_batch(&mut self) -> Option<Vec<FindingExportRow>> {
        let inventory = &self.report.snapshot.inventory;
        if let Some(mut tokens) = self.tokens.take() {
            let left = tokens.positions.len().saturating_sub(BATCH_SIZE as usize);
            let batch = tokens.positions.split_off(left).into_iter().rev();
            let rows = batch.filter_map(|position| {
                let is_open = tokens.open.contains(&position);
                Some(self.token_row(tokens.rule, inventory.at(position)?, is_open))
            });
            let rows = rows.collect();
            self.tokens = (left > 0).then_some(tokens);
            return Some(rows);
        }
        let rule = self.rules.pop()?;
        let (Some(all), Some(open)) = (rule.query(false), rule.query(true)) else {
            return Some(self.workspace_rows(rule));
        };
        match (inventory.matching(&all), inventory.matching(&open)) {
            (Known::Known(mut positions), Known::Known(open)) => {
                positions.reverse();
                let open = open.into_iter().collect();
                self.tokens = Some(TokensOfRule { rule, positions, open });
                Some(Vec::new())
            }
            (Known::NotAvailable(part), _) | (_, Known::NotAvailable(part)) => {
                Some(vec![unknown_row(rule, part.slug())])
            }
        }
    }

    fn token_row(&self, rule: Rule, token: &Token, is_open: bool) -> FindingExportRow {
        let row = match is_open {
            true => FindingExportRow::new(rule, "open"),
            false => FindingExportRow::accepted(rule, self.acceptance(rule, token)),
        };
        FindingExportRow {
            token_id: token.id.to_string(),
            comment: token.comment.clone(),
            owner_id: token.owner.map(|id| id.to_string()).unwrap_or_default(),
            owner_name: self.owner_name(token.owner),
            ..row
        }
    }

    /// Why a token's finding is not open: it is accepted, or another finding that implies it is.
    fn acceptance(&self, rule: Rule, token: &Token) -> Option<&AcceptedFinding> {
        let more = match rule {
            Rule::Token(kind) => kind.covered_by().map(Rule::Token),
            Rule::Workspace(_) => None,
        };
        let of_rule = |rule| {
            let own = self.accepted.get(&(rule, Some(token.id.clone())));
            own.or_else(|| self.accepted.get(&(rule, None)))
        };
        [Some(rule), more].into_iter().flatten().find_map(of_rule)
    }

    /// The name of an owner; empty without one.
    fn owner_name(&self, owner: Option<PrincipalId>) -> String {
        match self.report.snapshot.inventory.directory().owner(owner) {
            Owner::Known(principal) => principal.label().to_owned(),
            Owner::NotLoaded(_) => NOT_AVAILABLE.to_owned(),
            Owner::Gone(_) | Owner::Unknown(_) | Owner::NotReported => String::new(),
        }
    }

    fn workspace_rows(&self, rule: Rule) -> Vec<FindingExportRow> {
        if let Some(accepted) = self.accepted.get(&(rule, None)) {
            return vec![FindingExportRow::accepted(rule, Some(accepted))];
        }
        let Some(result) = self.report.results.iter().find(|result| result.rule == rule) else {
            return Vec::new();
        };
        match result.open.missing() {
            Some(part) => vec![unknown_row(rule, part.slug())],
            None => {
                let subjects = result.subjects.iter();
                subjects.map(|subject| self.subject_row(rule, subject)).collect()
            }
        }
    }

    fn subject_row(&self, rule: Rule, subject: &FindingSubject) -> FindingExportRow {
        let row = FindingExportRow::new(rule, "open");
        match subject {
            FindingSubject::MaxLifetime(limit) => FindingExportRow {
                subject: limit.to_string(),
                ..row
            },
            FindingSubject::Grantee(grantee) => FindingExportRow {
                subject: grantee.name().to_owned(),
                ..row
            },
            FindingSubject::Owner(id, tokens) => FindingExportRow {
                subject: format!("{tokens} active tokens"),
                owner_id: id.to_string(),
                owner_name: self.owner_name(Some(*id)),
                ..row
            },
        }
    }
}

fn unknown_row(rule: Rule, part: &str) -> FindingExportRow {
    FindingExportRow::new(rule, format!("{NOT_AVAILABLE}:{part}"))
}

/// The findings of a workspace, for someone who can view them. An incomplete file is sent only if the request allows
/// it.
pub(crate) async fn export(
    format: Format,
    State(services): State<Services>,
    Extension(session): Extension<Session>,
    Extension(source): Extension<RequestSource>,
    Path(workspace): Path<String>,
    Query(pairs): Query<Vec<(String, String)>>,
) -> Response {
    let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let format = format.asked_for(pairs());
    let accepts_partial = pairs().any(|pair| pair == (paths::PARTIAL, "1"));
    let opened = async {
        let actor = signed_in::actor(&services.console, session, source, &workspace).await?;
        services.console.ensure_fresh_proof(&actor).await?;
        let severity = match pairs().find(|(name, _)| *name == SEVERITY_PARAM) {
            Some((_, slug)) => Some(paths::severity_from_slug(slug).ok_or(Error::InvalidFilter)?),
            None => None,
        };
        let report = services.console.findings(&actor).await?;
        let unread = report.snapshot.inventory.unread();
        match unread.is_empty() || accepts_partial {
            true => Ok((report, severity, unread)),
            false => Err(Error::PartialData(unread)),
        }
    };
    match opened.await {
        Ok((report, severity, unread)) => {
            let filter = severity.map(|severity| format!("{SEVERITY_PARAM}={}", paths::severity_slug(severity)));
            let as_of = report.snapshot.inventory.as_of();
            let name = file_name(&workspace, "findings", as_of, &filter.unwrap_or_default());
            let batches = stream::unfold(Rows::new(report, severity), move |mut rows| async move {
                let batch = rows.next_batch()?;
                Some((Ok(format.rows(batch.into_iter())), rows))
            });
            download_partial::<FindingExportRow>(format, &name, unread, batches)
        }
        Err(error) => signed_in::reject(&error, &paths::findings(&workspace)),
    }
}
