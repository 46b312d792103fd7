//! `ModifyWorkspaceProperties` and `ModifyWorkspaceState`: one WorkSpace at a time, errors as exceptions.

use serde::Deserialize;
use serde_json::json;

use super::{Call, input, to_json};
use crate::{
    fleet::{
        model::{Command, CommandKind, Desktop, Modification, RunningMode, State},
        view::Watch,
    },
    wire::error::ApiError,
};

const HOUR_MS: i64 = 3_600_000;

/// Compute types of personal WorkSpaces, the smaller first within a family.
const COMPUTE: &[&str] = &[
    "VALUE",
    "STANDARD",
    "PERFORMANCE",
    "POWER",
    "POWERPRO",
    "GENERALPURPOSE_4XLARGE",
    "GENERALPURPOSE_8XLARGE",
    "GRAPHICS",
    "GRAPHICSPRO",
    "GRAPHICS_G4DN",
    "GRAPHICSPRO_G4DN",
    "GRAPHICS_G6_XLARGE",
    "GRAPHICS_G6_2XLARGE",
    "GRAPHICS_G6_4XLARGE",
    "GRAPHICS_G6_8XLARGE",
    "GRAPHICS_G6_16XLARGE",
    "GRAPHICS_GR6_4XLARGE",
    "GRAPHICS_GR6_8XLARGE",
    "GRAPHICS_G6F_LARGE",
    "GRAPHICS_G6F_XLARGE",
    "GRAPHICS_G6F_2XLARGE",
    "GRAPHICS_G6F_4XLARGE",
    "GRAPHICS_GR6F_4XLARGE",
    "GRAPHICS_G7_2XLARGE",
    "GRAPHICS_G7_4XLARGE",
    "GRAPHICS_G7_8XLARGE",
    "GRAPHICS_G7_12XLARGE",
];

/// The compute type of that name.
pub(super) fn known_compute(name: &str) -> Option<&'static str> {
    COMPUTE.iter().find(|known| **known == name).copied()
}

/// `WorkspaceProperties` as given.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PropertiesInput {
    pub(super) running_mode: Option<String>,
    pub(super) running_mode_auto_stop_timeout_in_minutes: Option<i64>,
    pub(super) root_volume_size_gib: Option<i64>,
    pub(super) user_volume_size_gib: Option<i64>,
    pub(super) compute_type_name: Option<String>,
    pub(super) protocols: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PropertiesRequest {
    workspace_id: String,
    #[serde(default)]
    workspace_properties: PropertiesInput,
}

pub(super) fn properties(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: PropertiesRequest = input::read(call.body)?;
    input::id("workspaceId", &request.workspace_id, "ws-")?;
    let watch = call.watch();
    let mut fleet = call.simulator.fleet_mut(&call.caller.account, &call.caller.region);
    let Some((current, view)) = fleet.view(&request.workspace_id, &watch) else {
        return Err(ApiError::not_found(&request.workspace_id));
    };
    if !matches!(view.state, State::Available | State::Stopped | State::Impaired | State::Unhealthy | State::Error) {
        return Err(ApiError::invalid_state(format!(
            "The WorkSpace cannot be modified in the state {}.",
            view.state.as_str()
        )));
    }
    if current.modification.is_some_and(|change| watch.now_ms < change.until) {
        return Err(ApiError::new(
            400,
            "OperationInProgressException",
            "The properties of this WorkSpace are currently under modification. Please try again in a moment.",
        ));
    }
    // All checks before any change: a refused request changes nothing.
    let before = current.shape();
    let mut changed = current.clone();
    change_running_mode(&mut changed, &request.workspace_properties, view.state, &watch)?;
    change_volumes(&mut changed, &request.workspace_properties, view.state, &watch)?;
    change_compute(&mut changed, &request.workspace_properties, view.state, &watch)?;
    if let Some(protocol) = request.workspace_properties.protocols.as_deref().and_then(<[String]>::first) {
        changed.protocol = match protocol.as_str() {
            "PCOIP" => "PCOIP",
            "WSP" => "WSP",
            _ => return Err(ApiError::invalid_values("The protocol is not valid.")),
        };
    }
    changed.reshaped_from(before, &watch);
    if let Some(desktop) = fleet.get_mut(&request.workspace_id) {
        *desktop = changed;
    }
    to_json(&json!({}))
}

fn change_running_mode(
    desktop: &mut Desktop,
    wanted: &PropertiesInput,
    state: State,
    watch: &Watch,
) -> Result<(), ApiError> {
    let mode = match wanted.running_mode.as_deref() {
        None => desktop.running_mode,
        Some(name) => {
            RunningMode::parse(name).ok_or_else(|| ApiError::invalid_values("The running mode is not valid."))?
        }
    };
    let timeout = match (mode, wanted.running_mode_auto_stop_timeout_in_minutes) {
        (RunningMode::AutoStop, Some(minutes)) if minutes > 0 && minutes % 60 == 0 && minutes <= 2_880 => {
            minutes as u32
        }
        (RunningMode::AutoStop, None) if desktop.running_mode == RunningMode::AutoStop => desktop.timeout_minutes,
        (RunningMode::AutoStop, None) => 60,
        (_, None) => 0,
        _ => return Err(ApiError::invalid_values("The AutoStop timeout must be set in 60-minute intervals.")),
    };
    let other = mode != desktop.running_mode;
    desktop.running_mode = mode;
    desktop.timeout_minutes = timeout;
    if other {
        let kind = match (mode, state) {
            // What is always on is started at once.
            (RunningMode::AlwaysOn, State::Stopped) => Some((watch.timings.start, CommandKind::Up(State::Starting))),
            (RunningMode::Manual, State::Stopped) => Some((0, CommandKind::Down)),
            (_, State::Available) => Some((0, CommandKind::Up(State::Available))),
            _ => None,
        };
        if let Some((length, kind)) = kind {
            desktop.obey(Command { at: watch.now_ms, until: watch.now_ms + length, kind }, watch);
        }
    }
    Ok(())
}

fn change_volumes(
    desktop: &mut Desktop,
    wanted: &PropertiesInput,
    state: State,
    watch: &Watch,
) -> Result<(), ApiError> {
    let now = watch.now_ms;
    let volumes = [
        ("ROOT_VOLUME", wanted.root_volume_size_gib, desktop.root_gib),
        ("USER_VOLUME", wanted.user_volume_size_gib, desktop.user_gib),
    ];
    let before = desktop.changes.volumes_grown;
    for (resource, gib, current) in volumes {
        let Some(gib) = gib.filter(|gib| *gib != i64::from(current)) else { continue };
        if !matches!(state, State::Available | State::Stopped) {
            return Err(ApiError::invalid_state("Volumes can be increased in the states AVAILABLE and STOPPED only."));
        }
        if gib < i64::from(current) {
            return Err(ApiError::invalid_values("The size of a volume cannot be decreased."));
        }
        let gib = u32::try_from(gib)
            .ok()
            .filter(|gib| *gib <= 2_000)
            .ok_or_else(|| ApiError::invalid_values("The size of a volume can be at most 2000 GiB."))?;
        if before.is_some_and(|at| now - at < 6 * HOUR_MS) {
            return Err(ApiError::invalid_state(
                "The volumes of a WorkSpace can be increased once in a 6-hour period.",
            ));
        }
        if resource == "ROOT_VOLUME" {
            desktop.root_gib = gib;
        } else {
            desktop.user_gib = gib;
        }
        desktop.changes.volumes_grown = Some(now);
        desktop.modification = Some(Modification { resource, until: now + watch.timings.modify });
    }
    Ok(())
}

fn change_compute(
    desktop: &mut Desktop,
    wanted: &PropertiesInput,
    state: State,
    watch: &Watch,
) -> Result<(), ApiError> {
    let Some(name) = wanted.compute_type_name.as_deref().filter(|name| *name != desktop.compute) else { return Ok(()) };
    let compute = known_compute(name).ok_or_else(|| ApiError::invalid_values("The compute type is not valid."))?;
    if compute.starts_with("GRAPHICS") != desktop.compute.starts_with("GRAPHICS") {
        return Err(ApiError::new(
            400,
            "UnsupportedWorkspaceConfigurationException",
            "The WorkSpace cannot be changed to or from a graphics compute type.",
        ));
    }
    let rank = |name| COMPUTE.iter().position(|known| *known == name);
    let smaller = rank(compute) < rank(desktop.compute);
    let wait = if smaller { 30 * 24 * HOUR_MS } else { 6 * HOUR_MS };
    if desktop.changes.compute_changed.is_some_and(|at| watch.now_ms - at < wait) {
        return Err(ApiError::invalid_state(if smaller {
            "The compute type of a WorkSpace can be decreased once in a 30-day period."
        } else {
            "The compute type of a WorkSpace can be increased once in a 6-hour period."
        }));
    }
    if !matches!(state, State::Available | State::Stopped) {
        return Err(ApiError::invalid_state(
            "The compute type can be changed in the states AVAILABLE and STOPPED only.",
        ));
    }
    let until = watch.now_ms + watch.timings.modify;
    desktop.compute = compute;
    desktop.changes.compute_changed = Some(watch.now_ms);
    desktop.modification = Some(Modification { resource: "COMPUTE_TYPE", until });
    desktop.obey(Command { at: watch.now_ms, until, kind: CommandKind::Up(State::Updating) }, watch);
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StateRequest {
    workspace_id: String,
    workspace_state: String,
}

pub(super) fn state(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: StateRequest = input::read(call.body)?;
    input::id("workspaceId", &request.workspace_id, "ws-")?;
    let watch = call.watch();
    let mut fleet = call.simulator.fleet_mut(&call.caller.account, &call.caller.region);
    let Some((_, view)) = fleet.view(&request.workspace_id, &watch) else {
        return Err(ApiError::not_found(&request.workspace_id));
    };
    let now = watch.now_ms;
    let command = match (request.workspace_state.as_str(), view.state) {
        (
            "ADMIN_MAINTENANCE",
            State::Available | State::Stopped | State::Impaired | State::Unhealthy | State::Error,
        ) => None,
        ("AVAILABLE", State::AdminMaintenance) => {
            Some(Command { at: now, until: now, kind: CommandKind::Up(State::Available) })
        }
        ("ADMIN_MAINTENANCE" | "AVAILABLE", state) => {
            return Err(ApiError::invalid_state(format!(
                "The WorkSpace cannot be set to {} in the state {}.",
                request.workspace_state,
                state.as_str()
            )));
        }
        (other, _) => {
            return Err(ApiError::constraint(
                "workspaceState",
                other,
                "Member must satisfy enum value set: [AVAILABLE, ADMIN_MAINTENANCE]",
            ));
        }
    };
    if let Some(desktop) = fleet.get_mut(&request.workspace_id) {
        match command {
            Some(command) => desktop.obey(command, &watch),
            None => desktop.hold(State::AdminMaintenance, now),
        }
    }
    to_json(&json!({}))
}
