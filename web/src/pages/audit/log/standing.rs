//! How the audit log stands: its length, the newest signed checkpoint, what the newest verification found.

use contract::audit::{AuditStateView, AuditVerificationView};
use leptos::prelude::*;

use crate::components::ui::Tone;
use crate::components::ui::badge::{Badge, Glyph};
use crate::components::ui::time::RelativeTime;
use crate::format::thousands;

fn number(count: i64) -> String {
    thousands(u64::try_from(count).unwrap_or(0))
}

/// The strip above the entries.
#[component]
pub fn Standing(
    /// How it stands.
    state: AuditStateView,
    /// What its length is called.
    #[prop(default = "Entries")]
    entries: &'static str,
) -> impl IntoView {
    let verified = match state.verification {
        Some(found) if found.whole && found.entries > 0 => view! {
            <Badge tone=Tone::Success glyph=Glyph::Tick text="Whole" testid="audit-whole"/>
            <span class="cell-sub">"up to entry " {number(found.last_seq)} ", " <RelativeTime at=found.at/></span>
        }
        .into_any(),
        // One that found an empty log says nothing of the entries that are there now.
        None | Some(AuditVerificationView { whole: true, .. }) => view! {
            <Badge tone=Tone::Neutral glyph=Glyph::Ring text="Not verified yet" testid="audit-unverified"/>
            <span class="cell-sub">"Run " <code>"wheelhouse audit verify"</code></span>
        }
        .into_any(),
        Some(found) => view! {
            <Badge tone=Tone::Danger glyph=Glyph::Cross text="Broken" testid="audit-broken"/>
            <span class="cell-sub">
                {found.bad_seq.map(|seq| format!("at entry {}: ", number(seq)))} {found.problem} " " <RelativeTime at=found.at/>
            </span>
        }
        .into_any(),
    };
    let checkpoint = match state.checkpoint {
        None => view! { <span class="muted">"none yet"</span> }.into_any(),
        Some(point) => view! {
            <span>"entry " {number(point.seq)}</span>
            <span class="cell-sub" title=point.line><RelativeTime at=point.at/></span>
        }
        .into_any(),
    };
    view! {
        <dl class="standing-strip card" data-testid="audit-standing">
            <div><dt>{entries}</dt><dd>
                {number(state.head_seq)}
                {state.cut_seq.map(|seq| view! { <span class="cell-sub">"those up to " {number(seq)} " were removed, behind a signed cut"</span> })}
            </dd></div>
            <div><dt>"Verification"</dt><dd>{verified}</dd></div>
            <div><dt>"Signed checkpoint"</dt><dd>{checkpoint}</dd></div>
        </dl>
    }
}
