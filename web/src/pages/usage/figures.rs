//! The figures: by day, by hour of the week, in bins. Each reads its own part. Days told apart are in `split`.

use chrono::NaiveDate;
use contract::usage::{UsageDistributionView, UsageHeatMapView, UsageTrendView};
use leptos::prelude::*;

use super::state::{Period, UsageUrl};
use super::words::{
    bins, busiest, connected_words, marks, of_period, of_week, period_words, trend, week, week_words, zone_words,
};
use crate::api::usage as api;
use crate::components::charts::figure::Figure;
use crate::components::charts::heat_map::{HeatMap, heat_table};
use crate::components::charts::histogram::{Histogram, histogram_table};
use crate::components::charts::lines::Lines;
use crate::components::charts::scale::Unit;
use crate::components::charts::stacked_bars::StackedBars;
use crate::components::ui::states::Followed;
use crate::format::counted;
use crate::state::clock::zone;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;

/// By day; dragging over days goes there.
#[component]
pub fn Trend(
    /// Reads it.
    loader: Loader<UsageTrendView>,
    /// Where the reader is.
    url: Memo<UsageUrl>,
    /// Today (UTC).
    today: NaiveDate,
    /// What narrows it, in words.
    narrowed: Memo<Vec<String>>,
    /// Goes there.
    on_change: Callback<UsageUrl>,
) -> impl IntoView {
    let measure = Memo::new(move |_| url.with(|url| url.measure));
    let brush = brushing(url, on_change);
    let show = Callback::new(move |view: UsageTrendView| {
        let shown = measure.get();
        let compared = view.previous.is_some();
        let dated = trend(&view, shown);
        let table = dated.table(false);
        let label = format!("{} by day", shown.words());
        let marks = marks(&view, today);
        let note = format!("{}. Drag over days to see only those.", period_words(&view.period));
        let of = of_period(&view.period);
        let chart = if compared {
            view! { <Lines label=label.clone() dated marks on_brush=brush/> }.into_any()
        } else {
            view! { <StackedBars label=label.clone() dated marks on_brush=brush/> }.into_any()
        };
        view! { <Figure title=label name="usage-trend" of narrowed note table>{chart}</Figure> }.into_any()
    });
    view! { <Followed loader lines=8 show/> }
}

/// Goes to the days that are dragged over.
pub(super) fn brushing(url: Memo<UsageUrl>, on_change: Callback<UsageUrl>) -> Callback<(NaiveDate, NaiveDate)> {
    Callback::new(move |(from, last): (NaiveDate, NaiveDate)| {
        if let Some(to) = last.succ_opt() {
            on_change.run(UsageUrl { period: Some(Period { from, to }), ..url.get_untracked() });
        }
    })
}

/// By hour of the week.
#[component]
pub fn Week(
    /// Where the reader is.
    key: Memo<Option<UsageUrl>>,
    /// What narrows it, in words.
    narrowed: Memo<Vec<String>>,
) -> impl IntoView {
    let loader: Loader<UsageHeatMapView> =
        Loader::keyed(key, |url| async move { api::heat_map(&url.hours_query(zone())).await });
    read_again_on(&["usage"], move || loader.refresh());
    let show = Callback::new(move |view: UsageHeatMapView| {
        let values = week(&view.weekdays);
        let table = heat_table(&values, &format!("WorkSpaces connected on average, {}", zone_words(&view.zone)));
        let note = week_words("WorkSpaces connected in each hour, on average", &view);
        let rest = busiest(&values);
        view! {
            <Figure title="Hours of the week" name="usage-week" of=of_week(&view) narrowed note table>
                <HeatMap label="WorkSpaces connected by hour and weekday" values words=Callback::new(connected_words) rest/>
            </Figure>
        }
        .into_any()
    });
    view! { <div><Followed loader lines=8 show/></div> }
}

/// In bins.
#[component]
pub fn Distribution(
    /// Where the reader is.
    key: Memo<Option<UsageUrl>>,
    /// What narrows it, in words.
    narrowed: Memo<Vec<String>>,
) -> impl IntoView {
    let loader: Loader<UsageDistributionView> =
        Loader::keyed(key, |url| async move { api::distribution(&url.query()).await });
    read_again_on(&["usage"], move || loader.refresh());
    let show = Callback::new(move |view: UsageDistributionView| {
        let unit = Unit::Count("WorkSpaces");
        let used: u64 = view.bins.iter().map(|bin| bin.workspaces).sum();
        let bins = bins(view.unused, &view.bins);
        let table = histogram_table(&bins, "Connected hours", &unit);
        let note = format!(
            "{} by their connected hours. {}.",
            counted(used + view.unused, "WorkSpace", "WorkSpaces"),
            period_words(&view.period)
        );
        view! {
            <Figure
                title="How long each was connected" name="usage-distribution"
                of=of_period(&view.period) narrowed note table
            >
                <Histogram label="WorkSpaces by connected hours; the table has the numbers" bins of="connected hours" unit/>
            </Figure>
        }
        .into_any()
    });
    view! { <div><Followed loader lines=8 show/></div> }
}
