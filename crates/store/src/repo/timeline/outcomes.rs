//! What became of one WorkSpace in the jobs that were asked to do something with it.

use std::collections::{HashMap, HashSet};

use domain::ids::{JobId, WorkspaceId};
use domain::jobs::JobState;
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

use crate::error::StoreError;
use crate::repo::scope::{JobScope, Purpose, scoped_jobs};
use crate::sql::Sql;

/// A job, and what it says of the WorkSpace.
#[derive(Debug, Clone, PartialEq)]
pub struct JobOutcome {
    /// How the job stands.
    pub state: JobState,
    /// Why it failed.
    pub error: Option<String>,
    /// The WorkSpace's item of its report; `None` while there is none.
    pub item: Option<Value>,
    /// Whether whoever asks may see the job.
    pub visible: bool,
}

/// What became of the WorkSpace in those of the jobs that are still there. Only its own part of each report is read, however many
/// others it is about.
///
/// # Errors
/// [`StoreError`].
pub async fn timeline_job_outcomes(
    conn: &impl ConnectionTrait,
    visible: &JobScope,
    workspace: WorkspaceId,
    jobs: &[JobId],
) -> Result<HashMap<JobId, JobOutcome>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        state: String,
        error: Option<String>,
        item: Option<String>,
    }
    if jobs.is_empty() {
        return Ok(HashMap::new());
    }
    let ids = || jobs.iter().map(|id| id.0);
    let id = workspace.to_string();
    let sql = Sql::new(conn).text("SELECT j.id, j.state, j.error, (");
    let sql = if sql.is_postgres() {
        sql.text(
            "SELECT CAST(i AS text) FROM jsonb_array_elements(CASE jsonb_typeof(j.result -> 'items') WHEN 'array' \
             THEN j.result -> 'items' ELSE '[]'::jsonb END) AS i WHERE i ->> 'id' = ",
        )
    } else {
        sql.text("SELECT i.value FROM json_each(j.result, '$.items') i WHERE i.value ->> '$.id' = ")
    };
    let rows: Vec<Row> =
        sql.bind(id).text(" LIMIT 1) AS item FROM job j WHERE ").bind_in("j.id", ids()).all_as(conn).await?;
    let seen = Sql::new(conn).text("SELECT j.id FROM job j WHERE ").bind_in("j.id", ids());
    let seen = scoped_jobs(seen, visible, Purpose::All).all(conn).await?;
    let seen = seen.iter().map(|row| row.try_get_by_index(0)).collect::<Result<HashSet<Uuid>, _>>()?;
    rows.into_iter()
        .map(|row| {
            let outcome = JobOutcome {
                state: row.state.parse().map_err(|error| StoreError::corrupt("state of a job", error))?,
                error: row.error,
                item: row.item.and_then(|text| serde_json::from_str(&text).ok()),
                visible: seen.contains(&row.id),
            };
            Ok((JobId(row.id), outcome))
        })
        .collect()
}
