//! The running month in numbers, each currency for itself; and how far costs are known.

use contract::costs::{BilledAccountView, CostSummaryView, CurrencySummaryView, MoneyView};
use leptos::prelude::*;

use super::words::float;
use crate::components::ui::{Icon, IconView};
use crate::format::money;

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
    let compared = change(&of.month_to_date, &of.last_month_to_date);
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

#[component]
fn Number(testid: &'static str, value: String, label: &'static str, note: Option<String>) -> impl IntoView {
    view! {
        <div class="number">
            <span class="number-value" data-testid=testid>{value}</span>
            <span class="number-label">{label}</span>
            {note.map(|note| view! { <span class="number-note">{note}</span> })}
        </div>
    }
}

/// How this month stands against the last one on the same day; `None` without one.
fn change(now: &MoneyView, then: &MoneyView) -> Option<String> {
    let (now, then) = (float(&now.amount), float(&then.amount));
    if then <= 0.0 {
        return None;
    }
    let percent = (now - then) / then * 100.0;
    let word = if percent < 0.0 { "less" } else { "more" };
    Some(format!("{:.0} % {word} than last month by the same day", percent.abs()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_compared_with_as_much_of_the_last_one() {
        let usd = |amount: &str| MoneyView { amount: amount.to_owned(), currency: "USD".to_owned() };
        assert_eq!(change(&usd("90"), &usd("100")).as_deref(), Some("10 % less than last month by the same day"));
        assert_eq!(change(&usd("125"), &usd("100")).as_deref(), Some("25 % more than last month by the same day"));
        assert_eq!(change(&usd("90"), &usd("0")), None);
    }
}
