//! Events, by which instances of the console inform each other. Each instance reads the events of the others, and
//! applies them to what it remembers of workspaces and sessions.
//!
//! An event says what has already happened, so it does no harm to apply one late or twice. Writes run one after the
//! other, so that IDs are in the order of commits: a reader that continues after the last ID that it saw misses no
//! event.

use std::time::Duration;

use domain::TokenId;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use tokio::sync::watch;

use crate::database::listener::CHANNEL;
use crate::database::{Connection, Dialect, Work, query};
use crate::{BulkId, SignInId, Store, StoreError};

/// How long an event stays in the database: as long as the notice about a revoked token is shown. An instance that
/// could not read events for longer has nothing to show from before.
const EVENT_TTL: Duration = Duration::from_hours(1);

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EventKind {
    /// The workspace was seen without a token that was revoked.
    TokenRevoked {
        /// The token.
        token: TokenId,
        /// The comment that it had.
        comment: String,
        /// Its owner, as shown to people.
        owner: String,
    },
    /// These parts of the workspace may have changed.
    PartsChanged {
        /// The parts.
        parts: Vec<ChangedPart>,
    },
    /// The workspace accepted that tokens are enabled or disabled.
    TokensSwitched {
        /// Whether they are enabled.
        on: bool,
    },
    /// Someone asked for everything to be read again.
    RefreshRequested,
    /// A session has ended.
    SignInEnded {
        /// The sign-in.
        sign_in: SignInId,
    },
    /// A session has another credential.
    CredentialReplaced {
        /// The sign-in.
        sign_in: SignInId,
    },
    /// The workspace refused a person, who has to be proven an admin again.
    ProofEnded {
        /// The sign-in.
        sign_in: SignInId,
    },
    /// The workspace asked for a pause.
    RateLimited {
        /// How long it was when the event was published, in milliseconds.
        pause_ms: u64,
    },
    /// A bulk change was started, resumed, cancelled, paused, or has ended.
    BulkChanged {
        /// The bulk change.
        bulk: BulkId,
    },
}

/// A part of a workspace that a change can affect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedPart {
    /// The list of tokens.
    Tokens,
    /// Whether tokens are enabled, and how long they last.
    Policy,
    /// Who can use tokens.
    Permissions,
}

/// An event that is about to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// The name and URL of the workspace, as its sign-ins are bound to it; empty if it is about no workspace.
    pub binding: String,
    /// What happened.
    pub kind: EventKind,
}

/// An event of any instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Higher than those of all events before.
    pub id: i64,
    /// Whether this store published it.
    pub is_own: bool,
    /// As in [`NewEvent::binding`].
    pub binding: String,
    /// What happened; `None` if only a later version knows this kind.
    pub kind: Option<EventKind>,
    /// The time since it was published, by the database's clock.
    pub age: Duration,
}

/// Wakes a reader of events when there may be new ones. A reader must not depend on it: see [`EventWakeup::wait`].
#[derive(Debug)]
pub struct EventWakeup(watch::Receiver<()>);

impl EventWakeup {
    /// Resolves when there may be new events since the last call. A wake-up can get lost on its way between instances,
    /// so that a reader also has to look from time to time.
    pub async fn wait(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Store {
    /// Publishes events for the other instances, all or none.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn publish(&self, events: Vec<NewEvent>) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        self.write_and_publish((self.instance.clone(), events), |connection, (instance, events)| {
            Box::pin(publish_within(connection, instance, events))
        })
        .await
    }

    /// Runs a write that publishes events ([`publish_within`]).
    pub(crate) async fn write_and_publish<A, T>(&self, arguments: A, work: Work<A, T>) -> Result<T, StoreError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let result = self.database.write(arguments, work).await?;
        self.wake_event_readers();
        Ok(result)
    }

    /// At most `limit` events with a higher ID than `id`, in their order.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn events_after(&self, id: i64, limit: u32) -> Result<Vec<Event>, StoreError> {
        let now = self.database.readers().dialect().now_ms();
        let events = query(format!(
            "select id, origin, binding, body, {now} - at as age from events where id > $1 order by id limit $2"
        ));
        let rows: Vec<EventRow> = events.bind(id).bind(limit).fetch_all(self.database.readers()).await?;
        Ok(rows.into_iter().map(|row| row.into_event(&self.instance)).collect())
    }

    /// The ID of the latest event; 0 without any.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn last_event(&self) -> Result<i64, StoreError> {
        let (id,) = query("select coalesce(max(id), 0) from events")
            .fetch_one(self.database.readers())
            .await?;
        Ok(id)
    }

    /// Tells when there may be new events.
    pub fn event_wakeup(&self) -> EventWakeup {
        EventWakeup(self.event_wakeups.subscribe())
    }

    /// Wakes the readers of this process.
    pub(crate) fn wake_event_readers(&self) {
        self.event_wakeups.send_replace(());
    }

    pub(crate) async fn purge_events(&self) -> Result<u64, StoreError> {
        self.database
            .write((), |connection, ()| {
                Box::pin(async move {
                    let now = connection.dialect().now_ms();
                    let delete = query(format!("delete from events where at < {now} - $1"));
                    let ttl = i64::try_from(EVENT_TTL.as_millis()).unwrap_or(i64::MAX);
                    Ok(delete.bind(ttl).execute(connection).await?)
                })
            })
            .await
    }
}

/// Publishes events of this instance within a write ([`Store::write_and_publish`]): they exist if its other changes do.
pub(crate) async fn publish_within(
    connection: &mut Connection,
    instance: &str,
    events: &[NewEvent],
) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let now = connection.dialect().now_ms();
    for event in events {
        // Plain data always serialises.
        let body = serde_json::to_string(&event.kind).unwrap_or_default();
        let insert = format!("insert into events (origin, binding, body, at) values ($1, $2, $3, {now})");
        query(insert)
            .bind(instance)
            .bind(&event.binding)
            .bind(body)
            .execute(&mut *connection)
            .await?;
    }
    if connection.dialect() == Dialect::Postgres {
        query("select pg_notify($1, '')")
            .bind(CHANNEL)
            .execute(connection)
            .await?;
    }
    Ok(())
}

#[derive(FromRow)]
struct EventRow {
    id: i64,
    origin: String,
    binding: String,
    body: String,
    age: i64,
}

impl EventRow {
    fn into_event(self, instance: &str) -> Event {
        Event {
            id: self.id,
            is_own: self.origin == instance,
            binding: self.binding,
            kind: serde_json::from_str(&self.body).ok(),
            // The clock can have been set back.
            age: Duration::from_millis(u64::try_from(self.age).unwrap_or_default()),
        }
    }
}
