//! One person's data as a whole: what their export needs beyond the other repos, and taking a person out. What may be done
//! with it, and by whom, is `services::privacy`.

use chrono::{DateTime, Utc};
use domain::ids::{InvitationId, SessionId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::prune::prune_ended;
use crate::sql::Sql;

/// What stands in a job in the place of somebody who is no longer here.
pub const FORMER_PERSON: &str = "a former user";

/// A session, also one that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct PastSession {
    /// The id.
    pub id: Uuid,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last used.
    pub last_seen_at: DateTime<Utc>,
    /// When it ends at the latest.
    pub expires_at: DateTime<Utc>,
    /// When it was ended.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The browser's name for itself.
    pub user_agent: Option<String>,
    /// From where.
    pub ip_address: Option<String>,
}

impl PastSession {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> SessionId {
        SessionId(self.id)
    }
}

/// An invitation to somebody's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct PastInvitation {
    /// The id.
    pub id: Uuid,
    /// When they were invited.
    pub created_at: DateTime<Utc>,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl PastInvitation {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> InvitationId {
        InvitationId(self.id)
    }
}

/// Every session of a person that is still kept, the oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn session_list_all(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<PastSession>, StoreError> {
    let columns = "SELECT id, created_at, last_seen_at, expires_at, revoked_at, user_agent, ip_address FROM session";
    Sql::new(conn).text(columns).text(" WHERE user_id = ").bind(user.0).text(" ORDER BY id").all_as(conn).await
}

/// Every invitation to that address that is still kept, the oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_list_to(conn: &impl ConnectionTrait, email: &str) -> Result<Vec<PastInvitation>, StoreError> {
    let columns =
        "SELECT id, created_at, expires_at, accepted_at, revoked_at FROM invitation WHERE lower(email) = lower(";
    Sql::new(conn).text(columns).bind(email).text(") ORDER BY id").all_as(conn).await
}

/// Takes a person out: their row with all that hangs on it (sessions, keys, grants, factors, codes, kept answers), the
/// invitations to their address, and their name in the jobs that they asked for. `false` when there is no such person. Their id
/// stays where it was, as a pseudonym.
///
/// # Errors
/// [`StoreError`].
pub async fn person_remove(conn: &impl ConnectionTrait, user: UserId, email: &str) -> Result<bool, StoreError> {
    Sql::new(conn)
        .text("DELETE FROM invitation WHERE lower(email) = lower(")
        .bind(email)
        .text(")")
        .execute(conn)
        .await?;
    Sql::new(conn)
        .text("UPDATE job SET created_by_name = ")
        .bind(FORMER_PERSON)
        .text(" WHERE created_by = ")
        .bind(user.0)
        .execute(conn)
        .await?;
    Sql::new(conn)
        .text("UPDATE schedule SET updated_by_name = ")
        .bind(FORMER_PERSON)
        .text(" WHERE updated_by = ")
        .bind(user.0)
        .execute(conn)
        .await?;
    let gone = Sql::new(conn).text("DELETE FROM app_user WHERE id = ").bind(user.0).execute(conn).await?;
    Ok(gone.rows_affected() > 0)
}

/// Erases personal parts of the audit log that belong to somebody who is no longer here: what a request wrote that was still
/// running when they were taken out. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn personal_orphans_erase(conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
    let gone = Sql::new(conn)
        .text("DELETE FROM audit_personal WHERE user_id IS NOT NULL AND NOT EXISTS ")
        .text("(SELECT 1 FROM app_user u WHERE u.id = audit_personal.user_id)")
        .execute(conn)
        .await?;
    Ok(gone.rows_affected())
}

/// Forgets invitations that were answered, withdrawn or ran out before that moment, at most so many. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_prune(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    limit: u64,
) -> Result<u64, StoreError> {
    prune_ended(conn, "invitation", "coalesce(p.accepted_at, p.revoked_at, p.expires_at)", before, limit).await
}

/// Forgets API keys that were revoked, replaced for good or ran out before that moment, at most so many. Gives how many.
///
/// # Errors
/// [`StoreError`].
pub async fn api_key_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>, limit: u64) -> Result<u64, StoreError> {
    prune_ended(conn, "api_key", "coalesce(p.revoked_at, p.good_until, p.expires_at)", before, limit).await
}
