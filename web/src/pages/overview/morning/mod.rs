//! What one wants to know in the morning, under the fleet's numbers: what needs attention, what the month costs, what changed
//! lately, how fresh each region is; and the button that syncs them all. Where there is no fleet yet, what to do about that. A chunk of its
//! own, fetched when the overview stands, so that the first page is not held up by it.
//!
//! `attention` decides what needs attention (pure); `costs` (with `budgets`), `events` (or `jobs`, for who may not see those) and
//! `freshness` are the other cards, with that of the kinds of data, which is `jobs::data_sets`'s; `sync` is the button, `onboarding` what
//! stands in place of the cards. Each reads only what the reader may see, and a card that can't be read says so without taking the others
//! with it. To add a matter: a case in `attention`.

mod attention;
mod budgets;
mod costs;
mod events;
mod freshness;
#[cfg(test)]
mod in_browser;
mod jobs;
mod onboarding;
mod sync;
mod view;

use contract::data_sets::DataSetsView;
use contract::overview::OverviewView;
use leptos::prelude::*;
use leptos::task::spawn_local;
pub use sync::sync_all;

use crate::chunk::chunk;
use crate::pages::errors::ChunkMissing;
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
    onboarding: fn() -> AnyView,
}

chunk!(morning: load_inside, preload_inside -> Inside = Inside {
    button: sync::button,
    cards: view::cards,
    onboarding: onboarding::onboarding,
});

/// The chunk on its way: nothing until it is there. Where it can't be had, that is said below the numbers, which stand without it.
#[derive(Clone, Copy)]
pub struct Morning {
    inside: RwSignal<Option<Option<Inside>>>,
    numbers: Numbers,
    sets: Sets,
}

impl Morning {
    /// Fetches it.
    pub fn fetch(numbers: Numbers, sets: Sets) -> Self {
        Self::once(load_inside(), numbers, sets)
    }

    fn once<E: 'static>(
        there: impl Future<Output = Result<Inside, E>> + 'static,
        numbers: Numbers,
        sets: Sets,
    ) -> Self {
        let inside = RwSignal::new(None);
        spawn_local(async move {
            inside.try_set(Some(there.await.ok()));
        });
        Self { inside, numbers, sets }
    }

    /// The button that syncs every account.
    pub fn button(self) -> Option<AnyView> {
        self.inside.get().flatten().map(|inside| (inside.button)(self.numbers))
    }

    /// What is below the numbers: the cards, or what to do where there is no fleet.
    pub fn below(self, fleet: bool) -> Option<AnyView> {
        let view = match self.inside.get()? {
            Some(inside) if fleet => (inside.cards)(self.numbers, self.sets),
            Some(inside) => (inside.onboarding)(),
            None => view! { <section class="card"><ChunkMissing/></section> }.into_any(),
        };
        Some(view)
    }
}
