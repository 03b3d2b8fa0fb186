//! The forms that created a token lately, or are about to: a form that is sent twice, by an impatient finger or a reload,
//! creates one token.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;
use secrecy::SecretString;
use store::SignInId;
use tokio::sync::watch;

use super::{CreationOutcome, CreationRecord, TokenSpec};
use crate::{Actor, Console, Error};

/// How many are remembered.
const MAX_KEYS: u64 = 10_000;

/// For how long.
const KEY_TTL: Duration = Duration::from_secs(30 * 60);

/// How long a value waits for somebody to take it: of a form that was sent twice, a browser waits for the second answer
/// only.
const VALUE_TTL: Duration = Duration::from_secs(60);

/// See the module.
pub(crate) struct IdempotencyKeys(Cache<(SignInId, String), Arc<Creation>>);

impl Default for IdempotencyKeys {
    fn default() -> Self {
        let builder = Cache::builder().max_capacity(MAX_KEYS);
        Self(builder.time_to_live(KEY_TTL).build())
    }
}

/// One creation, under way or ended.
pub(super) struct Creation {
    end: watch::Receiver<Option<Result<CreationRecord, Error>>>,
    /// In memory only, and only until it is handed out.
    value: Arc<Mutex<Option<SecretString>>>,
}

impl IdempotencyKeys {
    /// Begins what this form asks for, unless it was begun before.
    pub(super) fn begin(&self, console: &Console, actor: Arc<Actor>, wanted: TokenSpec, form: &str) -> Arc<Creation> {
        let key = (actor.sign_in, form.to_owned());
        let known = key.clone();
        self.0
            .get_with(key, || Arc::new(start(console.clone(), actor, wanted, known)))
    }
}

/// Starts it as a task of its own: a browser that goes away must not leave it halfway.
fn start(console: Console, actor: Arc<Actor>, wanted: TokenSpec, key: (SignInId, String)) -> Creation {
    let (tell, end) = watch::channel(None);
    let value = Arc::new(Mutex::new(None));
    let held = Arc::clone(&value);
    tokio::spawn(async move {
        let made = console.create(&actor, &wanted).await.map(|(made, value)| {
            *held.lock().unwrap_or_else(PoisonError::into_inner) = value;
            made
        });
        // What surely created nothing may be sent again, as after a refusal.
        let unsure = |error: &Error| matches!(error, Error::CreationUnknown | Error::NotCreated);
        if made.as_ref().is_err_and(|error| !unsure(error)) {
            console.0.creations.0.invalidate(&key);
        }
        tell.send_replace(Some(made));
        tokio::time::sleep(VALUE_TTL).await;
        held.lock().unwrap_or_else(PoisonError::into_inner).take();
    });
    Creation { end, value }
}

impl Creation {
    /// Waits for the end. The first to ask takes the value along.
    pub(super) async fn ended(&self) -> Result<CreationOutcome, Error> {
        let mut end = self.end.clone();
        // A task that panicked told nothing.
        let told = end
            .wait_for(Option::is_some)
            .await
            .map_err(|_| Error::CreationUnknown)?;
        let made = told.clone().unwrap_or(Err(Error::CreationUnknown))?;
        let value = self.value.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(match value {
            Some(value) => CreationOutcome::Now {
                id: made.id,
                value,
                token: made.token,
            },
            None if made.response_lost => CreationOutcome::ValueLost(made.id),
            None => CreationOutcome::Before(made.id),
        })
    }
}
