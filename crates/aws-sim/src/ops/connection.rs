//! `DescribeWorkspacesConnectionStatus`.

use serde::{Deserialize, Serialize};

use super::{Call, input, to_json};
use crate::{
    fleet::{
        model::{Desktop, State},
        view::{View, Watch},
    },
    wire::error::ApiError,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    workspace_ids: Option<Vec<String>>,
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    workspaces_connection_status: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Row {
    workspace_id: String,
    connection_state: &'static str,
    connection_state_check_timestamp: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_known_user_connection_timestamp: Option<f64>,
}

pub(super) fn status(call: &Call<'_>) -> Result<Vec<u8>, ApiError> {
    let request: Request = input::read(call.body)?;
    let pager = call.pager("DescribeWorkspacesConnectionStatus", &format!("{:?}", request.workspace_ids));
    let position = input::position(pager, request.next_token.as_deref())?;
    let watch = call.watch();
    let fleet = call.simulator.fleet(&call.caller.account, &call.caller.region);
    let (workspaces_connection_status, next_token) = if let Some(ids) = &request.workspace_ids {
        input::workspace_ids(ids)?;
        let mut rows: Vec<(u32, Row)> = ids
            .iter()
            .filter_map(|id| {
                let (ordinal, _) = fleet.get(id)?;
                let (desktop, view) = fleet.view(id, &watch)?;
                Some((ordinal, row(desktop, view, &watch)))
            })
            .collect();
        rows.sort_by_key(|(ordinal, _)| *ordinal);
        rows.dedup_by_key(|(ordinal, _)| *ordinal);
        (rows.into_iter().map(|(_, row)| row).collect(), None)
    } else {
        let rows = fleet
            .after(position.map(|position| position.after), &watch, |_| true)
            .map(|(ordinal, desktop, view)| (ordinal, row(desktop, view, &watch)));
        input::take_page(rows, pager, position, 25)
    };
    to_json(&Answer { workspaces_connection_status, next_token })
}

fn row(desktop: &Desktop, view: View, watch: &Watch) -> Row {
    let connection_state = match view.state {
        _ if view.connected => "CONNECTED",
        State::Available => "DISCONNECTED",
        // AWS cannot tell while the machine is not up.
        _ => "UNKNOWN",
    };
    Row {
        workspace_id: desktop.id.clone(),
        connection_state,
        // Looked at once a minute.
        connection_state_check_timestamp: (watch.now_ms.div_euclid(60_000) * 60) as f64,
        last_known_user_connection_timestamp: view.last_connection.map(|seconds| seconds as f64),
    }
}
