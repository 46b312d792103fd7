//! `CreateWorkspaces`: up to 25 at once, each for itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Call,
    describe::{WorkspaceRow, row},
    input,
    lifecycle::internal,
    modify::{PropertiesInput, known_compute},
    tags::{self, Tag},
    to_json,
};
use crate::{
    fleet::{
        Fleet, generate,
        guard::Refusal,
        model::{Changes, Command, CommandKind, Desktop, Habit, RunningMode, State},
        view::Watch,
    },
    rng::Rng,
    wire::error::ApiError,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    workspaces: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    directory_id: String,
    user_name: String,
    bundle_id: String,
    volume_encryption_key: Option<String>,
    #[serde(default)]
    user_volume_encryption_enabled: bool,
    #[serde(default)]
    root_volume_encryption_enabled: bool,
    workspace_properties: Option<PropertiesInput>,
    #[serde(default)]
    tags: Vec<Tag>,
    workspace_name: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    failed_requests: Vec<Value>,
    pending_requests: Vec<WorkspaceRow<'a>>,
}

pub(super) fn workspaces(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: Request = input::read(call.body)?;
    input::count("workspaces", request.workspaces.len(), 1, 25)?;
    let mut items = Vec::with_capacity(request.workspaces.len());
    for given in request.workspaces {
        let text = given.to_string();
        let item: Item = input::read(text.as_bytes())?;
        input::id("workspaces.directoryId", &item.directory_id, "d-")?;
        input::id("workspaces.bundleId", &item.bundle_id, "wsb-")?;
        if item.user_name.is_empty() || item.user_name.len() > 63 {
            return Err(ApiError::constraint(
                "workspaces.userName",
                &item.user_name,
                "Member must have length between 1 and 63",
            ));
        }
        items.push((given, item));
    }

    let watch = call.watch();
    let mut fleet = call.simulator.fleet_mut(&call.caller.account, &call.caller.region);
    fleet.sweep(watch.now_ms);
    let mut rng = Rng::from_parts(call.simulator.0.options.seed ^ call.serial, "create");
    let mut failed_requests = Vec::new();
    let mut made = Vec::new();
    for (at, (given, item)) in items.into_iter().enumerate() {
        let result =
            if call.half_fail && at % 2 == 1 { Err(internal()) } else { create(&mut fleet, item, &mut rng, &watch) };
        match result {
            Ok(id) => made.push(id),
            Err(refusal) => failed_requests.push(json!({
                "WorkspaceRequest": given,
                "ErrorCode": refusal.code,
                "ErrorMessage": refusal.message,
            })),
        }
    }
    let pending_requests = made
        .iter()
        .filter_map(|id| fleet.get(id))
        .map(|(ordinal, desktop)| row(&fleet, ordinal, desktop, State::Pending, watch.now_ms))
        .collect();
    to_json(&Answer { failed_requests, pending_requests })
}

fn create(fleet: &mut Fleet, item: Item, rng: &mut Rng, watch: &Watch) -> Result<String, Refusal> {
    let refuse = |code, message: &str| Err(Refusal { code, message: message.to_owned() });
    let Some(directory) = fleet.directories.iter().position(|directory| directory.id == item.directory_id) else {
        return refuse(
            "ResourceNotFound.Directory",
            "The specified directory could not be found in the specified region.",
        );
    };
    let Some(bundle) = fleet.bundles.iter().position(|bundle| bundle.id == item.bundle_id) else {
        return refuse("ResourceNotFound.Bundle", "The specified bundle could not be found in the specified region.");
    };
    let mut tags = BTreeMap::new();
    if let Err(error) = tags::merge(&mut tags, &item.tags) {
        return refuse("InvalidParameterValuesException", &error.message);
    }
    let kind = fleet.bundles[bundle].kind;
    let properties = item.workspace_properties.unwrap_or_default();
    let running_mode = match properties.running_mode.as_deref().map(RunningMode::parse) {
        None => RunningMode::AlwaysOn,
        Some(Some(mode)) => mode,
        Some(None) => return refuse("InvalidParameterValuesException", "The running mode is not valid."),
    };
    let timeout_minutes = match (running_mode, properties.running_mode_auto_stop_timeout_in_minutes) {
        (RunningMode::AutoStop, Some(minutes)) if minutes > 0 && minutes % 60 == 0 && minutes <= 2_880 => {
            minutes as u32
        }
        (RunningMode::AutoStop, None) => 60,
        (_, None) => 0,
        _ => {
            return refuse(
                "InvalidParameterValuesException",
                "The AutoStop timeout must be set in 60-minute intervals.",
            );
        }
    };
    let compute = match properties.compute_type_name.as_deref() {
        None => kind.compute,
        Some(name) => match known_compute(name) {
            Some(compute) => compute,
            None => return refuse("InvalidParameterValuesException", "The compute type is not valid."),
        },
    };
    let size = |given: Option<i64>, usual: u32| given.and_then(|gib| u32::try_from(gib).ok()).unwrap_or(usual);
    let id = generate::new_id(rng, fleet);
    let windows = kind.operating_system.starts_with("WINDOWS");
    let mut desktop = Desktop {
        id: id.clone(),
        seed: rng.next(),
        directory: directory as u16,
        bundle: bundle as u16,
        user: item.user_name,
        name: item.workspace_name,
        habit: Habit::Office,
        team: None,
        running_mode,
        timeout_minutes,
        compute,
        root_gib: size(properties.root_volume_size_gib, kind.root_gib),
        user_gib: size(properties.user_volume_size_gib, kind.user_gib),
        protocol: match properties.protocols.as_deref().and_then(<[String]>::first).map(String::as_str) {
            Some("PCOIP") => "PCOIP",
            Some(_) => "WSP",
            None if windows => "PCOIP",
            None => "WSP",
        },
        root_encrypted: item.root_volume_encryption_enabled,
        user_encrypted: item.user_volume_encryption_enabled,
        encryption_key: item.volume_encryption_key,
        fixed: None,
        command: None,
        created_ms: watch.now_ms,
        terminated_ms: None,
        past: Vec::new(),
        breaks: Vec::new(),
        wakes: Vec::new(),
        modification: None,
        changes: Changes::default(),
        has_standby: false,
    };
    let until = watch.now_ms + watch.timings.create;
    desktop.obey(Command { at: watch.now_ms, until, kind: CommandKind::Up(State::Pending) }, watch);
    fleet.push(desktop);
    if !tags.is_empty() {
        fleet.changed_tags.insert(id.clone(), tags);
    }
    Ok(id)
}
