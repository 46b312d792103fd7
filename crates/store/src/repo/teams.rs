//! Teams, and who is in them. What a team is good for is a grant over it (`super::grants`).

use chrono::{DateTime, Utc};
use domain::ids::{TeamId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use crate::cursor::{Cursor, list_name};
use crate::entity::{app_user, team};
use crate::error::StoreError;
use crate::repo::users::{self, UserRecord};
use crate::sql::{Column, Sql, id_rows, like_anywhere, micros};

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRecord {
    /// The id.
    pub id: TeamId,
    /// The name; unique without regard to case (`uq_team_name`).
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Rises with each change, its members' included.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// A page to read, by name without regard to case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamQuery {
    /// Part of the name.
    pub q: Option<String>,
    /// Where to go on: the `next` of the page before.
    pub cursor: Option<String>,
    /// Rows at most.
    pub limit: u32,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamPage {
    /// The teams, each with how many members it has.
    pub rows: Vec<(TeamRecord, u64)>,
    /// Where the next page begins; `None` on the last one.
    pub next: Option<String>,
}

#[derive(FromQueryResult)]
struct Counted {
    sort_key: String,
    members: i64,
}

/// A page of teams.
///
/// # Errors
/// [`StoreError::BadCursor`] for a cursor of another list.
pub async fn team_list(conn: &impl ConnectionTrait, query: &TeamQuery) -> Result<TeamPage, StoreError> {
    let name = list_name(&format!("teams {:?}", query.q));
    let sql = Sql::new(conn).text(
        "SELECT t.*, lower(t.name) AS sort_key, (SELECT count(*) FROM team_member tm WHERE tm.team_id = t.id) AS members \
         FROM team t WHERE 1 = 1",
    );
    let mut sql = matching(sql, query.q.as_deref());
    if let Some(cursor) = &query.cursor {
        let cursor: Cursor<Uuid> = Cursor::decode(cursor, &name)?;
        sql = sql.text(" AND (lower(t.name), t.id) > (").bind(cursor.key).text(", ").bind(cursor.id).text(")");
    }
    let sql = sql.text(" ORDER BY lower(t.name), t.id LIMIT ").bind(i64::from(query.limit) + 1);
    let (mut rows, mut last) = (Vec::new(), None);
    let found = sql.all(conn).await?;
    let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
    for row in found.iter().take(limit) {
        let counted = Counted::from_query_result(row, "")?;
        let team = record(team::Model::from_query_result(row, "")?);
        last = Some((counted.sort_key, team.id.0));
        rows.push((team, u64::try_from(counted.members).unwrap_or(0)));
    }
    let next = last.filter(|_| found.len() > limit).map(|(key, id)| Cursor::new(&name, key, id).encode());
    Ok(TeamPage { rows, next })
}

/// How many teams there are of that name.
///
/// # Errors
/// [`StoreError`].
pub async fn team_count(conn: &impl ConnectionTrait, q: Option<&str>) -> Result<u64, StoreError> {
    matching(Sql::new(conn).text("SELECT count(*) FROM team t WHERE 1 = 1"), q).count(conn).await
}

fn matching(sql: Sql, q: Option<&str>) -> Sql {
    let Some(q) = q.filter(|q| !q.is_empty()) else { return sql };
    sql.text(" AND lower(t.name) LIKE ").bind(like_anywhere(&q.to_lowercase())).text(" ESCAPE '\\'")
}

/// One team.
///
/// # Errors
/// [`StoreError`].
pub async fn team_fetch(conn: &impl ConnectionTrait, id: TeamId) -> Result<Option<TeamRecord>, StoreError> {
    Ok(team::Entity::find_by_id(id.0).one(conn).await?.map(record))
}

/// The teams that these people are in, by name.
///
/// # Errors
/// [`StoreError`].
pub async fn team_list_of(
    conn: &impl ConnectionTrait,
    people: &[UserId],
) -> Result<Vec<(UserId, TeamRecord)>, StoreError> {
    let rows = Sql::new(conn)
        .text("SELECT t.*, tm.user_id AS member FROM team_member tm JOIN team t ON t.id = tm.team_id WHERE ")
        .bind_in("tm.user_id", people.iter().map(|id| id.0))
        .text(" ORDER BY lower(t.name)")
        .all(conn)
        .await?;
    let read = |row| Ok((UserId(row_member(row)?), record(team::Model::from_query_result(row, "")?)));
    rows.iter().map(read).collect()
}

fn row_member(row: &sea_orm::QueryResult) -> Result<Uuid, StoreError> {
    Ok(row.try_get("", "member")?)
}

/// Who is in which team: each member's e-mail address with the team's name.
///
/// # Errors
/// [`StoreError`].
pub async fn team_memberships(conn: &impl ConnectionTrait) -> Result<Vec<(String, String)>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        email: String,
        name: String,
    }
    let sql = Sql::new(conn).text(
        "SELECT u.email, t.name FROM team_member m JOIN team t ON t.id = m.team_id JOIN app_user u ON u.id = m.user_id",
    );
    let rows: Vec<Row> = sql.all_as(conn).await?;
    Ok(rows.into_iter().map(|row| (row.email, row.name)).collect())
}

/// Adds what the desktops of the user `u` are called, as `domain::access::user_key` has it.
pub(crate) fn user_key(sql: Sql) -> Sql {
    sql.either("split_part(lower(u.email), '@', 1)", "substr(lower(u.email), 1, instr(u.email || '@', '@') - 1)")
}

/// Those of these teams that there are.
///
/// # Errors
/// [`StoreError`].
pub async fn teams_known(conn: &impl ConnectionTrait, asked: &[TeamId]) -> Result<Vec<TeamId>, StoreError> {
    let sql = Sql::new(conn).text("SELECT t.id FROM team t WHERE ").bind_in("t.id", asked.iter().map(|id| id.0));
    let rows = sql.all(conn).await?;
    rows.iter().map(|row| Ok(TeamId(row.try_get_by_index::<Uuid>(0)?))).collect()
}

/// Adds a team without members.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_team_name` for a name that is taken.
pub async fn team_insert(conn: &impl ConnectionTrait, new: &TeamRecord) -> Result<(), StoreError> {
    let row = team::ActiveModel {
        id: Set(new.id.0),
        name: Set(new.name.clone()),
        description: Set(new.description.clone()),
        version: Set(new.version),
        created_at: Set(micros(new.created_at)),
        updated_at: Set(micros(new.updated_at)),
    };
    team::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

/// Changes its name and description, if it still has the version; `false` when it has not. Its version rises.
///
/// # Errors
/// [`StoreError::Conflict`] with `uq_team_name` for a name that is taken.
pub async fn team_update(conn: &impl ConnectionTrait, changed: &TeamRecord) -> Result<bool, StoreError> {
    let row = team::ActiveModel {
        name: Set(changed.name.clone()),
        description: Set(changed.description.clone()),
        updated_at: Set(micros(changed.updated_at)),
        ..Default::default()
    };
    let done = team::Entity::update_many()
        .set(row)
        .col_expr(team::Column::Version, Expr::cust("version + 1"))
        .filter(team::Column::Id.eq(changed.id.0))
        .filter(team::Column::Version.eq(changed.version))
        .exec(conn)
        .await?;
    Ok(done.rows_affected == 1)
}

/// Removes a team, and with it what was granted over it; `false` when there is none.
///
/// # Errors
/// [`StoreError`].
pub async fn team_delete(conn: &impl ConnectionTrait, id: TeamId) -> Result<bool, StoreError> {
    Ok(team::Entity::delete_by_id(id.0).exec(conn).await?.rows_affected == 1)
}

/// The members, by e-mail address.
///
/// # Errors
/// [`StoreError`].
pub async fn team_members(conn: &impl ConnectionTrait, id: TeamId) -> Result<Vec<UserRecord>, StoreError> {
    let rows: Vec<app_user::Model> = Sql::new(conn)
        .text("SELECT u.* FROM team_member tm JOIN app_user u ON u.id = tm.user_id WHERE tm.team_id = ")
        .bind(id.0)
        .text(" ORDER BY u.email")
        .all_as(conn)
        .await?;
    Ok(rows.into_iter().map(users::record).collect())
}

/// Adds members.
///
/// # Errors
/// [`StoreError::Missing`] when the team or somebody of them is not there.
pub async fn team_members_add(conn: &impl ConnectionTrait, id: TeamId, people: &[UserId]) -> Result<(), StoreError> {
    let sql = Sql::new(conn).text("INSERT INTO team_member (team_id, user_id) SELECT ").bind(id.0).either("::uuid", "");
    let rows = id_rows(people.iter().map(|id| id.0));
    // `WHERE true`: SQLite can't tell ON CONFLICT from a join otherwise.
    let sql = sql.text(", x.id FROM ").rows(rows, &[("id", Column::Uuid)]).text(" WHERE true ON CONFLICT DO NOTHING");
    sql.execute(conn).await?;
    Ok(())
}

/// Removes members.
///
/// # Errors
/// [`StoreError`].
pub async fn team_members_remove(conn: &impl ConnectionTrait, id: TeamId, people: &[UserId]) -> Result<(), StoreError> {
    let sql = Sql::new(conn).text("DELETE FROM team_member WHERE team_id = ").bind(id.0).text(" AND ");
    sql.bind_in("user_id", people.iter().map(|id| id.0)).execute(conn).await?;
    Ok(())
}

fn record(row: team::Model) -> TeamRecord {
    TeamRecord {
        id: TeamId(row.id),
        name: row.name,
        description: row.description,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
