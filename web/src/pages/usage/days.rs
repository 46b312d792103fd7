//! The days: what can be chosen about them, and their figure under that. The choices are drawn once, so that they keep the focus while
//! the figure is read and drawn anew, and are there when it could not be read.

use chrono::NaiveDate;
use contract::usage::{DAY_GROUPS, UsageTrendView};
use leptos::prelude::*;

use super::figures::Trend;
use super::groups::{by_within, tags_offered};
use super::period::ZoomOut;
use super::split::TrendBy;
use super::state::UsageUrl;
use super::teams::TEAM;
use super::words::Measure;
use crate::state::loader::Loader;

/// The choices and the figure.
#[component]
pub fn Days(
    /// Reads the days that are together.
    loader: Loader<UsageTrendView>,
    /// Where the reader is; for reading days that are told apart.
    key: Memo<Option<UsageUrl>>,
    /// Where the reader is.
    url: Memo<UsageUrl>,
    /// Today (UTC).
    today: NaiveDate,
    /// What narrows it, in words.
    narrowed: Memo<Vec<String>>,
    /// The keys of tags that there are.
    tag_keys: Memo<Vec<String>>,
    /// Whether the reader may see people, and so who is in which team.
    people: bool,
    /// Goes there.
    on_change: Callback<UsageUrl>,
) -> impl IntoView {
    let split = Memo::new(move |_| url.with(|url| url.split.is_some()));
    let figure = move || {
        if split.get() {
            view! { <TrendBy key url today narrowed on_change/> }.into_any()
        } else {
            view! { <Trend loader url today narrowed on_change/> }.into_any()
        }
    };
    let alone = Memo::new(move |_| url.with(|url| url.split.is_some() && url.compare.is_some()));
    let period = Signal::derive(move || url.with(|url| url.period));
    let zoom = move |period| on_change.run(UsageUrl { period, ..url.get_untracked() });
    view! {
        <div>
            <div class="usage-bar">
                <div class="period" role="group" aria-label="By day">
                    {splits(url, tag_keys, people, on_change)}
                    {measures(url, on_change)}
                </div>
                <ZoomOut period today on_change=zoom/>
                <Show when=move || alone.get()>
                    <span class="muted" data-testid="usage-alone">
                        "Days that are told apart have no earlier days beside them."
                    </span>
                </Show>
            </div>
            {figure}
        </div>
    }
}

/// The choice of what days are told apart by.
fn splits(url: Memo<UsageUrl>, tag_keys: Memo<Vec<String>>, people: bool, on_change: Callback<UsageUrl>) -> AnyView {
    let choose = move |event| {
        let split = Some(event_target_value(&event)).filter(|by| !by.is_empty());
        on_change.run(UsageUrl { split, ..url.get_untracked() });
    };
    let option = move |by: String| {
        let (value, words) = (by.clone(), format!("By {}", by_within(&by)));
        let chosen = move || url.with(|url| url.split.as_deref() == Some(by.as_str()));
        view! { <option value=value prop:selected=chosen>{words}</option> }
    };
    let groups = DAY_GROUPS.iter().filter(|by| **by != TEAM).map(|by| option((*by).to_owned())).collect_view();
    // A link may tell teams apart for who may not see people: they are refused, and go on from what is chosen.
    let teams = Memo::new(move |_| people || url.with(|url| url.split.as_deref() == Some(TEAM)));
    let tags = tags_offered(url, tag_keys, |url| url.split.clone());
    view! {
        <select class="input select" aria-label="Tell apart" data-testid="usage-split" on:change=choose>
            <option value="" prop:selected=move || url.with(|url| url.split.is_none())>"All together"</option>
            {groups}
            {move || teams.get().then(|| option(TEAM.to_owned()))}
            {move || tags.get().into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}

/// The choice of what is shown of each day.
fn measures(url: Memo<UsageUrl>, on_change: Callback<UsageUrl>) -> AnyView {
    let choose = move |event| {
        if let Some(measure) = Measure::named(&event_target_value(&event)) {
            on_change.run(UsageUrl { measure, ..url.get_untracked() });
        }
    };
    let option = |one: Measure| {
        let chosen = move || url.with(|url| url.measure == one);
        view! { <option value=one.as_str() prop:selected=chosen>{one.words()}</option> }
    };
    view! {
        <select class="input select" aria-label="What to show" data-testid="usage-measure" on:change=choose>
            {Measure::ALL.into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}
