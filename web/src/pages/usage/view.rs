//! The page: reads what the address asks for, and shows it figure by figure.

use contract::paths;
use contract::usage::UsageSummaryView;
use domain::access::Permission;
use domain::views::ViewPage;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

use super::days::Days;
use super::figures::{Distribution, Week};
use super::filters::{Filters, narrowed_words};
use super::groups::Groups;
use super::head::Numbers;
use super::lists::{Ranking, Unused};
use super::period::{ComparePicker, PeriodPicker};
use super::state::UsageUrl;
use super::words::period_words;
use crate::api::{exports, teams, usage as api, workspaces};
use crate::components::layout::page_head::PageHead;
use crate::components::ui::export_menu::ExportMenu;
use crate::components::ui::left_out::LeftOut;
use crate::components::ui::states::{EmptyState, ErrorState, Followed, PartNotice};
use crate::components::ui::{Button, Icon};
use crate::pages::views::ViewsMenu;
use crate::state::clock::right_now;
use crate::state::follow::read_again_on;
use crate::state::loader::Loader;
use crate::state::session::use_session;
use crate::state::use_title;

/// The page.
#[component]
pub fn UsagePage() -> impl IntoView {
    use_title(|| Some("Usage".to_owned()));
    let location = use_location();
    let (path, search) = (location.pathname, location.search);
    // While the router leaves this page its address is another page's.
    let read = Memo::new(move |_| (path.get() == "/usage").then(|| UsageUrl::parse(&search.get())));
    let here = Memo::new(move |_| read.get().map(|(url, _)| url));
    let url = Memo::new(move |before: Option<&UsageUrl>| here.get().or_else(|| before.cloned()).unwrap_or_default());
    let navigate = StoredValue::new_local(use_navigate());
    let on_change = Callback::new(move |url: UsageUrl| {
        navigate.with_value(|n| n(&url.path(), NavigateOptions { scroll: false, ..NavigateOptions::default() }));
    });
    let left_out = Signal::derive(move || read.get().map(|(_, left_out)| left_out).unwrap_or_default());
    let tidy = move |()| {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|n| n(&url.with_untracked(UsageUrl::path), options));
    };
    let today = right_now().date_naive();
    // What only orders lists does not ask for the numbers again.
    let figures = Memo::new(move |_| here.get().map(|u| u.of_numbers()));
    let compared_key = Memo::new(move |_| here.get().map(|u| UsageUrl { compare: u.compare, ..u.of_numbers() }));
    let summary =
        Loader::keyed(compared_key, |url: UsageUrl| async move { api::summary_compared(&url.summary()).await });
    // Days that are told apart are read for themselves.
    let split = Memo::new(move |_| url.with(|u| u.split.is_some()));
    let trend_key = Memo::new(move |_| compared_key.get().filter(|_| !split.get()));
    let split_key = Memo::new(move |_| {
        let told = here.get().filter(|u| u.split.is_some());
        told.map(|u| UsageUrl { split: u.split.clone(), ..u.of_numbers() })
    });
    let trend = Loader::keyed(trend_key, |url: UsageUrl| async move { api::trend(&url.trend()).await });
    read_again_on(&["usage"], move || {
        summary.refresh();
        if !split.get_untracked() {
            trend.refresh();
        }
    });
    let facets = Loader::once(workspaces::facets);
    let tags = Loader::once(workspaces::tag_keys);
    let tag_keys = Memo::new(move |_| {
        tags.data.with(|page| page.iter().flat_map(|p| &p.items).map(|tag| tag.key.clone()).collect::<Vec<_>>())
    });

    let accounts = Memo::new(move |_| facets.data.with(|f| f.as_ref().map(|f| f.account.clone()).unwrap_or_default()));
    let session = use_session();
    // Who may see only some people is refused the teams.
    let people = untrack(|| session.may(Permission::UserRead)).then(|| Loader::once(teams::all));
    let teams = Memo::new(move |_| people.and_then(|people| people.data.get()).unwrap_or_default());
    let narrowed = Memo::new(move |_| {
        let words = |u: &UsageUrl| facets.data.with(|f| teams.with(|teams| narrowed_words(u, f.as_ref(), teams)));
        url.with(words)
    });

    let may = untrack(|| session.may(Permission::UsageRead));
    // What was refused is what the address was when the answer came: the reader may have gone on since.
    let refused = Memo::new(move |_| {
        let of_teams = || may && url.with_untracked(|u| !u.teams.is_empty());
        summary.refused().then(|| if of_teams() { Refused::Teams } else { Refused::Page })
    });
    // While nothing is read, what there may be is drawn, and stays when it is there.
    let known = Memo::new(move |_| summary.data.with(|s| s.as_ref().map_or(Known::Something, state_of)));
    let lead = move || {
        let words = summary.data.with(|s| s.as_ref().map(|s| period_words(&s.period)));
        words.map(|words| view! { <p data-testid="usage-period">{words}</p> })
    };
    let compared = Memo::new(move |_| url.with(|u| u.compare.is_some()));
    let numbers =
        Callback::new(move |summary: UsageSummaryView| view! { <Numbers summary compared=compared.get()/> }.into_any());
    let body = move || match (refused.get(), known.get()) {
        (Some(_), _) => no_teams(url, on_change),
        (None, Known::Nothing) => nothing(url, on_change),
        (None, Known::Unread) => unread(),
        (None, Known::Something) => {
            let (by_key, order_key) = (
                Memo::new(move |_| {
                    here.get().map(|u| UsageUrl { by: u.by.clone(), compare: u.compare, ..u.of_numbers() })
                }),
                Memo::new(move |_| here.get().map(|u| UsageUrl { least: u.least, ..u.of_numbers() })),
            );
            view! {
                <Followed loader=summary lines=3 show=numbers/>
                <Days loader=trend key=split_key url today narrowed tag_keys people=people.is_some() on_change/>
                <div class="figures">
                    <Week key=figures narrowed/>
                    <Distribution key=figures narrowed/>
                </div>
                <Groups key=by_key url tag_keys accounts teams on_change/>
                <div class="figures">
                    <Ranking key=order_key url on_change/>
                    <Unused key=figures/>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <PageHead title="Usage".to_owned() lead=view! { {lead} }.into_any()/>
        <Show
            when=move || refused.get() != Some(Refused::Page)
            fallback=move || summary.error.get().map(|error| view! { <ErrorState error on_retry=move |()| summary.reload()/> })
        >
            <div class="usage-bar">
                <PeriodPicker
                    period=Signal::derive(move || url.with(|u| u.period))
                    today
                    on_change=move |period| on_change.run(UsageUrl { period, ..url.get_untracked() })
                />
                <ComparePicker
                    compare=Signal::derive(move || url.with(|u| u.compare))
                    on_change=move |compare| on_change.run(UsageUrl { compare, ..url.get_untracked() })
                />
                <ViewsMenu page=ViewPage::Usage query=Signal::derive(move || url.with(UsageUrl::search))/>
                <ExportMenu href=Signal::derive(move || url.with(|u| exports::href(paths::EXPORT_USAGE, &u.export(today))))/>
            </div>
            <Filters url facets teams on_change/>
            <PartNotice loader=tags what="The keys of tags"/>
            {people.map(|loader| view! { <Show when=move || loader.missed()><PartNotice loader what="The teams"/></Show> })}
            <LeftOut told=left_out on_close=tidy/>
            <div class="stack" data-testid="usage-figures">{body}</div>
        </Show>
    }
}

/// What the reader may not see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// Usage.
    Page,
    /// The usage of teams, for which the address asks.
    Teams,
}

/// What there is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// The filters leave no WorkSpace, and there was no usage.
    Nothing,
    /// There are WorkSpaces, and the usage of none was read.
    Unread,
    /// Something.
    Something,
}

fn state_of(summary: &UsageSummaryView) -> Known {
    let known = &summary.period.known;
    match (summary.totals.days, known.workspaces) {
        (0, 0) => Known::Nothing,
        (0, all) if all == known.unread => Known::Unread,
        _ => Known::Something,
    }
}

fn nothing(url: Memo<UsageUrl>, on_change: Callback<UsageUrl>) -> AnyView {
    let filtered = url.with(UsageUrl::filtered);
    if filtered {
        let clear = move |()| on_change.run(url.get_untracked().unfiltered());
        return view! {
            <EmptyState icon=Icon::Search title="Nothing matches" text="No WorkSpace has all that the search and filters ask for.">
                <Button on_click=clear>"Clear all filters"</Button>
            </EmptyState>
        }
        .into_any();
    }
    view! {
        <EmptyState icon=Icon::Chart title="No usage yet" text="Connect an AWS account and sync it; how long its WorkSpaces are connected appears here by itself.">
            <a class="btn btn-primary" href="/accounts">"To the accounts"</a>
        </EmptyState>
    }
    .into_any()
}

/// Who may see usage, and not all people.
fn no_teams(url: Memo<UsageUrl>, on_change: Callback<UsageUrl>) -> AnyView {
    let without = move |()| on_change.run(UsageUrl { teams: Vec::new(), ..url.get_untracked() });
    view! {
        <EmptyState icon=Icon::Lock title="You may not filter by team" text="Who is in which team is for those who may see all people. Without that filter you see the usage that is yours to see.">
            <Button on_click=without>"Remove the team filter"</Button>
        </EmptyState>
    }
    .into_any()
}

fn unread() -> AnyView {
    view! {
        <EmptyState icon=Icon::Chart title="Usage was not read yet" text="The WorkSpaces are known; how long they were connected comes from CloudWatch, which is read every few hours.">
            <a class="btn btn-primary" href="/jobs/data-sets">"To the data sets"</a>
        </EmptyState>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use contract::usage::{UsageKnownView, UsagePeriodView, UsagePreviousView, UsageTotalsView};

    use super::*;

    #[test]
    fn what_is_not_there_is_told_from_what_is_not_read() {
        let day: chrono::NaiveDate = "2026-11-01".parse().unwrap();
        let summary = |days, workspaces, unread| UsageSummaryView {
            period: UsagePeriodView {
                from: day,
                to: day,
                zone: "UTC".into(),
                known: UsageKnownView { workspaces, unread, ..UsageKnownView::default() },
            },
            totals: UsageTotalsView { days, ..UsageTotalsView::default() },
            people: 0,
            unused: 0,
            previous: UsagePreviousView {
                from: day,
                to: day,
                known: false,
                totals: UsageTotalsView::default(),
                people: 0,
            },
        };
        assert_eq!(state_of(&summary(0, 0, 0)), Known::Nothing);
        assert_eq!(state_of(&summary(0, 3, 3)), Known::Unread);
        assert_eq!(state_of(&summary(0, 3, 1)), Known::Something);
        assert_eq!(state_of(&summary(5, 0, 0)), Known::Something);
    }
}
