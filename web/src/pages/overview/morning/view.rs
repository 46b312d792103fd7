//! The cards.

use contract::accounts::AccountView;
use contract::page::Page;
use contract::trail::{TrailEventView, TrailQuery};
use contract::usage::UsageQuery;
use domain::access::Permission;
use leptos::prelude::*;

use super::attention::{Known, Matter, matters};
use super::costs::costs;
use super::events::events;
use super::freshness::FreshnessTable;
use super::{Numbers, Sets};
use crate::api::{accounts, budgets, costs as costs_api, trail, usage};
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::states::Loaded;
use crate::components::ui::{Icon, IconView, Tone};
use crate::state::clock::right_now;
use crate::state::loader::Loader;
use crate::state::session::use_session;

/// Events shown.
const EVENTS: u32 = 6;

/// The cards.
pub fn cards(numbers: Numbers, sets: Sets) -> AnyView {
    let session = use_session();
    let may = move |permission| untrack(|| session.may(permission));
    let known = attention(numbers, sets, may);
    let month = may(Permission::CostRead).then(|| {
        let loader = Loader::once(|| async { costs_api::summary(&Default::default()).await });
        let show = Callback::new(costs);
        view! {
            <section class="card" aria-labelledby="costs-title">
                <header class="morning-head"><h2 class="card-title" id="costs-title">"Costs"</h2><a href="/costs">"All costs"</a></header>
                <Loaded loader lines=4 show/>
            </section>
        }
    });
    let lately = may(Permission::AuditRead).then(|| {
        let loader = Loader::once(|| async {
            trail::list(&TrailQuery { changes: Some(true), limit: Some(EVENTS), ..TrailQuery::default() }).await
        });
        let show = Callback::new(|page: Page<TrailEventView>| events(page));
        view! {
            <section class="card" aria-labelledby="events-title">
                <header class="morning-head"><h2 class="card-title" id="events-title">"Changed in AWS"</h2><a href="/audit">"All events"</a></header>
                <Loaded loader lines=4 show/>
            </section>
        }
    });
    view! {
        <div class="grid morning" data-testid="morning">
            <section class="card" aria-labelledby="attention-title">
                <h2 class="card-title" id="attention-title">"Needs attention"</h2>
                {move || view! { <Matters matters=matters(&known.get(), right_now().timestamp_millis())/> }}
            </section>
            {month}
            {lately}
        </div>
        {may(Permission::AccountRead).then(|| view! { <Fleets numbers/> })}
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
            fleets.reload();
        }
    });
    let some = move |fleets: &Vec<AccountView>| !fleets.is_empty();
    move || {
        fleets.data.get().filter(some).map(|fleets| {
            view! {
                <section class="card card-flush" aria-labelledby="fresh-title">
                    <header class="card-head"><h2 id="fresh-title">"Accounts and regions"</h2><a href="/accounts">"Manage"</a></header>
                    <FreshnessTable accounts=fleets/>
                </section>
            }
        })
    }
}

/// What there is to judge by, as it comes in. What can't be read is not judged: the pages that show it say why.
fn attention(numbers: Numbers, sets: Sets, may: impl Fn(Permission) -> bool) -> Signal<Known> {
    let limits = may(Permission::CostRead).then(|| Loader::once(|| async { budgets::list(None).await }));
    let used =
        may(Permission::UsageRead).then(|| Loader::once(|| async { usage::summary(&UsageQuery::default()).await }));
    Signal::derive(move || Known {
        overview: numbers.get(),
        sets: sets.get(),
        budgets: limits.and_then(|limits| limits.data.get()).map(|page| page.items).unwrap_or_default(),
        usage: used.and_then(|used| used.data.get()),
    })
}

#[component]
fn Matters(matters: Vec<Matter>) -> impl IntoView {
    if matters.is_empty() {
        return view! { <p class="morning-well"><IconView icon=Icon::Check/>"Nothing does."</p> }.into_any();
    }
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
    view! { <ul class="morning-matters">{rows}</ul> }.into_any()
}
