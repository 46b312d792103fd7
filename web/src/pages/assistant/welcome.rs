//! What stands before the first question: what the assistant is, questions worth asking, who would answer.

use contract::assistant::{AssistantView, LevelView};
use domain::assistant::Level;
use leptos::prelude::*;

use super::words::{failure_name, level_words, speaker};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::icon::Helm;
use crate::components::ui::states::Skeleton;
use crate::components::ui::{Icon, IconView, Tone};
use crate::state::loader::Loader;

/// What stands before the first question.
#[component]
pub fn Welcome(
    /// Who can speak, what is worth asking.
    status: Loader<AssistantView>,
    /// Asks a suggested question.
    #[prop(into)]
    on_ask: Callback<String>,
) -> impl IntoView {
    let suggestions = Memo::new(move |_| status.data.with(|s| s.as_ref().map(|s| s.suggestions.clone())));
    let levels = Memo::new(move |_| status.data.with(|s| s.as_ref().map(|s| s.levels.clone()).unwrap_or_default()));
    let suggestion = move |question: String| {
        let asked = question.clone();
        view! {
            <li>
                <button class="suggestion" type="button" data-testid="suggestion" on:click=move |_| on_ask.run(asked.clone())>
                    <span>{question}</span>
                    <IconView icon=Icon::Right/>
                </button>
            </li>
        }
    };
    view! {
        <section class="welcome">
            <span class="welcome-mark"><Helm/></span>
            <h1>"Ask about your fleet"</h1>
            <p class="welcome-lead">
                "Each figure in an answer comes from what Wheelhouse knows and you may see. Each answer leads to the pages that show the same."
            </p>
            {move || match (suggestions.get(), status.error.with(Option::is_some)) {
                (Some(suggestions), _) => view! {
                    <ul class="suggestions" aria-label="Questions worth asking">{suggestions.into_iter().map(suggestion).collect_view()}</ul>
                }.into_any(),
                (None, false) => view! { <div class="suggestions"><Skeleton lines=4/></div> }.into_any(),
                // Asking works without suggestions; what is wrong is told then.
                (None, true) => ().into_any(),
            }}
            {move || levels.with(|levels| speaker(levels)).map(|who| view! { <Levels who levels=levels.get()/> })}
        </section>
    }
}

/// Who would answer now; it unfolds to how each level is.
#[component]
fn Levels(who: Level, levels: Vec<LevelView>) -> impl IntoView {
    let words = if who == Level::Template {
        "No model is at hand. Answers are written sentences over the same facts.".to_owned()
    } else {
        format!("Answers are phrased by {}.", who.words())
    };
    let lines = levels
        .into_iter()
        .map(|level| {
            let (tone, glyph, standing) = match level.unavailable {
                None => (Tone::Success, Glyph::Tick, "Ready"),
                Some(failure) => (Tone::Neutral, Glyph::Ring, failure_name(failure)),
            };
            view! { <li><span>{level_words(level.level)}</span><Badge tone glyph text=standing/></li> }
        })
        .collect_view();
    view! {
        <details class="levels" data-testid="levels">
            <summary>{words}<IconView icon=Icon::Down/></summary>
            <ul class="levels-list">{lines}</ul>
        </details>
    }
}
