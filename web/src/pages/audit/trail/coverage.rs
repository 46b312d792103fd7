//! How far AWS's events are known: in a line, and place by place as bars with what is missing and why.

use contract::trail::{TrailCoverageView, TrailPlaceView};
use leptos::prelude::*;

use crate::components::charts::coverage::CoverageBar;
use crate::components::ui::{Icon, IconView};
use crate::format::{counted, sentence};
use crate::state::clock::{day, full, right_now};

/// The strip above the events.
#[component]
pub fn Coverage(known: TrailCoverageView) -> impl IntoView {
    let gaps: usize = known.places.iter().map(|place| place.gaps.len()).sum();
    let whole = gaps == 0 && known.unread == 0;
    let icon = if whole { Icon::Check } else { Icon::Info };
    let words = match (known.from, known.to) {
        (Some(from), Some(to)) => format!("Known everywhere from {} to {}", day(from), full(to)),
        _ => "No events were read yet".to_owned(),
    };
    let missing = [
        (gaps > 0).then(|| counted(gaps as u64, "gap", "gaps")),
        (known.unread > 0).then(|| counted(known.unread, "region not read yet", "regions not read yet")),
    ];
    let missing = missing.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let places = known.places.into_iter().map(place).collect_view();
    view! {
        <details class="card trail-coverage" data-testid="trail-coverage" open=!whole>
            <summary>
                <IconView icon/>
                <span class="trail-known">{words}</span>
                {(!missing.is_empty()).then(|| view! { <span class="trail-missing">{missing}</span> })}
            </summary>
            <ul class="trail-places">{places}</ul>
        </details>
    }
}

fn place(place: TrailPlaceView) -> AnyView {
    let name = format!("{} · {}", place.account.unwrap_or_default(), place.region);
    let bar = match (place.from, place.to) {
        (Some(from), Some(to)) => {
            let gaps: Vec<_> = place.gaps.iter().map(|gap| (gap.from, gap.to)).collect();
            let span = format!("{} – {}", day(from), day(to));
            let label = format!("{name}: {span}, {}", counted(gaps.len() as u64, "gap", "gaps"));
            view! { <span class="trail-bar"><CoverageBar from to gaps now=right_now() label/></span><span class="cell-sub">{span}</span> }
                .into_any()
        }
        _ => view! { <span class="trail-bar muted">"not read yet"</span> }.into_any(),
    };
    let gaps = place
        .gaps
        .iter()
        .map(|gap| view! { <li>{format!("{} – {}: {}", day(gap.from), day(gap.to), gap.reason)}</li> })
        .collect_view();
    let grant = place.missing_permission.map(|grant| view! { <li>"Grant " <code>{grant}</code></li> });
    let error = place.error.map(|error| view! { <li>{sentence(&error)}</li> });
    view! { <li class="trail-place"><span class="trail-name">{name}</span>{bar}<ul class="problem-list">{gaps}{error}{grant}</ul></li> }
        .into_any()
}
