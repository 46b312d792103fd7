//! A number that a page is about, large, with what it is and what is to be known of it.

use leptos::prelude::*;

/// The number.
#[component]
pub fn Number(
    /// For browser tests.
    testid: &'static str,
    /// The number, with its unit.
    value: String,
    /// What it is.
    label: &'static str,
    /// What is to be known of it.
    note: Option<String>,
) -> impl IntoView {
    view! {
        <div class="number">
            <span class="number-value" data-testid=testid>{value}</span>
            <span class="number-label">{label}</span>
            {note.map(|note| view! { <span class="number-note">{note}</span> })}
        </div>
    }
}
