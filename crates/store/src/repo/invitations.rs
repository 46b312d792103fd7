//! Invitations. The link's token never comes here: only its digest.

use chrono::{DateTime, Utc};
use domain::access::{Grant, GrantReach, GrantedRole};
use domain::ids::{InvitationId, RoleId, TeamId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, UpdateMany};
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::invitation;
use crate::error::StoreError;
use crate::sql::{Sql, like_anywhere, micros};

/// Where an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    /// Its link is good.
    Open,
    /// Its link has run out.
    Expired,
    /// Somebody made themselves a user with it.
    Accepted,
    /// It was withdrawn.
    Revoked,
}

impl InvitationState {
    /// Every state.
    pub const ALL: &'static [Self] = &[Self::Open, Self::Expired, Self::Accepted, Self::Revoked];

    /// The name, as in a query string.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Expired => "expired",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
        }
    }
}

impl std::fmt::Display for InvitationState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRecord {
    /// The id; in order of creation.
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// What they are given.
    pub grants: Vec<Grant>,
    /// Who invited them; `None` for the installation itself.
    pub invited_by: Option<UserId>,
    /// The e-mail address of who invited them, while they are there.
    pub invited_by_email: Option<String>,
    /// When they were invited.
    pub created_at: DateTime<Utc>,
    /// When the link that is good was made.
    pub sent_at: DateTime<Utc>,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl InvitationRecord {
    /// Where it stands.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> InvitationState {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Revoked,
            (None, None) if self.expires_at <= now => InvitationState::Expired,
            (None, None) => InvitationState::Open,
        }
    }
}

/// An invitation to write.
#[derive(Clone)]
pub struct NewInvitation {
    /// The id.
    pub id: InvitationId,
    /// Who is invited.
    pub email: String,
    /// What they are given.
    pub grants: Vec<Grant>,
    /// The digest of the link's token.
    pub token_hash: String,
    /// Who invites them; `None` for the installation itself.
    pub invited_by: Option<UserId>,
    /// Now.
    pub at: DateTime<Utc>,
    /// Until when the link is good.
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for NewInvitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewInvitation").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A page to read, the latest first.
#[derive(Debug, Clone)]
pub struct InvitationQuery {
    /// Those that stand so; empty for all.
    pub states: Vec<InvitationState>,
    /// Part of the e-mail address.
    pub q: Option<String>,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most.
    pub limit: u32,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationPage {
    /// The invitations, the latest first.
    pub rows: Vec<InvitationRecord>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

const SELECT: &str =
    "SELECT i.*, u.email AS by_email FROM invitation i LEFT JOIN app_user u ON u.id = i.invited_by WHERE ";

/// A page of invitations.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn invitation_list(
    conn: &impl ConnectionTrait,
    query: &InvitationQuery,
) -> Result<InvitationPage, StoreError> {
    let name = list_name(&format!("invitations {:?} {:?}", query.states, query.q));
    let mut sql = filtered(Sql::new(conn).text(SELECT), query);
    if let Some(cursor) = &query.cursor {
        sql = sql.text(" AND i.id < ").bind(Cursor::<Uuid>::decode(cursor, &name)?.id);
    }
    let rows = sql.text(" ORDER BY i.id DESC LIMIT ").bind(i64::from(query.limit) + 1).all(conn).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    let rows: Vec<_> = rows.iter().take(limit).map(record).collect::<Result<_, _>>()?;
    let next = rows.last().filter(|_| more).map(|last| Cursor::new(&name, String::new(), last.id.0).encode());
    Ok(InvitationPage { rows, next })
}

/// How many invitations there are of that kind.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_count(conn: &impl ConnectionTrait, query: &InvitationQuery) -> Result<u64, StoreError> {
    filtered(Sql::new(conn).text("SELECT count(*) FROM invitation i WHERE "), query).count(conn).await
}

fn filtered(mut sql: Sql, query: &InvitationQuery) -> Sql {
    sql = sql.text("1 = 1");
    if let Some(q) = query.q.as_deref().filter(|q| !q.is_empty()) {
        let pattern = like_anywhere(&q.to_lowercase());
        sql = sql.text(" AND lower(i.email) LIKE ").bind(pattern).text(" ESCAPE '\\'");
    }
    if query.states.is_empty() {
        return sql;
    }
    sql = sql.text(" AND (1 = 0");
    for state in &query.states {
        sql = match state {
            InvitationState::Accepted => sql.text(" OR i.accepted_at IS NOT NULL"),
            InvitationState::Revoked => sql.text(" OR (i.accepted_at IS NULL AND i.revoked_at IS NOT NULL)"),
            InvitationState::Open => sql
                .text(" OR (i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > ")
                .bind(micros(query.at))
                .text(")"),
            InvitationState::Expired => sql
                .text(" OR (i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at <= ")
                .bind(micros(query.at))
                .text(")"),
        };
    }
    sql.text(")")
}

/// One invitation.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_fetch(
    conn: &impl ConnectionTrait,
    id: InvitationId,
) -> Result<Option<InvitationRecord>, StoreError> {
    Sql::new(conn).text(SELECT).text("i.id = ").bind(id.0).one(conn).await?.as_ref().map(record).transpose()
}

/// The open invitation with that token.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_fetch_by_token(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<Option<InvitationRecord>, StoreError> {
    let sql = Sql::new(conn).text(SELECT).text("i.token_hash = ").bind(token_hash);
    let found = sql.one(conn).await?.as_ref().map(record).transpose()?;
    Ok(found.filter(|one| one.state(at) == InvitationState::Open))
}

/// Adds one.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_invitation_open` while another is open for that address.
pub async fn invitation_insert(conn: &impl ConnectionTrait, new: &NewInvitation) -> Result<(), StoreError> {
    let row = invitation::ActiveModel {
        id: Set(new.id.0),
        email: Set(new.email.clone()),
        grants: Set(serde_json::to_value(&new.grants).map_err(|error| StoreError::corrupt("grant", error))?),
        token_hash: Set(new.token_hash.clone()),
        invited_by: Set(new.invited_by.map(|id| id.0)),
        created_at: Set(micros(new.at)),
        sent_at: Set(micros(new.at)),
        expires_at: Set(micros(new.expires_at)),
        accepted_at: Set(None),
        revoked_at: Set(None),
    };
    invitation::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Those that are neither accepted nor withdrawn, run out or not.
fn standing() -> UpdateMany<invitation::Entity> {
    invitation::Entity::update_many()
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null())
}

/// Accepts the one with that token: `true` for exactly one caller, and only while it is open.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_accept(
    conn: &impl ConnectionTrait,
    token_hash: &str,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = invitation::ActiveModel { accepted_at: Set(Some(micros(at))), ..Default::default() };
    let open = standing().filter(invitation::Column::TokenHash.eq(token_hash));
    let done = open.filter(invitation::Column::ExpiresAt.gt(micros(at))).set(row).exec(conn).await?;
    Ok(done.rows_affected == 1)
}

/// Gives it a new link, by whom; the one before stops working. `false` when it was accepted or withdrawn.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_renew(
    conn: &impl ConnectionTrait,
    id: InvitationId,
    by: Option<UserId>,
    token_hash: &str,
    at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = invitation::ActiveModel {
        token_hash: Set(token_hash.to_owned()),
        invited_by: Set(by.map(|id| id.0)),
        sent_at: Set(micros(at)),
        expires_at: Set(micros(expires_at)),
        ..Default::default()
    };
    let done = standing().filter(invitation::Column::Id.eq(id.0)).set(row).exec(conn).await?;
    Ok(done.rows_affected == 1)
}

/// Withdraws it; `false` when it was accepted or withdrawn before.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_revoke(
    conn: &impl ConnectionTrait,
    id: InvitationId,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = invitation::ActiveModel { revoked_at: Set(Some(micros(at))), ..Default::default() };
    let done = standing().filter(invitation::Column::Id.eq(id.0)).set(row).exec(conn).await?;
    Ok(done.rows_affected == 1)
}

/// Withdraws what has run out for that address, so that they can be invited anew.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_revoke_expired(
    conn: &impl ConnectionTrait,
    email: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = invitation::ActiveModel { revoked_at: Set(Some(micros(at))), ..Default::default() };
    let expired = standing().filter(invitation::Column::Email.eq(email));
    expired.filter(invitation::Column::ExpiresAt.lte(micros(at))).set(row).exec(conn).await?;
    Ok(())
}

/// How many open invitations give that role.
///
/// # Errors
/// [`StoreError`].
pub async fn invitations_to_role(
    conn: &impl ConnectionTrait,
    role: RoleId,
    at: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let gives = |grants: &&Vec<Grant>| grants.iter().any(|grant| grant.role == GrantedRole::Custom(role));
    Ok(open_grants(conn, at).await?.iter().filter(gives).count() as u64)
}

/// What open invitations give over that team.
///
/// # Errors
/// [`StoreError`].
pub async fn invitation_grants_over_team(
    conn: &impl ConnectionTrait,
    team: TeamId,
    at: DateTime<Utc>,
) -> Result<Vec<Grant>, StoreError> {
    let open = open_grants(conn, at).await?.into_iter().flatten();
    Ok(open.filter(|grant| grant.reach == GrantReach::Team(team)).collect())
}

/// What each open invitation gives.
async fn open_grants(conn: &impl ConnectionTrait, at: DateTime<Utc>) -> Result<Vec<Vec<Grant>>, StoreError> {
    let open = invitation::Entity::find()
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(micros(at)));
    open.all(conn).await?.into_iter().map(|row| grants_of(row.grants)).collect()
}

fn grants_of(stored: serde_json::Value) -> Result<Vec<Grant>, StoreError> {
    serde_json::from_value(stored).map_err(|error| StoreError::corrupt("grant", error))
}

fn record(row: &sea_orm::QueryResult) -> Result<InvitationRecord, StoreError> {
    let invited_by_email = row.try_get("", "by_email")?;
    let row = invitation::Model::from_query_result(row, "")?;
    Ok(InvitationRecord {
        id: InvitationId(row.id),
        email: row.email,
        grants: grants_of(row.grants)?,
        invited_by: row.invited_by.map(UserId),
        invited_by_email,
        created_at: row.created_at,
        sent_at: row.sent_at,
        expires_at: row.expires_at,
        accepted_at: row.accepted_at,
        revoked_at: row.revoked_at,
    })
}
