//! How the budgets stand, beside what the month costs: the ones that are spent most, each leading to the budgets of the costs page.
//! Whether one needs attention is `attention`'s.

use contract::budgets::BudgetView;
use leptos::prelude::*;

use crate::api::{ApiError, budgets as api};
use crate::format::{decimal, money};

/// So many are shown; the others are counted.
const SHOWN: usize = 3;
/// Where all of them are.
const HREF: &str = "/costs#budgets-title";

/// Every budget: which ones are spent most shows only in all of them, as the API lists them by name.
pub async fn every() -> Result<Vec<BudgetView>, ApiError> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = api::list(cursor).await?;
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// The budgets, as part of the card of costs; without any, the way to set one for who may.
pub fn budgets(all: Vec<BudgetView>, may_make: bool) -> Option<AnyView> {
    if all.is_empty() {
        return may_make
            .then(|| view! { <p><a href=HREF data-testid="morning-budget-new">"Set a budget"</a></p> }.into_any());
    }
    let more = all.len().saturating_sub(SHOWN);
    let rows = most_spent(all)
        .into_iter()
        .map(|budget| {
            let (spent, then) = words(&budget);
            view! {
                <div>
                    <dt>{budget.name}</dt>
                    <dd><a href=HREF>{spent}</a>{then.map(|then| view! { <span class="cell-sub">{then}</span> })}</dd>
                </div>
            }
        })
        .collect_view();
    Some(
        view! {
            <div class="morning-head"><h3 class="card-title">"Budgets"</h3><a href=HREF>"All budgets"</a></div>
            <dl class="morning-facts" data-testid="morning-budgets">{rows}</dl>
            {(more > 0).then(|| view! { <p class="muted">{format!("and {more} more")}</p> })}
        }
        .into_any(),
    )
}

/// The ones that are spent most, most first.
fn most_spent(mut all: Vec<BudgetView>) -> Vec<BudgetView> {
    let percent = |budget: &BudgetView| budget.percent.parse::<f64>().unwrap_or_default();
    all.sort_by(|a, b| percent(b).total_cmp(&percent(a)));
    all.truncate(SHOWN);
    all
}

/// How much of it is spent, and what the month will come to.
fn words(budget: &BudgetView) -> (String, Option<String>) {
    let spent = format!("{} of {}, {} %", money(&budget.spent), money(&budget.amount), decimal(&budget.percent));
    let more = |sum: &contract::costs::MoneyView| {
        let over = sum.money().zip(budget.amount.money()).is_some_and(|(sum, limit)| sum.amount > limit.amount);
        if over { ", more than the budget" } else { "" }
    };
    let then = budget.forecast.as_ref().map(|sum| format!("will come to {}{}", money(sum), more(sum)));
    (spent, then)
}

#[cfg(test)]
pub(super) mod tests {
    use contract::costs::MoneyView;
    use domain::ids::BudgetId;
    use domain::usage::Month;
    use uuid::Uuid;

    use super::*;

    /// A budget of 1,000 USD.
    pub fn spent(percent: &str, amount: &str, forecast: Option<&str>) -> BudgetView {
        let usd = |amount: &str| MoneyView { amount: amount.into(), currency: "USD".into() };
        BudgetView {
            id: BudgetId(Uuid::from_u128(1)),
            name: "Desktops".into(),
            reach: "everything".into(),
            account_id: None,
            account: None,
            region: None,
            tag_key: None,
            tag_value: None,
            amount: usd("1000"),
            thresholds: vec![50, 80, 100],
            month: Month::new(2026, 11).unwrap(),
            spent: usd(amount),
            estimated: false,
            percent: percent.into(),
            forecast: forecast.map(usd),
            crossed: Vec::new(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn a_budget_says_how_it_stands_and_what_comes() {
        let (now, then) = words(&spent("42.5", "425", Some("980")));
        assert!(now.ends_with("42.5 %") && now.contains("425"), "{now}");
        assert!(then.is_some_and(|then| then.contains("980") && !then.contains("more")));
        let (_, then) = words(&spent("90.0", "900", Some("1200")));
        assert!(then.is_some_and(|then| then.ends_with("more than the budget")));
        assert_eq!(words(&spent("0.0", "0", None)).1, None);
    }

    #[test]
    fn the_ones_that_are_spent_most_come_first() {
        let all = ["9.5", "100.0", "80.1", "50.0"].map(|percent| spent(percent, "1", None));
        let shown: Vec<_> = most_spent(all.into()).into_iter().map(|budget| budget.percent).collect();
        assert_eq!(shown, ["100.0", "80.1", "50.0"]);
    }
}
