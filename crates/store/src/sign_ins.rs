//! Who is signed in, to which workspace, with which credential, and until when. A sign-in belongs to one browser
//! session, which knows its ID. The credential is stored only here, sealed.

mod id;
pub(crate) mod manage;
mod refresh;

use std::time::Duration;

use domain::{ClientAddress, PrincipalId, Timestamp};
use secrecy::SecretString;
use sqlx::FromRow;
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::database::{Connection, DatabasePlace, query};
use crate::events::publish_within;
use crate::sealing::SealContext;
use crate::store::wrong_key;
use crate::{EventKind, NewEvent, SealingKeys, Store, StoreError};

pub use id::{SignInId, SignInIdError};

/// How many sign-ins one person can have to one workspace. The oldest ends when another is added.
pub const MAX_SIGN_INS: u32 = 20;

/// How old the stored `last_seen` has to be before it is written again.
const LAST_SEEN_INTERVAL: Duration = Duration::from_secs(60);

/// What someone signed in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum CredentialKind {
    /// A personal access token, entered by hand.
    PersonalAccessToken,
    /// OAuth's authorization code flow, with a refresh token.
    #[strum(serialize = "oauth")]
    OAuth,
    /// An OAuth access token, entered by hand, which cannot be refreshed.
    #[strum(serialize = "pasted_oauth")]
    PastedOAuth,
}

impl CredentialKind {
    /// The word in the database and in metrics.
    pub fn slug(self) -> &'static str {
        self.into()
    }
}

/// What someone can do in a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// Everything that the workspace lets them do.
    Admin,
    /// View everything, change nothing.
    Auditor,
}

/// A sign-in to be stored.
#[derive(Clone, Debug)]
pub struct NewSignIn {
    /// The name and URL of the workspace.
    pub workspace: String,
    /// The SCIM ID of the person.
    pub principal: PrincipalId,
    /// The username in the workspace.
    pub user_name: String,
    /// The display name in the workspace.
    pub display_name: String,
    /// What the person signed in with.
    pub kind: CredentialKind,
    /// What the person can do.
    pub role: Role,
    /// The browser and operating system, as the person reads them.
    pub device: String,
    /// Where the person signed in from.
    pub client: ClientAddress,
    /// The credential, in whatever text form the caller chooses.
    pub secret: SecretString,
    /// When the person signed in, which is also the first `last_seen`.
    pub created: Timestamp,
    /// The absolute end, which no activity extends.
    pub ends: Timestamp,
    /// After how long without a request it ends. Activity is written at most once a minute, so that a sign-in can end
    /// up to a minute early; one minute or less would end it while it is in use.
    pub idle: Duration,
}

/// A sign-in that has not ended.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the other fields are those of NewSignIn")]
pub struct SignIn {
    pub id: SignInId,
    pub workspace: String,
    pub principal: PrincipalId,
    pub user_name: String,
    pub display_name: String,
    pub kind: CredentialKind,
    pub role: Role,
    pub device: String,
    /// The credential as it was stored last.
    pub secret: SecretString,
    /// Whether its refresh token was sent, and the new one is not stored ([`Store::mark_refresh_sent`]).
    pub refresh_sent: bool,
    pub created: Timestamp,
    /// When its latest request was recorded; a later request can be up to a minute newer.
    pub last_seen: Timestamp,
    pub ends: Timestamp,
}

impl SignIn {
    /// Whether [`Store::touch`] has something to write, because the stored `last_seen` is a minute old. Asking first
    /// spares most requests a write to the database.
    pub fn touch_due(&self, now: Timestamp) -> bool {
        now.duration_since(self.last_seen) >= LAST_SEEN_INTERVAL
    }
}

/// The columns that are needed to open a credential.
#[derive(FromRow)]
pub(crate) struct SealedRow {
    workspace: String,
    principal_id: i64,
    key_id: String,
    pub(crate) sealed: Vec<u8>,
}

#[derive(FromRow)]
struct SignInRow {
    #[sqlx(flatten)]
    sealed: SealedRow,
    user_name: String,
    display_name: String,
    kind: CredentialKind,
    role: Role,
    device: String,
    refresh_sent: i64,
    created: i64,
    last_seen: i64,
    ends: i64,
}

impl SealedRow {
    pub(crate) fn owner(&self, id: &SignInId) -> SealContext<'_> {
        SealContext {
            id: *id,
            principal: PrincipalId::new(self.principal_id),
            workspace: &self.workspace,
            token_form: None,
        }
    }
}

impl Store {
    /// Stores a sign-in with its credential sealed, and returns its new ID.
    ///
    /// # Errors
    /// If the database fails; then nothing was stored.
    pub async fn add_sign_in(&self, new: NewSignIn) -> Result<SignInId, StoreError> {
        let id = SignInId::random();
        let owner = SealContext {
            id,
            principal: new.principal,
            workspace: &new.workspace,
            token_form: None,
        };
        let row = NewRow {
            sealed: self.keys.current().seal(&new.secret, &owner)?,
            key_id: self.keys.current().id().to_owned(),
            id,
            new,
        };
        self.database
            .write(row, |connection, row| Box::pin(insert(connection, row)))
            .await?;
        Ok(id)
    }

    /// Ends what a new sign-in replaces, once its browser has it: the one that it `replaced` there, and the oldest of
    /// more than [`MAX_SIGN_INS`] of this person to this workspace.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn settle_sign_in(&self, id: &SignInId, replaced: Option<SignInId>) -> Result<(), StoreError> {
        let arguments = (*id, replaced, self.instance.clone());
        self.write_and_publish(arguments, |connection, (id, replaced, instance)| {
            Box::pin(async move {
                let ended = settle(connection, id, *replaced).await?;
                publish_ended(connection, instance, ended).await
            })
        })
        .await
    }

    /// The sign-in with its credential. `None` if it does not exist, or if it has ended at `now`, by its absolute end
    /// or by being idle. This is one indexed read.
    ///
    /// # Errors
    /// [`StoreError::Tampered`] if the credential was not sealed for this sign-in, this principal and this workspace,
    /// or was changed since; [`StoreError::WrongKey`] if another console stored it with another key; otherwise if the
    /// database fails.
    pub async fn sign_in(&self, id: &SignInId, now: Timestamp) -> Result<Option<SignIn>, StoreError> {
        let row: Option<SignInRow> = query(
            "select workspace, principal_id, key_id, sealed, user_name, display_name, kind, role, device, refresh_sent,
                    created, last_seen, ends
             from sign_ins where id = $1 and ends > $2 and $2 - last_seen < idle_ms",
        )
        .bind(id.to_string())
        .bind(now.ms())
        .fetch_optional(self.database.readers())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let secret = self.unseal(&row.sealed, id)?;
        Ok(Some(SignIn {
            id: *id,
            workspace: row.sealed.workspace,
            principal: PrincipalId::new(row.sealed.principal_id),
            user_name: row.user_name,
            display_name: row.display_name,
            kind: row.kind,
            role: row.role,
            device: row.device,
            secret,
            refresh_sent: row.refresh_sent != 0,
            created: Timestamp::from_ms(row.created),
            last_seen: Timestamp::from_ms(row.last_seen),
            ends: Timestamp::from_ms(row.ends),
        }))
    }

    /// Records a request of the sign-in, which extends its idle time. It is written at most once a minute, and never
    /// for a sign-in that has ended by being idle. See [`SignIn::touch_due`].
    ///
    /// # Errors
    /// If the database fails.
    pub async fn touch(&self, id: &SignInId, now: Timestamp) -> Result<(), StoreError> {
        self.database
            .write((*id, now.ms()), |connection, (id, now)| {
                Box::pin(async move {
                    query(
                        "update sign_ins set last_seen = $2
                         where id = $1 and $2 - last_seen >= $3 and $2 - last_seen < idle_ms",
                    )
                    .bind(id.to_string())
                    .bind(*now)
                    .bind(milliseconds(LAST_SEEN_INTERVAL))
                    .execute(connection)
                    .await?;
                    Ok(())
                })
            })
            .await
    }

    /// Deletes sign-ins and their credentials, all or none, and tells the other instances. One that is already gone is
    /// not an error.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn remove_sign_ins(&self, ids: &[SignInId]) -> Result<(), StoreError> {
        self.write_and_publish((ids.to_vec(), self.instance.clone()), |connection, (ids, instance)| {
            Box::pin(async move {
                let mut ended = Vec::new();
                for id in ids {
                    ended.extend(remove(connection, id).await?);
                }
                publish_ended(connection, instance, ended).await
            })
        })
        .await
    }

    /// Deletes the sign-ins that have ended at `now`, and returns how many.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn purge_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.database
            .write(now.ms(), |connection, now| {
                Box::pin(async move {
                    let done = query("delete from sign_ins where ends <= $1 or $1 - last_seen >= idle_ms")
                        .bind(*now)
                        .execute(connection)
                        .await?;
                    Ok(done)
                })
            })
            .await
    }

    fn unseal(&self, row: &SealedRow, id: &SignInId) -> Result<SecretString, StoreError> {
        unseal(self.database.place(), &self.keys, row, id)
    }
}

/// A sign-in that is about to be stored.
struct NewRow {
    id: SignInId,
    new: NewSignIn,
    sealed: Vec<u8>,
    key_id: String,
}

async fn insert(connection: &mut Connection, row: &NewRow) -> Result<(), StoreError> {
    let NewRow {
        id,
        new,
        sealed,
        key_id,
    } = row;
    query(
        "insert into sign_ins (id, workspace, principal_id, user_name, display_name, kind, role, device, sealed, key_id,
                               created, last_seen, ends, idle_ms, client_address)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, $12, $13, $14)",
    )
    .bind(id.to_string())
    .bind(&new.workspace)
    .bind(new.principal.get())
    .bind(&new.user_name)
    .bind(&new.display_name)
    .bind(new.kind)
    .bind(new.role)
    .bind(&new.device)
    .bind(sealed)
    .bind(key_id)
    .bind(new.created.ms())
    .bind(new.ends.ms())
    .bind(milliseconds(new.idle))
    .bind(new.client.to_stored())
    .execute(connection)
    .await?;
    Ok(())
}

/// A sign-in that was deleted: its ID and the binding of its workspace.
type EndedSignIn = (String, String);

async fn remove(connection: &mut Connection, id: &SignInId) -> Result<Option<EndedSignIn>, StoreError> {
    let delete = query("delete from sign_ins where id = $1 returning id, workspace");
    Ok(delete.bind(id.to_string()).fetch_optional(connection).await?)
}

/// Tells the other instances that these sign-ins have ended.
async fn publish_ended(connection: &mut Connection, instance: &str, ended: Vec<EndedSignIn>) -> Result<(), StoreError> {
    let events = ended.into_iter().filter_map(|(id, binding)| {
        let kind = EventKind::SignInEnded {
            sign_in: id.parse().ok()?,
        };
        Some(NewEvent { binding, kind })
    });
    publish_within(connection, instance, &events.collect::<Vec<_>>()).await
}

/// Returns the sign-ins that have ended.
async fn settle(
    connection: &mut Connection,
    id: &SignInId,
    replaced: Option<SignInId>,
) -> Result<Vec<EndedSignIn>, StoreError> {
    let mut ended = Vec::new();
    if let Some(replaced) = replaced {
        ended.extend(remove(connection, &replaced).await?);
    }
    let oldest = query(
        "delete from sign_ins
         where (workspace, principal_id) in (select workspace, principal_id from sign_ins where id = $1) and id not in (
             select o.id from sign_ins o join sign_ins n on n.id = $1
             where o.workspace = n.workspace and o.principal_id = n.principal_id
             order by o.id = $1 desc, o.created desc, o.id limit $2)
         returning id, workspace",
    )
    .bind(id.to_string())
    .bind(MAX_SIGN_INS);
    ended.extend(oldest.fetch_all(connection).await?);
    Ok(ended)
}

/// Whole milliseconds, as the database stores spans.
fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn unseal(
    database: &DatabasePlace,
    keys: &SealingKeys,
    row: &SealedRow,
    id: &SignInId,
) -> Result<SecretString, StoreError> {
    match keys.find(&row.key_id) {
        Some(key) => key.open(&row.sealed, &row.owner(id)),
        None => Err(wrong_key(database, keys, row.key_id.clone())),
    }
}
