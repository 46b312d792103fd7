//! Which days: some usual ones, or any from one to another; and which others they are compared with.

use chrono::NaiveDate;
use domain::usage::Comparison;
use leptos::prelude::*;

use super::state::Period;

/// The usual ones: value and words.
const USUAL: [(&str, &str); 6] = [
    ("7", "Last 7 days"),
    ("", "Last 30 days"),
    ("90", "Last 90 days"),
    ("month", "This month"),
    ("before", "Last month"),
    ("365", "Last 365 days"),
];

/// What days are compared with, in words.
const COMPARED: [(Option<Comparison>, &str); 4] = [
    (None, "Only these days"),
    (Some(Comparison::Previous), "With the days before"),
    (Some(Comparison::Month), "With a month before"),
    (Some(Comparison::Year), "With a year before"),
];

/// The days of a usual choice; `None` for those that are shown without being asked for.
fn usual(value: &str, today: NaiveDate) -> Option<Period> {
    match value {
        "month" => Some(Period::month(today)),
        "before" => Some(Period::month_before(today)),
        days => days.parse().ok().map(|days| Period::last(days, today)),
    }
}

/// The choice of days.
#[component]
pub fn PeriodPicker(
    /// The days that are shown.
    #[prop(into)]
    period: Signal<Option<Period>>,
    /// Today (UTC).
    today: NaiveDate,
    /// Shows others; `None` for the last 30.
    #[prop(into)]
    on_change: Callback<Option<Period>>,
) -> impl IntoView {
    let shown = move || period.get().unwrap_or_else(|| Period::usual(today));
    let chosen = move || {
        let now = period.get();
        USUAL.iter().find(|(value, _)| usual(value, today) == now).map_or("other", |(value, _)| *value)
    };
    let options = USUAL
        .iter()
        .map(|&(value, words)| view! { <option value=value prop:selected=move || { chosen() == value }>{words}</option> })
        .collect_view();
    let pick = move |event| {
        let value = event_target_value(&event);
        if value != "other" {
            on_change.run(usual(&value, today));
        }
    };
    // A day that makes no stretch of days with the other one moves that along.
    let first = move |event| {
        if let Ok(from) = event_target_value(&event).parse::<NaiveDate>() {
            let last = shown().last_day().max(from);
            on_change.run(last.succ_opt().map(|to| Period { from, to }));
        }
    };
    let last = move |event| {
        if let Ok(last) = event_target_value(&event).parse::<NaiveDate>() {
            on_change.run(last.succ_opt().map(|to| Period { from: shown().from.min(last), to }));
        }
    };
    view! {
        <div class="period" role="group" aria-label="Days">
            <select class="input select" data-testid="period" aria-label="Period" on:change=pick>
                {options}
                <option value="other" prop:selected=move || { chosen() == "other" } disabled>"Other days"</option>
            </select>
            <input
                class="input" type="date" aria-label="First day (UTC)" data-testid="period-from"
                prop:value=move || shown().from.to_string() on:change=first
            />
            <span aria-hidden="true">"–"</span>
            <input
                class="input" type="date" aria-label="Last day (UTC)" data-testid="period-to"
                prop:value=move || shown().last_day().to_string() on:change=last
            />
        </div>
    }
}

/// The choice of the days beside them.
#[component]
pub fn ComparePicker(
    /// Which are.
    #[prop(into)]
    compare: Signal<Option<Comparison>>,
    /// Shows others; `None` for none.
    #[prop(into)]
    on_change: Callback<Option<Comparison>>,
) -> impl IntoView {
    let pick = move |event| on_change.run(event_target_value(&event).parse().ok());
    let options = COMPARED
        .iter()
        .map(|&(one, words)| {
            let value = one.map_or("", Comparison::as_str);
            view! { <option value=value prop:selected=move || { compare.get() == one }>{words}</option> }
        })
        .collect_view();
    view! {
        <div class="period">
            <select class="input select" aria-label="Compare" data-testid="usage-compare" on:change=pick>{options}</select>
        </div>
    }
}

/// Whether days are none of the usual ones: they were chosen in a chart, or one by one.
fn is_narrowed(period: Option<Period>, today: NaiveDate) -> bool {
    let chosen = period.filter(|period| *period != Period::usual(today));
    chosen.is_some() && USUAL.iter().all(|(value, _)| usual(value, today) != chosen)
}

/// The way back to the days that are shown without being asked for, beside a chart whose days were chosen in it.
#[component]
pub fn ZoomOut(
    /// The days that are shown.
    #[prop(into)]
    period: Signal<Option<Period>>,
    /// Today (UTC).
    today: NaiveDate,
    /// Shows others; `None` for the last 30.
    #[prop(into)]
    on_change: Callback<Option<Period>>,
) -> impl IntoView {
    let narrowed = Memo::new(move |_| is_narrowed(period.get(), today));
    view! {
        <Show when=move || narrowed.get()>
            <button
                class="chart-tool" type="button" title="Back to the last 30 days" data-testid="zoom-out"
                on:click=move |_| on_change.run(None)
            >
                "Zoom out"
            </button>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comparison_can_be_chosen() {
        let offered: Vec<_> = COMPARED.iter().filter_map(|(one, _)| *one).collect();
        assert_eq!(offered, Comparison::ALL);
    }

    #[test]
    fn usual_periods_are_told_from_each_other() {
        let today = "2026-03-15".parse().unwrap();
        let all: Vec<_> = USUAL.iter().map(|(value, _)| usual(value, today)).collect();
        assert_eq!(all[1], None);
        for (i, one) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|other| other != one), "{i}");
        }
        assert!(all.iter().all(|one| !is_narrowed(*one, today)));
        assert!(!is_narrowed(Some(Period::usual(today)), today));
        assert!(is_narrowed(Some(Period::last(4, today)), today));
    }
}
