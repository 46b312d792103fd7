//! A field for several regions: each becomes a chip at a comma, a space or Enter; suggestions come from a list.

use leptos::prelude::*;

use super::state::{SUGGESTED, ends_a_part, parts};
use crate::components::ui::field::FormField;
use crate::components::ui::{Icon, IconView};

/// The field.
#[component]
pub fn RegionsField(
    /// The regions taken over.
    regions: RwSignal<Vec<String>>,
    /// What is being typed.
    typing: RwSignal<String>,
    /// What is wrong.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// Told when the reader leaves or changes it.
    #[prop(into)]
    on_touch: Callback<()>,
) -> impl IntoView {
    let take = move || {
        let text = typing.get_untracked();
        regions.update(|all| {
            for part in parts(&text) {
                if !all.iter().any(|r| r == part) {
                    all.push(part.to_owned());
                }
            }
        });
        typing.set(String::new());
    };
    let chips = move || {
        regions
            .get()
            .into_iter()
            .map(|region| {
                let gone = region.clone();
                view! {
                    <li>
                        <button
                            class="chip"
                            type="button"
                            on:click=move |_| regions.update(|all| all.retain(|r| *r != gone))
                        >
                            <span class="visually-hidden">"Remove "</span>
                            <span class="chip-value">{region}</span>
                            <IconView icon=Icon::Close/>
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <FormField
            id="account-regions"
            label="Regions"
            hint="Where to look for WorkSpaces. Separate several with commas.".to_owned()
            error
        >
            <div class="multi">
                <ul class="chips">{chips}</ul>
                <input
                    class="input multi-input"
                    id="account-regions"
                    list="account-regions-known"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder="eu-central-1"
                    data-testid="account-regions"
                    prop:value=move || typing.get()
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                    aria-describedby="account-regions-hint account-regions-error"
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        typing.set(text.clone());
                        if ends_a_part(&text) || SUGGESTED.contains(&text.as_str()) && picked(&event) {
                            take();
                        }
                    }
                    on:keydown=move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
                        "Enter" if !typing.with_untracked(String::is_empty) => {
                            event.prevent_default();
                            take();
                        }
                        "Backspace" if typing.with_untracked(String::is_empty) => {
                            regions.update(|all| {
                                all.pop();
                            });
                        }
                        _ => {}
                    }
                    on:blur=move |_| {
                        take();
                        on_touch.run(());
                    }
                />
                <datalist id="account-regions-known">
                    {SUGGESTED.iter().map(|r| view! { <option value=*r></option> }).collect_view()}
                </datalist>
            </div>
        </FormField>
    }
}

/// Whether an input event comes from the list of suggestions: such an event carries no typed text.
fn picked(event: &leptos::ev::Event) -> bool {
    let kind = js_sys::Reflect::get(event, &"inputType".into()).ok().and_then(|v| v.as_string());
    matches!(kind.as_deref(), None | Some("" | "insertReplacementText"))
}
