//! A field for some lines of text. What it says, and when, is [`FieldState`]'s, as with a field of one line.

use leptos::prelude::*;

use super::field::{FieldState, FormField};

/// The field.
#[component]
pub fn TextArea(
    /// The control's id.
    id: &'static str,
    /// The label.
    #[prop(into)]
    label: Signal<String>,
    /// What it holds.
    state: FieldState,
    /// What the rules say about what is typed.
    #[prop(into)]
    rule: Signal<Option<String>>,
    /// So many lines are seen.
    #[prop(default = "3")]
    rows: &'static str,
    /// Whether the browser marks what no dictionary has: `true` or `false`.
    #[prop(default = "true")]
    spellcheck: &'static str,
    /// An example.
    #[prop(optional)]
    placeholder: &'static str,
    /// For browser tests.
    #[prop(optional)]
    testid: Option<&'static str>,
) -> impl IntoView {
    let error = Memo::new(move |_| state.shown(rule.get()));
    view! {
        <FormField id label error>
            <textarea
                class="input"
                id=id
                name=id
                rows=rows
                spellcheck=spellcheck
                placeholder=placeholder
                data-testid=testid
                prop:value=move || state.value.get()
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=format!("{id}-error")
                on:input=move |event| state.write(event_target_value(&event), rule)
                on:paste=move |_| state.touched.set(true)
                on:blur=move |_| state.leave()
            ></textarea>
        </FormField>
    }
}
