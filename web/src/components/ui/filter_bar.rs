//! The bar above a list: a search box that waits until the reader pauses, facet menus (children), and chips of what filters.

use chrono::{DateTime, Utc};
use leptos::html;
use leptos::prelude::*;

use super::icon::{Icon, IconView};
use crate::state::clock::{date_of, first_moment};
use crate::state::timing::Debounce;

const PAUSE_MS: u64 = 250;

/// Something that filters now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The facet's key, as in the address.
    pub key: &'static str,
    /// What the facet is called.
    pub facet: &'static str,
    /// The value, as in the address.
    pub value: String,
    /// The value in words.
    pub label: String,
}

/// A search box. What is typed is told after a pause; what comes in from outside replaces what is typed unless the reader
/// is typing.
#[component]
pub fn SearchBox(
    /// What it finds, in words.
    label: &'static str,
    /// What is searched for now.
    #[prop(into)]
    value: Signal<String>,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Searches.
    #[prop(into)]
    on_search: Callback<String>,
) -> impl IntoView {
    let node = NodeRef::<html::Input>::new();
    let typed = StoredValue::new(String::new());
    let pause = Debounce::new();
    Effect::new(move |_| {
        let value = value.get();
        if let Some(input) = node.get()
            && typed.get_value().trim() != value
        {
            typed.set_value(value.clone());
            input.set_value(&value);
        }
    });
    let tell = move || on_search.run(typed.get_value().trim().to_owned());
    view! {
        <div class="search">
            <IconView icon=Icon::Search/>
            <input
                class="input search-input"
                type="search"
                node_ref=node
                data-testid=testid
                aria-label=label
                placeholder=label
                autocomplete="off"
                spellcheck="false"
                on:input=move |event| {
                    typed.set_value(event_target_value(&event));
                    pause.run(PAUSE_MS, tell);
                }
                on:keydown=move |event: leptos::ev::KeyboardEvent| {
                    if event.key() == "Enter" {
                        pause.cancel();
                        tell();
                    }
                }
            />
        </div>
    }
}

/// A day that bounds a list in time: its first moment on the reader's clock, as are the times of the list.
#[component]
pub fn DateFilter(
    /// Which bound, in a word.
    label: &'static str,
    /// For browser tests.
    testid: &'static str,
    /// The bound now.
    #[prop(into)]
    value: Signal<Option<DateTime<Utc>>>,
    /// Bounds, or no longer.
    #[prop(into)]
    on_change: Callback<Option<DateTime<Utc>>>,
) -> impl IntoView {
    view! {
        <label class="filter-date">
            {label}
            <input
                class="input" type="date" data-testid=testid prop:value=move || written(value.get())
                on:change=move |event| on_change.run(day(&event_target_value(&event)))
            />
        </label>
    }
}

/// The first moment of a day as a date field writes it.
fn day(text: &str) -> Option<DateTime<Utc>> {
    first_moment(text.parse().ok()?)
}

/// As a date field writes it.
fn written(at: Option<DateTime<Utc>>) -> String {
    at.and_then(date_of).map(|day| day.to_string()).unwrap_or_default()
}

/// What filters now, each to be taken away.
#[component]
pub fn Chips(
    /// The chips.
    #[prop(into)]
    chips: Signal<Vec<Chip>>,
    /// Takes one away.
    #[prop(into)]
    on_remove: Callback<Chip>,
    /// Takes all away.
    #[prop(into)]
    on_clear: Callback<()>,
) -> impl IntoView {
    move || {
        let chips = chips.get();
        (!chips.is_empty()).then(|| {
            let items = chips
                .into_iter()
                .map(|chip| {
                    let (facet, text) = (chip.facet, chip.label.clone());
                    view! {
                        <li>
                            <button class="chip" type="button" on:click=move |_| on_remove.run(chip.clone())>
                                <span class="visually-hidden">"Remove filter "</span>
                                <span class="chip-facet">{facet} ": "</span>
                                <span class="chip-value">{text}</span>
                                <IconView icon=Icon::Close/>
                            </button>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <ul class="chips" aria-label="Active filters">
                    {items}
                    <li>
                        <button class="chip-clear" type="button" data-testid="filters-clear" on:click=move |_| on_clear.run(())>
                            "Clear all"
                        </button>
                    </li>
                </ul>
            }
        })
    }
}
