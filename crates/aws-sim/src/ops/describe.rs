//! `DescribeWorkspaces` and `DescribeWorkspaceBundles`.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Call, input, to_json};
use crate::{
    fleet::{
        Fleet,
        bundles::BundleRow,
        model::{Desktop, RunningMode, State},
    },
    rng::{HEX, Rng},
    wire::error::ApiError,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WorkspacesRequest {
    workspace_ids: Option<Vec<String>>,
    directory_id: Option<String>,
    user_name: Option<String>,
    bundle_id: Option<String>,
    workspace_name: Option<String>,
    limit: Option<i64>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WorkspacesResult<'a> {
    workspaces: Vec<WorkspaceRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn workspaces(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: WorkspacesRequest = input::read(call.body)?;
    let size = input::limit(request.limit)?;
    if let Some(ids) = &request.workspace_ids {
        input::workspace_ids(ids)?;
    }
    if let Some(id) = &request.bundle_id {
        input::id("bundleId", id, "wsb-")?;
    }
    if let Some(id) = &request.directory_id {
        input::id("directoryId", id, "d-").or_else(|error| input::id("directoryId", id, "wsd-").map_err(|_| error))?;
    }
    let filters = [
        request.workspace_ids.is_some(),
        request.directory_id.is_some(),
        request.bundle_id.is_some(),
        request.workspace_name.is_some(),
    ];
    if filters.iter().filter(|set| **set).count() > 1 {
        return Err(ApiError::invalid_values("Only one filter can be specified."));
    }
    if request.user_name.is_some() && request.directory_id.is_none() {
        return Err(ApiError::invalid_values("UserName can only be specified together with DirectoryId."));
    }

    let pager = call.pager(
        "DescribeWorkspaces",
        &format!(
            "{:?}|{:?}|{:?}|{:?}|{:?}",
            request.workspace_ids, request.directory_id, request.user_name, request.bundle_id, request.workspace_name
        ),
    );
    let position = input::position(pager, request.next_token.as_deref())?;
    let watch = call.watch();
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let after = position.map(|position| position.after);

    let ids: Option<HashSet<&str>> = request.workspace_ids.as_ref().map(|ids| ids.iter().map(String::as_str).collect());
    let (rows, next_token) = if let Some(ids) = ids {
        let mut rows: Vec<_> = ids
            .into_iter()
            .filter_map(|id| {
                let (ordinal, _) = fleet.get(id)?;
                let (desktop, view) = fleet.view(id, &watch)?;
                (after.is_none_or(|after| ordinal > after)).then_some((ordinal, (ordinal, desktop, view)))
            })
            .collect();
        rows.sort_by_key(|(ordinal, _)| *ordinal);
        input::take_page(rows.into_iter(), pager, position, size)
    } else {
        // An unknown directory or bundle is an empty list, as at AWS.
        let directory = request.directory_id.as_ref().map(|id| fleet.directories.iter().position(|d| d.id == *id));
        let bundle = request.bundle_id.as_ref().map(|id| fleet.bundles.iter().position(|b| b.id == *id));
        let (user_name, workspace_name) = (request.user_name.as_ref(), request.workspace_name.as_ref());
        let rows = fleet
            .after(after, &watch, move |desktop| {
                directory.is_none_or(|wanted| wanted == Some(usize::from(desktop.directory)))
                    && bundle.is_none_or(|wanted| wanted == Some(usize::from(desktop.bundle)))
                    && user_name.is_none_or(|user| desktop.user.eq_ignore_ascii_case(user))
                    && workspace_name.is_none_or(|name| desktop.name.as_ref() == Some(name))
            })
            .map(|(ordinal, desktop, view)| (ordinal, (ordinal, desktop, view)));
        input::take_page(rows, pager, position, size)
    };
    let rows = rows
        .into_iter()
        .map(|(ordinal, desktop, view)| row(&fleet, ordinal, desktop, view.state, watch.now_ms))
        .collect();
    to_json(&WorkspacesResult { workspaces: rows, next_token })
}

/// `Workspace` on the wire.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WorkspaceRow<'a> {
    workspace_id: &'a str,
    directory_id: &'a str,
    user_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    state: &'static str,
    bundle_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    computer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_encryption_key: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    user_volume_encryption_enabled: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    root_volume_encryption_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_name: Option<&'a str>,
    workspace_properties: Properties,
    modification_states: Vec<ModificationRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_workspaces: Vec<Related>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_replication_settings: Option<Replication>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    standby_workspaces_properties: Vec<Standby>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    running_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    running_mode_auto_stop_timeout_in_minutes: Option<u32>,
    root_volume_size_gib: u32,
    user_volume_size_gib: u32,
    compute_type_name: &'static str,
    protocols: [&'static str; 1],
    operating_system_name: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ModificationRow {
    resource: &'static str,
    state: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Related {
    workspace_id: String,
    region: &'static str,
    state: &'static str,
    r#type: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Replication {
    data_replication: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Standby {
    standby_workspace_id: String,
    data_replication: &'static str,
}

/// A desktop as `DescribeWorkspaces` shows it.
pub(super) fn row<'a>(
    fleet: &'a Fleet,
    ordinal: u32,
    desktop: &'a Desktop,
    state: State,
    now_ms: i64,
) -> WorkspaceRow<'a> {
    let directory = fleet.directory_of(desktop);
    let bundle = fleet.bundle_of(desktop);
    // A desktop has no machine yet while it is being made.
    let made = state != State::Pending;
    let half = usize::from(!desktop.seed.is_multiple_of(2));
    let (error_code, error_message) = trouble(state);
    let encrypted = desktop.root_encrypted || desktop.user_encrypted;
    let standby = desktop.has_standby.then(|| Rng::from_parts(desktop.seed, "standby").text(crate::rng::BASE36, 9));
    WorkspaceRow {
        workspace_id: &desktop.id,
        directory_id: &directory.id,
        user_name: &desktop.user,
        ip_address: made.then(|| {
            // Distinct within a directory up to 32,000 desktops.
            let host = ordinal % 32_000 + 260;
            format!("10.{}.{}.{}", directory.network, half as u32 * 128 + host / 256, host % 256)
        }),
        state: state.as_str(),
        bundle_id: &bundle.id,
        subnet_id: made.then(|| directory.subnets[half].as_str()),
        error_message,
        error_code,
        computer_name: made.then(|| desktop.computer_name()),
        volume_encryption_key: encrypted
            .then(|| desktop.encryption_key.clone().unwrap_or_else(|| default_key(&fleet.account, &fleet.region))),
        user_volume_encryption_enabled: desktop.user_encrypted,
        root_volume_encryption_enabled: desktop.root_encrypted,
        workspace_name: desktop.name.as_deref(),
        workspace_properties: Properties {
            running_mode: desktop.running_mode.as_str(),
            running_mode_auto_stop_timeout_in_minutes: (desktop.running_mode == RunningMode::AutoStop)
                .then_some(desktop.timeout_minutes),
            root_volume_size_gib: desktop.root_gib,
            user_volume_size_gib: desktop.user_gib,
            compute_type_name: desktop.compute,
            protocols: [desktop.protocol],
            operating_system_name: bundle.kind.operating_system,
        },
        modification_states: desktop
            .modification
            .filter(|change| now_ms < change.until)
            .map(|change| ModificationRow { resource: change.resource, state: "UPDATE_IN_PROGRESS" })
            .into_iter()
            .collect(),
        related_workspaces: standby
            .iter()
            .map(|id| Related {
                workspace_id: format!("ws-{id}"),
                region: "us-west-2",
                state: "STOPPED",
                r#type: "STANDBY",
            })
            .collect(),
        data_replication_settings: standby.is_some().then_some(Replication { data_replication: "PRIMARY_AS_SOURCE" }),
        standby_workspaces_properties: standby
            .iter()
            .map(|id| Standby { standby_workspace_id: format!("ws-{id}"), data_replication: "PRIMARY_AS_SOURCE" })
            .collect(),
    }
}

fn trouble(state: State) -> (Option<&'static str>, Option<&'static str>) {
    match state {
        State::Unhealthy => (Some("WorkSpace.Unhealthy"), Some("The WorkSpace does not respond to health checks.")),
        State::Impaired => (Some("WorkSpace.Impaired"), Some("The WorkSpace responds to some health checks only.")),
        State::Error => (
            Some("InternalServerError"),
            Some("The WorkSpace could not be brought up. Rebuild it, or contact support if that does not help."),
        ),
        _ => (None, None),
    }
}

fn default_key(account: &str, region: &str) -> String {
    let mut rng = Rng::from_parts(0, &format!("key {account} {region}"));
    let mut part = |length| rng.text(HEX, length);
    format!("arn:aws:kms:{region}:{account}:key/{}-{}-4{}-8{}-{}", part(8), part(4), part(3), part(3), part(12))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BundlesRequest {
    bundle_ids: Option<Vec<String>>,
    owner: Option<String>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BundlesResult<'a> {
    bundles: Vec<BundleRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn bundles(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: BundlesRequest = input::read(call.body)?;
    if let Some(ids) = &request.bundle_ids {
        input::count("bundleIds", ids.len(), 1, 25)?;
        ids.iter().try_for_each(|id| input::id("bundleIds", id, "wsb-"))?;
        if request.owner.is_some() {
            return Err(ApiError::invalid_values("BundleIds and Owner cannot be specified together."));
        }
    }
    let pager = call.pager("DescribeWorkspaceBundles", &format!("{:?}|{:?}", request.bundle_ids, request.owner));
    let position = input::position(pager, request.next_token.as_deref())?;
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let rows = fleet
        .bundles
        .iter()
        .zip(0_u32..)
        .filter(|(_, ordinal)| position.is_none_or(|position| *ordinal > position.after))
        .filter(|(bundle, _)| match (&request.bundle_ids, request.owner.as_deref()) {
            (Some(ids), _) => ids.contains(&bundle.id),
            (None, None) => !bundle.is_amazons(),
            (None, Some(owner)) => {
                if bundle.is_amazons() {
                    owner.eq_ignore_ascii_case("amazon")
                } else {
                    owner == fleet.account
                }
            }
        })
        .map(|(bundle, ordinal)| (ordinal, bundle.row()));
    let (bundles, next_token) = input::take_page(rows, pager, position, 25);
    to_json(&BundlesResult { bundles, next_token })
}
