//! What WorkSpaces are told apart by where they are counted, or where what is known of them is summed. One enum for both, so
//! that a page of the fleet and a page of its usage never disagree on what a group is.
//!
//! To add a group: a variant, its line in `joins`, `key` and `label`, a case in the tests.

use domain::access::Scope;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::query::{WorkspaceFilter, conditions};
use crate::error::StoreError;
use crate::repo::scope::Purpose;
use crate::sql::Sql;

/// What WorkSpaces are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceGroup {
    /// The state.
    State,
    /// The running mode.
    RunningMode,
    /// The compute type.
    ComputeType,
    /// Whether somebody is connected.
    Connection,
    /// The region.
    Region,
    /// The account, by its name.
    Account,
    /// The directory, by `d-…`.
    Directory,
    /// The bundle, by `wsb-…`.
    Bundle,
    /// The value of the tag with this key.
    Tag(String),
}

/// A group and how many WorkSpaces are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCount {
    /// The value; empty for those without one.
    pub key: String,
    /// What it is called; the value itself where it has no name.
    pub label: String,
    /// How many.
    pub count: u64,
}

impl WorkspaceGroup {
    /// Adds the tables that `key` and `label` look at, behind the table of WorkSpaces, `w`. There is at most one row of each.
    pub(crate) fn joins(&self, sql: Sql) -> Sql {
        match self {
            Self::State | Self::RunningMode | Self::ComputeType | Self::Connection | Self::Region => sql,
            Self::Account => sql.text(" JOIN account ga ON ga.id = w.account_id"),
            Self::Directory => sql.text(" LEFT JOIN directory gd ON gd.id = w.directory_id"),
            Self::Bundle => sql.text(" LEFT JOIN bundle gb ON gb.id = w.bundle_id"),
            Self::Tag(key) => {
                sql.text(" LEFT JOIN workspace_tag gt ON gt.workspace_id = w.id AND gt.key = ").bind(key.as_str())
            }
        }
    }

    /// The expression of the value.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::State => "w.state",
            Self::RunningMode => "COALESCE(w.running_mode, '')",
            Self::ComputeType => "COALESCE(w.compute_type, '')",
            Self::Connection => "COALESCE(w.connection_state, '')",
            Self::Region => "w.region",
            Self::Account => "ga.name",
            Self::Directory => "w.directory_aws_id",
            Self::Bundle => "w.bundle_aws_id",
            Self::Tag(_) => "COALESCE(gt.value, '')",
        }
    }

    /// The expression of its name, over the rows of a group.
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Directory => "COALESCE(max(gd.name), w.directory_aws_id)",
            Self::Bundle => "COALESCE(max(gb.name), w.bundle_aws_id)",
            _ => self.key(),
        }
    }
}

/// How many WorkSpaces of each group the filter leaves, the most first.
///
/// # Errors
/// [`StoreError`].
pub async fn workspace_group_counts(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    filter: &WorkspaceFilter,
    group: &WorkspaceGroup,
) -> Result<Vec<GroupCount>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        key: String,
        label: String,
        n: i64,
    }
    let (key, label) = (group.key(), group.label());
    let select = format!("SELECT {key} AS key, {label} AS label, count(*) AS n FROM workspace w");
    let sql = group.joins(Sql::new(conn).text(&select));
    let sql = conditions(sql, Purpose::All, scope, filter);
    let rows: Vec<Row> = sql.text(&format!(" GROUP BY {key} ORDER BY n DESC, {key}")).all_as(conn).await?;
    let count = |n| u64::try_from(n).unwrap_or(0);
    Ok(rows.into_iter().map(|row| GroupCount { key: row.key, label: row.label, count: count(row.n) }).collect())
}
