//! What people were given: roles over parts of the fleet. What an actor may do is worked out of these rows with each request,
//! so that a change holds at once. Who may give what is not decided here (`services::access`).

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::access::{Grant, GrantReach, GrantedRole, Permission, Role};
use domain::ids::{AccountId, DirectoryId, GrantId, RoleId, TeamId, UserId};
use sea_orm::{ConnectionTrait, FromQueryResult, QueryResult};
use serde_json::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::roles::permissions_of;
use crate::sql::{Sql, micros};

/// A grant with all that is needed to tell what it lets somebody do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRecord {
    /// The id.
    pub id: GrantId,
    /// What role, over what.
    pub grant: Grant,
    /// The role's name.
    pub role_name: String,
    /// What the role lets somebody do.
    pub permissions: BTreeSet<Permission>,
    /// The e-mail addresses of the team's members, where it reaches a team.
    pub team: Vec<String>,
    /// When it was given.
    pub created_at: DateTime<Utc>,
}

/// A grant to write.
#[derive(Debug, Clone)]
pub struct NewGrant {
    /// The id.
    pub id: GrantId,
    /// Whose it is.
    pub user_id: UserId,
    /// What role, over what.
    pub grant: Grant,
    /// Now.
    pub at: DateTime<Utc>,
}

/// The columns of a grant `g`, for statements that read somebody with what they were given.
pub(crate) const COLUMNS: &str = "g.id AS g_id, g.role AS g_role, g.role_id AS g_role_id, g.reach_kind AS g_reach_kind, \
     g.account_id AS g_account_id, g.region AS g_region, g.directory_id AS g_directory_id, g.team_id AS g_team_id, \
     r.name AS g_name, r.permissions AS g_permissions, g.created_at AS g_created_at, m.email AS g_member";

/// The tables of a grant, its role and its team's members; the person `u` before them. One row for each grant and member.
pub(crate) const JOINS: &str = " LEFT JOIN role_grant g ON g.user_id = u.id LEFT JOIN role r ON r.id = g.role_id \
     LEFT JOIN team_member tm ON tm.team_id = g.team_id LEFT JOIN app_user m ON m.id = tm.user_id";

#[derive(FromQueryResult)]
struct Row {
    g_id: Option<Uuid>,
    g_role: Option<String>,
    g_role_id: Option<Uuid>,
    g_reach_kind: Option<String>,
    g_account_id: Option<Uuid>,
    g_region: Option<String>,
    g_directory_id: Option<Uuid>,
    g_team_id: Option<Uuid>,
    g_name: Option<String>,
    g_permissions: Option<Value>,
    g_created_at: Option<DateTime<Utc>>,
    g_member: Option<String>,
}

/// The grants in rows of [`COLUMNS`] that come ordered by `g.id`.
pub(crate) fn read(rows: &[QueryResult]) -> Result<Vec<GrantRecord>, StoreError> {
    let mut grants: Vec<GrantRecord> = Vec::new();
    for row in rows {
        let row = Row::from_query_result(row, "")?;
        let Some(id) = row.g_id else { continue };
        let member = row.g_member.clone();
        if grants.last().is_none_or(|last| last.id.0 != id) {
            grants.push(record(id, row)?);
        }
        if let (Some(last), Some(member)) = (grants.last_mut(), member) {
            last.team.push(member);
        }
    }
    Ok(grants)
}

fn record(id: Uuid, row: Row) -> Result<GrantRecord, StoreError> {
    let corrupt = || StoreError::corrupt("grant", format!("grant {id} is of no known kind"));
    let (role, role_name, permissions) = match (row.g_role, row.g_role_id) {
        (Some(name), _) => {
            let role: Role = name.parse().map_err(|error| StoreError::corrupt("role", error))?;
            (GrantedRole::BuiltIn(role), name, role.permissions().into_iter().collect())
        }
        (None, Some(role)) => {
            let permissions = permissions_of(&row.g_permissions.unwrap_or_default());
            (GrantedRole::Custom(RoleId(role)), row.g_name.unwrap_or_default(), permissions)
        }
        (None, None) => return Err(corrupt()),
    };
    let reach = match row.g_reach_kind.as_deref() {
        Some("everything") => Some(GrantReach::Everything),
        Some("own") => Some(GrantReach::Own),
        Some("account") => row.g_account_id.map(|id| GrantReach::Account(AccountId(id))),
        Some("directory") => row.g_directory_id.map(|id| GrantReach::Directory(DirectoryId(id))),
        Some("team") => row.g_team_id.map(|id| GrantReach::Team(TeamId(id))),
        Some("region") => row.g_region.and_then(|region| region.parse().ok()).map(GrantReach::Region),
        _ => None,
    };
    let (reach, created_at) = reach.zip(row.g_created_at).ok_or_else(corrupt)?;
    let grant = Grant { role, reach };
    Ok(GrantRecord { id: GrantId(id), grant, role_name, permissions, team: Vec::new(), created_at })
}

/// What a person was given.
///
/// # Errors
/// [`StoreError`].
pub async fn grant_list(conn: &impl ConnectionTrait, user: UserId) -> Result<Vec<GrantRecord>, StoreError> {
    Ok(grant_list_of(conn, &[user]).await?.into_iter().map(|(_, grant)| grant).collect())
}

/// What these people were given, in no order of theirs.
///
/// # Errors
/// [`StoreError`].
pub async fn grant_list_of(
    conn: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<Vec<(UserId, GrantRecord)>, StoreError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Sql::new(conn)
        .text("SELECT u.id AS u_id, ")
        .text(COLUMNS)
        .text(" FROM app_user u")
        .text(JOINS)
        .text(" WHERE g.id IS NOT NULL AND ")
        .bind_in("u.id", users.iter().map(|id| id.0))
        .text(" ORDER BY g.id, m.email")
        .all(conn)
        .await?;
    let mut owners: Vec<(Uuid, UserId)> = Vec::new();
    for row in &rows {
        owners.push((row.try_get("", "g_id")?, UserId(row.try_get("", "u_id")?)));
    }
    owners.dedup();
    Ok(owners.into_iter().map(|(_, user)| user).zip(read(&rows)?).collect())
}

/// The grants that reach a team: changing its members changes what their holders see.
///
/// # Errors
/// [`StoreError`].
pub async fn grant_list_over_team(
    conn: &impl ConnectionTrait,
    team: TeamId,
) -> Result<Vec<(UserId, GrantRecord)>, StoreError> {
    let rows = Sql::new(conn).text("SELECT DISTINCT user_id FROM role_grant WHERE team_id = ").bind(team.0);
    let mut users = Vec::new();
    for row in rows.all(conn).await? {
        users.push(UserId(row.try_get_by_index(0)?));
    }
    let mut grants = grant_list_of(conn, &users).await?;
    grants.retain(|(_, grant)| grant.grant.reach == GrantReach::Team(team));
    Ok(grants)
}

/// Gives somebody a role.
///
/// # Errors
/// [`StoreError::Missing`] when the person, the role or what it is to reach is not there.
pub async fn grant_insert(conn: &impl ConnectionTrait, new: &NewGrant) -> Result<(), StoreError> {
    let (role, role_id) = match new.grant.role {
        GrantedRole::BuiltIn(role) => (Some(role.as_str()), None),
        GrantedRole::Custom(id) => (None, Some(id.0)),
    };
    let (mut account, mut region, mut directory, mut team) = (None, None, None, None);
    match &new.grant.reach {
        GrantReach::Account(id) => account = Some(id.0),
        GrantReach::Region(code) => region = Some(code.as_str()),
        GrantReach::Directory(id) => directory = Some(id.0),
        GrantReach::Team(id) => team = Some(id.0),
        GrantReach::Everything | GrantReach::Own => {}
    }
    Sql::new(conn)
        .text(
            "INSERT INTO role_grant (id, user_id, role, role_id, reach_kind, account_id, region, directory_id, team_id, \
             created_at) VALUES (",
        )
        .bind(new.id.0)
        .text(", ")
        .bind(new.user_id.0)
        .text(", ")
        .bind(role)
        .text(", ")
        .bind(role_id)
        .text(", ")
        .bind(new.grant.reach.kind())
        .text(", ")
        .bind(account)
        .text(", ")
        .bind(region)
        .text(", ")
        .bind(directory)
        .text(", ")
        .bind(team)
        .text(", ")
        .bind(micros(new.at))
        .text(")")
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes grants away.
///
/// # Errors
/// [`StoreError`].
pub async fn grant_delete(conn: &impl ConnectionTrait, ids: &[GrantId]) -> Result<(), StoreError> {
    if !ids.is_empty() {
        let sql = Sql::new(conn).text("DELETE FROM role_grant WHERE ").bind_in("id", ids.iter().map(|id| id.0));
        sql.execute(conn).await?;
    }
    Ok(())
}

/// Whether the role is there.
///
/// # Errors
/// [`StoreError`].
pub async fn role_exists(conn: &impl ConnectionTrait, role: GrantedRole) -> Result<bool, StoreError> {
    let GrantedRole::Custom(id) = role else { return Ok(true) };
    exists(conn, "role", id.0).await
}

/// Whether what a grant is to reach is there.
///
/// # Errors
/// [`StoreError`].
pub async fn reach_exists(conn: &impl ConnectionTrait, reach: &GrantReach) -> Result<bool, StoreError> {
    match reach {
        GrantReach::Account(id) => exists(conn, "account", id.0).await,
        GrantReach::Directory(id) => exists(conn, "directory", id.0).await,
        GrantReach::Team(id) => exists(conn, "team", id.0).await,
        GrantReach::Everything | GrantReach::Region(_) | GrantReach::Own => Ok(true),
    }
}

async fn exists(conn: &impl ConnectionTrait, table: &str, id: Uuid) -> Result<bool, StoreError> {
    let sql = Sql::new(conn).text("SELECT count(*) FROM ").text(table).text(" WHERE id = ").bind(id);
    Ok(sql.count(conn).await? > 0)
}

/// What the accounts, directories and teams are called that these grants reach.
///
/// # Errors
/// [`StoreError`].
pub async fn reach_names<'a>(
    conn: &impl ConnectionTrait,
    reaches: impl Iterator<Item = &'a GrantReach>,
) -> Result<HashMap<Uuid, String>, StoreError> {
    let (mut accounts, mut directories, mut teams) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for reach in reaches {
        match reach {
            GrantReach::Account(id) => accounts.insert(id.0),
            GrantReach::Directory(id) => directories.insert(id.0),
            GrantReach::Team(id) => teams.insert(id.0),
            GrantReach::Everything | GrantReach::Region(_) | GrantReach::Own => false,
        };
    }
    if accounts.is_empty() && directories.is_empty() && teams.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = Sql::new(conn).text("SELECT id, name FROM account WHERE ").bind_in("id", accounts);
    let sql = sql
        .text(" UNION ALL SELECT id, COALESCE(NULLIF(name, ''), aws_id) FROM directory WHERE ")
        .bind_in("id", directories);
    let sql = sql.text(" UNION ALL SELECT id, name FROM team WHERE ").bind_in("id", teams);
    let rows = sql.all(conn).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

/// How many enabled owners there are.
///
/// # Errors
/// [`StoreError`].
pub async fn enabled_owner_count(conn: &impl ConnectionTrait) -> Result<u64, StoreError> {
    Sql::new(conn)
        .text("SELECT count(DISTINCT u.id) FROM role_grant g JOIN app_user u ON u.id = g.user_id WHERE g.role = ")
        .bind(Role::Owner.as_str())
        .text(" AND u.enabled")
        .count(conn)
        .await
}

/// How many people hold each role; a role that nobody holds is not in it.
///
/// # Errors
/// [`StoreError`].
pub async fn role_holder_counts(conn: &impl ConnectionTrait) -> Result<HashMap<GrantedRole, u64>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        role: Option<String>,
        role_id: Option<Uuid>,
        holders: i64,
    }
    let sql = "SELECT role, role_id, count(DISTINCT user_id) AS holders FROM role_grant GROUP BY role, role_id";
    let rows: Vec<Row> = Sql::new(conn).text(sql).all_as(conn).await?;
    let read = |row: Row| {
        let built_in = row.role.and_then(|name| name.parse().ok()).map(GrantedRole::BuiltIn);
        let role = built_in.or(row.role_id.map(|id| GrantedRole::Custom(RoleId(id))))?;
        Some((role, u64::try_from(row.holders).unwrap_or(0)))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Who holds a custom role.
///
/// # Errors
/// [`StoreError`].
pub async fn role_holders(conn: &impl ConnectionTrait, role: RoleId) -> Result<Vec<UserId>, StoreError> {
    let rows = Sql::new(conn).text("SELECT DISTINCT user_id FROM role_grant WHERE role_id = ").bind(role.0).all(conn);
    rows.await?.iter().map(|row| Ok(UserId(row.try_get_by_index(0)?))).collect()
}

/// Waits until nobody else changes who may do what, and keeps others waiting until the end of the transaction: what was
/// checked (a last owner, what the asking person holds) is then still so when it is written. On SQLite the transaction
/// itself is enough. Take it first in the transaction.
///
/// # Errors
/// [`StoreError`].
pub async fn access_lock(conn: &impl ConnectionTrait) -> Result<(), StoreError> {
    let sql = Sql::new(conn);
    if sql.is_postgres() {
        sql.text("SELECT pg_advisory_xact_lock(hashtextextended('access', 0))").all(conn).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
