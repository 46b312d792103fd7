//! The fleet in bulk as it is at this moment, for whoever holds a list against it without asking for it over HTTP.
//!
//! It reads the truth and nothing that went over the wire. Who was connected when is in `history::export`.

use std::collections::BTreeMap;

use super::model::{RunningMode, State};
use crate::simulator::Simulator;

/// A WorkSpace that is or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimDesktop {
    /// `ws-…`
    pub workspace_id: String,
    /// The directory user.
    pub user_name: String,
    /// `d-…`
    pub directory_id: String,
    /// `wsb-…`
    pub bundle_id: String,
    /// `AUTO_STOP`, `ALWAYS_ON` or `MANUAL`.
    pub running_mode: &'static str,
    /// The hardware, as WorkSpaces says it.
    pub compute_type: &'static str,
    /// The state; `None` when it is gone.
    pub state: Option<&'static str>,
    /// Whether somebody is connected, as `DescribeWorkspacesConnectionStatus` says it.
    pub connection: &'static str,
    /// Its tags as they are now.
    pub tags: BTreeMap<String, String>,
}

impl Simulator {
    /// Every WorkSpace that is or was in an account's region, those that are there first, in the order of lists.
    pub fn desktops(&self, account: &str, region: &str) -> Vec<SimDesktop> {
        let watch = self.watch(region);
        let fleet = self.fleet(account, region);
        let desktops = fleet.everyone().map(|desktop| {
            let view = fleet.view(&desktop.id, &watch).map(|(_, view)| view);
            SimDesktop {
                workspace_id: desktop.id.clone(),
                user_name: desktop.user.clone(),
                directory_id: fleet.directory_of(desktop).id.clone(),
                bundle_id: fleet.bundle_of(desktop).id.clone(),
                running_mode: RunningMode::as_str(desktop.running_mode),
                compute_type: desktop.compute,
                state: view.map(|view| State::as_str(view.state)),
                connection: match view {
                    Some(view) if view.connected => "CONNECTED",
                    Some(view) if view.state == State::Available => "DISCONNECTED",
                    _ => "UNKNOWN",
                },
                tags: fleet.tags_of_desktop(desktop),
            }
        });
        desktops.collect()
    }
}
