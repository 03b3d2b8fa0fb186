//! The changes of the table as a person makes them: their preparation, their forms, and their calls.

use std::time::Duration;

use console::activity::ActivityKind;
use demo_workspace::{Change, ChangeOutcome, NewToken};
use store::{BulkId, BulkState};

use crate::support::{ACME, Browser, Response, Site, TOKENS_API, TOKENS_PAGE};

const CONF: &str = "/api/2.0/workspace-conf";
const PERMISSIONS: &str = "/api/2.0/permissions/authorization/tokens";
const CREATE: &str = "/api/2.0/token-management/on-behalf-of/tokens";
const CREATE_OWN: &str = "/api/2.0/token/create";
const SETTINGS: &str = "/w/acme-prod/settings/advanced";

/// The page of a form, its action, and its fields without the workspace.
type Form = (String, &'static str, Vec<(&'static str, String)>);

/// A change, as an attempt by a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    Revoke,
    EditComment,
    EditScopes,
    SetMaxLifetime,
    SwitchOn,
    SwitchOff,
    AddGrant,
    RemoveGrant,
    CreateToken,
    CreateFirstToken,
    BulkItem,
    BulkScopes,
}

/// A state of what is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// The state before the change.
    Old,
    /// The requested state.
    Requested,
    /// A state that only a colleague sets.
    Other,
}

/// What one attempt refers to.
#[derive(Clone, Debug, Default)]
pub(super) struct Subject {
    /// A text that is unique to this case.
    label: String,
    /// The token that is changed.
    pub(super) token: String,
    /// The fingerprint of the permissions that the change starts from.
    opened: String,
    /// The number of tokens that a removal stops, which its review asks for.
    stopped: String,
    /// A bulk revocation of only this token.
    pub(super) bulk: String,
}

impl Attempt {
    /// The kind in the activity log.
    pub(super) fn kind(self) -> ActivityKind {
        match self {
            Self::Revoke | Self::BulkItem => ActivityKind::RevokeToken,
            Self::EditComment => ActivityKind::EditComment,
            Self::EditScopes | Self::BulkScopes => ActivityKind::EditScopes,
            Self::SetMaxLifetime => ActivityKind::SetMaxLifetime,
            Self::SwitchOn | Self::SwitchOff => ActivityKind::SwitchTokens,
            Self::AddGrant | Self::RemoveGrant => ActivityKind::EditAccess,
            Self::CreateToken => ActivityKind::CreateToken,
            Self::CreateFirstToken => ActivityKind::CreateFirstToken,
        }
    }

    pub(super) fn is_revocation(self) -> bool {
        matches!(self, Self::Revoke | Self::BulkItem)
    }

    /// Whether it is for one token of a bulk change.
    pub(super) fn is_bulk(self) -> bool {
        matches!(self, Self::BulkItem | Self::BulkScopes)
    }

    pub(super) fn is_creation(self) -> bool {
        matches!(self, Self::CreateToken | Self::CreateFirstToken)
    }

    /// Whether the whole workspace has one such value.
    pub(super) fn is_global(self) -> bool {
        use Attempt::{AddGrant, RemoveGrant, SetMaxLifetime, SwitchOff, SwitchOn};
        matches!(self, SetMaxLifetime | SwitchOn | SwitchOff | AddGrant | RemoveGrant)
    }

    /// Whether it depends on a read right before its call.
    pub(super) fn reads_first(self) -> bool {
        use Attempt::{AddGrant, EditScopes, RemoveGrant};
        self.is_creation() || matches!(self, EditScopes | AddGrant | RemoveGrant)
    }

    /// The method and path of its only writing call.
    pub(super) fn write(self, subject: &Subject) -> (&'static str, String) {
        let token = format!("{TOKENS_API}/{}", subject.token);
        match self {
            Self::Revoke | Self::BulkItem => ("DELETE", token),
            Self::EditComment | Self::EditScopes | Self::BulkScopes => ("PATCH", token),
            Self::SetMaxLifetime | Self::SwitchOn | Self::SwitchOff => ("PATCH", CONF.to_owned()),
            Self::AddGrant => ("PATCH", PERMISSIONS.to_owned()),
            Self::RemoveGrant => ("PUT", PERMISSIONS.to_owned()),
            Self::CreateToken => ("POST", CREATE.to_owned()),
            Self::CreateFirstToken => ("POST", CREATE_OWN.to_owned()),
        }
    }

    /// The prefix of the paths that are read to see its result.
    pub(super) fn look(self) -> &'static str {
        match self {
            Self::SetMaxLifetime | Self::SwitchOn | Self::SwitchOff => CONF,
            Self::AddGrant | Self::RemoveGrant => PERMISSIONS,
            // Its call has another path than the list.
            Self::CreateToken | Self::CreateFirstToken => "/api/2.0/token-management/",
            Self::Revoke | Self::BulkItem | Self::EditComment | Self::EditScopes | Self::BulkScopes => TOKENS_API,
        }
    }

    /// The change by which a colleague sets the workspace to `value`; `None` if no change does that.
    pub(super) fn setting(self, site: &Site, subject: &Subject, value: Value) -> Option<Change> {
        let token_id = subject.token.clone();
        let conf = |key: &str, value: &str| Change::SetConf {
            values: [(key.to_owned(), Some(value.to_owned()))].into(),
        };
        Some(match self {
            Self::Revoke | Self::BulkItem if value == Value::Requested => Change::RevokeToken { token_id },
            Self::Revoke | Self::BulkItem => return None,
            Self::EditComment => Change::SetComment {
                token_id,
                comment: subject.comment(value),
            },
            Self::EditScopes | Self::BulkScopes => Change::SetScopes {
                token_id,
                scopes: Some(self.scopes(value).split(' ').map(str::to_owned).collect()),
            },
            Self::SetMaxLifetime => conf("maxTokenLifetimeDays", days(value)),
            Self::SwitchOn | Self::SwitchOff => conf("enableTokensConfig", &self.is_on(value).to_string()),
            Self::AddGrant | Self::RemoveGrant => Change::SetGrants {
                can_use: self.grants(site, value),
            },
            Self::CreateToken if value == Value::Old => return None,
            Self::CreateFirstToken if value == Value::Old => Change::RemoveAllTokens,
            Self::CreateFirstToken => Change::CreateToken(NewToken {
                owner: site.demo.credentials().other_admin.user_name.clone(),
                comment: Some("first token, made to open token permissions".to_owned()),
                lifetime_days: Some(1),
                ..NewToken::default()
            }),
            Self::CreateToken => Change::CreateToken(NewToken {
                owner: site.application_id(),
                creator: Some(site.demo.credentials().other_admin.user_name.clone()),
                comment: Some(subject.comment(value)),
                lifetime_days: Some(30),
                ..NewToken::default()
            }),
        })
    }

    /// The text in the activity log if a later look finds `value`.
    pub(super) fn seen(self, subject: &Subject, value: Value) -> String {
        match self {
            Self::EditComment => subject.comment(value),
            Self::EditScopes | Self::BulkScopes => self.scopes(value).replace(' ', ", "),
            Self::SetMaxLifetime => days(value).to_owned(),
            Self::SwitchOn | Self::SwitchOff if self.is_on(value) => "Enabled".to_owned(),
            Self::SwitchOn | Self::SwitchOff => "Disabled".to_owned(),
            _ => String::new(),
        }
    }

    fn scopes(self, value: Value) -> &'static str {
        match (self, value) {
            (Self::BulkScopes, Value::Old) => "clusters jobs sql",
            // A bulk change sends the scopes sorted.
            (Self::BulkScopes, Value::Requested) => "clusters jobs",
            (_, Value::Old) => "sql",
            (_, Value::Requested) => "jobs clusters",
            (_, Value::Other) => "sql jobs",
        }
    }

    fn is_on(self, value: Value) -> bool {
        (self == Self::SwitchOn) == (value == Value::Requested)
    }

    fn grants(self, site: &Site, value: Value) -> Vec<String> {
        let non_admin = &site.demo.credentials().non_admin.user_name;
        let grants: &[&str] = match (self, value) {
            (Self::RemoveGrant, Value::Old) | (Self::AddGrant, Value::Requested) => &["data-platform", "users"],
            (_, Value::Old | Value::Requested) => &["data-platform"],
            (Self::RemoveGrant, Value::Other) => &["data-platform", "users", non_admin],
            (_, Value::Other) => &["data-platform", non_admin],
        };
        grants.iter().map(|&name| name.to_owned()).collect()
    }

    /// Sets the old state in the workspace, and opens the page with the form.
    pub(super) async fn prepare(self, site: &Site, browser: &Browser, number: usize) -> Subject {
        let mut subject = Subject {
            label: format!("case {number}"),
            ..Subject::default()
        };
        if !self.is_global() && !self.is_creation() {
            subject.token = create_token(site, &subject.label);
        }
        if let Some(old) = self.setting(site, &subject, Value::Old) {
            site.demo.change(old).unwrap();
        }
        match self {
            Self::AddGrant | Self::RemoveGrant => {
                let editor = browser.get(&format!("{SETTINGS}/permissions")).await;
                subject.opened = editor.field("opened").unwrap();
                let review = browser.get(&self.review_of_grants(&subject)).await;
                subject.stopped = review.expected("typed_tokens").unwrap_or_default();
            }
            Self::BulkItem => subject.bulk = draft(browser, &subject.token, None).await,
            Self::BulkScopes => {
                let observed = self.scopes(Value::Requested).split(' ').map(str::to_owned);
                let observe = Change::SetScopeUse {
                    token_id: subject.token.clone(),
                    autoscope: None,
                    inferred_scopes: observed.collect(),
                    backfill_scopes: Vec::new(),
                };
                site.demo.change(observe).unwrap();
                subject.bulk = draft(browser, &subject.token, Some("narrow-scopes")).await;
            }
            _ => {}
        }
        subject
    }

    fn edit_of_grants(self) -> &'static str {
        match self {
            Self::AddGrant => "add=group%3Ausers",
            _ => "remove=group%3Ausers",
        }
    }

    /// The review of the permissions, with the form that saves them.
    fn review_of_grants(self, subject: &Subject) -> String {
        let (opened, edit) = (&subject.opened, self.edit_of_grants());
        format!("{SETTINGS}/permissions/review?opened={opened}&{edit}")
    }

    /// The current responses to the console's reads, by path.
    pub(super) async fn old_reads(self, site: &Site, subject: &Subject) -> Vec<(String, String)> {
        let token = format!("{TOKENS_API}/{}", subject.token);
        let paths = match self {
            // The console's own credential may be disabled.
            Self::SetMaxLifetime | Self::SwitchOn | Self::SwitchOff => {
                let is_on = self == Self::SetMaxLifetime || self.is_on(Value::Old);
                let days = days(Value::Old);
                let conf = format!(r#"{{"enableTokensConfig":"{is_on}","maxTokenLifetimeDays":"{days}"}}"#);
                return vec![(CONF.to_owned(), conf)];
            }
            Self::AddGrant | Self::RemoveGrant => vec![PERMISSIONS.to_owned()],
            Self::CreateToken | Self::CreateFirstToken => vec![],
            Self::Revoke | Self::BulkItem | Self::EditComment | Self::EditScopes | Self::BulkScopes => {
                vec![token, TOKENS_API.to_owned()]
            }
        };
        let http = reqwest::Client::new();
        let mut reads = Vec::new();
        for path in paths {
            let url = format!("{}{path}", site.demo.url());
            let response = http.get(url).bearer_auth(site.token_value()).send().await.unwrap();
            reads.push((path, response.text().await.unwrap()));
        }
        reads
    }

    /// Submits the form, and waits until the change has ended.
    pub(super) async fn submit(self, site: &Site, browser: &Browser, subject: &Subject) -> Response {
        let (from, action, fields) = self.form(site, subject);
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        fields.push(("workspace", ACME));
        let response = browser.submit(&from, action, &fields).await;
        if self.is_bulk() {
            wait_until_ended(site, &subject.bulk).await;
        }
        response
    }

    /// The page of the form, its action, and its fields.
    fn form(self, site: &Site, subject: &Subject) -> Form {
        match self {
            Self::SetMaxLifetime => {
                let days = ("days", days(Value::Requested).to_owned());
                (SETTINGS.to_owned(), "/api/settings/lifetime", vec![days])
            }
            Self::SwitchOn | Self::SwitchOff => {
                let to = if self == Self::SwitchOn { "on" } else { "off" };
                let from = format!("{SETTINGS}/switch?to={to}");
                let fields = vec![("to", to.to_owned()), ("typed", ACME.to_owned())];
                (from, "/api/settings/switch", fields)
            }
            Self::AddGrant | Self::RemoveGrant => {
                let opened = ("opened", subject.opened.clone());
                let edit = ("edit", self.edit_of_grants().to_owned());
                let fields = vec![opened, edit, ("typed_tokens", subject.stopped.clone())];
                (self.review_of_grants(subject), "/api/permissions/save", fields)
            }
            Self::CreateToken => {
                let (sp, comment) = (site.application_id(), subject.comment(Value::Requested));
                let from = format!("{TOKENS_PAGE}/new/review?sp={sp}&days=30&comment={comment}").replace(' ', "%20");
                let form = ("form", store::operation_id());
                let fields = vec![form, ("sp", sp), ("days", "30".to_owned()), ("comment", comment)];
                (from, "/api/tokens/create", fields)
            }
            Self::CreateFirstToken => {
                let form = ("form", store::operation_id());
                (
                    format!("{TOKENS_PAGE}/new/first"),
                    "/api/tokens/create_first",
                    vec![form],
                )
            }
            Self::BulkItem | Self::BulkScopes => {
                let fields = vec![("job", subject.bulk.clone()), ("typed", "1".to_owned())];
                (bulk_page(&subject.bulk), "/api/bulk_revocations/start", fields)
            }
            Self::Revoke | Self::EditComment | Self::EditScopes => self.token_form(subject),
        }
    }

    /// Like [`Self::form`], for forms on a token's page.
    fn token_form(self, subject: &Subject) -> Form {
        let page = format!("{TOKENS_PAGE}/{}", subject.token);
        let id = ("id", subject.token.clone());
        match self {
            Self::EditComment => {
                let comment = ("comment", subject.comment(Value::Requested));
                (page, "/api/tokens/comment", vec![id, comment])
            }
            Self::EditScopes => {
                let opened = ("opened", self.scopes(Value::Old).to_owned());
                let requested = ("scopes", self.scopes(Value::Requested).to_owned());
                let from = format!("{page}/scopes?scopes=jobs+clusters");
                (from, "/api/tokens/scopes", vec![id, opened, requested])
            }
            _ => {
                let fields = vec![id, ("back", String::new())];
                (format!("{page}/revoke"), "/api/tokens/revoke", fields)
            }
        }
    }
}

impl Subject {
    fn comment(&self, value: Value) -> String {
        match value {
            Value::Old => self.label.clone(),
            Value::Requested => format!("{} requested", self.label),
            Value::Other => format!("{} by a colleague", self.label),
        }
    }
}

fn days(value: Value) -> &'static str {
    match value {
        Value::Old => "33",
        Value::Requested => "77",
        Value::Other => "10",
    }
}

fn create_token(site: &Site, comment: &str) -> String {
    let new = NewToken {
        owner: site.demo.credentials().non_admin.user_name.clone(),
        comment: Some(comment.to_owned()),
        ..NewToken::default()
    };
    match site.demo.change(Change::CreateToken(new)).unwrap() {
        ChangeOutcome::Created { token_id, .. } => token_id,
        ChangeOutcome::Done {} => String::new(),
    }
}

fn bulk_page(id: &str) -> String {
    format!("/w/{ACME}/bulk-revocations/{id}")
}

/// Drafts the bulk revocation of one token that was just created, or another change. Returns its ID.
async fn draft(browser: &Browser, token: &str, change: Option<&str>) -> String {
    browser
        .call("/api/tokens/refresh", &[("workspace", ACME), ("back", "/")])
        .await;
    let action = "/api/bulk_revocations/draft?workspace=acme-prod";
    let mut fields = vec![("sel", &token[..16])];
    fields.extend(change.map(|change| ("change", change)));
    let drafted = browser.submit(TOKENS_PAGE, action, &fields).await;
    drafted.location().rsplit('/').next().unwrap().to_owned()
}

/// Waits until no token of the bulk revocation is in progress: it has ended, or is paused.
async fn wait_until_ended(site: &Site, id: &str) {
    let id: BulkId = id.parse().unwrap();
    for _ in 0..6000 {
        let bulk = site.store.bulk(&id).await.unwrap().unwrap();
        if bulk.state != BulkState::Running {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
