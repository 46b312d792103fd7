//! The month's costs at a glance: so far, what it will come to, and what the last month was by the same day.

use contract::costs::{CostSummaryView, CurrencySummaryView};
use leptos::prelude::*;

use crate::components::ui::Icon;
use crate::components::ui::states::EmptyState;
use crate::format::{compared, money};

/// The card's content.
pub fn costs(summary: CostSummaryView) -> AnyView {
    if summary.currencies.is_empty() {
        return view! {
            <EmptyState
                icon=Icon::Info
                title="Nothing billed yet"
                text="Costs come from Cost Explorer once a day, after an account is connected that may read it."
            />
        }
        .into_any();
    }
    let missing = summary.not_forecast.join(", ");
    let sums = summary.currencies.into_iter().map(|sums| view! { <Sums sums/> }).collect_view();
    view! {
        {sums}
        {(!missing.is_empty()).then(|| view! { <p class="muted">{format!("Too little is final to forecast {missing}.")}</p> })}
    }
    .into_any()
}

#[component]
fn Sums(sums: CurrencySummaryView) -> impl IntoView {
    let compared = compared(&sums.month_to_date, &sums.last_month_to_date, "now", "as much as now");
    let forecast = sums.forecast.map(|forecast| {
        let range = format!("{} to {}", money(&forecast.low), money(&forecast.high));
        view! {
            <div><dt>"This month will come to"</dt><dd>{money(&forecast.month)}<span class="cell-sub">{range}</span></dd></div>
        }
    });
    view! {
        <a class="figure figure-neutral morning-sum" href="/costs">
            <span class="figure-number" data-testid="morning-month">{money(&sums.month_to_date)}</span>
            <span class="figure-label">{if sums.estimated { "this month so far, not final yet" } else { "this month so far" }}</span>
        </a>
        <dl class="morning-facts">
            {forecast}
            <div><dt>"Last month by this day"</dt><dd>{money(&sums.last_month_to_date)}{compared.map(|words| view! { <span class="cell-sub">{words}</span> })}</dd></div>
            <div><dt>"Last month in all"</dt><dd>{money(&sums.last_month)}</dd></div>
        </dl>
    }
}
