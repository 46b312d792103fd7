//! The figures: by day, and the running month on its way. Each reads its own part, one picture for each currency.

use chrono::NaiveDate;
use contract::costs::{CostDaysQuery, CostDaysView, CostSummaryView};
use leptos::html;
use leptos::prelude::*;

use super::state::CostUrl;
use super::words::{by_words, course, daily_words, narrowed_words, open_from, stack};
use crate::api::costs as api;
use crate::components::charts::data::Mark;
use crate::components::charts::figure::Figure;
use crate::components::charts::lines::Lines;
use crate::components::charts::scale::day_words;
use crate::components::charts::stacked_bars::StackedBars;
use crate::components::charts::taken::Of;
use crate::components::ui::states::Followed;
use crate::format::money;
use crate::pages::usage::{Period, ZoomOut};
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;

/// By day; dragging over days goes there.
#[component]
pub fn Daily(
    /// Where the reader is; for reading.
    key: Memo<Option<CostUrl>>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// The accounts that there are: id and name.
    accounts: Memo<Vec<(String, String)>>,
    /// Today (UTC).
    today: NaiveDate,
    /// Goes there.
    on_change: Callback<CostUrl>,
) -> impl IntoView {
    let loader: Loader<CostDaysView> = Loader::keyed(key, |url: CostUrl| async move { api::days(&url.days()).await });
    read_again_on(&["cost"], move || loader.refresh());
    let narrowed = Memo::new(move |_| url.with(|url| accounts.with(|accounts| narrowed_words(url, accounts))));
    let period = Signal::derive(move || url.with(|url| url.period));
    let zoom = Callback::new(move |period| on_change.run(CostUrl { period, ..url.get_untracked() }));
    let brush = Callback::new(move |(from, last): (NaiveDate, NaiveDate)| {
        if let Some(to) = last.succ_opt() {
            on_change.run(CostUrl { period: Some(Period { from, to }), ..url.get_untracked() });
        }
    });
    let show = Callback::new(move |view: CostDaysView| {
        if view.currencies.is_empty() {
            return view! { <p class="card card-none">"Nothing was billed on these days."</p> }.into_any();
        }
        let figures = view.currencies.iter().map(|sums| {
            let dated = stack(&view, sums);
            let (table, open) = (dated.table(true), open_from(sums));
            let last = view.to.pred_opt().unwrap_or(view.to);
            let note = daily_words(&sums.total, view.from, last);
            let of = Of::days(view.from, last, "UTC");
            let label = format!("Cost by day and {}", by_words(&view.by).to_lowercase());
            let tools = view! { <ZoomOut period today on_change=zoom/> }.into_any();
            view! {
                <Figure title=label.clone() name="costs-daily" of narrowed note table tools>
                    <StackedBars label dated estimated_from=open on_brush=brush/>
                </Figure>
            }
        });
        figures.collect_view().into_any()
    });
    view! { <div data-testid="costs-daily"><Followed loader lines=8 show/></div> }
}

/// The running month, added up, and where it is going.
#[component]
pub fn Course(
    /// What is known of the month.
    summary: CostSummaryView,
    /// What holds it.
    place: NodeRef<html::Div>,
    /// Where the reader is.
    url: Memo<CostUrl>,
    /// The accounts that there are: id and name.
    accounts: Memo<Vec<(String, String)>>,
) -> impl IntoView {
    let month = summary.month;
    let here = Memo::new(move |_| Some(url.with(CostUrl::place)));
    let narrowed = Memo::new(move |_| accounts.with(|accounts| narrowed_words(&url.with(CostUrl::place), accounts)));
    let loader: Loader<CostDaysView> = Loader::keyed(here, move |place: CostUrl| async move {
        let (from, to) = (Some(month.first_day()), Some(month.next().first_day()));
        let query = CostDaysQuery { from, to, by: Some("month".to_owned()), ..place.days() };
        api::days(&query).await
    });
    let show = Callback::new(move |view: CostDaysView| {
        let last = month.next().first_day().pred_opt().unwrap_or(month.first_day());
        let figures = summary.currencies.iter().filter_map(|sums| {
            let forecast = sums.forecast.as_ref()?;
            let days = view.currencies.iter().find(|days| days.currency == sums.currency)?;
            let of = Of::days(month.first_day(), last, "UTC");
            let (dated, interval) = course(month, days, forecast);
            let table = dated.table(false);
            let note = format!(
                "Expected are {}, in 8 of 10 such months {} to {}. Final up to {}; the days behind at the mean of {} final days.",
                money(&forecast.month), money(&forecast.low), money(&forecast.high), day_words(forecast.final_to), forecast.days_seen
            );
            let marks = vec![Mark { day: summary.today, label: "today".to_owned() }];
            Some(view! {
                <Figure title="Where the month is going" name="costs-course" of narrowed note table>
                    <Lines label="Cost of the month, added up" dated interval=Some(interval) marks/>
                </Figure>
            })
        });
        let figures: Vec<_> = figures.collect();
        if figures.is_empty() {
            return ().into_any();
        }
        view! {
            <div id="costs-course" class="stack" role="group" aria-label="The month on its way" tabindex="-1" node_ref=place>{figures}</div>
        }
        .into_any()
    });
    view! { <Followed loader lines=8 show/> }
}
