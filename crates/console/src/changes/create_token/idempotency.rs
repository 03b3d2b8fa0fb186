//! The forms that recently created a token, or are about to. A form that is sent twice, by an impatient click or a
//! reload, creates one token.

use std::sync::Arc;
use std::time::Duration;

use domain::{Timestamp, TokenId};
use moka::sync::Cache;
use parking_lot::Mutex;
use secrecy::SecretString;
use store::SignInId;
use tokio::sync::watch;

use super::{CreationOutcome, CreationRecord, RequestedToken, TokenSpec};
use crate::cache::expiring;
use crate::{Actor, Certainty, Console, Error, now};

const MAX_KEYS: u64 = 10_000;

/// How long a form is remembered.
const KEY_TTL: Duration = Duration::from_mins(30);

/// How long a value waits to be taken. If a form was sent twice, the browser waits only for the second response.
const VALUE_TTL: Duration = Duration::from_mins(1);

/// See the module.
pub(crate) struct IdempotencyKeys {
    forms: Cache<(SignInId, String), Arc<Creation>>,
    /// What each session created.
    created: Cache<(SignInId, RequestedToken), (TokenId, Timestamp)>,
}

impl Default for IdempotencyKeys {
    fn default() -> Self {
        Self {
            forms: expiring(MAX_KEYS, KEY_TTL),
            created: expiring(MAX_KEYS, KEY_TTL),
        }
    }
}

/// A creation in progress, or its result.
pub(super) struct Creation {
    result: watch::Receiver<Option<Result<CreationRecord, Error>>>,
    /// In memory only, and only until it is handed out.
    value: Arc<Mutex<Option<SecretString>>>,
}

impl IdempotencyKeys {
    /// Starts the creation that this form asks for, unless it was started before.
    pub(super) fn begin(
        &self,
        console: &Console,
        actor: Arc<Actor>,
        requested: RequestedToken,
        form: &str,
    ) -> Arc<Creation> {
        let key = (actor.sign_in, form.to_owned());
        let same_key = key.clone();
        self.forms
            .get_with(key, || Arc::new(start(console.clone(), actor, requested, same_key)))
    }

    /// The token that another form with the same input created.
    pub(super) fn created_before(&self, actor: &Actor, spec: &TokenSpec, form: &str) -> Option<(TokenId, Timestamp)> {
        if self.forms.contains_key(&(actor.sign_in, form.to_owned())) {
            return None;
        }
        self.created
            .get(&(actor.sign_in, RequestedToken::OnBehalfOf(spec.clone())))
    }
}

/// Starts it in a task of its own, so that a browser that goes away does not leave it half done.
fn start(console: Console, actor: Arc<Actor>, requested: RequestedToken, key: (SignInId, String)) -> Creation {
    let (sender, receiver) = watch::channel(None);
    let value = Arc::new(Mutex::new(None));
    let shared_value = Arc::clone(&value);
    let tasks = console.clone();
    drop(tasks.run_to_end(async move {
        let result = console.create(&actor, &requested).await.map(|(record, value)| {
            *shared_value.lock() = value;
            record
        });
        // If certainly nothing was created, as after a refusal, the form can be sent again.
        if result
            .as_ref()
            .is_err_and(|error| error.certainty() == Certainty::Unchanged)
        {
            console.0.creations.forms.invalidate(&key);
        }
        // If its value was lost, another one is needed.
        if let Some(record) = result.as_ref().ok().filter(|record| !record.response_lost) {
            let created = (record.id.clone(), now());
            console.0.creations.created.insert((actor.sign_in, requested), created);
        }
        sender.send_replace(Some(result));
        // A console that stops does not wait for this.
        tokio::spawn(async move {
            tokio::time::sleep(VALUE_TTL).await;
            shared_value.lock().take();
        });
    }));
    Creation {
        result: receiver,
        value,
    }
}

impl Creation {
    /// Waits for the result. The first caller gets the value.
    pub(super) async fn outcome(&self) -> Result<CreationOutcome, Error> {
        let mut receiver = self.result.clone();
        // The channel closes without a result if the task panicked.
        let result = receiver
            .wait_for(Option::is_some)
            .await
            .map_err(|_| Error::CreationUnknown)?;
        let record = result.clone().unwrap_or(Err(Error::CreationUnknown))?;
        let value = self.value.lock().take();
        Ok(match value {
            Some(value) => CreationOutcome::Created {
                id: record.id,
                value,
                token: record.token,
            },
            None if record.response_lost => CreationOutcome::ValueLost(record.id),
            None => CreationOutcome::AlreadyCreated(record.id),
        })
    }
}
