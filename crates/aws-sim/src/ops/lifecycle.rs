//! Start, stop, reboot, rebuild, terminate: batches in which each item succeeds or fails for itself. Restore: one, whose failure is
//! an exception.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Call, input, to_json};
use crate::{
    fleet::{
        Fleet,
        guard::{Act, Refusal},
        model::{Command, CommandKind, State},
        view::Watch,
    },
    wire::error::ApiError,
};

#[derive(Deserialize)]
struct Request {
    #[serde(
        alias = "StartWorkspaceRequests",
        alias = "StopWorkspaceRequests",
        alias = "RebootWorkspaceRequests",
        alias = "RebuildWorkspaceRequests",
        rename = "TerminateWorkspaceRequests"
    )]
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    workspace_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    workspace_id: String,
    error_code: &'static str,
    error_message: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    failed_requests: Vec<Failed>,
}

pub(super) fn start(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    batch(call, Act::Start, 25)
}

pub(super) fn stop(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    batch(call, Act::Stop, 25)
}

pub(super) fn reboot(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    batch(call, Act::Reboot, 25)
}

pub(super) fn rebuild(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    batch(call, Act::Rebuild, 1)
}

pub(super) fn terminate(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    batch(call, Act::Terminate, 25)
}

pub(super) fn restore(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let Item { workspace_id } = input::read(call.body)?;
    input::id("workspaceId", &workspace_id, "ws-")?;
    let watch = call.watch();
    let mut fleet = call.simulator.fleet_mut(&call.caller.account, &call.caller.region);
    fleet.sweep(watch.now_ms);
    if fleet.view(&workspace_id, &watch).is_none() {
        return Err(ApiError::not_found(&workspace_id));
    }
    apply(&mut fleet, &workspace_id, Act::Restore, &watch)
        .map_err(|refusal| ApiError::new(400, refusal.code, refusal.message))?;
    to_json(&json!({}))
}

fn batch(call: &Call<'_>, act: Act, most: usize) -> Result<Vec<u8>, ApiError> {
    let request: Request = input::read(call.body)?;
    let member = match act {
        Act::Start => "startWorkspaceRequests",
        Act::Stop => "stopWorkspaceRequests",
        Act::Reboot => "rebootWorkspaceRequests",
        Act::Rebuild => "rebuildWorkspaceRequests",
        Act::Restore => "workspaceId",
        Act::Terminate => "terminateWorkspaceRequests",
    };
    input::count(member, request.items.len(), 1, most)?;
    request.items.iter().try_for_each(|item| input::id(member, &item.workspace_id, "ws-"))?;

    let watch = call.watch();
    let mut fleet = call.simulator.fleet_mut(&call.caller.account, &call.caller.region);
    fleet.sweep(watch.now_ms);
    let failed_requests = request
        .items
        .into_iter()
        .enumerate()
        .filter_map(|(at, item)| {
            let result = if call.half_fail && at % 2 == 1 {
                Err(internal())
            } else {
                apply(&mut fleet, &item.workspace_id, act, &watch)
            };
            result.err().map(|refusal| Failed {
                workspace_id: item.workspace_id,
                error_code: refusal.code,
                error_message: refusal.message,
            })
        })
        .collect();
    to_json(&Answer { failed_requests })
}

/// What a half-failing batch says of the half that fails.
pub(super) fn internal() -> Refusal {
    Refusal { code: "InternalServerError", message: "An internal failure occurred. Try your request again.".to_owned() }
}

fn apply(fleet: &mut Fleet, id: &str, act: Act, watch: &Watch) -> Result<(), Refusal> {
    let Some((desktop, view)) = fleet.view(id, watch) else {
        return Err(Refusal {
            code: "ResourceNotFound.Workspace",
            message: "The specified WorkSpace could not be found.".to_owned(),
        });
    };
    act.check(view.state, desktop.running_mode)?;
    let now = watch.now_ms;
    let timings = &watch.timings;
    let (length, kind) = match act {
        Act::Start => (timings.start, CommandKind::Up(State::Starting)),
        Act::Stop => (timings.stop, CommandKind::Down),
        Act::Reboot => (timings.reboot, CommandKind::Up(State::Rebooting)),
        Act::Rebuild => (timings.rebuild, CommandKind::Up(State::Rebuilding)),
        Act::Restore => (timings.rebuild, CommandKind::Up(State::Restoring)),
        Act::Terminate => {
            fleet.doom(id, watch);
            return Ok(());
        }
    };
    if let Some(desktop) = fleet.get_mut(id) {
        desktop.obey(Command { at: now, until: now + length, kind }, watch);
    }
    Ok(())
}
