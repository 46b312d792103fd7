//! The month's costs at a glance: so far, what it will come to, and what the last month was by the same day. Each number
//! leads to the days of the costs page that it is the sum of, and the forecast to where the month is going.

use chrono::{Datelike as _, Days, NaiveDate};
use contract::costs::{CostSummaryView, CurrencySummaryView};
use domain::usage::Month;
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
    let (month, today) = (summary.month, summary.today);
    let sums = summary.currencies.into_iter().map(|sums| view! { <Sums sums month today/> }).collect_view();
    view! {
        {sums}
        {(!missing.is_empty()).then(|| view! { <p class="muted">{format!("Too little is final to forecast {missing}.")}</p> })}
    }
    .into_any()
}

/// Where the month is going.
const COURSE: &str = "/costs#costs-course";

/// The costs page over some days; the last is not included.
fn costs_of(from: NaiveDate, to: NaiveDate) -> String {
    format!("/costs?from={from}&to={to}")
}

/// The costs page over a month.
fn costs_of_month(month: Month) -> String {
    costs_of(month.first_day(), month.next().first_day())
}

/// The costs page over the month before, up to the same day as today.
fn costs_by_this_day(month: Month, today: NaiveDate) -> String {
    let before = month.previous();
    let days = today.day().min(before.days());
    costs_of(before.first_day(), before.first_day() + Days::new(u64::from(days)))
}

#[component]
fn Sums(sums: CurrencySummaryView, month: Month, today: NaiveDate) -> impl IntoView {
    let compared = compared(&sums.month_to_date, &sums.last_month_to_date, "now", "as much as now");
    let forecast = sums.forecast.map(|forecast| {
        let range = format!("{} to {}", money(&forecast.low), money(&forecast.high));
        view! {
            <div><dt>"This month will come to"</dt><dd><a href=COURSE>{money(&forecast.month)}</a><span class="cell-sub">{range}</span></dd></div>
        }
    });
    view! {
        <a class="figure figure-neutral morning-sum" href=costs_of_month(month)>
            <span class="figure-number" data-testid="morning-month">{money(&sums.month_to_date)}</span>
            <span class="figure-label">{if sums.estimated { "this month so far, not final yet" } else { "this month so far" }}</span>
        </a>
        <dl class="morning-facts">
            {forecast}
            <div>
                <dt>"Last month by this day"</dt>
                <dd>
                    <a href=costs_by_this_day(month, today)>{money(&sums.last_month_to_date)}</a>
                    {compared.map(|words| view! { <span class="cell-sub">{words}</span> })}
                </dd>
            </div>
            <div><dt>"Last month in all"</dt><dd><a href=costs_of_month(month.previous())>{money(&sums.last_month)}</a></dd></div>
        </dl>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::costs::CostUrl;
    use crate::pages::usage::Period;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn each_number_leads_to_the_days_that_it_is_the_sum_of() {
        let month: Month = "2026-03".parse().unwrap();
        for (href, from, to) in [
            (costs_of_month(month), "2026-03-01", "2026-04-01"),
            (costs_of_month(month.previous()), "2026-02-01", "2026-03-01"),
            (costs_by_this_day(month, day("2026-03-05")), "2026-02-01", "2026-02-06"),
            (costs_by_this_day(month, day("2026-03-31")), "2026-02-01", "2026-03-01"),
        ] {
            let read = CostUrl::parse(href.strip_prefix("/costs").unwrap());
            let period = Some(Period { from: day(from), to: day(to) });
            assert_eq!(read, (CostUrl { period, ..CostUrl::default() }, Vec::new()), "{href}");
        }
    }
}
