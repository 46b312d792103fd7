//! The rows on screen. A row keeps its identity over refreshes, so that scroll, focus and choice stay, and only what changed
//! is drawn again; a change of state makes it flash.

use chrono::{DateTime, Utc};
use contract::workspaces::WorkspaceView;
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceState;
use leptos::prelude::*;

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which WorkSpace.
    pub id: WorkspaceId,
    /// What is known of it.
    pub view: ArcRwSignal<WorkspaceView>,
    /// How often its state changed while on screen.
    pub flashes: ArcRwSignal<u32>,
}

/// The rows.
#[derive(Debug, Clone, Copy)]
pub struct Rows(RwSignal<Vec<Row>>);

impl Rows {
    /// No rows.
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// The rows, in order.
    pub fn get(self) -> Vec<Row> {
        self.0.get()
    }

    /// Their ids, in order.
    pub fn ids(self) -> Vec<WorkspaceId> {
        self.0.with(|rows| rows.iter().map(|r| r.id).collect())
    }

    /// Brings in a page just read.
    pub fn merge(self, items: &[WorkspaceView]) {
        let old = self.0.get_untracked();
        let rows: Vec<Row> = items
            .iter()
            .map(|item| match old.iter().find(|row| row.id == item.id) {
                Some(row) => {
                    row.bring(item);
                    row.clone()
                }
                None => {
                    let (view, flashes) = (ArcRwSignal::new(item.clone()), ArcRwSignal::new(0));
                    Row { id: item.id, view, flashes }
                }
            })
            .collect();
        let same = rows.len() == old.len() && rows.iter().zip(&old).all(|(a, b)| a.id == b.id);
        if !same {
            self.0.set(rows);
        }
    }

    /// Brings in a change of state told by the live stream. Whether a row on screen changed.
    pub fn state_changed(self, id: WorkspaceId, state: &WorkspaceState, at: DateTime<Utc>) -> bool {
        let row = self.0.with_untracked(|rows| rows.iter().find(|r| r.id == id).cloned());
        let Some(row) = row else { return false };
        if row.view.with_untracked(|v| v.state == *state) {
            return false;
        }
        row.view.update(|view| {
            view.state = state.clone();
            view.state_since = at;
        });
        row.flashes.update(|n| *n += 1);
        true
    }
}

impl Row {
    fn bring(&self, item: &WorkspaceView) {
        let (same, same_state) = self.view.with_untracked(|v| (v == item, v.state == item.state));
        if !same {
            self.view.set(item.clone());
        }
        if !same_state {
            self.flashes.update(|n| *n += 1);
        }
    }
}
