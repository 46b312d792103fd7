//! The test of an account's connection: each permission in each region, and what to grant where one is missing.

use contract::accounts::ConnectionTestView;
use domain::ids::AccountId;
use leptos::prelude::*;

use crate::api::accounts as api;
use crate::components::ui::badge::{Badge, Glyph, GlyphView};
use crate::components::ui::states::{ErrorState, Skeleton};
use crate::components::ui::{Button, Icon, Tone};
use crate::format::{counted, sentence};
use crate::state::loader::Loader;

/// Tests the connection now, and shows what came of it.
#[component]
pub fn ConnectionTest(id: AccountId) -> impl IntoView {
    let result = Loader::once(move || api::test(id));
    view! {
        // It scrolls, and holds nothing else that the keyboard could reach.
        <div class="dialog-body" tabindex="0">
            {move || match (result.data.get(), result.error.get(), result.loading.get()) {
                (_, _, true) => view! { <p class="muted">"Trying each permission in each region…"</p><Skeleton lines=5/> }.into_any(),
                (_, Some(error), _) => view! { <ErrorState error on_retry=move |()| result.reload()/> }.into_any(),
                (Some(result), None, _) => view! { <TestResult result/> }.into_any(),
                (None, None, _) => ().into_any(),
            }}
        </div>
        <footer class="dialog-foot">
            <Button icon=Icon::Reboot busy=result.loading on_click=move |()| result.reload()>"Test again"</Button>
        </footer>
    }
}

#[component]
fn TestResult(result: ConnectionTestView) -> impl IntoView {
    let failed = result.checks.iter().filter(|c| !c.ok).count() as u64;
    let (tone, glyph, text) = if result.ok {
        (Tone::Success, Glyph::Tick, "Everything that is needed works".to_owned())
    } else {
        (Tone::Danger, Glyph::Cross, format!("{} failed", counted(failed, "check", "checks")))
    };
    let checks = result
        .checks
        .into_iter()
        .map(|check| {
            let (class, glyph) = if check.ok { ("outcome outcome-good", Glyph::Tick) } else { ("outcome outcome-bad", Glyph::Cross) };
            let grant = check.missing_permission.map(|g| view! { <span class="cell-sub">"Grant " <code class="permission">{g}</code></span> });
            view! {
                <li class="check-line">
                    <span class=class><GlyphView glyph/><span class="visually-hidden">{if check.ok { "works" } else { "fails" }}</span></span>
                    <span><code>{check.operation}</code>{check.message.map(|m| view! { <span class="cell-sub">{sentence(&m)}</span> })}{grant}</span>
                    <span class="muted">{check.region.to_string()}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <div data-testid="account-test-result" data-ok=result.ok.to_string()>
            <Badge tone glyph text/>
            {result.arn.map(|arn| view! { <p class="muted">"As " <code class="wrap">{arn}</code></p> })}
            <ul class="check-list">{checks}</ul>
        </div>
    }
}
