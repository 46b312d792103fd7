//! The rows of the list: read in blocks as they come into sight, as many as there are. A row keeps its identity while it is read
//! again, so that focus and choice stay and only what changed is drawn; a change of state makes it flash.
//! Not where the window is: that is `scroll.rs`.

use std::ops::Range;

use chrono::{DateTime, Utc};
use contract::page::Page;
use contract::workspaces::{WorkspaceQuery, WorkspaceView};
use domain::ids::WorkspaceId;
use domain::workspace::WorkspaceState;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::blocks::{BLOCK, Begin, Blocks, block_of, leap};
use super::window::{drawn, next};
use crate::api::{ApiError, workspaces as api};

/// Rows taken to be in sight before it is known.
const FIRST_SIGHT: u64 = 20;

/// One row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Which WorkSpace.
    pub id: WorkspaceId,
    /// What is known of it.
    pub view: ArcRwSignal<WorkspaceView>,
    /// Its number in the list, from 0.
    pub place: ArcRwSignal<u64>,
    /// How often its state changed while on screen.
    pub flashes: ArcRwSignal<u32>,
}

/// What stands at a place of the list.
#[derive(Debug, Clone)]
pub enum Slot {
    /// A row.
    Row(Row),
    /// A row that is not read yet.
    Waiting(u64),
    /// Rows that could not be read; told once for a block, at its first row in sight.
    Failed(u64, ApiError),
}

impl Slot {
    /// What tells it from others: a row stays the same when its place changes.
    pub fn key(&self) -> (Option<WorkspaceId>, u64) {
        match self {
            Self::Row(row) => (Some(row.id), 0),
            Self::Waiting(at) => (None, at * 2),
            Self::Failed(at, _) => (None, at * 2 + 1),
        }
    }
}

/// What is asked for. Another number is another list, and an answer to an older one is dropped.
#[derive(Debug, Clone, Default)]
struct Asked {
    number: u64,
    query: WorkspaceQuery,
    /// The row to begin with.
    row: u64,
}

/// The rows.
#[derive(Debug, Clone, Copy)]
pub struct Rows {
    blocks: RwSignal<Blocks<Row>>,
    asked: StoredValue<Asked>,
    /// The rows in sight.
    pub sight: RwSignal<Range<u64>>,
    /// How many match; `None` before the first answer.
    pub total: RwSignal<Option<u64>>,
    /// Why the newest question brought no answer.
    pub error: RwSignal<Option<ApiError>>,
    /// Whether another list is being read than the one that is shown.
    pub turning: RwSignal<bool>,
    /// The row that a list begins with which has just come in.
    pub arrived: RwSignal<Option<u64>>,
}

impl Rows {
    /// No rows.
    pub fn new() -> Self {
        Self {
            blocks: RwSignal::new(Blocks::new()),
            asked: StoredValue::new(Asked::default()),
            sight: RwSignal::new(0..0),
            total: RwSignal::new(None),
            error: RwSignal::new(None),
            turning: RwSignal::new(true),
            arrived: RwSignal::new(None),
        }
    }

    /// Shows another list, from about that row on. What is shown stays until the answer is there.
    pub fn show(self, query: WorkspaceQuery, row: u64) {
        self.asked.update_value(|asked| *asked = Asked { number: asked.number + 1, query, row });
        self.begin();
    }

    /// Says which rows are in sight, and reads what is missing of them.
    pub fn look(self, sight: Range<u64>) {
        if self.sight.with_untracked(|before| *before != sight) {
            self.sight.set(sight);
        }
        self.fetch();
    }

    /// What stands at these places.
    pub fn slots(self, places: Range<u64>) -> Vec<Slot> {
        let seen = self.sight.with(|sight| sight.start);
        self.blocks.with(|blocks| slots(blocks, places, seen))
    }

    /// Which rows are drawn after those of `before`, with what is known now.
    pub fn next_drawn(self, before: &Range<u64>) -> Range<u64> {
        let (sight, total) = (self.sight.get(), self.total.get().unwrap_or(0));
        self.blocks.with(|blocks| next(before, &sight, &drawn(&sight, total), |at| blocks.row(at).is_some()))
    }

    /// The ids of the rows in sight, in order.
    pub fn ids(self) -> Vec<WorkspaceId> {
        let sight = self.sight.get();
        self.blocks.with(|blocks| sight.filter_map(|at| blocks.row(at)).map(|row| row.id).collect())
    }

    /// The ids of the rows before and after a row, as far as they were read.
    pub fn run_around(self, at: u64) -> Vec<WorkspaceId> {
        self.blocks.with_untracked(|blocks| blocks.run_around(at).into_iter().map(|row| row.id).collect())
    }

    /// Reads again: rows came, went or moved.
    pub fn read_again(self) {
        if self.turning.get_untracked() {
            // What is on its way is new enough; what never came is tried again.
            if self.error.with_untracked(Option::is_some) {
                self.begin();
            }
            return;
        }
        let sight = self.sight.get_untracked();
        self.blocks.update(|blocks| blocks.stale(&sight));
        self.fetch();
    }

    /// Tries again what failed.
    pub fn retry(self) {
        if self.turning.get_untracked() {
            self.begin();
        } else {
            self.blocks.update(Blocks::retry);
            self.fetch();
        }
    }

    /// Brings in a change of state told by the live stream.
    pub fn state_changed(self, id: WorkspaceId, state: &WorkspaceState, at: DateTime<Utc>) {
        let row = self.blocks.with_untracked(|blocks| blocks.rows().find(|row| row.id == id).cloned());
        let Some(row) = row.filter(|row| row.view.with_untracked(|view| view.state != *state)) else { return };
        row.view.update(|view| {
            view.state = state.clone();
            view.state_since = at;
        });
        row.flashes.update(|n| *n += 1);
    }

    /// Asks for the block that another list begins with.
    fn begin(self) {
        self.turning.set(true);
        self.error.set(None);
        let asked = self.asked.get_value();
        let number = block_of(asked.row);
        spawn_local(async move {
            let answer = ask(&asked.query, leap(number)).await;
            if self.asked.try_with_value(|now| now.number) != Some(asked.number) {
                return;
            }
            match answer {
                // There are fewer: the last of them.
                Ok(page) if page.items.is_empty() && page.total > 0 && asked.row > 0 => {
                    let last = if asked.row < page.total { 0 } else { page.total - 1 };
                    self.asked.update_value(|asked| asked.row = last);
                    self.begin();
                }
                Ok(page) => self.arrive(&asked, number, page),
                Err(error) => self.error.set(Some(error)),
            }
        });
    }

    fn arrive(self, asked: &Asked, number: u64, page: Page<WorkspaceView>) {
        let row = asked.row.min(page.total.saturating_sub(1));
        let sight = row..(row + FIRST_SIGHT).min(page.total);
        let known = self.blocks.with_untracked(|blocks| taken(blocks, number, &page.items));
        self.blocks.update(|blocks| {
            *blocks = Blocks::new();
            blocks.read(number, known, page.next_cursor, &sight);
        });
        self.sight.set(sight);
        self.total.set(Some(page.total));
        self.turning.set(false);
        self.arrived.set(Some(row));
        self.fetch();
    }

    /// Asks for what is missing of what is in sight.
    fn fetch(self) {
        if self.turning.get_untracked() {
            return;
        }
        let (sight, total) = (self.sight.get_untracked(), self.total.get_untracked().unwrap_or(0));
        while let Some((number, begin)) = self.blocks.with_untracked(|blocks| blocks.missing(&sight, total)) {
            self.blocks.update(|blocks| blocks.reading(number));
            let asked = self.asked.get_value();
            spawn_local(async move {
                let answer = ask(&asked.query, begin).await;
                if self.asked.try_with_value(|now| now.number) == Some(asked.number) {
                    self.bring(number, answer);
                }
            });
        }
    }

    fn bring(self, number: u64, answer: Result<Page<WorkspaceView>, ApiError>) {
        match answer {
            Ok(page) => {
                let sight = self.sight.get_untracked();
                let known = self.blocks.with_untracked(|blocks| taken(blocks, number, &page.items));
                self.blocks.update(|blocks| blocks.read(number, known, page.next_cursor, &sight));
                if self.total.get_untracked() != Some(page.total) {
                    self.total.set(Some(page.total));
                }
                if self.error.with_untracked(Option::is_some) {
                    self.error.set(None);
                }
                self.fetch();
            }
            Err(error) => {
                let known = self.blocks.with_untracked(|blocks| blocks.row(number * u64::from(BLOCK)).is_some());
                self.blocks.update(|blocks| blocks.failed(number, error.clone()));
                // Rows that are not there say so in their place.
                self.error.set(known.then_some(error));
            }
        }
    }
}

async fn ask(query: &WorkspaceQuery, begin: Begin) -> Result<Page<WorkspaceView>, ApiError> {
    let (cursor, offset) = match begin {
        Begin::First => (None, None),
        Begin::Cursor(cursor) => (Some(cursor), None),
        Begin::Offset(rows) => (None, Some(rows)),
    };
    api::list(&WorkspaceQuery { limit: Some(BLOCK), cursor, offset, ..query.clone() }).await
}

/// The rows of a page; those that are known are the same as before.
fn taken(blocks: &Blocks<Row>, number: u64, items: &[WorkspaceView]) -> Vec<Row> {
    let first = number * u64::from(BLOCK);
    let row = |(item, place): (&WorkspaceView, u64)| match blocks.rows().find(|row| row.id == item.id) {
        Some(row) => {
            row.bring(item, place);
            row.clone()
        }
        None => Row {
            id: item.id,
            view: ArcRwSignal::new(item.clone()),
            place: ArcRwSignal::new(place),
            flashes: ArcRwSignal::new(0),
        },
    };
    items.iter().zip(first..).map(row).collect()
}

fn slots(blocks: &Blocks<Row>, places: Range<u64>, seen: u64) -> Vec<Slot> {
    let mut slots: Vec<Slot> = Vec::new();
    let mut told = None;
    for at in places {
        let slot = match (blocks.row(at), blocks.failure(at)) {
            // A row that has just moved may stand at both places until the other is read again.
            (Some(row), _) if !slots.iter().any(|slot| matches!(slot, Slot::Row(other) if other.id == row.id)) => {
                Slot::Row(row.clone())
            }
            (None, Some(error)) if told != Some(block_of(at)) && (at >= seen || block_of(at) != block_of(seen)) => {
                told = Some(block_of(at));
                Slot::Failed(at, error.clone())
            }
            _ => Slot::Waiting(at),
        };
        slots.push(slot);
    }
    slots
}

impl Row {
    fn bring(&self, item: &WorkspaceView, place: u64) {
        let (same, same_state) = self.view.with_untracked(|v| (v == item, v.state == item.state));
        if !same {
            self.view.set(item.clone());
        }
        if !same_state {
            self.flashes.update(|n| *n += 1);
        }
        if self.place.get_untracked() != place {
            self.place.set(place);
        }
    }
}
