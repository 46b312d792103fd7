//! How fresh the fleet on screen is: inventory and connection status, as a line under a page's heading. It reads by itself,
//! and again when a sync has ended. Nothing for somebody who may not see accounts.

use contract::data_sets::{DataSetQuery, DataSetView, DataSetsView};
use contract::events::Event;
use domain::access::Permission;
use domain::sync::SyncKind;
use leptos::prelude::*;

use crate::api::data_sets as api;
use crate::components::ui::freshness::Freshness;
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::timing::Debounce;

const SETTLE_MS: u64 = 1500;

const KINDS: &[(SyncKind, &str, &str)] = &[
    (SyncKind::Workspaces, "Inventory", "WorkSpaces API"),
    (SyncKind::Connections, "Connection status", "WorkSpaces API"),
];

/// The data sets of a fleet as it is shown. Reading the inventory reads who is connected too: that counts for both.
fn shown(sets: &[DataSetView]) -> Vec<DataSetView> {
    let inventory = |of: &DataSetView| {
        let same = |set: &&DataSetView| {
            set.kind == SyncKind::Workspaces && set.account_id == of.account_id && set.region == of.region
        };
        sets.iter().find(same).and_then(|set| set.fresh_at)
    };
    let mut shown = sets.to_vec();
    for set in shown.iter_mut().filter(|set| set.kind == SyncKind::Connections) {
        set.fresh_at = set.fresh_at.max(inventory(set));
    }
    shown
}

/// Every data set, read now and again when a sync of the fleet has ended; none for somebody who may not see accounts.
pub fn fleet_sets() -> Loader<DataSetsView> {
    let session = use_session();
    let sees = untrack(|| session.may(Permission::AccountRead));
    let list = Loader::once(move || async move {
        if sees { api::list(&DataSetQuery::default()).await } else { Ok(DataSetsView::default()) }
    });
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(Event::Job { state, kind, .. }) => {
                state.is_final() && KINDS.iter().any(|(shown, ..)| shown.as_str() == kind)
            }
            LiveEvent::Happened(Event::Schedule { .. }) | LiveEvent::ReadAgain => true,
            LiveEvent::Happened(_) => false,
        };
        if matters && sees {
            settle.soon(SETTLE_MS, move || list.refresh());
        }
    });
    list
}

/// The line.
#[component]
pub fn FleetFreshness(
    /// What it is made of, where the page shows more of that ([`fleet_sets`]); without it the line reads by itself.
    #[prop(optional)]
    list: Option<Loader<DataSetsView>>,
) -> impl IntoView {
    let list = list.unwrap_or_else(fleet_sets);
    // That it could not be read is no reason for a page to say more than nothing: its own data says so louder.
    let sets = Signal::derive(move || list.data.with(|l| l.as_ref().map(|l| shown(&l.items)).unwrap_or_default()));
    view! { <Freshness sets kinds=KINDS/> }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use domain::ids::AccountId;

    use super::*;

    #[test]
    fn the_inventory_counts_as_a_look_at_who_is_connected() {
        let set = |kind, region: &str, fresh: Option<i64>| DataSetView {
            account_id: AccountId(uuid::Uuid::nil()),
            account: String::new(),
            region: region.parse().unwrap(),
            kind,
            status: "ok".into(),
            fresh_at: fresh.and_then(|s| DateTime::from_timestamp(s, 0)),
            age_secs: None,
            period_secs: 60,
            paused: false,
            next_due_at: None,
            covered_from: None,
            covered_to: None,
            gaps: Vec::new(),
            last_run_id: None,
            error: None,
            missing_permission: None,
        };
        let (fleet, connections) = (SyncKind::Workspaces, SyncKind::Connections);
        let sets = [
            set(fleet, "us-east-1", Some(50)),
            set(connections, "us-east-1", None),
            set(fleet, "eu-west-1", Some(10)),
            set(connections, "eu-west-1", Some(20)),
            set(connections, "eu-west-2", None),
        ];
        let fresh: Vec<_> = shown(&sets)
            .iter()
            .filter(|s| s.kind == connections)
            .map(|s| s.fresh_at.map(|at| at.timestamp()))
            .collect();
        assert_eq!(fresh, [Some(50), Some(20), None]);
    }
}
