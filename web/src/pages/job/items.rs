//! The items of an action: what became of each WorkSpace, a page of them at a time, narrowed to one outcome by the address, and those
//! that failed tried again. How many there are and which come first is the API's.

use contract::jobs::{JobItemCountsView, JobItemView, JobItemsView};
use contract::paths;
use domain::ids::JobId;
use domain::jobs::ItemOutcome;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::address::{ALL, ItemsUrl, ROWS, before};
use super::state::failed;
use crate::api::exports::href;
use crate::api::jobs as api;
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::pagination::{Pagination, range_words};
use crate::components::ui::states::EmptyState;
use crate::components::ui::tabs::{Tab, Tabs};
use crate::components::ui::{Button, ButtonSize, Icon};
use crate::format::{sentence, thousands};
use crate::pages::workspaces::action_dialog::Wanted;
use crate::state::toasts::use_toasts;

/// The items.
#[component]
pub fn Items(
    /// The job.
    id: JobId,
    /// The page of them that was read.
    #[prop(into)]
    items: Signal<JobItemsView>,
    /// What the address asks for.
    #[prop(into)]
    url: Signal<ItemsUrl>,
    /// Goes to the page that so many come before.
    #[prop(into)]
    on_turn: Callback<u32>,
    /// Set to what somebody wants.
    wanted: RwSignal<Option<Wanted>>,
) -> impl IntoView {
    let counts = Memo::new(move |_| items.with(|items| items.counts));
    let heading = move || if counts.get().waiting == 0 { "Items" } else { "Items so far" };
    let said = move || format!("{} of {} done", thousands(counts.get().done), thousands(counts.get().all()));
    let choices = Signal::derive(move || choices(id, url.get().outcome, counts.get()));
    let current = Signal::derive(move || url.get().key());
    // Where the page is, how many are on it, and how many there are.
    let place = Memo::new(move |_| items.with(|items| (items.offset, items.rows.len() as u64, items.total)));
    let none = Memo::new(move |_| place.get().1 == 0);
    let range = Signal::derive(move || {
        let (offset, shown, total) = place.get();
        range_words(Some(u64::from(offset)), shown, total)
    });
    let has_previous = Signal::derive(move || place.get().0 > 0);
    let has_next = Signal::derive(move || {
        let (offset, shown, total) = place.get();
        shown > 0 && u64::from(offset) + shown < total
    });
    let turns = Memo::new(move |_| place.get().0 > 0 || place.get().2 > u64::from(ROWS));
    let back = move |()| {
        let (offset, _, total) = place.get_untracked();
        on_turn.run(before(offset, total));
    };
    let on = move |()| on_turn.run(place.get_untracked().0 + ROWS);
    let path = paths::with_id(paths::EXPORT_JOB_ITEMS, id);
    let empty = move || {
        let text = if has_previous.get() { "There are not so many." } else { "That became of none of them." };
        view! { <EmptyState icon=Icon::Search title="No items" text/> }
    };
    view! {
        <section class="card card-flush job-items" data-testid="job-items">
            <header class="card-head">
                <h2>{heading}</h2>
                <span class="muted">{said}</span>
                <Show when=move || { counts.get().waiting == 0 && counts.get().failed > 0 }>
                    <Again id items wanted/>
                </Show>
                <ExportMenu href=Signal::stored(href(&path, &()))/>
            </header>
            <Tabs label="Items by what became of them" tabs=choices current/>
            <Show when=move || !none.get() fallback=empty>
                <table class="table table-plain table-cards">
                    <caption class="visually-hidden">"Items"</caption>
                    <thead><tr><th scope="col">"WorkSpace"</th><th scope="col">"Outcome"</th><th scope="col">"More"</th></tr></thead>
                    <tbody>
                        <For
                            each=move || items.with(|items| items.rows.clone())
                            key=|row| (row.id, row.outcome)
                            children=|row: JobItemView| view! { <ItemRow row/> }
                        />
                    </tbody>
                </table>
            </Show>
            <Show when=move || turns.get()>
                <Pagination range has_previous has_next on_previous=back on_next=on/>
            </Show>
        </section>
    }
}

/// The choices of an outcome: those that there are, and the one that is chosen.
fn choices(id: JobId, chosen: Option<ItemOutcome>, counts: JobItemCountsView) -> Vec<Tab> {
    let tab = |outcome: Option<ItemOutcome>| {
        let url = ItemsUrl { outcome, offset: 0 };
        let label = sentence(outcome.map_or(ALL, ItemOutcome::as_str));
        let count = outcome.map_or_else(|| counts.all(), |outcome| counts.of(outcome));
        Tab { label, href: url.path(id), key: url.key(), count: Some(count) }
    };
    let there = ItemOutcome::ALL.iter().filter(|one| counts.of(**one) > 0 || chosen == Some(**one));
    std::iter::once(None).chain(there.copied().map(Some)).map(tab).collect()
}

/// Asks for the same again for those that failed: which ones is read when somebody wants it, since they may be thousands.
#[component]
fn Again(id: JobId, items: Signal<JobItemsView>, wanted: RwSignal<Option<Wanted>>) -> impl IntoView {
    let toasts = use_toasts();
    let busy = RwSignal::new(false);
    let reason = Signal::derive(move || {
        items.with(|items| items.order.is_none()).then(|| "Your role may not do this".to_owned())
    });
    let again = move |()| {
        let Some(order) = items.with_untracked(|items| items.order.clone()) else { return };
        busy.set(true);
        spawn_local(async move {
            let answer = api::detail(id).await;
            busy.try_set(false);
            match answer {
                Ok(detail) => {
                    let report = detail.result.filter(|result| !result.is_null()).or(detail.so_far).unwrap_or_default();
                    wanted.try_set(Some(Wanted::again(order, failed(&report))));
                }
                Err(error) => toasts.failed("Those that failed could not be read", &error),
            }
        });
    };
    view! {
        <Button size=ButtonSize::Small icon=Icon::Reboot testid="job-items-again" reason busy on_click=again>
            "Try the failed again"
        </Button>
    }
}

#[component]
fn ItemRow(row: JobItemView) -> impl IntoView {
    let (class, glyph) = match row.outcome {
        ItemOutcome::Done => ("outcome outcome-good", Glyph::Tick),
        ItemOutcome::Failed => ("outcome outcome-bad", Glyph::Cross),
        ItemOutcome::Skipped => ("outcome", Glyph::Dash),
        ItemOutcome::Waiting => ("outcome", Glyph::Ring),
    };
    let more = match row.outcome {
        ItemOutcome::Skipped => Some("The job ended before its turn came, or before AWS had answered".to_owned()),
        _ => row.message.or(row.code).map(|words| sentence(&words)),
    };
    let (name, below) = match row.user_name {
        Some(user) => (user, Some(row.aws_id)),
        None => (row.aws_id, None),
    };
    view! {
        <tr data-outcome=row.outcome.as_str()>
            <td class="cell-main">
                <a href=format!("/workspaces/{}", row.id)>{name}</a>
                {below.map(|id| view! { <span class="cell-sub">{id}</span> })}
            </td>
            <td data-label="Outcome"><span class=class><GlyphView glyph/>{sentence(row.outcome.as_str())}</span></td>
            <td data-label="More">{more}</td>
        </tr>
    }
}
