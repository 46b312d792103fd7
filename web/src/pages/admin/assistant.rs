//! How often each level of the assistant spoke, and why better ones did not.

use contract::assistant::{AssistantStatsQuery, AssistantStatsView, LevelStatsView};
use contract::paths;
use domain::assistant::Level;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::api::{assistant as api, exports};
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::states::{EmptyState, Loaded};
use crate::components::ui::{Icon, Tone};
use crate::format::{counted, query_pairs, sentence, thousands};
use crate::pages::assistant::words::failure_name;
use crate::state::loader::Loader;

/// The spans to choose from, days; the first is the usual one.
const SPANS: &[u32] = &[30, 7, 90];

/// The span an address asks for.
fn span(search: &str) -> u32 {
    let asked = query_pairs(search).into_iter().find(|(key, _)| key == "days").and_then(|(_, days)| days.parse().ok());
    asked.filter(|days| SPANS.contains(days)).unwrap_or(SPANS[0])
}

/// The card with the levels.
#[component]
pub fn AssistantPart() -> impl IntoView {
    let location = use_location();
    let (at, search) = (location.pathname, location.search);
    let here = Memo::new(move |_| (at.get() == "/admin/assistant").then(|| span(&search.get())));
    let days = Memo::new(move |before: Option<&u32>| here.get().or(before.copied()).unwrap_or(SPANS[0]));
    let stats = Loader::keyed(here, |days| async move { api::stats(days).await });
    let mut spans = SPANS.to_vec();
    spans.sort_unstable();
    let links = spans
        .into_iter()
        .map(|span| {
            let current = move || (days.get() == span).then_some("true");
            view! { <a class="facet-button" href=format!("/admin/assistant?days={span}") aria-current=current>{format!("{span} days")}</a> }
        })
        .collect_view();
    let file = Signal::derive(move || {
        exports::href(paths::EXPORT_ASSISTANT_LEVELS, &AssistantStatsQuery { days: Some(days.get()) })
    });
    let show = Callback::new(|stats: AssistantStatsView| view! { <Levels stats/> }.into_any());
    view! {
        <div class="tools"><nav class="spans" aria-label="Which days">{links}</nav><ExportMenu href=file/></div>
        <Loaded loader=stats lines=8 show/>
    }
}

#[component]
fn Levels(stats: AssistantStatsView) -> impl IntoView {
    let nothing = stats.answers == 0 && stats.levels.iter().all(|level| level.failures.is_empty());
    if nothing {
        let text = "Once somebody asks the assistant something, this says who answered and why better levels did not.";
        return view! { <EmptyState icon=Icon::Chat title="Nothing was asked in these days" text/> }.into_any();
    }
    let total = stats.answers;
    let rows = stats.levels.into_iter().map(|level| row(level, total)).collect_view();
    view! {
        <section class="card card-flush" aria-labelledby="levels-title" data-testid="assistant-stats">
            <header class="card-head">
                <h2 id="levels-title">{counted(total, "answer", "answers")}</h2>
                <span class="muted">{format!("in the last {}", counted(u64::from(stats.days), "day", "days"))}</span>
            </header>
            <table class="table table-plain table-cards">
                <caption class="visually-hidden">"Levels of the assistant, best first"</caption>
                <thead><tr>
                    <th scope="col">"Level"</th><th scope="col">"Answers"</th>
                    <th scope="col">"Refused sentences"</th><th scope="col">"Why it did not answer"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <p class="card-foot muted">
                "Every sentence of a model is checked against the facts. One that they do not bear out is refused, and a written one takes its place."
            </p>
        </section>
    }
    .into_any()
}

fn row(level: LevelStatsView, total: u64) -> AnyView {
    let share = (level.answers * 100).checked_div(total).unwrap_or(0);
    let failures = level
        .failures
        .iter()
        .map(|failure| {
            let text = format!("{} {}", failure_name(failure.reason), thousands(failure.count));
            view! { <Badge tone=Tone::Warning glyph=Glyph::Triangle text/> }
        })
        .collect_view();
    let none = level.failures.is_empty().then(|| view! { <span class="muted">"–"</span> });
    let checked = if level.level == Level::Template { "–".to_owned() } else { thousands(level.refused_sentences) };
    view! {
        <tr class="row" data-testid="level-row" data-level=level.level.as_str()>
            <td class="cell-main">
                <span class="cell-name">{sentence(&level.words)}</span>
                <span class="cell-sub">"Level " {level.level.number()}</span>
            </td>
            <td data-label="Answers">{thousands(level.answers)}<span class="cell-sub">{share} " %"</span></td>
            <td data-label="Refused sentences">{checked}</td>
            <td data-label="Why it did not answer"><span class="badges">{failures}{none}</span></td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_spans_that_are_offered_are_asked_for() {
        assert_eq!(["", "?days=7", "?days=90", "?days=8", "?days=x"].map(span), [30, 7, 90, 30, 30]);
    }
}
