//! What one wants to know in the morning, under the fleet's numbers: what needs attention, what the month costs, what changed in
//! AWS, how fresh each region is; and the button that syncs them all. A chunk of its own, fetched when the overview stands, so that
//! the first page is not held up by it.
//!
//! `attention` decides what needs attention (pure), `costs` (with `budgets`), `events` and `freshness` are the other cards, `sync` the button. Each
//! reads only what the reader may see, and a card that can't be read says so without taking the others with it. To add a matter: a
//! case in `attention`.

mod attention;
mod budgets;
mod costs;
mod events;
mod freshness;
#[cfg(test)]
mod in_browser;
mod sync;
mod view;

use contract::data_sets::DataSetsView;
use contract::overview::OverviewView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::chunk::chunk;
use crate::state::loader::Loader;

/// The fleet in numbers, once it is read.
type Numbers = Signal<Option<OverviewView>>;
/// The data sets, as the page reads them.
type Sets = Loader<DataSetsView>;

/// What the chunk holds.
#[derive(Debug, Clone, Copy)]
struct Inside {
    button: fn(Numbers) -> AnyView,
    cards: fn(Numbers, Sets) -> AnyView,
}

chunk!(morning: load_inside, preload_inside -> Inside = Inside { button: sync::button, cards: view::cards });

/// The chunk on its way: nothing until it is there, and nothing where it can't be had, as the numbers stand without it.
#[derive(Clone, Copy)]
pub struct Morning {
    inside: RwSignal<Option<Inside>>,
    numbers: Numbers,
    sets: Sets,
}

impl Morning {
    /// Fetches it.
    pub fn fetch(numbers: Numbers, sets: Sets) -> Self {
        let inside = RwSignal::new(None);
        spawn_local(async move {
            if let Ok(found) = load_inside().await {
                inside.try_set(Some(found));
            }
        });
        Self { inside, numbers, sets }
    }

    /// The button that syncs every account.
    pub fn button(self) -> Option<AnyView> {
        self.inside.get().map(|inside| (inside.button)(self.numbers))
    }

    /// The cards.
    pub fn cards(self) -> Option<AnyView> {
        self.inside.get().map(|inside| (inside.cards)(self.numbers, self.sets))
    }
}
