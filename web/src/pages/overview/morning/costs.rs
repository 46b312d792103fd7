//! The month's costs at a glance: so far, what it will come to, and what the last month was by the same day.

use contract::costs::{CostSummaryView, CurrencySummaryView, MoneyView};
use domain::money::Money;
use leptos::prelude::*;

use crate::components::ui::Icon;
use crate::components::ui::states::EmptyState;
use crate::format::money;

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
    let compared = compared(&sums.month_to_date, &sums.last_month_to_date);
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

/// By how much more or less than before, in percent; `None` where there was nothing before.
fn compared(now: &MoneyView, before: &MoneyView) -> Option<String> {
    let (now, before): (Money, Money) = (now.money()?, before.money()?);
    let share = now.checked_sub(&before).ok()?.amount.checked_div(before.amount)?;
    let percent = share.checked_mul(100.into())?.round_dp(1).normalize();
    Some(match percent {
        percent if percent.is_zero() => "as much as now".to_owned(),
        percent if percent.is_sign_positive() => format!("{percent} % more now"),
        percent => format!("{} % less now", percent.abs()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_compared_with_the_one_before() {
        let money = |amount: &str| MoneyView { amount: amount.into(), currency: "USD".into() };
        let compared = |now, before| compared(&money(now), &money(before));
        assert_eq!(compared("110", "100").as_deref(), Some("10 % more now"));
        assert_eq!(compared("66.65", "100").as_deref(), Some("33.4 % less now"));
        assert_eq!(compared("100.01", "100").as_deref(), Some("as much as now"));
        assert_eq!(compared("5", "0"), None);
    }
}
