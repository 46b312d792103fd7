//! The cards.

use contract::accounts::AccountView;
use contract::activity::ActivityQuery;
use contract::budgets::BudgetView;
use contract::events::Event;
use contract::usage::{UsageQuery, UsageSummaryView};
use domain::access::Permission;
use domain::sync::SyncKind;
use leptos::prelude::*;

use super::attention::{Known, Matter, Standing, matters, standing};
use super::budgets::{budgets, every};
use super::costs::costs;
use super::events::events;
use super::freshness::FreshnessTable;
use super::jobs::recent_jobs;
use super::{Numbers, Sets};
use crate::api::{ApiError, accounts, activity, costs as costs_api, usage};
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::states::{ErrorState, Followed, Loaded, Skeleton, StaleNotice};
use crate::components::ui::{Icon, IconView, Tone};
use crate::pages::jobs::data_sets::DataKinds;
use crate::state::clock::right_now;
use crate::state::follow::{read_again_on, read_again_on_any};
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::timing::Debounce;

/// Changes shown.
const CHANGES: u32 = 6;
/// Syncs that end together are one reading.
const SETTLE_MS: u64 = 1500;

/// The cards.
pub fn cards(numbers: Numbers, sets: Sets) -> AnyView {
    let session = use_session();
    let may = move |permission| untrack(|| session.may(permission));
    let sources = Sources::read(numbers, sets, may);
    let month = may(Permission::CostRead).then(|| {
        let loader = Loader::once(|| async { costs_api::summary(&Default::default()).await });
        let show = Callback::new(costs);
        let may_make = may(Permission::BudgetManage);
        // What could not be read of them is told beside what needs attention.
        let limits = move || sources.limits.and_then(|limits| limits.data.get()).and_then(|all| budgets(all, may_make));
        view! {
            <section class="card" aria-labelledby="costs-title">
                <header class="morning-head"><h2 class="card-title" id="costs-title">"Costs"</h2><a href="/costs">"All costs"</a></header>
                <Loaded loader lines=4 show/>
                {limits}
            </section>
        }
    });
    let lately = if may(Permission::AuditRead) { Some(changed()) } else { may(Permission::JobRead).then(recent_jobs) };
    view! {
        <div class="grid morning" data-testid="morning">
            <section class="card" aria-labelledby="attention-title">
                <h2 class="card-title" id="attention-title">"Needs attention"</h2>
                {move || {
                    let found = matters(&sources.known(), right_now().timestamp_millis());
                    let beside = beside(sources, found.is_empty());
                    view! { {(!found.is_empty()).then(|| view! { <Matters matters=found/> })}{beside} }
                }}
            </section>
            {month}
            {lately}
        </div>
        {may(Permission::AccountRead).then(|| view! { <DataKinds list=sets/><Fleets numbers/> })}
    }
    .into_any()
}

/// What changed lately, in AWS and here.
fn changed() -> AnyView {
    let loader = Loader::once(|| async {
        let query =
            ActivityQuery { changes: Some(true), count: Some(false), limit: Some(CHANGES), ..ActivityQuery::default() };
        activity::list(&query).await
    });
    read_again_on_any(move || loader.refresh());
    let show = Callback::new(events);
    view! {
        <section class="card" aria-labelledby="events-title">
            <header class="morning-head"><h2 class="card-title" id="events-title">"Recent changes"</h2><a href="/audit/all?changes=true">"All changes"</a></header>
            <Followed loader lines=4 show/>
        </section>
    }
    .into_any()
}

/// Each account and region with its newest sync, read again with the numbers.
#[component]
fn Fleets(numbers: Numbers) -> impl IntoView {
    let fleets = Loader::once(|| async { accounts::list().await.map(|page| page.items) });
    Effect::new(move |before: Option<()>| {
        numbers.track();
        if before.is_some() {
            fleets.refresh();
        }
    });
    let none = move || fleets.data.with(|fleets| fleets.as_ref().is_some_and(Vec::is_empty));
    let show = Callback::new(|fleets: Vec<AccountView>| view! { <FreshnessTable accounts=fleets/> }.into_any());
    view! {
        <Show when=move || !none()>
            <section class="card card-flush" aria-labelledby="fresh-title">
                <header class="card-head"><h2 id="fresh-title">"Accounts and regions"</h2><a href="/accounts">"Manage"</a></header>
                <Loaded loader=fleets lines=4 show/>
            </section>
        </Show>
    }
}

/// Where what there is to judge by comes from; what the reader may not see is not asked for.
#[derive(Clone, Copy)]
struct Sources {
    numbers: Numbers,
    sets: Sets,
    limits: Option<Loader<Vec<BudgetView>>>,
    used: Option<Loader<UsageSummaryView>>,
}

impl Sources {
    fn read(numbers: Numbers, sets: Sets, may: impl Fn(Permission) -> bool) -> Self {
        let limits = may(Permission::CostRead).then(|| Loader::once(every));
        let used =
            may(Permission::UsageRead).then(|| Loader::once(|| async { usage::summary(&UsageQuery::default()).await }));
        if let Some(limits) = limits {
            read_again_on(&["budget", "cost"], move || limits.refresh());
            use_live().listen(move |event| {
                if matches!(event, LiveEvent::Happened(Event::BudgetCrossed { .. }) | LiveEvent::ReadAgain) {
                    limits.refresh();
                }
            });
        }
        follow(sets);
        Self { numbers, sets, limits, used }
    }

    /// What is known of it by now.
    fn known(self) -> Known {
        Known {
            overview: self.numbers.get(),
            sets: self.sets.data.get().map(|sets| sets.items).unwrap_or_default(),
            budgets: self.limits.and_then(|limits| limits.data.get()).unwrap_or_default(),
            usage: self.used.and_then(|used| used.data.get()),
        }
    }

    /// Whether some of it was never read.
    fn blank(self) -> bool {
        self.sets.blank() || self.limits.is_some_and(Loader::blank) || self.used.is_some_and(Loader::blank)
    }

    /// Why some of it could not be read.
    fn error(self) -> Option<ApiError> {
        let limits = self.limits.and_then(|limits| limits.error.get());
        let used = self.used.and_then(|used| used.error.get());
        self.sets.error.get().or(limits).or(used)
    }

    /// Reads all of it again.
    fn reload(self) {
        self.sets.reload();
        if let Some(limits) = self.limits {
            limits.reload();
        }
        if let Some(used) = self.used {
            used.reload();
        }
    }
}

/// Reads the data sets again after the syncs that [`crate::pages::jobs::data_sets::fleet_sets`] does not wait for.
fn follow(sets: Sets) {
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let LiveEvent::Happened(Event::Job { state, kind, .. }) = event else { return };
        let other = !matches!(kind.parse::<SyncKind>(), Ok(SyncKind::Workspaces | SyncKind::Connections) | Err(_));
        if state.is_final() && other {
            settle.soon(SETTLE_MS, move || sets.refresh());
        }
    });
}

/// What is said beside the matters that were found.
fn beside(sources: Sources, none: bool) -> Option<AnyView> {
    let error = sources.error();
    let standing = standing(none, sources.blank(), error.is_some());
    match (standing, error) {
        (Standing::Failed, Some(error)) => {
            Some(view! { <ErrorState error on_retry=move |()| sources.reload()/> }.into_any())
        }
        (Standing::Stale, Some(error)) => {
            Some(view! { <StaleNotice error on_retry=move |()| sources.reload()/> }.into_any())
        }
        (Standing::Reading, _) => Some(view! { <Skeleton lines=4/> }.into_any()),
        (Standing::Well, _) => {
            Some(view! { <p class="morning-well"><IconView icon=Icon::Check/>"Nothing does."</p> }.into_any())
        }
        _ => None,
    }
}

#[component]
fn Matters(matters: Vec<Matter>) -> impl IntoView {
    let rows = matters
        .into_iter()
        .map(|matter| {
            let glyph = match matter.tone {
                Tone::Danger => Glyph::Cross,
                Tone::Warning => Glyph::Triangle,
                _ => Glyph::Ring,
            };
            view! {
                <li class=format!("morning-matter tone-{}", matter.tone.as_str())>
                    <GlyphView glyph/>
                    <a href=matter.href>{matter.words}{matter.note.map(|note| view! { <span class="cell-sub">{note}</span> })}</a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="morning-matters">{rows}</ul> }
}
