//! Findings that people accepted for a while. The rules, and what an acceptance means, are in [`domain::Rule`].

use domain::{Day, Rule, Timestamp, TokenId};
use sqlx::FromRow;

use crate::activity::append_within;
use crate::database::{Connection, query};
use crate::{ActivityEntry, ChainHead, Store, StoreError};

/// How many days an acceptance is kept after its end: a workspace's clock can be behind.
const KEPT_DAYS: u32 = 7;

/// A finding that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedFinding {
    /// The rule.
    pub rule: Rule,
    /// The token; `None` for all of the workspace.
    pub token: Option<TokenId>,
    /// Why, as it was typed.
    pub reason: String,
    /// The last day.
    pub until: Day,
    /// The username of the person who accepted it.
    pub accepted_by: String,
    /// When they did.
    pub created: Timestamp,
}

#[derive(FromRow)]
struct AcceptedFindingRow {
    finding: String,
    token_id: String,
    reason: String,
    until: String,
    accepted_by: String,
    created: i64,
}

impl AcceptedFindingRow {
    /// `None` if another version of the console wrote it, with a rule that this one does not have.
    fn read(self) -> Option<AcceptedFinding> {
        Some(AcceptedFinding {
            rule: Rule::from_slug(&self.finding)?,
            token: (!self.token_id.is_empty()).then(|| TokenId::new(self.token_id)),
            reason: self.reason,
            until: Day::from_iso(&self.until)?,
            accepted_by: self.accepted_by,
            created: Timestamp::from_ms(self.created),
        })
    }
}

impl Store {
    /// What is accepted in a workspace on `today`, the latest first. `binding` is the name and URL of the workspace.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn accepted_findings(&self, binding: &str, today: Day) -> Result<Vec<AcceptedFinding>, StoreError> {
        let rows: Vec<AcceptedFindingRow> = query(
            "select finding, token_id, reason, until, accepted_by, created from accepted_findings
             where binding = $1 and until >= $2 order by created desc, finding, token_id",
        )
        .bind(binding)
        .bind(today.to_iso())
        .fetch_all(self.database.readers())
        .await?;
        Ok(rows.into_iter().filter_map(AcceptedFindingRow::read).collect())
    }

    /// Accepts a finding, instead of an earlier acceptance of the same, and records `entry`. Returns the new head of
    /// the chain, or `None` if the same was accepted before: sending a form twice changes nothing.
    ///
    /// # Errors
    /// If the database fails; then nothing was accepted or recorded.
    pub async fn accept_finding(
        &self,
        binding: &str,
        accepted: AcceptedFinding,
        entry: ActivityEntry,
    ) -> Result<Option<ChainHead>, StoreError> {
        self.database
            .write(
                (binding.to_owned(), accepted, entry),
                |connection, (binding, accepted, entry)| Box::pin(accept(connection, binding, accepted, entry)),
            )
            .await
    }

    /// Ends an acceptance and records `entry`. Returns the new head of the chain, or `None` if there was none.
    ///
    /// # Errors
    /// If the database fails; then nothing was changed or recorded.
    pub async fn withdraw_acceptance(
        &self,
        binding: &str,
        rule: Rule,
        token: Option<&TokenId>,
        entry: ActivityEntry,
    ) -> Result<Option<ChainHead>, StoreError> {
        let key = (binding.to_owned(), rule.slug(), token_text(token).to_owned());
        self.database
            .write((key, entry), |connection, (key, entry)| {
                Box::pin(async move {
                    let delete = "delete from accepted_findings where binding = $1 and finding = $2 and token_id = $3";
                    let deleted = query(delete).bind(&key.0).bind(key.1).bind(&key.2);
                    match deleted.execute(&mut *connection).await? {
                        0 => Ok(None),
                        _ => append_within(connection, entry).await.map(Some),
                    }
                })
            })
            .await
    }

    /// Deletes the acceptances that ended some days before `now`, and returns how many.
    pub(crate) async fn purge_acceptances(&self, now: Timestamp) -> Result<u64, StoreError> {
        let oldest = now.minus(domain::DAY * KEPT_DAYS).day().to_iso();
        self.database
            .write(oldest, |connection, oldest| {
                Box::pin(async move {
                    let delete = query("delete from accepted_findings where until < $1").bind(&*oldest);
                    Ok(delete.execute(connection).await?)
                })
            })
            .await
    }
}

/// The text in the database that stands for a token, or for all.
fn token_text(token: Option<&TokenId>) -> &str {
    token.map(TokenId::as_str).unwrap_or_default()
}

async fn accept(
    connection: &mut Connection,
    binding: &str,
    accepted: &AcceptedFinding,
    entry: &ActivityEntry,
) -> Result<Option<ChainHead>, StoreError> {
    let token = token_text(accepted.token.as_ref());
    let upsert = query(
        "insert into accepted_findings (binding, finding, token_id, reason, until, accepted_by, created)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (binding, finding, token_id) do update
         set reason = excluded.reason, until = excluded.until, accepted_by = excluded.accepted_by,
             created = excluded.created
         where accepted_findings.reason <> excluded.reason or accepted_findings.until <> excluded.until",
    )
    .bind(binding)
    .bind(accepted.rule.slug())
    .bind(token)
    .bind(&accepted.reason)
    .bind(accepted.until.to_iso())
    .bind(&accepted.accepted_by)
    .bind(accepted.created.ms())
    .execute(&mut *connection)
    .await?;
    match upsert {
        0 => Ok(None),
        _ => append_within(connection, entry).await.map(Some),
    }
}
