//! The comparison line by line: each usage type on the bill and by our own reckoning, and why they differ. Lines add up to the sums.

use contract::costs::{ComparedLineView, CurrencyReconciliationView, MoneyView};
use domain::money::{Currency, Money};
use leptos::prelude::*;

use super::words::reason_words;
use crate::components::charts::data::plain;
use crate::components::ui::{Button, ButtonSize};
use crate::format::{counted, decimal, money};

/// Lines that are shown before somebody wants all.
const FIRST: usize = 25;
/// Decimals of a price: more would say nothing that can be compared by eye.
const PRICE_DECIMALS: u32 = 4;

/// Where the WorkSpaces are that a reason counts; `None` where it counts none.
pub type Leads = Callback<String, Option<Signal<String>>>;

/// The lines of one currency, those that differ most first.
#[component]
pub fn Lines(
    /// The comparison.
    of: CurrencyReconciliationView,
    /// Where reasons lead.
    leads: Leads,
) -> impl IntoView {
    let all = RwSignal::new(false);
    let CurrencyReconciliationView { billed, estimated, difference, lines, .. } = of;
    let count = lines.len();
    let lines = StoredValue::new(lines);
    let rows = move || {
        let shown = if all.get() { usize::MAX } else { FIRST };
        lines.with_value(|lines| {
            let (first, rest) = lines.split_at(shown.min(lines.len()));
            let rest = (!rest.is_empty()).then(|| view! { <Rest lines=rest.to_vec()/> });
            let first = first.iter().map(|line| view! { <Line line=line.clone() leads/> }).collect_view();
            view! { {first}{rest} }
        })
    };
    view! {
        <table class="table table-plain table-cards" data-testid="reconciliation-lines">
            <caption class="visually-hidden">"Bill and estimate, line by line"</caption>
            <thead>
                <tr>
                    <th scope="col">"Usage type"</th>
                    <th scope="col" class="cell-number">"Billed"</th>
                    <th scope="col" class="cell-number">"Estimate"</th>
                    <th scope="col" class="cell-number">"Difference"</th>
                    <th scope="col">"Why"</th>
                </tr>
            </thead>
            <tbody>
                {rows}
                <tr class="row-total">
                    <td class="cell-main">{counted(count.try_into().unwrap_or(u64::MAX), "line", "lines")}</td>
                    <td data-label="Billed" class="cell-number">{money(&billed)}</td>
                    <td data-label="Estimate" class="cell-number">{money(&estimated)}</td>
                    <td data-label="Difference" class="cell-number">{money(&difference)}</td>
                    <td></td>
                </tr>
            </tbody>
        </table>
        {(count > FIRST).then(|| view! {
            <div class="more">
                <Button size=ButtonSize::Small testid="reconciliation-all" on_click=move |()| all.update(|all| *all = !*all)>
                    {move || if all.get() { "Show the first lines only" } else { "Show all lines" }}
                </Button>
            </div>
        })}
    }
}

#[component]
fn Line(line: ComparedLineView, leads: Leads) -> impl IntoView {
    let unit = line.unit.as_deref();
    let sub = |text: Option<String>| text.map(|text| view! { <span class="cell-sub">{text}</span> });
    let amount = |side: &Option<MoneyView>| side.as_ref().map_or_else(|| "–".to_owned(), money);
    let billed = sub(used(line.billed_quantity.as_deref(), unit, line.billed_price.as_ref()));
    let estimated = sub(used(line.estimated_quantity.as_deref(), unit, line.list_price.as_ref()));
    let region = sub(Some(line.region).filter(|region| !region.is_empty()));
    let why = line.reasons.iter().map(|one| {
        let name = reason_words(&one.reason).0;
        let name = match leads.run(one.reason.clone()) {
            Some(href) => view! { <a href=move || href.get()>{name}</a> }.into_any(),
            None => name.into_any(),
        };
        view! { <li><span>{name}</span><span class="cell-number">{money(&one.amount)}</span></li> }
    });
    let why = if line.reasons.is_empty() {
        "They agree".into_any()
    } else {
        view! { <ul class="reason-lines">{why.collect_view()}</ul> }.into_any()
    };
    view! {
        <tr>
            <td class="cell-main">{called(&line.usage_type)}{region}</td>
            <td data-label="Billed" class="cell-number">{amount(&line.billed)}{billed}</td>
            <td data-label="Estimate" class="cell-number">{amount(&line.estimated)}{estimated}</td>
            <td data-label="Difference" class="cell-number">{money(&line.difference)}</td>
            <td data-label="Why">{why}</td>
        </tr>
    }
}

/// What the lines that are not shown come to.
#[component]
fn Rest(lines: Vec<ComparedLineView>) -> impl IntoView {
    let words = match lines.len() {
        1 => "1 more line, which differs less".to_owned(),
        more => format!("{} more lines, which differ less", decimal(&more.to_string())),
    };
    let billed = sum(lines.iter().filter_map(|line| line.billed.as_ref()));
    let estimated = sum(lines.iter().filter_map(|line| line.estimated.as_ref()));
    let difference = sum(lines.iter().map(|line| &line.difference));
    view! {
        <tr data-testid="reconciliation-rest">
            <td class="cell-main">{words}</td>
            <td data-label="Billed" class="cell-number">{billed}</td>
            <td data-label="Estimate" class="cell-number">{estimated}</td>
            <td data-label="Difference" class="cell-number">{difference}</td>
            <td></td>
        </tr>
    }
}

/// What a usage type is called.
fn called(usage_type: &str) -> String {
    if usage_type.is_empty() { "Without a usage type".to_owned() } else { usage_type.to_owned() }
}

/// How much was used at which price: `90 h at 0.3 USD`, as far as that is known.
fn used(quantity: Option<&str>, unit: Option<&str>, price: Option<&MoneyView>) -> Option<String> {
    let unit = match unit {
        Some("hour") => " h",
        Some("month") => " months",
        Some("gb_month") => " GB-months",
        _ => "",
    };
    // Two decimals are enough to be recognised by; the amount is reckoned from all of them.
    let number = |text: &str| text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| decimal(&plain(number)));
    let quantity = quantity.map(|text| format!("{}{unit}", number(text)));
    match (quantity, price.map(price_words)) {
        (Some(quantity), Some(price)) => Some(format!("{quantity} at {price}")),
        (None, Some(price)) => Some(format!("list price {price}")),
        (quantity, None) => quantity,
    }
}

/// A price, which may be less than a hundredth of the currency.
fn price_words(view: &MoneyView) -> String {
    match view.money() {
        Some(price) => {
            let amount = price.rounded(PRICE_DECIMALS).amount.normalize();
            format!("{} {}", decimal(&amount.to_string()), price.currency)
        }
        None => format!("{} {}", view.amount, view.currency),
    }
}

/// What amounts of one currency come to, exactly; a dash for none.
fn sum<'a>(amounts: impl Iterator<Item = &'a MoneyView>) -> String {
    let amounts: Vec<Money> = amounts.filter_map(MoneyView::money).collect();
    let currency: Option<Currency> = amounts.first().map(|first| first.currency);
    let sum = currency.and_then(|currency| Money::sum(&amounts, currency).ok());
    sum.map_or_else(|| "–".to_owned(), |sum| money(&sum.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd(amount: &str) -> MoneyView {
        MoneyView { amount: amount.to_owned(), currency: "USD".to_owned() }
    }

    #[test]
    fn what_was_used_is_told_as_far_as_it_is_known() {
        let price = usd("0.3");
        assert_eq!(used(Some("90"), Some("hour"), Some(&price)).as_deref(), Some("90 h at 0.3 USD"));
        assert_eq!(used(Some("0.7333333333"), Some("month"), None).as_deref(), Some("0.73 months"));
        assert_eq!(used(Some("1200"), None, Some(&usd("0.0416666667"))).as_deref(), Some("1,200 at 0.0417 USD"));
        assert_eq!(used(None, Some("gb_month"), Some(&price)).as_deref(), Some("list price 0.3 USD"));
        assert_eq!(used(None, Some("hour"), None), None);
    }

    #[test]
    fn lines_are_added_up_exactly() {
        let some = [usd("0.105"), usd("0.105"), usd("-0.01")];
        assert_eq!(sum(some.iter()), "0.20 USD");
        assert_eq!(sum(std::iter::empty()), "–");
    }
}
