//! How the chain stands: its end, its rows as they are, cuts, checkpoints, verifications, and the application's role.

use chrono::{DateTime, Utc};
use domain::audit::Subject;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Sql, micros};

/// The last entry, or the last one that was removed when none is left.
pub(super) const TIP: &str = "SELECT seq, hash FROM (SELECT seq, hash FROM \
    (SELECT seq, hash FROM audit_entry ORDER BY seq DESC LIMIT 1) AS e UNION ALL SELECT seq, hash FROM \
    (SELECT seq, hash FROM audit_cut ORDER BY seq DESC LIMIT 1) AS c) AS t ORDER BY seq DESC LIMIT 1";

/// A place in the chain.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Tip {
    /// The entry's place.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
}

/// An entry as the database holds it, for verifying: nothing of it is trusted.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct ChainRow {
    /// Its place.
    pub seq: i64,
    /// Copied from the text.
    pub at: DateTime<Utc>,
    /// Copied from the text.
    pub actor_kind: String,
    /// Copied from the text.
    pub actor_id: Option<Uuid>,
    /// Copied from the text.
    pub session_id: Option<Uuid>,
    /// Copied from the text.
    pub key_id: Option<Uuid>,
    /// Copied from the text.
    pub permission: Option<String>,
    /// Copied from the text.
    pub action: String,
    /// Copied from the text.
    pub object_kind: Option<String>,
    /// Copied from the text.
    pub object_id: Option<String>,
    /// Copied from the text.
    pub outcome: String,
    /// Copied from the text.
    pub request_id: Option<String>,
    /// The text.
    pub body: String,
    /// The hash of the entry before.
    pub prev_hash: String,
    /// Its hash.
    pub hash: String,
}

/// A personal part as the database holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalRow {
    /// The entry.
    pub seq: i64,
    /// Whose it is; `None` for what this version does not know.
    pub subject: Option<Subject>,
    /// Its salt.
    pub salt: String,
    /// JSON text.
    pub body: String,
}

/// A cut: everything up to that entry was removed.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AuditCutRecord {
    /// The last entry that was removed.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The signed line.
    pub line: String,
}

/// A copy of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AuditCheckpointRecord {
    /// The last entry at that time.
    pub seq: i64,
    /// Its hash.
    pub hash: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The signed line.
    pub line: String,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AuditVerificationRecord {
    /// When it ended.
    pub at: DateTime<Utc>,
    /// Whether everything was as it should be.
    pub whole: bool,
    /// The first entry that was looked at.
    pub first_seq: i64,
    /// The last one.
    pub last_seq: i64,
    /// How many.
    pub entries: i64,
    /// The first entry that is not as it should be.
    pub bad_seq: Option<i64>,
    /// What is wrong with it, in words.
    pub problem: Option<String>,
}

/// The end of the chain as it is now; `None` before the first entry.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_head(conn: &impl ConnectionTrait) -> Result<Option<Tip>, StoreError> {
    Sql::new(conn).text(TIP).one_as(conn).await
}

/// Rows after that place, in order, at most so many.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_rows(
    conn: &impl ConnectionTrait,
    after: i64,
    limit: u64,
) -> Result<(Vec<ChainRow>, Vec<PersonalRow>), StoreError> {
    let rows: Vec<ChainRow> = Sql::new(conn)
        .text("SELECT seq, at, actor_kind, actor_id, session_id, key_id, permission, action, object_kind, object_id, ")
        .text("outcome, request_id, body, prev_hash, hash FROM audit_entry WHERE seq > ")
        .bind(after)
        .text(" ORDER BY seq LIMIT ")
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .all_as(conn)
        .await?;
    let Some(last) = rows.last().map(|row| row.seq) else { return Ok((rows, Vec::new())) };
    let parts = Sql::new(conn)
        .text("SELECT seq, subject, salt, body FROM audit_personal WHERE seq > ")
        .bind(after)
        .text(" AND seq <= ")
        .bind(last)
        .text(" ORDER BY seq, subject")
        .all(conn)
        .await?;
    let parts = parts.iter().map(|row| {
        let subject: String = row.try_get_by_index(1)?;
        let (seq, salt, body) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        Ok(PersonalRow { seq, subject: subject.parse().ok(), salt, body })
    });
    Ok((rows, parts.collect::<Result<_, StoreError>>()?))
}

/// The last entry of the beginning that lies wholly before that moment and before the place `last`, of its first `most`
/// entries; `None` when nothing does.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_before(
    conn: &impl ConnectionTrait,
    before: DateTime<Utc>,
    last: i64,
    most: i64,
) -> Result<Option<Tip>, StoreError> {
    Sql::new(conn)
        .text("WITH beginning AS (SELECT seq, hash, at FROM audit_entry ORDER BY seq LIMIT ")
        .bind(most)
        .text(") SELECT seq, hash FROM beginning WHERE seq < coalesce((SELECT min(seq) FROM beginning WHERE at >= ")
        .bind(micros(before))
        .text("), 9223372036854775807) AND seq < ")
        .bind(last)
        .text(" ORDER BY seq DESC LIMIT 1")
        .one_as(conn)
        .await
}

/// The cuts, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_cut_list(conn: &impl ConnectionTrait) -> Result<Vec<AuditCutRecord>, StoreError> {
    Sql::new(conn).text("SELECT seq, hash, at, line FROM audit_cut ORDER BY seq").all_as(conn).await
}

/// Keeps a copy of a checkpoint.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_checkpoint_insert(
    conn: &impl ConnectionTrait,
    id: Uuid,
    new: &AuditCheckpointRecord,
) -> Result<(), StoreError> {
    let sql = Sql::new(conn).text("INSERT INTO audit_checkpoint (id, seq, hash, at, line) VALUES (").bind(id);
    let sql = sql.text(", ").bind(new.seq).text(", ").bind(new.hash.clone()).text(", ").bind(micros(new.at));
    sql.text(", ").bind(new.line.clone()).text(")").execute(conn).await?;
    Ok(())
}

/// The newest checkpoint.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_checkpoint_latest(conn: &impl ConnectionTrait) -> Result<Option<AuditCheckpointRecord>, StoreError> {
    let sql =
        Sql::new(conn).text("SELECT seq, hash, at, line FROM audit_checkpoint ORDER BY at DESC, seq DESC LIMIT 1");
    sql.one_as(conn).await
}

/// The copies of checkpoints, oldest first.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_checkpoint_list(conn: &impl ConnectionTrait) -> Result<Vec<AuditCheckpointRecord>, StoreError> {
    Sql::new(conn).text("SELECT seq, hash, at, line FROM audit_checkpoint ORDER BY at, seq").all_as(conn).await
}

/// Forgets copies from before that moment: the files keep them.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_checkpoint_prune(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let sql = Sql::new(conn).text("DELETE FROM audit_checkpoint WHERE at < ").bind(micros(before));
    Ok(sql.execute(conn).await?.rows_affected())
}

/// Notes what a verification found.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_verification_insert(
    conn: &impl ConnectionTrait,
    id: Uuid,
    new: &AuditVerificationRecord,
) -> Result<(), StoreError> {
    Sql::new(conn)
        .text("INSERT INTO audit_verification (id, at, whole, first_seq, last_seq, entries, bad_seq, problem) VALUES (")
        .bind(id)
        .text(", ")
        .bind(micros(new.at))
        .text(", ")
        .bind(new.whole)
        .text(", ")
        .bind(new.first_seq)
        .text(", ")
        .bind(new.last_seq)
        .text(", ")
        .bind(new.entries)
        .text(", ")
        .bind(new.bad_seq)
        .text(", ")
        .bind(new.problem.clone())
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// The newest verification.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_verification_latest(
    conn: &impl ConnectionTrait,
) -> Result<Option<AuditVerificationRecord>, StoreError> {
    Sql::new(conn)
        .text("SELECT at, whole, first_seq, last_seq, entries, bad_seq, problem FROM audit_verification ")
        .text("ORDER BY at DESC LIMIT 1")
        .one_as(conn)
        .await
}

/// Gives a role of Postgres what the application needs: to read and write everything, but of the audit log to read and add
/// only. Idempotent; to be repeated after each migration, since new tables come with no rights.
///
/// # Errors
/// [`StoreError`]: the role is not there, or we are not the owner of the tables.
pub async fn audit_app_role(conn: &impl ConnectionTrait, role: &str) -> Result<(), StoreError> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    for statement in [
        format!("GRANT USAGE ON SCHEMA public TO {role}"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"),
        format!("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"),
        format!("REVOKE ALL ON audit_entry, audit_personal, audit_cut, seaql_migrations FROM {role}, PUBLIC"),
        format!("GRANT SELECT, INSERT ON audit_entry TO {role}"),
        format!("GRANT SELECT, INSERT, DELETE ON audit_personal TO {role}"),
        format!("GRANT SELECT ON audit_cut, seaql_migrations TO {role}"),
        format!("GRANT EXECUTE ON FUNCTION audit_tip(bigint) TO {role}"),
    ] {
        conn.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Why a role of Postgres can't be the application's, in words; `None` when it can.
///
/// # Errors
/// [`StoreError`].
pub async fn audit_app_role_problem(conn: &impl ConnectionTrait, role: &str) -> Result<Option<String>, StoreError> {
    let found = Sql::new(conn)
        .text("SELECT r.rolsuper, pg_has_role(r.oid, c.relowner, 'MEMBER') FROM pg_roles r, pg_class c ")
        .text("WHERE c.oid = 'audit_entry'::regclass AND r.rolname = ")
        .bind(role)
        .one(conn)
        .await?;
    let Some(row) = found else { return Ok(Some(format!("there is no role {role}; create it first"))) };
    let (is_super, is_owner): (bool, bool) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
    Ok(match (is_super, is_owner) {
        (true, _) => Some(format!("{role} is a superuser, whom no right keeps from anything")),
        (_, true) => {
            Some(format!("{role} owns the tables or may act as their owner, whom no right keeps from anything"))
        }
        _ => None,
    })
}
