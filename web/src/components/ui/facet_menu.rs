//! A menu of values to filter by, with counts; several can be chosen.

use leptos::prelude::*;

use super::popover::Popover;
use crate::format::thousands;

/// More values than this get a search box of their own.
const SEARCH_FROM: usize = 9;

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetOption {
    /// What goes into the filter.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// How many have it.
    pub count: u64,
}

/// The menu of one facet.
#[component]
pub fn FacetMenu(
    /// The facet's key, as in the address.
    key: &'static str,
    /// What it is called.
    label: &'static str,
    /// Its values.
    #[prop(into)]
    options: Signal<Vec<FacetOption>>,
    /// The values chosen.
    #[prop(into)]
    chosen: Signal<Vec<String>>,
    /// Chooses a value or takes it back.
    #[prop(into)]
    on_toggle: Callback<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let count = move || chosen.with(Vec::len);
    view! {
        <Popover
            open
            label
            testid=format!("facet-{key}")
            active=Signal::derive(move || count() > 0)
            head=move || view! {
                {label}
                {move || (count() > 0).then(|| view! { <span class="facet-count">{count()}</span> })}
            }
        >
            <Values options chosen on_toggle/>
        </Popover>
    }
}

#[component]
fn Values(
    options: Signal<Vec<FacetOption>>,
    chosen: Signal<Vec<String>>,
    on_toggle: Callback<String>,
) -> impl IntoView {
    let find = RwSignal::new(String::new());
    view! {
        {move || (options.with(Vec::len) >= SEARCH_FROM).then(|| view! { <FindBox find/> })}
        <ul class="facet-list">
            {move || {
                let needle = find.get().to_lowercase();
                let shown: Vec<_> = options
                    .get()
                    .into_iter()
                    .filter(|o| needle.is_empty() || o.label.to_lowercase().contains(&needle))
                    .collect();
                if shown.is_empty() {
                    return view! { <li class="facet-none">"Nothing to choose from"</li> }.into_any();
                }
                shown
                    .into_iter()
                    .map(|option| view! { <OptionRow option chosen on_toggle/> })
                    .collect_view()
                    .into_any()
            }}
        </ul>
    }
}

/// A box that finds among what a panel offers.
#[component]
pub fn FindBox(find: RwSignal<String>) -> impl IntoView {
    view! {
        <input
            class="input facet-find"
            type="search"
            placeholder="Find"
            aria-label="Find a value"
            prop:value=move || find.get()
            on:input=move |event| find.set(event_target_value(&event))
        />
    }
}

#[component]
fn OptionRow(option: FacetOption, chosen: Signal<Vec<String>>, on_toggle: Callback<String>) -> impl IntoView {
    let value = StoredValue::new(option.value.clone());
    let checked = move || chosen.with(|c| value.with_value(|v| c.contains(v)));
    view! {
        <li>
            <label class="facet-option" data-testid=format!("facet-option-{}", option.value)>
                <input type="checkbox" prop:checked=checked on:change=move |_| on_toggle.run(value.get_value())/>
                <span class="facet-label">{option.label}</span>
                <span class="facet-number">{thousands(option.count)}</span>
            </label>
        </li>
    }
}
