//! What a sync brought in, as lines that two runs can be compared by.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use domain::ids::AccountId;
use domain::sync::SyncKind;

use super::Scene;

impl Scene {
    /// What the sync brought in, by table, without what differs from run to run: our ids and when it was read.
    pub(super) async fn brought_in(&self, account: AccountId, kind: SyncKind) -> Result<BTreeMap<String, Vec<String>>> {
        let at = self.closed.to_rfc3339();
        let (mine, moment) = (format!("x.account_id = '{account}'"), format!("TIMESTAMPTZ '{at}'"));
        let joined = format!("JOIN workspace x ON x.id = r.workspace_id WHERE {mine}");
        let mut queries = vec![(
            "data_set",
            format!(
                "SELECT concat_ws('|', x.region, x.kind, x.status, x.last_error, x.missing_permission, x.gaps, x.fresh_at \
                 IS NULL, x.covered_from IS NULL) AS line FROM data_set x WHERE {mine} AND x.kind = '{kind}'"
            ),
        )];
        let directories = (
            "directory",
            format!(
                "SELECT concat_ws('|', x.region, x.aws_id, x.name, x.alias, x.kind, x.state, x.registration_code, x.stage) \
                 AS line FROM directory x WHERE {mine}"
            ),
        );
        match kind {
            SyncKind::Workspaces => queries.extend([
                directories,
                (
                    "bundle",
                    format!(
                        "SELECT concat_ws('|', x.region, x.aws_id, x.name, x.owner, x.description, x.compute_type, \
                         x.root_volume_gib, x.user_volume_gib, x.image_id) AS line FROM bundle x WHERE {mine}"
                    ),
                ),
                (
                    "workspace",
                    format!(
                        "SELECT concat_ws('|', x.region, x.aws_id, x.directory_aws_id, x.bundle_aws_id, x.user_name, x.state, \
                         x.computer_name, x.ip_address, x.subnet_id, x.error_code, x.error_message, x.running_mode, \
                         x.auto_stop_timeout_minutes, x.compute_type, x.root_volume_gib, x.user_volume_gib, x.protocol, \
                         x.operating_system, x.root_volume_encrypted, x.user_volume_encrypted, x.connection_state, \
                         x.last_connected_at, x.gone_at IS NULL, x.tags_read_at IS NULL, x.tag_text, d.aws_id, b.aws_id) \
                         AS line FROM workspace x LEFT JOIN directory d ON d.id = x.directory_id \
                         LEFT JOIN bundle b ON b.id = x.bundle_id WHERE {mine}"
                    ),
                ),
                ("workspace_tag", format!("SELECT concat_ws('|', x.aws_id, r.key, r.value) AS line FROM workspace_tag r {joined}")),
                (
                    "workspace_state_history",
                    format!("SELECT concat_ws('|', x.aws_id, r.before, r.after) AS line FROM workspace_state_history r {joined}"),
                ),
            ]),
            SyncKind::Directories => queries.push(directories),
            SyncKind::Connections => queries.push((
                "workspace",
                format!(
                    "SELECT concat_ws('|', x.aws_id, x.connection_state, x.last_connected_at, x.connection_checked_at IS NULL) \
                     AS line FROM workspace x WHERE {mine}"
                ),
            )),
            SyncKind::Usage => queries.extend([
                (
                    "usage_interval",
                    format!(
                        "SELECT concat_ws('|', x.aws_id, r.started_at, LEAST(r.ended_at, {moment})) AS line \
                         FROM usage_interval r {joined} AND r.started_at < {moment}"
                    ),
                ),
                (
                    "usage_day",
                    format!(
                        "SELECT concat_ws('|', x.aws_id, r.day, r.hour_mask, r.hours, r.connected_minutes, r.sessions, r.first_at, \
                         r.last_at, r.resolution_secs) AS line FROM usage_day r {joined} AND r.day < DATE '{}'",
                        self.closed.date_naive()
                    ),
                ),
                (
                    "metric_day",
                    format!("SELECT concat_ws('|', x.aws_id, r.day, r.metric, r.average, r.maximum) AS line FROM metric_day r {joined}"),
                ),
                (
                    "usage_coverage",
                    format!("SELECT concat_ws('|', x.aws_id, r.covered_from, r.measured_to) AS line FROM usage_coverage r {joined}"),
                ),
            ]),
            SyncKind::CloudTrail => {
                let within = format!("{mine} AND x.at < {moment} AND x.at > {moment} - INTERVAL '89 days'");
                queries.extend([
                    (
                        "trail_event",
                        format!(
                            "SELECT concat_ws('|', x.region, x.event_id, x.at, x.name, x.source, x.read_only, x.actor, x.actor_arn, \
                             x.source_ip, x.user_agent, x.error_code, x.error_message, x.detail) AS line FROM trail_event x \
                             WHERE {within}"
                        ),
                    ),
                    (
                        "trail_event_workspace",
                        format!(
                            "SELECT concat_ws('|', x.event_id, COUNT(r.workspace_id)) AS line FROM trail_event x \
                             JOIN trail_event_workspace r ON r.event_id = x.id WHERE {within} GROUP BY x.event_id"
                        ),
                    ),
                ]);
            }
            SyncKind::Billing => {
                // The days before are final.
                let last = (self.closed - TimeDelta::days(4)).date_naive();
                queries.extend([
                    (
                        "cost_day",
                        format!(
                            "SELECT concat_ws('|', x.day, x.region, x.usage_type, x.amount_e10, x.quantity_e10, x.unit, x.currency, \
                             x.estimated) AS line FROM cost_day x WHERE {mine} AND x.day < DATE '{last}'"
                        ),
                    ),
                    (
                        "cost_tag_day",
                        format!(
                            "SELECT concat_ws('|', x.day, x.tag_key, x.tag_value, x.amount_e10, x.currency, x.estimated) AS line \
                             FROM cost_tag_day x WHERE {mine} AND x.day < DATE '{last}'"
                        ),
                    ),
                ]);
            }
            SyncKind::Prices => queries.push((
                "price",
                format!(
                    "SELECT concat_ws('|', x.region, x.sku, x.bundle, x.compute_type, x.license, x.operating_system, x.root_gb, \
                     x.user_gb, x.running_mode, x.unit, x.usage_type, x.price_e10, x.currency, x.effective_at) AS line \
                     FROM price x WHERE {mine}"
                ),
            )),
            SyncKind::Images => queries.push((
                "image",
                format!(
                    "SELECT concat_ws('|', x.region, x.aws_id, x.name, x.description, x.operating_system, x.state, \
                     x.required_tenancy, x.owner_account_id, x.created_at, x.update_available) AS line FROM image x WHERE {mine}"
                ),
            )),
            SyncKind::Quotas => queries.push((
                "quota",
                format!(
                    "SELECT concat_ws('|', x.region, x.aws_id, x.name, x.value, x.counts, x.adjustable, x.is_global) AS line \
                     FROM quota x WHERE {mine}"
                ),
            )),
        }
        let mut tables = BTreeMap::new();
        for (table, sql) in queries {
            let mut lines = self.column(&sql, "line").await?;
            lines.sort();
            tables.insert(table.to_owned(), lines);
        }
        Ok(tables)
    }
}

/// A line that one has and the other has not, for each table.
pub(super) fn differences(
    found: &BTreeMap<String, Vec<String>>,
    expected: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let mut differences = Vec::new();
    for (table, wanted) in expected {
        let lines = found.get(table).map(Vec::as_slice).unwrap_or_default();
        let missing = wanted.iter().find(|line| lines.binary_search(line).is_err());
        let extra = lines.iter().find(|line| wanted.binary_search(line).is_err());
        if lines != wanted {
            differences.push(format!(
                "{table}: {} rows instead of {}; missing {missing:?}; not expected {extra:?}",
                lines.len(),
                wanted.len()
            ));
        }
    }
    differences
}

#[test]
fn a_row_that_is_missing_or_different_is_seen() {
    let rows = |rows: &[&str]| BTreeMap::from([("t".to_owned(), rows.iter().map(|row| (*row).to_owned()).collect())]);
    let expected = rows(&["a", "b", "b"]);
    assert_eq!(differences(&expected, &expected), Vec::<String>::new());
    for found in [rows(&["a", "b"]), rows(&["a", "b", "b", "b"]), rows(&["a", "b", "c"]), BTreeMap::new()] {
        assert_eq!(differences(&found, &expected).len(), 1, "{found:?}");
    }
}
