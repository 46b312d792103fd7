//! What is taken down when a WorkSpace that is known is set up otherwise than before: one row for each part that differs.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use domain::ids::WorkspaceId;
use domain::timeline::ConfigurationField as Field;
use domain::workspace::{ObservedWorkspace, Tags};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::sql::{Column, Sql, id_rows, time_text};

/// The parts of a configuration, each as text; `None` where AWS does not say.
pub(super) type Configuration = BTreeMap<Field, Option<String>>;

/// A part that differs.
pub(super) struct Change {
    workspace: WorkspaceId,
    field: Field,
    /// The tag's key.
    name: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    bundle_aws_id: String,
    running_mode: Option<String>,
    auto_stop_timeout_minutes: Option<i32>,
    compute_type: Option<String>,
    root_volume_gib: Option<i32>,
    user_volume_gib: Option<i32>,
    root_volume_encrypted: bool,
    user_volume_encrypted: bool,
    protocol: Option<String>,
    operating_system: Option<String>,
    computer_name: Option<String>,
    subnet_id: Option<String>,
}

impl Row {
    fn parts(self) -> Configuration {
        BTreeMap::from([
            (Field::Bundle, Some(self.bundle_aws_id)),
            (Field::RunningMode, self.running_mode),
            (Field::AutoStopTimeout, text(self.auto_stop_timeout_minutes)),
            (Field::ComputeType, self.compute_type),
            (Field::RootVolume, text(self.root_volume_gib)),
            (Field::UserVolume, text(self.user_volume_gib)),
            (Field::RootVolumeEncrypted, text(Some(self.root_volume_encrypted))),
            (Field::UserVolumeEncrypted, text(Some(self.user_volume_encrypted))),
            (Field::Protocol, self.protocol),
            (Field::OperatingSystem, self.operating_system),
            (Field::ComputerName, self.computer_name),
            (Field::Subnet, self.subnet_id),
        ])
    }
}

/// The parts as AWS shows them.
fn observed(one: &ObservedWorkspace) -> Configuration {
    BTreeMap::from([
        (Field::Bundle, Some(one.bundle_id.clone())),
        (Field::RunningMode, text(one.running_mode.as_ref().map(|mode| mode.as_str()))),
        (Field::AutoStopTimeout, text(one.auto_stop_timeout_minutes)),
        (Field::ComputeType, text(one.compute_type.as_ref().map(|compute| compute.as_str()))),
        (Field::RootVolume, text(one.root_volume_gib)),
        (Field::UserVolume, text(one.user_volume_gib)),
        (Field::RootVolumeEncrypted, text(Some(one.root_volume_encrypted))),
        (Field::UserVolumeEncrypted, text(Some(one.user_volume_encrypted))),
        (Field::Protocol, text(one.protocol.as_ref().map(|protocol| protocol.as_str()))),
        (Field::OperatingSystem, one.operating_system.clone()),
        (Field::ComputerName, one.computer_name.clone()),
        (Field::Subnet, one.subnet_id.clone()),
    ])
}

fn text(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

/// How those WorkSpaces are set up as far as is known.
pub(super) async fn known(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = WorkspaceId>,
) -> Result<HashMap<WorkspaceId, Configuration>, StoreError> {
    let rows: Vec<Row> = Sql::new(conn)
        .text(
            "SELECT w.id, w.bundle_aws_id, w.running_mode, w.auto_stop_timeout_minutes, w.compute_type, w.root_volume_gib, \
             w.user_volume_gib, w.root_volume_encrypted, w.user_volume_encrypted, w.protocol, w.operating_system, \
             w.computer_name, w.subnet_id FROM workspace w WHERE w.id IN (SELECT x.id FROM ",
        )
        .rows(id_rows(ids.into_iter().map(|id| id.0)), &[("id", Column::Uuid)])
        .text(")")
        .all_as(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (WorkspaceId(row.id), row.parts())).collect())
}

/// The parts that read otherwise. What AWS did not say before, or says no longer, is no change of it.
pub(super) fn changes(id: WorkspaceId, before: &Configuration, now: &ObservedWorkspace) -> Vec<Change> {
    let differs = |(field, after): (Field, Option<String>)| {
        let before = before.get(&field).cloned().flatten();
        let both = before.is_some() && after.is_some();
        (both && before != after).then_some(Change { workspace: id, field, name: None, before, after })
    };
    observed(now).into_iter().filter_map(differs).collect()
}

/// What differs between the tags that are known of these WorkSpaces and those that were read now. Those read for the first time
/// have changed nothing.
pub(super) async fn tag_changes(
    conn: &impl ConnectionTrait,
    read: &[(WorkspaceId, Tags)],
) -> Result<Vec<Change>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        key: Option<String>,
        value: Option<String>,
    }
    let rows: Vec<Row> = Sql::new(conn)
        .text("SELECT w.id, t.key, t.value FROM workspace w LEFT JOIN workspace_tag t ON t.workspace_id = w.id WHERE w.id IN (SELECT x.id FROM ")
        .rows(id_rows(read.iter().map(|(id, _)| id.0)), &[("id", Column::Uuid)])
        .text(") AND w.tags_read_at IS NOT NULL")
        .all_as(conn)
        .await?;
    let mut known: HashMap<WorkspaceId, Tags> = HashMap::new();
    for row in rows {
        known.entry(WorkspaceId(row.id)).or_default().extend(row.key.zip(row.value));
    }
    let mut changes = Vec::new();
    for (id, tags) in read {
        let Some(before) = known.get(id) else { continue };
        let mut change = |key: &String, before: Option<&String>, after: Option<&String>| {
            let (name, before, after) = (Some(key.clone()), before.cloned(), after.cloned());
            changes.push(Change { workspace: *id, field: Field::Tag, name, before, after });
        };
        for (key, value) in before {
            let after = tags.get(key);
            if after != Some(value) {
                change(key, Some(value), after);
            }
        }
        for (key, value) in tags.iter().filter(|(key, _)| !before.contains_key(*key)) {
            change(key, None, Some(value));
        }
    }
    Ok(changes)
}

/// Takes changes down.
pub(super) async fn append(
    conn: &impl ConnectionTrait,
    at: DateTime<Utc>,
    changes: &[Change],
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let at = time_text(at);
    let row = |change: &Change| {
        json!({
            "workspace_id": change.workspace, "at": at, "field": change.field, "name": change.name, "before": change.before,
            "after": change.after,
        })
    };
    let columns = [
        ("workspace_id", Column::Uuid),
        ("at", Column::Time),
        ("field", Column::Text),
        ("name", Column::Text),
        ("before", Column::Text),
        ("after", Column::Text),
    ];
    let rows = Value::Array(changes.iter().map(row).collect()).to_string();
    // Through the WorkSpaces that are there: one may have been forgotten meanwhile.
    Sql::new(conn)
        .text("INSERT INTO workspace_change (workspace_id, at, field, name, \"before\", \"after\") ")
        .text("SELECT x.workspace_id, x.at, x.field, x.name, x.\"before\", x.\"after\" FROM ")
        .rows(rows, &columns)
        .text(" WHERE x.workspace_id IN (SELECT w.id FROM workspace w)")
        .execute(conn)
        .await?;
    Ok(())
}
