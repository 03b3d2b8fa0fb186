//! Forms that were sent to create a token. A form creates one token, even if it is sent twice and to two instances: the
//! first one to store it creates the token, and all others read the result here.
//!
//! The value of the token is stored, sealed, until it is shown, and for a minute at most. It can be taken once.

use std::sync::Arc;
use std::time::Duration;

use domain::{PrincipalId, Timestamp, TokenId};
use secrecy::SecretString;
use sqlx::FromRow;

use crate::database::{Connection, query};
use crate::sealing::SealContext;
use crate::{SealingKeys, SignInId, Store, StoreError};

/// How long a form is remembered after it was sent.
const TOKEN_FORM_TTL: Duration = Duration::from_mins(30);

/// How long the value of a new token can be taken. If a form was sent twice, the browser waits only for the second
/// response.
pub const TOKEN_VALUE_TTL: Duration = Duration::from_mins(1);

/// A form that creates a token, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenForm {
    /// The session of the person who sends it.
    pub sign_in: SignInId,
    /// The person.
    pub principal: PrincipalId,
    /// The name and URL of the workspace.
    pub binding: String,
    /// The ID of the form.
    pub id: String,
}

/// The state of a form that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenCreation {
    /// An instance is creating the token.
    Running,
    /// The instance has stopped, or has no connection to the database. Whether there is a token is unknown.
    Abandoned,
    /// The creation has ended.
    Ended(TokenCreationResult),
}

/// How a creation ended. One that certainly created nothing is not remembered, since it can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenCreationResult {
    /// The token exists.
    Created(TokenId),
    /// The token exists, and its value was lost.
    ValueLost(TokenId),
    /// There was no response, and no such token is listed.
    NotCreated,
    /// It is unknown whether the token exists.
    Unknown,
}

impl TokenCreationResult {
    fn to_stored(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Created(id) => ("created", Some(id.as_str())),
            Self::ValueLost(id) => ("value_lost", Some(id.as_str())),
            Self::NotCreated => ("not_created", None),
            Self::Unknown => ("unknown", None),
        }
    }

    fn from_stored(state: &str, token: Option<String>) -> Self {
        match (state, token) {
            ("created", Some(id)) => Self::Created(TokenId::new(id)),
            ("value_lost", Some(id)) => Self::ValueLost(TokenId::new(id)),
            ("not_created", _) => Self::NotCreated,
            _ => Self::Unknown,
        }
    }
}

#[derive(FromRow)]
struct CreationRow {
    state: String,
    token_id: Option<String>,
    is_alive: bool,
}

/// The sealed value of a token.
#[derive(FromRow)]
struct SealedValue {
    sealed: Vec<u8>,
    key_id: String,
}

impl Store {
    /// Stores that this form is being processed, unless it was sent before. Returns whether the caller is to create the
    /// token, and counts as alive for `alive` from now. `requested` identifies what is requested.
    ///
    /// # Errors
    /// If the database fails; then the token must not be created.
    pub async fn begin_token_creation(
        &self,
        form: &TokenForm,
        requested: &str,
        alive: Duration,
    ) -> Result<bool, StoreError> {
        let arguments = (form.clone(), requested.to_owned(), milliseconds(alive));
        self.database
            .write(arguments, |connection, (form, requested, alive)| {
                Box::pin(begin(connection, form, requested, *alive))
            })
            .await
    }

    /// Lets the creator of this form's token count as alive for `alive` from now.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn extend_token_creation(&self, form: &TokenForm, alive: Duration) -> Result<(), StoreError> {
        self.database
            .write((form.clone(), milliseconds(alive)), |connection, (form, alive)| {
                Box::pin(async move {
                    let now = connection.dialect().now_ms();
                    let update = format!(
                        "update token_creations set ends = {now} + $3
                         where sign_in = $1 and form = $2 and state = 'started'"
                    );
                    let update = query(update).bind(form.sign_in.to_string()).bind(&form.id).bind(*alive);
                    update.execute(connection).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Stores how the creation ended, with the value of the token if there is one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn end_token_creation(
        &self,
        form: &TokenForm,
        result: TokenCreationResult,
        value: Option<&SecretString>,
    ) -> Result<(), StoreError> {
        let key = self.keys.current();
        let sealed = value.map(|value| key.seal(value, &form.owner())).transpose()?;
        let sealed = sealed.map(|sealed| SealedValue {
            sealed,
            key_id: key.id().to_owned(),
        });
        self.database
            .write((form.clone(), result, sealed), |connection, (form, result, sealed)| {
                Box::pin(end(connection, form, result, sealed.as_ref()))
            })
            .await
    }

    /// Forgets a form that certainly created nothing, so that it can be sent again.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn forget_token_creation(&self, form: &TokenForm) -> Result<(), StoreError> {
        self.database
            .write(form.clone(), |connection, form| {
                Box::pin(async move {
                    query("delete from token_creations where sign_in = $1 and form = $2")
                        .bind(form.sign_in.to_string())
                        .bind(&form.id)
                        .execute(connection)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// The state of a form; `None` if it was not sent, or has created nothing.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn token_creation(&self, form: &TokenForm) -> Result<Option<TokenCreation>, StoreError> {
        let readers = self.database.readers();
        let now = readers.dialect().now_ms();
        let select = format!(
            "select state, token_id, ends > {now} as is_alive from token_creations where sign_in = $1 and form = $2"
        );
        let row: Option<CreationRow> = query(select)
            .bind(form.sign_in.to_string())
            .bind(&form.id)
            .fetch_optional(readers)
            .await?;
        Ok(row.map(|row| match (row.state.as_str(), row.is_alive) {
            ("started", true) => TokenCreation::Running,
            ("started", false) => TokenCreation::Abandoned,
            (state, _) => TokenCreation::Ended(TokenCreationResult::from_stored(state, row.token_id)),
        }))
    }

    /// Takes the value of the token that this form created. `None` if it was taken, or is too old.
    ///
    /// # Errors
    /// If the database fails, and [`StoreError::Tampered`] if the value does not open with this console's keys; then it
    /// stays.
    pub async fn take_token_value(&self, form: &TokenForm) -> Result<Option<SecretString>, StoreError> {
        self.database
            .write((form.clone(), Arc::clone(&self.keys)), |connection, (form, keys)| {
                Box::pin(take(connection, form, keys))
            })
            .await
    }

    /// The token that another form of this session with the same request created within [`TOKEN_FORM_TTL`], and when.
    /// `None` if this form was sent before.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn created_before(
        &self,
        sign_in: &SignInId,
        requested: &str,
        form: &str,
    ) -> Result<Option<(TokenId, Timestamp)>, StoreError> {
        let readers = self.database.readers();
        let now = readers.dialect().now_ms();
        let select = format!(
            "select token_id, ends from token_creations
             where sign_in = $1 and requested = $2 and state = 'created' and started > {now} - $4
               and not exists (select 1 from token_creations where sign_in = $1 and form = $3)
             order by ends desc limit 1"
        );
        let created: Option<(String, i64)> = query(select)
            .bind(sign_in.to_string())
            .bind(requested)
            .bind(form)
            .bind(milliseconds(TOKEN_FORM_TTL))
            .fetch_optional(readers)
            .await?;
        Ok(created.map(|(id, at)| (TokenId::new(id), Timestamp::from_ms(at))))
    }

    /// Deletes the forms that are too old, which it counts, and the values that no one has taken.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge_token_creations(&self) -> Result<u64, StoreError> {
        self.database
            .write((), |connection, ()| Box::pin(purge(connection)))
            .await
    }
}

impl TokenForm {
    fn owner(&self) -> SealContext<'_> {
        SealContext {
            id: self.sign_in,
            principal: self.principal,
            workspace: &self.binding,
            token_form: Some(&self.id),
        }
    }
}

async fn begin(connection: &mut Connection, form: &TokenForm, requested: &str, alive: i64) -> Result<bool, StoreError> {
    purge(connection).await?;
    let now = connection.dialect().now_ms();
    let insert = format!(
        "insert into token_creations (sign_in, form, requested, state, started, ends)
         values ($1, $2, $3, 'started', {now}, {now} + $4)
         on conflict (sign_in, form) do nothing"
    );
    let begun = query(insert)
        .bind(form.sign_in.to_string())
        .bind(&form.id)
        .bind(requested)
        .bind(alive)
        .execute(connection)
        .await?;
    Ok(begun > 0)
}

async fn end(
    connection: &mut Connection,
    form: &TokenForm,
    result: &TokenCreationResult,
    sealed: Option<&SealedValue>,
) -> Result<(), StoreError> {
    let now = connection.dialect().now_ms();
    let (state, token) = result.to_stored();
    query(format!(
        "update token_creations set state = $3, token_id = $4, ends = {now} where sign_in = $1 and form = $2"
    ))
    .bind(form.sign_in.to_string())
    .bind(&form.id)
    .bind(state)
    .bind(token)
    .execute(&mut *connection)
    .await?;
    if let Some(value) = sealed {
        query("update token_creations set sealed = $3, key_id = $4 where sign_in = $1 and form = $2")
            .bind(form.sign_in.to_string())
            .bind(&form.id)
            .bind(&value.sealed)
            .bind(&value.key_id)
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn take(
    connection: &mut Connection,
    form: &TokenForm,
    keys: &SealingKeys,
) -> Result<Option<SecretString>, StoreError> {
    let now = connection.dialect().now_ms();
    let select = format!(
        "select sealed, key_id from token_creations
         where sign_in = $1 and form = $2 and sealed is not null and ends > {now} - $3"
    );
    let sealed: Option<SealedValue> = query(select)
        .bind(form.sign_in.to_string())
        .bind(&form.id)
        .bind(milliseconds(TOKEN_VALUE_TTL))
        .fetch_optional(&mut *connection)
        .await?;
    let Some(SealedValue { sealed, key_id }) = sealed else {
        return Ok(None);
    };
    let key = keys.find(&key_id).ok_or(StoreError::Tampered)?;
    let value = key.open(&sealed, &form.owner())?;
    query("update token_creations set sealed = null where sign_in = $1 and form = $2")
        .bind(form.sign_in.to_string())
        .bind(&form.id)
        .execute(connection)
        .await?;
    Ok(Some(value))
}

async fn purge(connection: &mut Connection) -> Result<u64, StoreError> {
    let now = connection.dialect().now_ms();
    query(format!(
        "update token_creations set sealed = null where sealed is not null and ends <= {now} - $1"
    ))
    .bind(milliseconds(TOKEN_VALUE_TTL))
    .execute(&mut *connection)
    .await?;
    let delete = query(format!("delete from token_creations where started <= {now} - $1"));
    let delete = delete.bind(milliseconds(TOKEN_FORM_TTL));
    Ok(delete.execute(connection).await?)
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
