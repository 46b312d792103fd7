//! The figures of one WorkSpace's usage: in all, hours per day, hours of the week.

use chrono::{DateTime, NaiveDate, Utc};
use contract::usage::{
    UsageHeatMapQuery, UsageHeatMapView, UsagePeriodView, UsageQuery, UsageSummaryView, UsageTrendQuery, UsageTrendView,
};
use contract::workspaces::{WorkspaceQuery, WorkspaceView};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::state::{DetailTab, period_of, usage_path};
use crate::api::usage as api;
use crate::components::charts::figure::Figure;
use crate::components::charts::heat_map::{HeatMap, WEEKDAYS, heat_table};
use crate::components::charts::scale::number;
use crate::components::charts::stacked_bars::StackedBars;
use crate::components::ui::number::Number;
use crate::components::ui::states::{EmptyState, Loaded};
use crate::components::ui::time::RelativeTime;
use crate::components::ui::{Icon, IconView};
use crate::format::{counted, thousands};
use crate::pages::usage::words::{
    Measure, hours_words, marks, of_period, of_week, period_words, trend, week, week_words,
};
use crate::pages::usage::{Period, PeriodPicker, ZoomOut};
use crate::state::clock::{right_now, zone};
use crate::state::loader::Loader;

/// Shows the figures of a WorkSpace.
pub type Inside = fn(WorkspaceView) -> AnyView;

/// The figures.
pub fn inside(workspace: WorkspaceView) -> AnyView {
    view! { <Figures workspace/> }.into_any()
}

/// The filters that leave this WorkSpace alone.
fn only(workspace: &WorkspaceView) -> WorkspaceQuery {
    WorkspaceQuery {
        q: Some(workspace.aws_id.clone()),
        account: Some(workspace.account_id.to_string()),
        ..WorkspaceQuery::default()
    }
}

#[component]
fn Figures(workspace: WorkspaceView) -> impl IntoView {
    let path = format!("/workspaces/{}", workspace.id);
    let location = use_location();
    let (at, search) = (location.pathname, location.search);
    let own = path.clone();
    let here = Memo::new(move |_| {
        (at.get() == own && search.with(|s| DetailTab::of(s)) == DetailTab::Usage).then(|| period_of(&search.get()))
    });
    let navigate = StoredValue::new_local(use_navigate());
    let go = Callback::new(move |period: Option<Period>| {
        let to = usage_path(&path, period);
        navigate.with_value(|n| n(&to, NavigateOptions { scroll: false, ..NavigateOptions::default() }));
    });
    let today = right_now().date_naive();
    let filter = StoredValue::new(only(&workspace));
    let ends = |period: Option<Period>| (period.map(|p| p.from), period.map(|p| p.to));
    let summary = Loader::keyed(here, move |period| async move {
        let (from, to) = ends(period);
        api::summary(&UsageQuery::of(from, to, &filter.get_value())).await
    });
    let days = Loader::keyed(here, move |period| async move {
        let (from, to) = ends(period);
        api::trend(&UsageTrendQuery::of(from, to, &filter.get_value())).await
    });
    let hours = Loader::keyed(here, move |period| async move {
        let (from, to) = ends(period);
        api::heat_map(&UsageHeatMapQuery { zone: zone(), ..UsageHeatMapQuery::of(from, to, &filter.get_value()) }).await
    });
    let last = workspace.last_connected_at;
    let numbers = Callback::new(move |summary: UsageSummaryView| numbers(summary));
    let whose = Signal::stored(vec![format!("{} · {}", workspace.user_name, workspace.aws_id)]);
    let period = Signal::derive(move || here.get().flatten());
    let zoom = move || view! { <ZoomOut period today on_change=go/> }.into_any();
    let by_day = Callback::new(move |view: UsageTrendView| by_day(view, today, whose, zoom(), go));
    let by_hour = Callback::new(move |view: UsageHeatMapView| by_hour(view, whose));
    view! {
        <div class="usage-bar">
            <PeriodPicker period today on_change=go/>
            <p class="muted tools-end" data-testid="last-connected">
                {match last {
                    Some(at) => view! { "Last connected " <RelativeTime at/> }.into_any(),
                    None => "Nobody was seen connected yet.".into_any(),
                }}
            </p>
        </div>
        <div class="stack" data-testid="workspace-usage">
            <Loaded loader=summary lines=3 show=numbers/>
            <Loaded loader=days lines=8 show=by_day/>
            <Loaded loader=hours lines=8 show=by_hour/>
        </div>
    }
}

fn numbers(summary: UsageSummaryView) -> AnyView {
    let UsageSummaryView { period, totals, .. } = summary;
    let words = unknown(&period).join(" ");
    let known = (!words.is_empty()).then(|| {
        view! {
            <div class="notice notice-info usage-known" data-testid="usage-known"><IconView icon=Icon::Info/><p>{words}</p></div>
        }
    });
    view! {
        <section class="card numbers" aria-label="Its usage in numbers">
            <Number testid="usage-hours" value=hours_words(totals.connected_minutes) label="connected" note=None/>
            <Number
                testid="usage-billed" value=thousands(totals.billed_hours) label="hours of the clock"
                note=Some("what is billed by the hour".to_owned())
            />
            <Number testid="usage-days" value=thousands(totals.days) label="days used" note=None/>
            <Number testid="usage-sessions" value=thousands(totals.sessions) label="sessions" note=None/>
        </section>
        {known}
    }
    .into_any()
}

/// What is not known of its usage, a sentence each.
fn unknown(period: &UsagePeriodView) -> Vec<String> {
    let known = &period.known;
    if known.unread > 0 {
        return vec!["Its usage was not read yet.".to_owned()];
    }
    let day = |at: DateTime<Utc>| at.format("%-d %b %Y").to_string();
    let mut words = Vec::new();
    if let Some(from) = known.from.filter(|from| from.date_naive() > period.from && from.date_naive() < period.to) {
        words.push(format!("Its usage before {} is not known.", day(from)));
    }
    let late = |to: &DateTime<Utc>| to.date_naive() < period.to && right_now() - *to > chrono::TimeDelta::days(1);
    if let Some(to) = known.to.filter(late) {
        words.push(format!("It is known up to {}.", day(to)));
    }
    for gap in &known.gaps {
        words.push(format!("{} – {} is missing: {}.", day(gap.from), day(gap.to), gap.reason));
    }
    words
}

/// The first and the last day with a connection.
fn used_days(view: &UsageTrendView) -> Option<(NaiveDate, NaiveDate)> {
    let used = |day: &&contract::usage::UsageDayView| day.totals.as_ref().is_some_and(|totals| totals.days > 0);
    Some((view.days.iter().find(used)?.day, view.days.iter().rev().find(used)?.day))
}

fn by_day(
    view: UsageTrendView,
    today: NaiveDate,
    whose: Signal<Vec<String>>,
    tools: AnyView,
    go: Callback<Option<Period>>,
) -> AnyView {
    let Some((first, last)) = used_days(&view) else {
        let text = "Nobody was connected on these days, as far as is known. Choose others above.";
        return view! { <section class="card" data-testid="usage-none"><EmptyState icon=Icon::Chart title="Not used" text/></section> }
            .into_any();
    };
    let dated = trend(&view, Measure::Hours);
    let table = dated.table(false);
    let day = |day: NaiveDate| day.format("%-d %b %Y").to_string();
    let note = format!(
        "{}. First used on {}, last on {}. Drag over days to see only those.",
        period_words(&view.period),
        day(first),
        day(last)
    );
    let brush = Callback::new(move |(from, last): (NaiveDate, NaiveDate)| {
        if let Some(to) = last.succ_opt() {
            go.run(Some(Period { from, to }));
        }
    });
    let marks = marks(&view, today);
    view! {
        <Figure
            title="Connected hours by day" name="workspace-usage-days"
            of=of_period(&view.period) narrowed=whose note table tools
        >
            <StackedBars label="Connected hours by day" dated marks on_brush=brush/>
        </Figure>
    }
    .into_any()
}

fn by_hour(view: UsageHeatMapView, whose: Signal<Vec<String>>) -> AnyView {
    let values = week(&view.weekdays);
    let table = heat_table(&values, "share of days connected");
    let days: u64 = view.weekdays.iter().map(|weekday| u64::from(weekday.days)).sum();
    let what = format!("On how many of {} it was connected in each hour", counted(days, "day", "days"));
    let note = week_words(&what, &view);
    let rest = most_often(&values);
    view! {
        <Figure title="Hours of the week" name="workspace-usage-week" of=of_week(&view) narrowed=whose note table>
            <HeatMap label="How often it is connected by hour and weekday" values words=Callback::new(share_words) rest/>
        </Figure>
    }
    .into_any()
}

/// A share of days in words.
fn share_words(share: f64) -> String {
    if share <= 0.0 { "never".to_owned() } else { format!("on {} % of days", number(share * 100.0, 0)) }
}

/// When it is connected most often, in words.
fn most_often(week: &[[f64; 24]; 7]) -> String {
    let hours =
        week.iter().enumerate().flat_map(|(day, row)| row.iter().enumerate().map(move |(hour, n)| (day, hour, *n)));
    match hours.max_by(|a, b| a.2.total_cmp(&b.2)).filter(|(.., share)| *share > 0.0) {
        Some((day, hour, share)) => {
            format!("Most often on {} at {hour:02}:00: {}", WEEKDAYS[day], share_words(share))
        }
        None => "Nobody was connected".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_hour_is_said() {
        let mut week = [[0.0; 24]; 7];
        assert_eq!(most_often(&week), "Nobody was connected");
        week[1][9] = 0.5;
        week[3][14] = 1.0;
        assert_eq!(most_often(&week), "Most often on Thursday at 14:00: on 100 % of days");
        assert_eq!(share_words(0.0), "never");
    }
}
