//! The forms that recently created a token, or are about to. A form that is sent twice, by an impatient click or a
//! reload, and to whichever instance, creates one token.
//!
//! The first instance that stores the form in the database creates the token. Requests to that instance wait for its
//! result in memory, those to other instances in the database. If the instance that creates the token dies, they report
//! that it is unknown whether the token exists, and the form creates no other.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use domain::{Timestamp, TokenId};
use moka::sync::Cache;
use parking_lot::Mutex;
use secrecy::SecretString;
use store::{TOKEN_VALUE_TTL, TokenCreation, TokenCreationResult, TokenForm};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{CreationOutcome, CreationRecord, RequestedToken, TokenSpec};
use crate::cache::expiring;
use crate::short_hash::short_hash;
use crate::{Actor, Certainty, Console, Error};

const MAX_FORMS: u64 = 10_000;

/// The length of the stored hash of a request, in bytes.
const FINGERPRINT_BYTES: usize = 16;

/// How long the result of a form is remembered here if it could not be stored.
const UNSTORED_TTL: Duration = Duration::from_mins(30);

/// How long after its last heartbeat an instance counts as dead.
const CREATOR_TIMEOUT: Duration = Duration::from_secs(20);

/// How often an instance that creates a token sends a heartbeat. Most creations end before the first one.
const CREATOR_INTERVAL: Duration = Duration::from_secs(5);

/// The pause between two looks at a creation by another instance.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// The forms of this instance.
pub(crate) struct IdempotencyKeys {
    /// The forms that are being processed here, and those whose result could not be stored.
    forms: Cache<TokenForm, Arc<Creation>>,
}

impl Default for IdempotencyKeys {
    fn default() -> Self {
        Self {
            forms: expiring(MAX_FORMS, UNSTORED_TTL),
        }
    }
}

/// A creation in progress, or its result.
pub(super) struct Creation {
    form: TokenForm,
    result: watch::Receiver<Option<Result<CreationRecord, Error>>>,
    value: Arc<Mutex<Option<NewValue>>>,
}

/// The value of a token that this instance created, until it is handed out.
struct NewValue {
    value: SecretString,
    /// Whether the value is in the database too. Then it is handed out only by the instance that takes it from there.
    is_stored: bool,
}

/// The result of a form.
struct FormResult {
    result: Result<CreationRecord, Error>,
    /// Whether the result is in the database.
    is_stored: bool,
}

impl RequestedToken {
    /// Identifies what is requested: equal requests have equal fingerprints.
    fn fingerprint(&self) -> String {
        let text = match self {
            Self::OnBehalfOf(spec) => {
                let TokenSpec {
                    application_id,
                    days,
                    comment,
                    scopes,
                    autoscope,
                } = spec;
                serde_json::json!([application_id, days, comment, scopes, autoscope]).to_string()
            }
            Self::First => "first".to_owned(),
        };
        short_hash(text, FINGERPRINT_BYTES)
    }
}

impl Console {
    /// Creates the token that this form asks for, or waits for it if the form was sent before.
    pub(super) async fn create_once(
        &self,
        actor: Arc<Actor>,
        requested: RequestedToken,
        form: &str,
    ) -> Result<CreationOutcome, Error> {
        let form = TokenForm {
            sign_in: actor.sign_in,
            principal: actor.principal,
            binding: actor.workspace.binding(),
            id: form.to_owned(),
        };
        let same_form = form.clone();
        let start = || Arc::new(start(self.clone(), actor, requested, same_form));
        let creation = self.0.creations.forms.get_with(form, start);
        creation.outcome(self).await
    }

    /// The token that this person's session created within the last 30 minutes by another form with the same input, and
    /// when: going back and sending the form again would create a second one.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn created_before(
        &self,
        actor: &Actor,
        spec: &TokenSpec,
        form: &str,
    ) -> Result<Option<(TokenId, Timestamp)>, Error> {
        let requested = RequestedToken::OnBehalfOf(spec.clone()).fingerprint();
        Ok(self.0.store.created_before(&actor.sign_in, &requested, form).await?)
    }
}

/// A form that is being processed.
struct Processing<'a> {
    console: &'a Console,
    actor: &'a Actor,
    requested: &'a RequestedToken,
    form: &'a TokenForm,
    value: &'a Mutex<Option<NewValue>>,
}

impl Processing<'_> {
    /// Creates the token, or reads the result if the form was sent before.
    async fn create_or_wait(&self) -> FormResult {
        let store = &self.console.0.store;
        let fingerprint = self.requested.fingerprint();
        loop {
            let attempt = store.begin_token_creation(self.form, &fingerprint, CREATOR_TIMEOUT);
            let result = match attempt.await {
                Ok(true) => return self.create_and_store().await,
                Ok(false) => self.wait_for_creator().await,
                // Nothing was sent.
                Err(error) => Some(Err(error.into())),
            };
            if let Some(result) = result {
                let is_stored = true;
                return FormResult { result, is_stored };
            }
        }
    }

    async fn create_and_store(&self) -> FormResult {
        let created = tokio::select! {
            created = self.console.create(self.actor, self.requested) => created,
            never = self.send_heartbeats() => match never {},
        };
        let (result, new_value) = match created {
            Ok((record, value)) => (Ok(record), value),
            Err(error) => (Err(error), None),
        };
        let store = &self.console.0.store;
        let stored = match to_stored(&result) {
            Some(state) => {
                let end = store.end_token_creation(self.form, state, new_value.as_ref());
                end.await
            }
            // The form created nothing, and can be sent again.
            None => store.forget_token_creation(self.form).await,
        };
        if let Err(error) = &stored {
            tracing::error!(%error, request = self.actor.request_id, "could not store a token form's result");
        }
        let is_stored = stored.is_ok();
        *self.value.lock() = new_value.map(|value| NewValue { value, is_stored });
        FormResult { result, is_stored }
    }

    /// Sends heartbeats, so that other instances know that this one still processes the form.
    async fn send_heartbeats(&self) -> Infallible {
        loop {
            sleep(CREATOR_INTERVAL).await;
            if let Err(error) = self
                .console
                .0
                .store
                .extend_token_creation(self.form, CREATOR_TIMEOUT)
                .await
            {
                tracing::warn!(%error, "could not record that a token is still being created");
            }
        }
    }

    /// Waits for the instance that creates the token. `None` if it created nothing, so that the form can be sent again.
    async fn wait_for_creator(&self) -> Option<Result<CreationRecord, Error>> {
        loop {
            match self.console.0.store.token_creation(self.form).await {
                Ok(Some(TokenCreation::Running)) => sleep(POLL_INTERVAL).await,
                Ok(Some(TokenCreation::Ended(result))) => return Some(self.read_result(result).await),
                Ok(Some(TokenCreation::Abandoned)) => return Some(Err(Error::CreationUnknown)),
                Ok(None) => return None,
                Err(error) => {
                    tracing::error!(%error, request = self.actor.request_id, "could not read a token form's result");
                    return Some(Err(Error::CreationUnknown));
                }
            }
        }
    }

    /// The result of another instance, with the token as far as it can be read in time.
    async fn read_result(&self, result: TokenCreationResult) -> Result<CreationRecord, Error> {
        match result {
            TokenCreationResult::Created(id) => {
                let read = timeout(self.console.0.timing.new_token_timeout, self.actor.api().token(&id)).await;
                Ok(CreationRecord {
                    token: read.ok().and_then(Result::ok).map(Box::new),
                    response_lost: false,
                    id,
                })
            }
            TokenCreationResult::ValueLost(id) => Ok(CreationRecord {
                token: None,
                response_lost: true,
                id,
            }),
            TokenCreationResult::NotCreated => Err(Error::NotCreated),
            TokenCreationResult::Unknown => Err(Error::CreationUnknown),
        }
    }
}

/// The result as other instances read it. `None` if certainly nothing was created, as after a refusal.
fn to_stored(result: &Result<CreationRecord, Error>) -> Option<TokenCreationResult> {
    match result {
        Ok(record) if record.response_lost => Some(TokenCreationResult::ValueLost(record.id.clone())),
        Ok(record) => Some(TokenCreationResult::Created(record.id.clone())),
        Err(Error::NotCreated) => Some(TokenCreationResult::NotCreated),
        Err(error) => match error.certainty() {
            Certainty::Unknown => Some(TokenCreationResult::Unknown),
            Certainty::Unchanged => None,
        },
    }
}

/// Starts the creation in a task of its own, so that it ends even if the browser goes away.
fn start(console: Console, actor: Arc<Actor>, requested: RequestedToken, form: TokenForm) -> Creation {
    let (sender, receiver) = watch::channel(None);
    let value = Arc::new(Mutex::new(None));
    let (shared_value, same_form) = (Arc::clone(&value), form.clone());
    let tasks = console.clone();
    drop(tasks.run_to_end(async move {
        let processing = Processing {
            console: &console,
            actor: &actor,
            requested: &requested,
            form: &form,
            value: &shared_value,
        };
        let ended = processing.create_or_wait().await;
        if ended.is_stored || to_stored(&ended.result).is_none() {
            // From now on, the result is read from the database.
            console.0.creations.forms.invalidate(&form);
        }
        sender.send_replace(Some(ended.result));
        if shared_value.lock().is_some() {
            // A console that stops does not wait for this.
            tokio::spawn(async move {
                sleep(TOKEN_VALUE_TTL).await;
                shared_value.lock().take();
                if let Err(error) = console.0.store.purge_token_creations().await {
                    tracing::error!(%error, "could not delete the value of a new token");
                }
            });
        }
    }));
    Creation {
        form: same_form,
        result: receiver,
        value,
    }
}

impl Creation {
    /// Waits for the result. The first caller gets the value.
    async fn outcome(&self, console: &Console) -> Result<CreationOutcome, Error> {
        let record = self.result().await?;
        if record.response_lost {
            return Ok(CreationOutcome::ValueLost(record.id));
        }
        Ok(match self.take_value(console).await {
            Some(value) => CreationOutcome::Created {
                id: record.id,
                value,
                token: record.token,
            },
            None => CreationOutcome::AlreadyCreated(record.id),
        })
    }

    async fn result(&self) -> Result<CreationRecord, Error> {
        let mut receiver = self.result.clone();
        // The channel closes without a result if the task panicked.
        let result = receiver.wait_for(Option::is_some).await;
        let result = result.map_err(|_| Error::CreationUnknown)?;
        result.clone().unwrap_or(Err(Error::CreationUnknown))
    }

    /// Takes the value, unless someone has it already, here or in another instance.
    async fn take_value(&self, console: &Console) -> Option<SecretString> {
        let stored = console.0.store.take_token_value(&self.form).await;
        let in_memory = self.value.lock().take();
        match (stored, in_memory) {
            (Ok(Some(value)), _) => Some(value),
            (Ok(None), Some(value)) if !value.is_stored => Some(value.value),
            (Ok(None), _) => None,
            // The value is handed out, because it would be lost otherwise.
            (Err(error), in_memory) => {
                tracing::error!(%error, "could not take the value of a new token from the database");
                in_memory.map(|value| value.value)
            }
        }
    }
}
