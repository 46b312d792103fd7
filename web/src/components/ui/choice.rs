//! A field with a list of values to choose from.

use leptos::prelude::*;

use super::field::FormField;

/// The field.
#[component]
pub fn Choice(
    /// The control's id.
    id: &'static str,
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// Value and words of each.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What is chosen.
    value: RwSignal<String>,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    view! {
        <FormField id label error=Signal::derive(|| None::<String>)>
            <select
                class="input select" id=id data-testid=testid
                on:change=move |event| value.set(event_target_value(&event))
            >
                {move || {
                    let chosen = value.get();
                    let option = |(value, words): (String, String)| {
                        let selected = value == chosen;
                        view! { <option value=value prop:selected=selected>{words}</option> }
                    };
                    options.get().into_iter().map(option).collect_view()
                }}
            </select>
        </FormField>
    }
}

/// Check boxes of which any may be on; the values are kept in order.
#[component]
pub fn Choices(
    /// What they choose, for those who can't see it.
    label: &'static str,
    /// Value and words of each.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    /// What is chosen.
    chosen: RwSignal<Vec<String>>,
) -> impl IntoView {
    let toggle = move |value: &str| {
        chosen.update(|chosen| match chosen.iter().position(|c| c == value) {
            Some(at) => {
                chosen.remove(at);
            }
            None => chosen.push(value.to_owned()),
        });
    };
    view! {
        <fieldset class="options">
            <legend class="field-label">{label}</legend>
            {move || {
                options.get().into_iter().map(|(value, words)| {
                    let is = value.clone();
                    let checked = move || chosen.with(|chosen| chosen.contains(&is));
                    let name = value.clone();
                    view! {
                        <label class="option">
                            <input type="checkbox" value=name prop:checked=checked on:change=move |_| toggle(&value)/>
                            <span>{words}</span>
                        </label>
                    }
                }).collect_view()
            }}
        </fieldset>
    }
}
