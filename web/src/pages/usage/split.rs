//! The days told apart: the longest connected groups by themselves and the rest together, stacked; teams as lines, as somebody in two
//! counts in both, so that they are no parts of a whole.

use chrono::NaiveDate;
use contract::usage::{UsageDayGroupsView, UsageDaysView, UsageTotalsView};
use leptos::prelude::*;

use super::figures::brushing;
use super::groups::{by_within, names};
use super::state::UsageUrl;
use super::teams::TEAM;
use super::words::{Measure, marked, of_period, period_words};
use crate::api::usage as api;
use crate::components::charts::data::{Dated, Series};
use crate::components::charts::figure::Figure;
use crate::components::charts::lines::Lines;
use crate::components::charts::stacked_bars::StackedBars;
use crate::components::ui::states::Followed;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;

/// By day and group; dragging over days goes there.
#[component]
pub fn TrendBy(
    /// Where the reader is; for reading.
    key: Memo<Option<UsageUrl>>,
    /// Where the reader is.
    url: Memo<UsageUrl>,
    /// Today (UTC).
    today: NaiveDate,
    /// What narrows it, in words.
    narrowed: Memo<Vec<String>>,
    /// Goes there.
    on_change: Callback<UsageUrl>,
) -> impl IntoView {
    let loader: Loader<UsageDaysView> =
        Loader::keyed(key, |url: UsageUrl| async move { api::daily(&url.daily()).await });
    read_again_on(&["usage"], move || loader.refresh());
    let measure = Memo::new(move |_| url.with(|url| url.measure));
    let show = Callback::new(move |view: UsageDaysView| {
        let dated = stack(&view, measure.get());
        let parts = view.by != TEAM;
        let table = dated.table(parts);
        let label = format!("{} by day and {}", measure.get().words(), by_within(&view.by));
        let marks = marked(view.days.iter().map(|day| day.day), today);
        let counted = if parts { "" } else { " Somebody in two teams counts in both." };
        let note = format!("{}.{counted} Drag over days to see only those.", period_words(&view.period));
        let of = of_period(&view.period);
        let on_brush = brushing(url, on_change);
        let title = label.clone();
        let chart = if parts {
            view! { <StackedBars label dated marks on_brush/> }.into_any()
        } else {
            view! { <Lines label dated marks on_brush/> }.into_any()
        };
        view! { <Figure title name="usage-trend" of narrowed note table>{chart}</Figure> }.into_any()
    });
    view! { <div><Followed loader lines=8 show/></div> }
}

/// The days as a stack, the longest connected group at the bottom.
fn stack(view: &UsageDaysView, measure: Measure) -> Dated {
    let values = |pick: &dyn Fn(&UsageDayGroupsView) -> UsageTotalsView| -> Vec<Option<f64>> {
        view.days.iter().map(|day| day.totals.map(|_| measure.of(&pick(day)))).collect()
    };
    let group = |(at, name): (usize, String)| {
        Series::new(name, at, values(&|day| day.groups.get(at).copied().unwrap_or_default()))
    };
    let mut series: Vec<Series> = names(&view.by, &view.groups).into_iter().enumerate().map(group).collect();
    if view.other_groups > 0 {
        series.push(Series::rest(format!("{} others", view.other_groups), values(&|day| day.others)));
    }
    if series.is_empty() {
        series.push(Series::new(measure.words(), 0, values(&|day| day.totals.unwrap_or_default())));
    }
    let days = view.days.iter().map(|day| day.day).collect();
    Dated { days, series, unit: measure.unit(), adds_up: measure.adds_up() }
}

#[cfg(test)]
mod tests {
    use contract::usage::{UsageGroupView, UsageKnownView, UsagePeriodView};

    use super::*;
    use crate::components::charts::data::Ink;

    fn totals(minutes: u64) -> UsageTotalsView {
        UsageTotalsView { workspaces: 1, connected_minutes: minutes, sessions: 3, ..UsageTotalsView::default() }
    }

    fn view() -> UsageDaysView {
        let day = |text: &str| text.parse().unwrap();
        let group = |key: &str| UsageGroupView {
            key: key.to_owned(),
            label: key.to_owned(),
            totals: totals(180),
            previous: None,
        };
        UsageDaysView {
            period: UsagePeriodView {
                from: day("2026-11-20"),
                to: day("2026-11-22"),
                zone: "UTC".into(),
                known: UsageKnownView::default(),
            },
            by: "running_mode".to_owned(),
            groups: vec![group("AUTO_STOP"), group("")],
            other_groups: 2,
            days: vec![
                UsageDayGroupsView {
                    day: day("2026-11-20"),
                    totals: Some(totals(240)),
                    groups: vec![totals(180), totals(0)],
                    others: totals(60),
                },
                UsageDayGroupsView {
                    day: day("2026-11-21"),
                    totals: None,
                    groups: vec![totals(0), totals(0)],
                    others: totals(0),
                },
            ],
        }
    }

    #[test]
    fn days_are_a_stack_of_groups_and_of_all_others() {
        let dated = stack(&view(), Measure::Hours);
        let said: Vec<_> = dated.series.iter().map(|one| (one.label.as_str(), one.ink, one.values.clone())).collect();
        assert_eq!(
            said,
            [
                ("AutoStop", Ink::Nth(0), vec![Some(3.0), None]),
                ("Without a value", Ink::Nth(1), vec![Some(0.0), None]),
                ("2 others", Ink::Rest, vec![Some(1.0), None]),
            ]
        );
        assert_eq!((dated.total(0), dated.total(1)), (Some(4.0), None));
        assert!(dated.adds_up && !stack(&view(), Measure::WorkSpaces).adds_up);
    }

    #[test]
    fn two_groups_of_one_name_are_two_series() {
        let mut bundles = view();
        bundles.by = "bundle".to_owned();
        for (group, key) in bundles.groups.iter_mut().zip(["wsb-1", "wsb-2"]) {
            (group.key, group.label) = (key.to_owned(), "Standard".to_owned());
        }
        let said: Vec<_> = stack(&bundles, Measure::Hours).series.into_iter().map(|one| one.label).collect();
        assert_eq!(said, ["Standard (wsb-1)", "Standard (wsb-2)", "2 others"]);
    }

    #[test]
    fn days_on_which_nobody_was_connected_are_drawn_too() {
        let mut none = view();
        (none.groups, none.other_groups) = (Vec::new(), 0);
        none.days[0].totals = Some(UsageTotalsView::default());
        let dated = stack(&none, Measure::Sessions);
        assert_eq!((dated.series.len(), dated.series[0].values.clone()), (1, vec![Some(0.0), None]));
    }
}
