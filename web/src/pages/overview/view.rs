//! The overview.

use contract::events::Event;
use contract::overview::OverviewView;
use leptos::prelude::*;

use super::morning::Morning;
use super::state::{slices, state_slices, transition_link, troubled_link};
use crate::api::overview;
use crate::components::charts::bars::BarList;
use crate::components::charts::stacked::StackedBar;
use crate::components::layout::page_head::PageHead;
use crate::components::ui::Tone;
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::states::{ErrorState, Skeleton, StaleNotice};
use crate::components::ui::time::RelativeTime;
use crate::format::{aws_words, thousands};
use crate::pages::jobs::data_sets::{FleetFreshness, fleet_sets};
use crate::state::live::{LiveEvent, use_live};
use crate::state::loader::Loader;
use crate::state::timing::Debounce;
use crate::state::use_title;

const SETTLE_MS: u64 = 1000;

/// The overview.
#[component]
pub fn OverviewPage() -> impl IntoView {
    use_title(|| Some("Overview".to_owned()));
    let numbers = Loader::once(overview::overview);
    let sets = fleet_sets();
    let morning = Morning::fetch(numbers.data.into(), sets);
    let settle = Debounce::new();
    use_live().listen(move |event| {
        let matters = match event {
            LiveEvent::Happened(Event::Job { state, .. }) => state.is_final(),
            LiveEvent::Happened(Event::Changed { .. }) => false,
            _ => true,
        };
        if matters {
            settle.soon(SETTLE_MS, move || numbers.refresh());
        }
    });
    let fresh = move || {
        numbers.data.with(|n| match n.as_ref().map(|n| (n.accounts, n.fresh_since)) {
            None | Some((0, _)) => view! { <p>"The fleet in numbers"</p> }.into_any(),
            Some((_, Some(at))) => {
                view! { <p>"Everything here is as of " <RelativeTime at/> " or newer"</p> }.into_any()
            }
            Some((_, None)) => view! { <p>"Not every region has been synced yet"</p> }.into_any(),
        })
    };
    let has_fleet = Memo::new(move |_| numbers.data.with(|n| n.as_ref().map(is_fleet)));
    view! {
        <PageHead title="Overview".to_owned() lead=view! { {fresh}<FleetFreshness list=sets/> }.into_any()>
            {move || morning.button()}
        </PageHead>
        {move || match (numbers.error.get(), numbers.blank()) {
            (Some(error), true) => Some(view! { <ErrorState error on_retry=move |()| numbers.reload()/> }.into_any()),
            (Some(error), false) => Some(view! { <StaleNotice error on_retry=move |()| numbers.reload()/> }.into_any()),
            (None, true) => Some(view! { <div class="card"><Skeleton lines=6/></div> }.into_any()),
            (None, false) => None,
        }}
        {move || numbers.data.get().filter(is_fleet).map(|numbers| view! { <Numbers numbers/> })}
        {move || has_fleet.get().and_then(|fleet| morning.below(fleet))}
    }
}

/// Whether there is something to count.
fn is_fleet(numbers: &OverviewView) -> bool {
    numbers.accounts > 0 || numbers.workspaces > 0
}

#[component]
fn Numbers(numbers: OverviewView) -> impl IntoView {
    let states = state_slices(&numbers.by_state);
    let modes = slices("running_mode", &numbers.by_running_mode, aws_words);
    let regions = slices("region", &numbers.by_region, str::to_owned);
    view! {
        <section class="card hero" aria-label="The fleet">
            <div class="hero-numbers">
                <a class="hero-total" href="/workspaces">
                    <span class="hero-number" data-testid="overview-total">{thousands(numbers.workspaces)}</span>
                    <span class="hero-label">{if numbers.workspaces == 1 { "WorkSpace" } else { "WorkSpaces" }}</span>
                </a>
                <Figure label="connected now" count=numbers.connected tone=Tone::Success glyph=Glyph::Disc href="/workspaces?connection=CONNECTED".to_owned()/>
                <Figure label="in transition" count=numbers.in_transition tone=Tone::Info glyph=Glyph::Turning href=transition_link()/>
                <Figure label="in trouble" count=numbers.troubled tone=Tone::Danger glyph=Glyph::Triangle href=troubled_link()/>
            </div>
            <StackedBar label="WorkSpaces by state" slices=states/>
        </section>
        <div class="grid">
            <section class="card" aria-labelledby="mode-title">
                <h2 class="card-title" id="mode-title">"Running mode"</h2>
                <BarList slices=modes/>
            </section>
            <section class="card" aria-labelledby="region-title">
                <h2 class="card-title" id="region-title">"Region"</h2>
                <BarList slices=regions/>
            </section>
            <section class="card" aria-labelledby="jobs-title">
                <h2 class="card-title" id="jobs-title">"Jobs"</h2>
                <div class="pair">
                    <Figure label="active" count=numbers.jobs_active tone=Tone::Info glyph=Glyph::Turning href="/jobs?state=queued,running".to_owned()/>
                    <Figure label="dead" count=numbers.jobs_dead tone=Tone::Danger glyph=Glyph::Cross href="/jobs?state=dead".to_owned()/>
                </div>
                <p class="muted">
                    {if numbers.jobs_dead == 0 { "Nothing waits for a decision." } else { "Dead jobs are kept until somebody retries them." }}
                </p>
            </section>
        </div>
    }
}

/// A number that leads to what it counts. It takes its colour only when there is something to count.
#[component]
fn Figure(label: &'static str, count: u64, tone: Tone, glyph: Glyph, href: String) -> impl IntoView {
    let (tone, glyph) = if count > 0 { (tone, glyph) } else { (Tone::Neutral, Glyph::Ring) };
    view! {
        <a class=format!("figure figure-{}", tone.as_str()) href=href>
            <span class="figure-number">{thousands(count)}</span>
            <span class="figure-label"><GlyphView glyph/>{label}</span>
        </a>
    }
}
