//! How the portal looks, on this browser.

use leptos::prelude::*;

use crate::state::theme::{Choice, use_theme};

/// The choice of the theme.
#[component]
pub fn ThemePart() -> impl IntoView {
    let theme = use_theme();
    let choices = [
        (Choice::System, "As the system", "Follows the light or dark setting of this device."),
        (Choice::Light, "Light", "Dark ink on a light page."),
        (Choice::Dark, "Dark", "Light ink on a dark page."),
    ]
    .into_iter()
    .map(|(choice, name, words)| {
        view! {
            <label class="option option-card">
                <input
                    type="radio" name="theme" value=choice.as_str() data-testid=format!("theme-{}", choice.as_str())
                    prop:checked=move || theme.choice() == choice
                    on:change=move |_| theme.choose(choice)
                />
                <span><b>{name}</b><span class="cell-sub">{words}</span></span>
            </label>
        }
    })
    .collect_view();
    view! {
        <section class="card">
            <fieldset class="options"><legend class="card-title">"Theme"</legend>{choices}</fieldset>
            <p class="muted">"Kept in this browser only."</p>
        </section>
    }
}
