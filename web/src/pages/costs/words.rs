//! What the charts and tables of the page are made of. Pure.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use contract::costs::{CostDaysView, CurrencyDaysView, ForecastView, MoneyView, TAG_GROUP};
use domain::usage::Month;

use super::state::CostUrl;
use crate::components::charts::data::{Dated, Interval, Series};
use crate::components::charts::scale::{Unit, days_words};
use crate::format::{aws_words, money, sentence};

/// An amount as a number to draw with.
pub fn float(amount: &str) -> f64 {
    amount.parse().unwrap_or(0.0)
}

/// What narrows the page, in words; `accounts` are ids and names.
pub fn narrowed_words(url: &CostUrl, accounts: &[(String, String)]) -> Vec<String> {
    let account = url.account.map(|id| id.to_string()).map(|id| {
        let name = accounts.iter().find(|(one, _)| *one == id).map_or(id.as_str(), |(_, name)| name.as_str());
        format!("Account: {name}")
    });
    let region = url.region.as_ref().filter(|_| url.narrows()).map(|region| format!("Region: {region}"));
    account.into_iter().chain(region).collect()
}

/// What a group is called; `by` as in the address.
pub fn group_words(by: &str, key: &str) -> String {
    match (by, key) {
        ("team", "") => "No team".to_owned(),
        ("region", "") => "No region".to_owned(),
        ("running_mode" | "compute_type", "") => "Not a desktop's hardware".to_owned(),
        ("month", "") => "Billed".to_owned(),
        (_, "") => "Without a value".to_owned(),
        ("running_mode" | "compute_type", key) => aws_words(key),
        (_, key) => key.to_owned(),
    }
}

/// A way to tell apart in words.
pub fn by_words(by: &str) -> String {
    match by.strip_prefix(TAG_GROUP) {
        Some(key) => format!("Tag {key}"),
        None => sentence(&by.replace('_', " ")),
    }
}

/// The days of one currency as a stack: every day of the period, the dearest group at the bottom.
pub fn stack(view: &CostDaysView, of: &CurrencyDaysView) -> Dated {
    let days: Vec<NaiveDate> = view.from.iter_days().take_while(|day| *day < view.to).collect();
    let known: BTreeMap<_, _> = of.days.iter().map(|day| (day.day, day)).collect();
    let value = |pick: &dyn Fn(&contract::costs::CostDayView) -> String| -> Vec<Option<f64>> {
        days.iter().map(|day| known.get(day).map(|row| float(&pick(row)))).collect()
    };
    let mut series: Vec<Series> = of
        .groups
        .iter()
        .enumerate()
        .map(|(at, group)| {
            let values = value(&|row| row.amounts.get(at).cloned().unwrap_or_default());
            Series::new(group_words(&view.by, &group.key), at, values)
        })
        .collect();
    if of.other_groups > 0 {
        series.push(Series::rest(format!("{} others", of.other_groups), value(&|row| row.others.clone())));
    }
    Dated { days, series, unit: Unit::Money(of.currency.clone()), adds_up: true }
}

/// What was billed on some days, the last one included, and what can be done with its figure.
pub fn daily_words(total: &MoneyView, first: NaiveDate, last: NaiveDate) -> String {
    let days = days_words(first, last.max(first));
    format!("{}, {days} (UTC). Lighter days may still change. Drag over days to see only those.", money(total))
}

/// The first day whose bill may still change.
pub fn open_from(of: &CurrencyDaysView) -> Option<NaiveDate> {
    of.days.iter().find(|day| day.estimated).map(|day| day.day)
}

/// The month added up day by day, and where it is going.
pub fn course(month: Month, days: &CurrencyDaysView, forecast: &ForecastView) -> (Dated, Interval) {
    let all: Vec<NaiveDate> = month.iter_days().collect();
    let billed: BTreeMap<_, _> = days.days.iter().map(|day| (day.day, day)).collect();
    let last = days.days.last().map(|day| day.day);
    let mut sum = 0.0;
    let mut so_far = Vec::new();
    for day in &all {
        if let Some(row) = billed.get(day) {
            sum += row.amounts.iter().map(|amount| float(amount)).sum::<f64>() + float(&row.others);
        }
        so_far.push((last >= Some(*day)).then_some(sum));
    }
    let begin = forecast.final_to.max(month.first_day() - Days::new(1));
    let ahead = (month.last_day() - begin).num_days();
    let base = float(&forecast.so_far.amount);
    let towards = |end: &MoneyView, day: NaiveDate| {
        let gone = (day - begin).num_days();
        (gone >= 0 && ahead > 0).then(|| base + (float(&end.amount) - base) * share(gone, ahead))
    };
    let expected = all.iter().map(|day| towards(&forecast.month, *day)).collect();
    let within = all.iter().map(|day| towards(&forecast.low, *day).zip(towards(&forecast.high, *day))).collect();
    let series = vec![Series::new("Billed", 0, so_far), Series::new("Forecast", 1, expected).dashed()];
    let dated = Dated { days: all, series, unit: Unit::Money(days.currency.clone()), adds_up: false };
    (dated, Interval { label: "8 of 10 months".to_owned(), values: within })
}

fn share(part: i64, whole: i64) -> f64 {
    let small = |number: i64| i32::try_from(number).map_or(0.0, f64::from);
    small(part) / small(whole)
}

/// Why a bill and its estimate differ: the name, and what it means.
pub fn reason_words(reason: &str) -> (&'static str, &'static str) {
    match reason {
        "hours_unknown" => ("Hours not known", "Connected hours that CloudWatch has not told for the whole time."),
        "came_or_went" => ("Came, went or changed", "WorkSpaces made, removed or changed at a time that is not known."),
        "price_missing" => ("No list price", "Kinds of desktops that the Price List has no price for."),
        "other_charge" => ("Not desktops", "WorkSpaces Core, pools, software and other charges."),
        "tax_or_credit" => ("Tax and credits", "Tax, credits and refunds."),
        "price_differs" => {
            ("Another price", "As much was used, at another price than the list's: a discount, a change.")
        }
        "rounding" => ("Rounding", "Less than a hundredth for each usage type."),
        _ => ("Not explained", "Nothing that is known explains it."),
    }
}

/// The WorkSpaces that a reason is about, as `reckoned` names them; `None` for one that is about none.
pub fn counted_by(reason: &str) -> Option<&'static str> {
    match reason {
        "hours_unknown" => Some("hours_unknown"),
        "came_or_went" => Some("uncertain"),
        "price_missing" => Some("no_price"),
        _ => None,
    }
}

/// What is said of WorkSpaces that are counted so.
pub fn counted_words(reckoned: &str) -> &'static str {
    match reckoned {
        "no_price" => "without a list price",
        "other_mode" => "not billed by list prices",
        "hours_unknown" => "whose hours are not all known",
        _ => "that came, went or changed at a time that is not known exactly",
    }
}

/// Why a WorkSpace could not be reckoned.
pub fn not_reckoned_words(reason: &str) -> &'static str {
    match reason {
        "no_price" => "No list price",
        _ => "Not billed by list prices",
    }
}

/// The months that can be chosen, the newest first.
pub fn months(today: NaiveDate) -> Vec<Month> {
    std::iter::successors(Some(Month::of_day(today)), |month| Some(month.previous())).take(13).collect()
}

#[cfg(test)]
mod tests {
    use contract::costs::{CostDayView, CostGroupView, RECKONED};

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn usd(amount: &str) -> MoneyView {
        MoneyView { amount: amount.to_owned(), currency: "USD".to_owned() }
    }

    fn days() -> CurrencyDaysView {
        let row = |on: &str, amount: &str, others: &str, estimated| CostDayView {
            day: day(on),
            amounts: vec![amount.to_owned()],
            others: others.to_owned(),
            estimated,
        };
        CurrencyDaysView {
            currency: "USD".to_owned(),
            total: usd("9"),
            groups: vec![CostGroupView { key: String::new(), amount: usd("6"), estimated: false }],
            other_groups: 2,
            days: vec![row("2026-11-01", "1.5", "0.5", false), row("2026-11-03", "4.5", "2.5", true)],
        }
    }

    #[test]
    fn a_day_without_a_bill_is_a_gap_and_no_zero() {
        let view =
            CostDaysView { from: day("2026-11-01"), to: day("2026-11-04"), by: "region".into(), currencies: vec![] };
        let dated = stack(&view, &days());
        assert_eq!(dated.days.len(), 3);
        assert_eq!(dated.series[0].label, "No region");
        assert_eq!(dated.series[0].values, [Some(1.5), None, Some(4.5)]);
        assert_eq!((dated.series[1].label.as_str(), dated.total(2)), ("2 others", Some(7.0)));
        assert_eq!(open_from(&days()), Some(day("2026-11-03")));
    }

    #[test]
    fn days_are_said_as_people_say_them() {
        let said = daily_words(&usd("1234.5"), day("2026-10-25"), day("2026-11-23"));
        assert!(said.starts_with("1,234.50 USD, 25 Oct – 23 Nov 2026 (UTC). "), "{said}");
        let one = daily_words(&usd("9"), day("2026-11-12"), day("2026-11-11"));
        assert!(one.starts_with("9.00 USD, Thu 12 Nov 2026 (UTC). "), "{one}");
    }

    #[test]
    fn the_course_goes_from_what_is_final_to_the_forecast() {
        let forecast = ForecastView {
            so_far: usd("2"),
            month: usd("60"),
            low: usd("50"),
            high: usd("70"),
            final_to: day("2026-11-01"),
            days_seen: 28,
        };
        let (dated, within) = course("2026-11".parse().unwrap(), &days(), &forecast);
        assert_eq!(&dated.series[0].values[..4], [Some(2.0), Some(2.0), Some(9.0), None]);
        assert_eq!((dated.series[1].at(0), dated.series[1].at(29)), (Some(2.0), Some(60.0)));
        assert_eq!((within.values[0], within.values[29]), (Some((2.0, 2.0)), Some((50.0, 70.0))));
    }

    #[test]
    fn what_a_reason_counts_can_be_asked_for() {
        let counted = ["hours_unknown", "came_or_went", "price_missing"].map(|reason| counted_by(reason).unwrap());
        assert!(counted.iter().all(|how| RECKONED.contains(how)), "{counted:?}");
        assert_eq!(counted_by("tax_or_credit"), None);
        let words: std::collections::BTreeSet<_> = RECKONED.iter().map(|how| counted_words(how)).collect();
        assert_eq!(words.len(), RECKONED.len());
    }

    #[test]
    fn months_go_back_a_year() {
        let months = months(day("2026-01-15"));
        assert_eq!((months.len(), months[1].to_string().as_str()), (13, "2025-12"));
    }

    #[test]
    fn what_narrows_the_page_is_said_in_words() {
        let id = "00000000-0000-0000-0000-000000000007";
        let accounts = [(id.to_owned(), "Main".to_owned())];
        let said = |search: &str| narrowed_words(&CostUrl::parse(search).0, &accounts);
        assert_eq!(said("?by=region&from=2026-11-01&to=2026-12-01"), Vec::<String>::new());
        assert_eq!(said(&format!("?account={id}&region=eu-west-1")), ["Account: Main", "Region: eu-west-1"]);
        assert_eq!(said("?region=eu-west-1&by=team"), Vec::<String>::new(), "teams are of whole accounts");
    }
}
