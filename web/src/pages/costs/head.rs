//! The running month in numbers, each currency for itself; and how far costs are known.

use contract::costs::{BilledAccountView, CostSummaryView, CurrencySummaryView};
use leptos::prelude::*;

use crate::components::ui::number::Number;
use crate::components::ui::{Icon, IconView};
use crate::format::{compared, money};

/// The numbers.
#[component]
pub fn Numbers(summary: CostSummaryView) -> impl IntoView {
    let cards = summary.currencies.iter().map(|of| view! { <Currency of=of.clone()/> }).collect_view();
    let unknown = unknown_words(&summary.accounts, &summary.not_forecast);
    view! {
        {cards}
        {(!unknown.is_empty()).then(|| view! {
            <div class="notice notice-info" data-testid="costs-known">
                <IconView icon=Icon::Info/>
                <p>{unknown.join(" ")}</p>
                <a href="/jobs/data-sets">"Data sets"</a>
            </div>
        })}
    }
}

#[component]
fn Currency(of: CurrencySummaryView) -> impl IntoView {
    let label = format!("This month in {}", of.currency);
    let (than, equal) = ("than last month by the same day", "as much as last month by the same day");
    let compared = compared(&of.month_to_date, &of.last_month_to_date, than, equal);
    let open = of.estimated.then(|| "part of it may still change".to_owned());
    let forecast = of.forecast.map(|forecast| {
        let note = format!("{} to {}", money(&forecast.low), money(&forecast.high));
        view! { <Number testid="costs-forecast" value=money(&forecast.month) label="expected for the month" note=Some(note)/> }
    });
    view! {
        <section class="card numbers" aria-label=label>
            <Number testid="costs-month" value=money(&of.month_to_date) label="billed this month" note=compared.or(open)/>
            {forecast}
            <Number testid="costs-last-month" value=money(&of.last_month) label="billed last month" note=None/>
        </section>
    }
}

/// What is not known of the accounts, in sentences.
fn unknown_words(accounts: &[BilledAccountView], not_forecast: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    let never: Vec<_> = accounts.iter().filter(|one| one.status == "never").map(|one| one.name.as_str()).collect();
    if !never.is_empty() {
        words.push(format!("Never read were the bills of {}.", never.join(", ")));
    }
    for account in accounts {
        if let Some(action) = &account.missing_permission {
            words.push(format!("The bills of {} are not complete: AWS does not permit {action}.", account.name));
        }
    }
    let short: Vec<_> = not_forecast.iter().map(String::as_str).filter(|name| !never.contains(name)).collect();
    if !short.is_empty() {
        words.push(format!("Too little is final yet to forecast {}.", short.join(", ")));
    }
    words
}
