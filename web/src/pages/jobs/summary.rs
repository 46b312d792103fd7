//! The queue in numbers, above the list.

use contract::jobs::JobSummaryView;
use leptos::prelude::*;

use super::state::kind_words;
use crate::components::ui::Tone;
use crate::components::ui::badge::{Glyph, GlyphView};
use crate::components::ui::time::RelativeTime;
use crate::format::thousands;

/// The numbers.
#[component]
pub fn SummaryStrip(summary: JobSummaryView) -> impl IntoView {
    let busiest: Vec<_> = summary.kinds.iter().filter(|kind| kind.dead > 0).cloned().collect();
    let dead = busiest
        .into_iter()
        .map(|kind| {
            let href = format!("/jobs?state=dead&kind={}", kind.kind);
            view! { <a href=href>{format!("{} {}", thousands(kind.dead), kind_words(&kind.kind))}</a> }
        })
        .collect_view();
    view! {
        <section class="card strip" aria-label="The queue in numbers" data-testid="job-summary">
            <Number label="waiting" count=summary.queued tone=Tone::Neutral glyph=Glyph::Ring href="/jobs?state=queued"/>
            <Number label="running" count=summary.running tone=Tone::Info glyph=Glyph::Turning href="/jobs?state=running"/>
            <Number label="dead" count=summary.dead tone=Tone::Danger glyph=Glyph::Cross href="/jobs?state=dead"/>
            <p class="strip-note">
                {match summary.oldest_due_at {
                    Some(at) => view! { "The job that waits longest was due " <RelativeTime at/> "." }.into_any(),
                    None => "Nothing that is due waits.".into_any(),
                }}
                {(summary.dead > 0).then(|| view! { <span class="strip-dead">"Dead letters: "{dead}</span> })}
            </p>
        </section>
    }
}

#[component]
fn Number(label: &'static str, count: u64, tone: Tone, glyph: Glyph, href: &'static str) -> impl IntoView {
    let (tone, glyph) = if count > 0 { (tone, glyph) } else { (Tone::Neutral, Glyph::Ring) };
    view! {
        <a class=format!("figure figure-{}", tone.as_str()) href=href>
            <span class="figure-number">{thousands(count)}</span>
            <span class="figure-label"><GlyphView glyph/>{label}</span>
        </a>
    }
}
